// union, intersect, except: both sides get the same types, and the result columns of its own.
import { typeName, type DataType } from '#base/data-type'
import { EngineError } from '#base/engine-error'
import type { Span } from '#base/span'
import type * as ast from '#sql/ast'
import type { Column, Plan } from '#sql/bound'
import { commonType } from '#sql/functions/common-type'
import { types } from '#sql/functions/types'
import { tryCoerce } from './coercion.ts'
import type { BindContext } from './context.ts'
import type { Rows } from './site.ts'
import { withTypes } from './subquery.ts'

/** Makes the types of both sides meet, column by column. Both forms of query come here. */
export function combineRows(
  context: BindContext,
  { operator, all }: Pick<ast.SetOperation, 'operator' | 'all'>,
  leftAsWritten: Rows,
  rightAsWritten: Rows,
  span: Span,
): Rows {
  const left = readUntyped(context, leftAsWritten, rightAsWritten)
  const right = readUntyped(context, rightAsWritten, leftAsWritten)
  const name = operator.toUpperCase()
  if (left.columns.length !== right.columns.length) {
    throw new EngineError('syntax_error', {
      message: `each ${name} query must have the same number of columns`,
      span,
    })
  }
  const common = left.columns.map((column, index) =>
    meet(name, column.type, right.columns[index]?.type, span),
  )
  const plans = [left, right].map((rows) => withTypes(rows, common, span, { context }))
  const [leftColumns, rightColumns] = [left, right].map((rows, index) =>
    columnsAfter(rows, plans[index]),
  )
  const columns = left.columns.map((column, index) => {
    const nullable = column.nullable || (right.columns[index]?.nullable ?? true)
    return context.column(column.name, common[index] ?? column.type, nullable)
  })
  const plan: Plan = {
    kind: 'set',
    operator,
    all,
    left: plans[0] ?? left.plan,
    right: plans[1] ?? right.plan,
    leftColumns: leftColumns ?? [],
    rightColumns: rightColumns ?? [],
    columns,
  }
  return { plan, columns }
}

/** Literals without a type are read as the other side's: `select 1 union select null`. */
export function readUntyped(context: BindContext, rows: Rows, other: Rows): Rows {
  const { plan } = rows
  if (plan.kind !== 'project') return rows
  const replaced = new Map<Column, Column>()
  const items = plan.items.map((item) => {
    const { column, expression } = item
    const target = other.columns[rows.columns.indexOf(column)]?.type
    if (target === undefined || expression.kind !== 'literal' || !expression.untyped) return item
    const read = tryCoerce({ ...expression, type: types.unknown }, target, 'implicit', context)
    if (!read) return item
    replaced.set(column, context.column(column.name, read.type, column.nullable))
    return { column: replaced.get(column) ?? column, expression: read }
  })
  if (replaced.size === 0) return rows
  const columns = rows.columns.map((column) => replaced.get(column) ?? column)
  return { ...rows, plan: { ...plan, items }, columns }
}

/** The rows' columns, or those of the project that cast them. */
export function columnsAfter(rows: Rows, plan: Plan | undefined): readonly Column[] {
  if (plan === rows.plan || plan?.kind !== 'project') return rows.columns
  return plan.items.map(({ column }) => column)
}

function meet(name: string, left: DataType, right: DataType | undefined, span: Span): DataType {
  const common = right && commonType(left, right)
  if (common) return common
  throw new EngineError('datatype_mismatch', {
    message: `${name} types ${typeName(left)} and ${right ? typeName(right) : '?'} cannot be matched`,
    span,
  })
}
