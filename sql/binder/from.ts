// What stands in `from`: relations, subqueries, functions, joins of all kinds.
import { EngineError } from '#base/engine-error'
import {
  ambiguousAlias,
  featureNotSupported,
  statementTooComplex,
  undefinedColumn,
  undefinedTable,
} from '#base/errors'
import type { Span } from '#base/span'
import type * as ast from '#sql/ast'
import type { ColumnId, Expression, JoinType, Plan } from '#sql/bound'
import { conjunction } from '#sql/functions/build'
import { bindOperator } from './call.ts'
import type { BindContext } from './context.ts'
import { bindCondition, siteOf } from './expression.ts'
import { joinColumns, optional } from './join-columns.ts'
import { columnsOf, freeColumns } from './plan-columns.ts'
import { derivedItem, RelationSource, type FromItem } from './relation.ts'
import { bindSeries } from './series.ts'
import { findCte, scopeOf, type Cte, type Scope } from './scope.ts'
import { bindView } from './view.ts'

/** Relations that one `from` joins. */
export const kFromRelationsMax = 500
/** Columns of all relations of one `from`: every join keeps a list of those that it shows. */
export const kFromColumnsMax = 150_000

/** Binds `from a, b, …`: each item may read those before it if it is lateral. */
export function bindFrom(
  context: BindContext,
  items: readonly ast.FromItem[],
  parent: Scope | undefined,
): FromItem | undefined {
  let joined: FromItem | undefined
  for (const item of items) {
    const right = bindItem(context, item, parent, joined)
    joined = joined ? crossJoin(joined, right, item.span) : right
  }
  return joined
}

/** Binds one item; `left` is what stands before it and lateral items may read. */
export function bindItem(
  context: BindContext,
  item: ast.FromItem,
  parent: Scope | undefined,
  left: FromItem | undefined,
): FromItem {
  switch (item.kind) {
    case 'table':
      return bindTable(context, item, parent)
    case 'derived':
      return bindDerived(context, item, item.lateral ? beside(left, parent) : parent)
    case 'function_table':
      // Functions in `from` may always read what stands before them.
      return bindFunctionTable(context, item, beside(left, parent))
    case 'join':
      return bindJoin(context, item, parent, left)
    case 'file':
      return bindFile(context, item)
  }
}

/** A file is a relation whose columns are its own; its name without folder and ending is the alias. */
function bindFile(context: BindContext, { path, alias, span }: ast.FileRef): FromItem {
  const relation = context.schemas.file?.(path, span)
  if (relation === undefined) {
    throw featureNotSupported(
      'reading files in views, coroutines and definitions is not supported',
      span,
      'Load the file into a table: copy <table> from <file>.',
    )
  }
  const shown = alias?.name ?? baseName(path)
  return named(new RelationSource(context, relation, shown, names(alias), span), alias)
}

/** `data/sales.2024.csv`: `sales`. */
function baseName(path: string): string {
  const file = path.slice(path.lastIndexOf('/') + 1)
  const end = file.indexOf('.')
  return end > 0 ? file.slice(0, end) : file
}

function beside(left: FromItem | undefined, parent: Scope | undefined): Scope | undefined {
  return left ? scopeOf(left.tables, parent, left.visible) : parent
}

function names(alias: ast.Alias | undefined): readonly string[] {
  return alias?.columns.map(({ name }) => name) ?? []
}

function bindTable(context: BindContext, item: ast.TableRef, parent: Scope | undefined): FromItem {
  const { name, alias, span } = item
  if (item.only) throw featureNotSupported('FROM ONLY is not supported', span)
  const cte = name.schema === undefined ? findCte(parent, name.name) : undefined
  const shown = alias?.name ?? name.name
  if (cte?.columns.length === 0)
    throw featureNotSupported(`WITH query "${cte.name}" does not have a RETURNING clause`, span)
  if (cte) return named(cteItem(context, cte, shown, names(alias)), alias)
  const relation = relationNamed(context, name)
  if (relation.view !== undefined)
    return named(bindView(context, relation, shown, names(alias), span), alias)
  return named(new RelationSource(context, relation, shown, names(alias), span), alias)
}

/** The catalog knows relations of the schema public by their names alone. */
export function fullName({ schema, name }: ast.QualifiedName): string {
  return schema === undefined || schema === 'public' ? name : `${schema}.${name}`
}

/** The relation of that name. Errors: 42P01, 0A000 for schemas that are designed but not built. */
export function relationNamed(
  context: BindContext,
  name: ast.QualifiedName,
): RelationSource['relation'] {
  if (name.schema === 'frames' || name.schema === 'dev') {
    throw featureNotSupported(`schema "${name.schema}" is not supported`, name.span)
  }
  const full = fullName(name)
  const relation = context.schemas.relation(full)
  if (relation) return relation
  throw undefinedTable(full, name.span, context.schemas.relationNames())
}

function named(item: FromItem, alias: ast.Alias | undefined): FromItem {
  if (alias && alias.columns.length > item.visible.length) {
    throw new EngineError('invalid_column_reference', {
      message: `table "${alias.name}" has ${item.visible.length} columns available but ${alias.columns.length} columns specified`,
      span: alias.span,
    })
  }
  return item
}

function cteItem(
  context: BindContext,
  cte: Cte,
  alias: string,
  renamed: readonly string[],
): FromItem {
  cte.readers += 1
  const columns = cte.columns.map((column) => context.copyOf(column))
  const { id, name } = cte
  if (!cte.isRound) return derivedItem(alias, columns, renamed, () => ({ kind: 'cte_scan', id, columns }))
  const build = (): Plan => ({ kind: 'round_scan', id, name, columns, sources: cte.columns })
  const item = derivedItem(alias, columns, renamed, build)
  return { ...item, tables: item.tables.map((table) => ({ ...table, isRound: true })) }
}

function bindDerived(
  context: BindContext,
  item: ast.DerivedTable,
  scope: Scope | undefined,
): FromItem {
  const { plan, columns } = context.binders.query(context, item.query, scope)
  return named(
    derivedItem(item.alias?.name ?? '', columns, names(item.alias), () => plan),
    item.alias,
  )
}

function bindFunctionTable(
  context: BindContext,
  item: ast.FunctionTable,
  scope: Scope | undefined,
): FromItem {
  const { call, alias, span } = item
  if (item.ordinality) throw featureNotSupported('WITH ORDINALITY is not supported', span)
  if (call.function.name !== 'generate_series') {
    throw featureNotSupported(`function ${call.function.name} in FROM is not supported`, call.span)
  }
  const site = siteOf(context, scope ?? scopeOf([], undefined), 'FROM')
  const given = call.arguments.map(({ value }) => site.bind(value))
  return bindSeries(context, { given, alias, span: call.span })
}

export function crossJoin(left: FromItem, right: FromItem, span: Span): FromItem {
  refuseTooMany(left, right, span)
  refuseSameAlias(left, right, span)
  return joinOf('inner', left, right, undefined, [...left.visible, ...right.visible])
}

function refuseTooMany(left: FromItem, right: FromItem, span: Span): void {
  if (left.tables.length + right.tables.length > kFromRelationsMax)
    throw statementTooComplex('number of relations in FROM', kFromRelationsMax, span)
  if (left.visible.length + right.visible.length > kFromColumnsMax)
    throw statementTooComplex('number of columns in FROM', kFromColumnsMax, span)
}

function refuseSameAlias(left: FromItem, right: FromItem, span: Span): void {
  const taken = new Set(left.tables.map(({ alias }) => alias))
  const again = right.tables.find(({ alias }) => alias !== '' && taken.has(alias))
  if (again) throw ambiguousAlias(again.alias, span)
}

function joinOf(
  type: JoinType,
  left: FromItem,
  right: FromItem,
  condition: Expression | undefined,
  visible: FromItem['visible'],
): FromItem {
  const build = (): Plan => {
    const [leftPlan, rightPlan] = [left.build(), right.build()]
    const lateral = reads(freeColumns(rightPlan), leftPlan)
    return { kind: 'join', type, left: leftPlan, right: rightPlan, condition, lateral }
  }
  return {
    tables: [...left.tables, ...right.tables],
    visible,
    sources: [...left.sources, ...right.sources],
    build,
  }
}

function reads(free: ReadonlySet<ColumnId>, plan: Plan): boolean {
  return columnsOf(plan).some(({ id }) => free.has(id))
}

function bindJoin(
  context: BindContext,
  join: ast.Join,
  parent: Scope | undefined,
  before: FromItem | undefined,
): FromItem {
  if (join.asof) throw featureNotSupported('ASOF JOIN is not supported', join.span)
  const left = bindItem(context, join.left, parent, before)
  const right = bindItem(context, join.right, beside(before, parent), left)
  const joined = joinItems(context, join, left, right, parent)
  return join.alias ? aliased(joined, join, join.alias) : joined
}

/** `(a join b …) as j` hides the tables inside; `using (…) as j` names the common columns besides. */
function aliased(joined: FromItem, { aliasOf, using, span }: ast.Join, alias: ast.Alias): FromItem {
  if (aliasOf === 'using') {
    const columns = joined.visible.slice(0, using?.length ?? 0)
    const merged: FromItem = { ...joined, tables: [{ alias: alias.name, columns }] }
    refuseSameAlias(joined, merged, span)
    return { ...joined, tables: [...joined.tables, ...merged.tables] }
  }
  const shown = joined.visible.filter(({ hidden }) => !hidden)
  const visible = shown.map((column, index) => ({
    ...column,
    name: alias.columns[index]?.name ?? column.name,
  }))
  return named({ ...joined, visible, tables: [{ alias: alias.name, columns: visible }] }, alias)
}

/** Joins two bound items as the clause says; the pipe form's join comes here too. */
export function joinItems(
  context: BindContext,
  join: Pick<ast.Join, 'type' | 'natural' | 'on' | 'using' | 'span'>,
  left: FromItem,
  right: FromItem,
  parent: Scope | undefined,
): FromItem {
  refuseTooMany(left, right, join.span)
  refuseSameAlias(left, right, join.span)
  const type = join.type === 'cross' ? 'inner' : join.type
  const shared = join.natural ? sharedNames(left, right) : join.using
  const both = scopeOf([...left.tables, ...right.tables], parent, [
    ...left.visible,
    ...right.visible,
  ])
  const condition = shared
    ? usingCondition(context, shared, left, right, join.span)
    : join.on && bindCondition(join.on, siteOf(context, both, 'JOIN/ON'))
  const [outerLeft, outerRight] = optional(type, left, right)
  const visible = joinColumns(type, outerLeft, outerRight, shared?.map(({ name }) => name) ?? [])
  return joinOf(type, outerLeft, outerRight, condition, visible)
}

function sharedNames(left: FromItem, right: FromItem): readonly ast.Identifier[] {
  const visible = (item: FromItem): string[] =>
    item.visible.filter(({ hidden }) => !hidden).map(({ name }) => name)
  const rights = new Set(visible(right))
  return visible(left)
    .filter((name) => rights.has(name))
    .map((name) => ({ name, span: { start: 0, end: 0 } }))
}

function usingCondition(
  context: BindContext,
  shared: readonly ast.Identifier[],
  left: FromItem,
  right: FromItem,
  span: Span,
): Expression | undefined {
  const equal = shared.map((identifier) => {
    const operands = [left, right].map((side) => usingColumn(side, identifier, span))
    return bindOperator('=', operands, span, context)
  })
  return equal.length > 0 ? conjunction(equal, span) : undefined
}

function usingColumn(side: FromItem, { name, span }: ast.Identifier, joinSpan: Span): Expression {
  const at = span.end > span.start ? span : joinSpan
  const found = side.visible.filter((column) => column.name === name)
  if (found.length > 1) {
    throw new EngineError('ambiguous_column', {
      message: `common column name "${name}" appears more than once in one side of the join`,
      span: at,
    })
  }
  if (found[0]) return found[0].reference(at)
  throw undefinedColumn(
    name,
    at,
    side.visible.map((column) => column.name),
  )
}
