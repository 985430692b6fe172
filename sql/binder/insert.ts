// insert: values or a query into columns, the rest from defaults, with on conflict and returning.
import type { ColumnSchema, RelationSchema } from '#base/schema'
import { EngineError } from '#base/engine-error'
import { featureNotSupported } from '#base/errors'
import type { Span } from '#base/span'
import type * as ast from '#sql/ast'
import type { Column, Expression, Insert, Plan, ProjectItem } from '#sql/bound'
import { columnExpression } from '#sql/functions/build'
import { resolvedType } from '#sql/functions/types'
import { coerceForAssignment } from './coercion.ts'
import { bindConflict } from './conflict.ts'
import type { BindContext } from './context.ts'
import { siteOf } from './expression.ts'
import { relationNamed } from './from.ts'
import { expandItems } from './output.ts'
import { bindWith } from './with.ts'
import { columnOfSchema, rowColumnsOf, rowTable } from './relation.ts'
import { isNullable } from './rewrite.ts'
import { scopeOf, type Scope, type ScopeTable } from './scope.ts'
import type { Rows } from './site.ts'
import {
  assignable,
  bindChecks,
  columnAt,
  defaultOf,
  generatedAlways,
  generatedValue,
  givenPositions,
  rowAt,
} from './target.ts'
import { valuesPlan } from './values.ts'

export function bindInsert(
  context: BindContext,
  insert: ast.Insert,
  parent: Scope | undefined,
): Rows {
  const relation = insertTarget(context, insert.target)
  return bindWith(context, insert.with, parent, (scope) => {
    const source = bindSource(context, insert, relation, scope)
    const plan = insertPlan(context, insert, relation, source, scope)
    return { plan, columns: (plan.returning ?? []).map(({ column }) => column) }
  })
}

function insertTarget(context: BindContext, name: ast.QualifiedName): RelationSchema {
  const relation = relationNamed(context, name)
  if (relation.view !== undefined)
    throw featureNotSupported('inserting into a view is not supported', name.span)
  if (relation.insertable) return relation
  const filler = relation.kind === 'device' ? 'the device fills it' : 'the engine fills it'
  throw new EngineError('wrong_object_type', {
    message: `cannot insert into "${relation.name}"`,
    detail: `"${relation.name}" is a ${relation.kind} relation: ${filler}.`,
    span: name.span,
  })
}

/** The rows to insert: which positions they fill, and the values over the plan's columns. */
interface Source {
  readonly plan: Plan
  readonly given: ReadonlyMap<number, Expression>
}

function bindSource(
  context: BindContext,
  insert: ast.Insert,
  relation: RelationSchema,
  scope: Scope | undefined,
): Source {
  const { source } = insert
  if (!source) return { plan: { kind: 'dual' }, given: new Map() }
  const targets = targetPositions(insert, relation)
  const isPlain = !source.with && source.order.length === 0 && !source.limit
  if (source.body.kind === 'values' && isPlain) {
    return valuesSource(context, insert, relation, targets, source.body, scope)
  }
  const wanted = targets.map((position) => columnAt(relation, position).type)
  const rows = context.binders.query(context, source, scope, wanted)
  checkWidth(insert, rows.columns.length, targets.length, source.span)
  const given = new Map<number, Expression>()
  rows.columns.forEach((column, index) => {
    const schema = columnAt(relation, targets[index] ?? 0)
    refuseGenerated(insert, schema, source.span)
    const value = coerceForAssignment(columnExpression(column, source.span), schema, context)
    if (insert.overriding !== 'user' || schema.identity === undefined)
      given.set(targets[index] ?? 0, value)
  })
  return { plan: rows.plan, given }
}

function targetPositions(insert: ast.Insert, relation: RelationSchema): readonly number[] {
  if (!insert.columns) {
    return givenPositions(relation).filter((position) => {
      const { hidden, identity, unsupported } = columnAt(relation, position)
      // A request is written without its number, which the device gives it.
      return hidden !== true && unsupported === undefined && !(relation.kind === 'device' && identity !== undefined)
    })
  }
  const positions = insert.columns.map((column) => assignable(relation, column))
  insert.columns.forEach(({ name, span }, index) => {
    if (positions.indexOf(positions[index] ?? -1) === index) return
    throw new EngineError('duplicate_column', {
      message: `column "${name}" specified more than once`,
      span,
    })
  })
  return positions
}

/** Without a column list fewer values than columns are fine: the rest gets defaults. */
function checkWidth(insert: ast.Insert, width: number, columns: number, span: Span): void {
  if (width === columns || (width < columns && !insert.columns)) return
  const [more, than] =
    width > columns ? ['expressions', 'target columns'] : ['target columns', 'expressions']
  throw new EngineError('syntax_error', { message: `INSERT has more ${more} than ${than}`, span })
}

/** Each value goes straight to its column's type; `default` is allowed among them. */
function valuesSource(
  context: BindContext,
  insert: ast.Insert,
  relation: RelationSchema,
  targets: readonly number[],
  { rows, span }: ast.Values,
  scope: Scope | undefined,
): Source {
  const width = rows[0]?.length ?? 0
  for (const row of rows) checkWidth(insert, row.length, targets.length, row[0]?.span ?? span)
  if (rows.some((row) => row.length !== width)) {
    throw new EngineError('syntax_error', {
      message: 'VALUES lists must all be the same length',
      span,
    })
  }
  const used = targets
    .slice(0, width)
    .map((position, index) => ({ position, cells: rows.map((row) => row[index]) }))
    .filter(({ position, cells }) => !isDefaulted(insert, columnAt(relation, position), cells))
  const site = siteOf(context, scopeOf([], scope), 'VALUES')
  const columns = used.map(({ position, cells }) => {
    const schema = columnAt(relation, position)
    const values = cells.map((cell) =>
      bindCell(insert, schema, cell, (one) => site.bind(one), context, span),
    )
    const type = resolvedType(schema.type)
    return { position, values, column: context.column(schema.name, type, values.some(isNullable)) }
  })
  const table = rows.map((_, row) => columns.flatMap(({ values }) => values.slice(row, row + 1)))
  const given = new Map(
    columns.map(({ position, column }) => [position, columnExpression(column, span)]),
  )
  return {
    plan: valuesPlan(
      table,
      columns.map(({ column }) => column),
    ),
    given,
  }
}

/** Is the column left to its default in every row? */
function isDefaulted(
  insert: ast.Insert,
  schema: ColumnSchema,
  cells: readonly (ast.Expression | undefined)[],
): boolean {
  if (insert.overriding === 'user' && schema.identity !== undefined) return true
  return cells.every((cell) => cell?.kind === 'default')
}

function bindCell(
  insert: ast.Insert,
  schema: ColumnSchema,
  cell: ast.Expression | undefined,
  bind: (cell: ast.Expression) => Expression,
  context: BindContext,
  span: Span,
): Expression {
  if (cell && cell.kind !== 'default') {
    refuseGenerated(insert, schema, cell.span)
    return coerceForAssignment(bind(cell), schema, context)
  }
  const value = defaultOf(context, schema, cell?.span ?? span)
  if (value !== 'identity') return value
  throw featureNotSupported(
    'an identity column numbered in some rows and given in others is not supported',
    cell?.span ?? span,
  )
}

function refuseGenerated(insert: ast.Insert, schema: ColumnSchema, span: Span): void {
  const isNumbered = schema.identity === 'always' && insert.overriding === undefined
  if (isNumbered || schema.generated !== undefined) throw generatedAlways(schema, span)
}

function insertPlan(
  context: BindContext,
  insert: ast.Insert,
  relation: RelationSchema,
  source: Source,
  scope: Scope | undefined,
): Insert {
  const { input, values } = fillRow(context, relation, source, insert.span)
  const rowColumns = rowColumnsOf(context, relation)
  const alias = insert.alias?.name ?? relation.name
  const row = rowTable(context, relation, alias, rowAt(rowColumns))
  return {
    kind: 'insert',
    relation,
    input,
    values,
    conflict: insert.conflict && bindConflict(context, relation, alias, insert.conflict, scope),
    rowColumns,
    checks: bindChecks(context, relation, rowColumns, insert.span),
    returning: bindReturning(context, insert.returning, [row], scope),
    span: insert.span,
  }
}

/** Every column's value: given, default, or generated from the others. */
function fillRow(
  context: BindContext,
  relation: RelationSchema,
  { plan, given }: Source,
  span: Span,
): { readonly input: Plan; readonly values: Insert['values'] } {
  const positions = givenPositions(relation)
  const plain = positions.map((position): Expression | 'identity' | undefined => {
    const schema = columnAt(relation, position)
    if (schema.generated !== undefined) return undefined
    return given.get(position) ?? defaultOf(context, schema, span)
  })
  const values = plain.filter((value) => value !== undefined)
  if (values.length === plain.length) return { input: plan, values }
  return withGenerated(context, relation, plan, positions, plain, span)
}

/** The values are computed first, under the row's own columns, which the generated ones read. */
function withGenerated(
  context: BindContext,
  relation: RelationSchema,
  plan: Plan,
  positions: readonly number[],
  plain: readonly (Expression | 'identity' | undefined)[],
  span: Span,
): { readonly input: Plan; readonly values: Insert['values'] } {
  const made = new Map<number, ProjectItem>()
  positions.forEach((position, index) => {
    const expression = plain[index]
    if (expression === undefined || expression === 'identity') return
    made.set(position, { column: columnOfSchema(context, relation.columns[position]), expression })
  })
  const columnOf = (position: number): Column => {
    const item = made.get(position)
    if (item) return item.column
    throw featureNotSupported(
      'a generated column that reads an identity or generated column is not supported',
      span,
    )
  }
  const values = positions.map((position, index) => {
    const item = made.get(position)
    if (item) return columnExpression(item.column, span)
    if (plain[index] === 'identity') return 'identity'
    return generatedValue(context, relation, columnAt(relation, position), columnOf, span)
  })
  return { input: { kind: 'project', input: plan, items: [...made.values()] }, values }
}

export function bindReturning(
  context: BindContext,
  items: readonly ast.SelectItem[] | undefined,
  tables: readonly ScopeTable[],
  parent: Scope | undefined,
): readonly ProjectItem[] | undefined {
  if (!items) return undefined
  const site = siteOf(context, scopeOf(tables, parent), 'RETURNING')
  return expandItems(items, site).map(({ name, expression }) => ({
    column: context.column(name, expression.type, isNullable(expression)),
    expression,
  }))
}
