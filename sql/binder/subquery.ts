// Subqueries as values and conditions: scalar, exists, in, any, all. A correlated one is simply a plan
// that reads columns it does not produce; unnesting is the planner's work.
import { EngineError } from '#base/engine-error'
import { featureNotSupported } from '#base/errors'
import { sameType, typeName, type DataType } from '#base/data-type'
import type { Span } from '#base/span'
import type * as ast from '#sql/ast'
import type { Expression, Plan } from '#sql/bound'
import { columnExpression, conjunction, disjunction, literal, not } from '#sql/functions/build'
import { commonType } from '#sql/functions/common-type'
import { comparisonKernels } from '#sql/functions/comparison'
import { types } from '#sql/functions/types'
import { bindOperator } from './call.ts'
import { coerceImplicitly, settle } from './coercion.ts'
import type { BindContext } from './context.ts'
import { columnsOf } from './plan-columns.ts'
import { repeated } from './repeat.ts'
import { compareRows } from './row-comparison.ts'
import type { Rows, Site } from './site.ts'

export function bindExists({ query, span }: ast.Exists, { context, scope }: Site): Expression {
  const { plan } = context.binders.query(context, query, scope)
  return { kind: 'subquery', form: 'exists', plan, operands: [], type: types.boolean, span }
}

export function bindScalar({ query, span }: ast.Subquery, { context, scope }: Site): Expression {
  const { plan, columns } = context.binders.query(context, query, scope)
  const [column, second] = columns
  if (!column || second) throw columnCount('subquery must return only one column', span)
  return { kind: 'subquery', form: 'scalar', plan, operands: [], type: column.type, span }
}

export function bindInSubquery(node: ast.InSubquery, site: Site): Expression {
  const { span, negated } = node
  const found = quantified(node.operand, node.query, span, site)
  const condition: Expression = {
    kind: 'subquery',
    form: 'in',
    ...found,
    type: types.boolean,
    span,
  }
  return negated ? not(condition, span) : condition
}

export function bindQuantified(node: ast.Quantified, site: Site): Expression {
  const { quantifier, operator, right, span } = node
  const comparison = comparisonKernels[operator]
  if (comparison === undefined)
    throw featureNotSupported(`operator ${operator} with ${quantifier} is not supported`, span)
  if (right.kind === 'query') {
    const found = quantified(node.left, right, span, site)
    if (found.operands.length > 1) return quantifiedRow(found, node, site)
    return { kind: 'subquery', form: quantifier, ...found, comparison, type: types.boolean, span }
  }
  if (right.kind !== 'array') throw featureNotSupported('arrays are not supported', right.span)
  const left = repeated(node.left, site)
  const compared = right.items.map((item) =>
    bindOperator(operator, [left(), site.bind(item)], span, site.context),
  )
  return quantifier === 'any' ? disjunction(compared, span) : conjunction(compared, span)
}

/**
 * A row is equal to one of several when it is in them, and different from all when it is not; every
 * other comparison is computed for each row of the subquery, and compared with true.
 */
function quantifiedRow(
  found: Quantification,
  { quantifier, operator, span }: ast.Quantified,
  { context }: Site,
): Expression {
  const type = types.boolean
  const isIn =
    (operator === '=' && quantifier === 'any') || (operator === '<>' && quantifier === 'all')
  if (isIn) {
    const condition: Expression = { kind: 'subquery', form: 'in', ...found, type, span }
    return operator === '=' ? condition : not(condition, span)
  }
  const plan = comparedRows(found, operator, span, context)
  const operands = [literal(true, type, span)]
  return { kind: 'subquery', form: quantifier, plan, operands, comparison: 'Equal', type, span }
}

/** `(a, b) < (select c, d …)`: null where the subquery has no row. Errors: 21000 where it has several. */
export function bindRowSubquery(
  { operator, left, span }: ast.Binary,
  query: ast.Query,
  site: Site,
): Expression {
  const found = quantified(left, query, span, site)
  const plan = comparedRows(found, operator, span, site.context)
  return { kind: 'subquery', form: 'scalar', plan, operands: [], type: types.boolean, span }
}

/** One boolean a row: how the operands compare with it. */
function comparedRows(
  { operands, plan }: Quantification,
  operator: string,
  span: Span,
  context: BindContext,
): Plan {
  const pairs = operands.map((operand, index) => {
    const column = columnsOf(plan)[index]
    return [operand, column ? columnExpression(column, span) : operand] as const
  })
  const expression = compareRows(operator, pairs, span, (symbol, pair) =>
    bindOperator(symbol, pair, span, context),
  )
  const column = context.column('compared', types.boolean, true)
  return { kind: 'project', input: plan, items: [{ column, expression }] }
}

interface Quantification {
  readonly operands: readonly Expression[]
  readonly plan: Plan
}

/** Operands and plan with types that meet column by column. */
function quantified(
  left: ast.Expression,
  query: ast.Query,
  span: Span,
  site: Site,
): Quantification {
  const fields = left.kind === 'row' ? left.items : [left]
  const operands = fields.map((field) => site.bind(field))
  const rows = site.context.binders.query(site.context, query, site.scope)
  if (rows.columns.length !== operands.length) {
    const many = rows.columns.length > operands.length ? 'many' : 'few'
    throw columnCount(`subquery has too ${many} columns`, span)
  }
  const wanted = operands.map((operand, index) => meet(operand, rows.columns[index]?.type, span))
  return {
    operands: operands.map((operand, index) =>
      coerceImplicitly(operand, wanted[index] ?? operand.type, site.context),
    ),
    plan: withTypes(rows, wanted, span, site),
  }
}

function meet(operand: Expression, type: DataType = types.unknown, span: Span): DataType {
  const common = commonType(operand.type, type)
  if (common) return common.kind === 'unknown' ? types.text : common
  throw new EngineError('undefined_function', {
    message: `operator does not exist: ${typeName(operand.type)} = ${typeName(type)}`,
    span,
    hint: 'You might need to add explicit type casts.',
  })
}

/** The rows with their columns cast to `wanted`; the plan itself where they are that already. */
export function withTypes(
  rows: Rows,
  wanted: readonly DataType[],
  span: Span,
  site: Pick<Site, 'context'>,
): Plan {
  const { context } = site
  if (rows.columns.every(({ type }, index) => sameType(type, wanted[index] ?? type)))
    return rows.plan
  const items = rows.columns.map((column, index) => {
    const value = settle(columnExpression(column, span), context)
    const expression = coerceImplicitly(value, wanted[index] ?? column.type, context)
    return { column: context.column(column.name, expression.type, column.nullable), expression }
  })
  return { kind: 'project', input: rows.plan, items }
}

function columnCount(message: string, span: Span): EngineError {
  return new EngineError('syntax_error', { message, span })
}
