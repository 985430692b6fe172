// update and delete: a scan that knows its rows' identity, joined with what `from` or `using` names.
import type { RelationSchema } from '#base/schema'
import { EngineError } from '#base/engine-error'
import { featureNotSupported } from '#base/errors'
import type * as ast from '#sql/ast'
import { invariant } from '#base/invariant'
import type { Span } from '#base/span'
import type { Column, Delete, Plan, ProjectItem, Update } from '#sql/bound'
import { columnExpression } from '#sql/functions/build'
import { bindSet, hasGenerated, recomputed } from './assignment.ts'
import type { BindContext } from './context.ts'
import { bindCondition, siteOf } from './expression.ts'
import { bindFrom, crossJoin, relationNamed } from './from.ts'
import { bindReturning } from './insert.ts'
import { columnsOf, columnsRead } from './plan-columns.ts'
import { bindWith } from './with.ts'
import { passThrough, RelationSource, rowColumnsOf, rowTable, type FromItem } from './relation.ts'
import { isNullable } from './rewrite.ts'
import { scopeOf, type Scope } from './scope.ts'
import type { Rows } from './site.ts'
import { bindChecks, rowAt } from './target.ts'

export function bindUpdate(
  context: BindContext,
  update: ast.Update,
  parent: Scope | undefined,
): Rows {
  const relation = mutableTarget(context, update.target, 'update')
  return bindWith(context, update.with, parent, (scope) => {
    const plan = updatePlan(context, update, relation, scope)
    return { plan, columns: columnsOfItems(plan.returning) }
  })
}

export function bindDelete(
  context: BindContext,
  statement: ast.Delete,
  parent: Scope | undefined,
): Rows {
  const relation = mutableTarget(context, statement.target, 'delete from')
  return bindWith(context, statement.with, parent, (scope) => {
    const plan = deletePlan(context, statement, relation, scope)
    return { plan, columns: columnsOfItems(plan.returning) }
  })
}

function columnsOfItems(items: readonly ProjectItem[] | undefined): Rows['columns'] {
  return (items ?? []).map(({ column }) => column)
}

function mutableTarget(
  context: BindContext,
  name: ast.QualifiedName,
  verb: 'update' | 'delete from',
): RelationSchema {
  const relation = relationNamed(context, name)
  if (relation.view !== undefined)
    throw featureNotSupported('changing a view is not supported', name.span)
  // `connections` may be deleted from (hang up), never updated.
  if (relation.mutable && (relation.kind === 'table' || verb === 'delete from')) return relation
  const hint =
    relation.kind === 'event'
      ? 'Event tables are append-only: their retention removes old rows.'
      : relation.kind === 'device'
        ? 'A device is changed by inserting requests.'
        : "System relations are the engine's."
  throw new EngineError('wrong_object_type', {
    message: `cannot ${verb} "${relation.name}"`,
    detail: `"${relation.name}" is ${relation.kind === 'event' ? 'an event' : `a ${relation.kind}`} relation.`,
    hint,
    span: name.span,
  })
}

interface Target {
  readonly source: RelationSource
  /** The target, joined with the other items. */
  readonly joined: FromItem
  readonly others: FromItem | undefined
  readonly scope: Scope
  readonly alias: string
}

function bindTarget(
  context: BindContext,
  statement: ast.Update | ast.Delete,
  relation: RelationSchema,
  items: readonly ast.FromItem[],
  parent: Scope | undefined,
): Target {
  const alias = statement.alias?.name ?? relation.name
  const source = new RelationSource(context, relation, alias, [], statement.target.span)
  const others = bindFrom(context, items, parent)
  const joined = others ? crossJoin(source, others, statement.span) : source
  const scope = scopeOf(joined.tables, parent, joined.visible)
  return { source, joined, others, scope, alias }
}

function filtered(
  context: BindContext,
  where: ast.Expression | undefined,
  { scope, joined }: Target,
): () => Plan {
  const predicate = where && bindCondition(where, siteOf(context, scope, 'WHERE'))
  return () => {
    const input = joined.build()
    return predicate ? { kind: 'filter', input, predicate } : input
  }
}

function updatePlan(
  context: BindContext,
  update: ast.Update,
  relation: RelationSchema,
  parent: Scope | undefined,
): Update {
  const target = bindTarget(context, update, relation, update.from, parent)
  const rowId = target.source.rowId()
  const plain = bindSet(context, relation, update.set, target.scope)
  const build = filtered(context, update.where, target)
  const { set, wrap } = hasGenerated(relation)
    ? withGenerated(context, relation, plain, target, update.span)
    : { set: plain, wrap: (input: Plan) => input }
  const rowColumns = rowColumnsOf(context, relation)
  const row = rowTable(context, relation, target.alias, rowAt(rowColumns))
  const tables = [row, ...(target.others?.tables ?? [])]
  return {
    kind: 'update',
    relation,
    rowId,
    set,
    rowColumns,
    checks: bindChecks(context, relation, rowColumns, update.span),
    returning: bindReturning(context, update.returning, tables, parent),
    input: wrap(build()),
    span: update.span,
  }
}

/** The new values are computed once, below: the columns set and those generated from them read them. */
function withGenerated(
  context: BindContext,
  relation: RelationSchema,
  plain: Update['set'],
  { source }: Target,
  span: Span,
): { readonly set: Update['set']; readonly wrap: (input: Plan) => Plan } {
  const items = plain.map(({ position, value }) => {
    const name = relation.columns[position]?.name ?? ''
    return { column: context.column(name, value.type, isNullable(value)), expression: value }
  })
  const set = plain.map(({ position }, index) => {
    const column = items[index]?.column
    invariant(column, 'one item a value')
    return { position, value: columnExpression(column, span) }
  })
  const existing = (position: number): Column => source.column(position)
  const generated = recomputed(context, relation, set, existing, span)
  const wrap = (input: Plan): Plan => {
    const passed = columnsOf(input).map((column) => passThrough(column, span))
    return { kind: 'project', input, items: [...passed, ...items] }
  }
  return { set: [...set, ...generated], wrap }
}

function deletePlan(
  context: BindContext,
  statement: ast.Delete,
  relation: RelationSchema,
  parent: Scope | undefined,
): Delete {
  const target = bindTarget(context, statement, relation, statement.using, parent)
  const rowId = target.source.rowId()
  const build = filtered(context, statement.where, target)
  const returning = bindReturning(context, statement.returning, target.joined.tables, parent)
  const read = (returning ?? []).flatMap(({ expression }) => [...columnsRead(expression).values()])
  const rowColumns = read.filter(({ id }) => target.source.produces(id))
  return {
    kind: 'delete',
    relation,
    rowId,
    rowColumns,
    returning,
    input: build(),
    span: statement.span,
  }
}
