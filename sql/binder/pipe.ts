// The pipe form. Each step takes the item so far and gives the next one, so that names keep meaning
// what they meant; the plan is made when the pipeline ends, for only then the columns used are known.
import { EngineError } from '#base/engine-error'
import { featureNotSupported, undefinedColumn } from '#base/errors'
import { invariant } from '#base/invariant'
import type { Span } from '#base/span'
import type * as ast from '#sql/ast'
import type { Column, Expression, Plan, ProjectItem } from '#sql/bound'
import { columnExpression } from '#sql/functions/build'
import { settle } from './coercion.ts'
import type { BindContext } from './context.ts'
import { bindCondition, siteOf } from './expression.ts'
import { bindFrom, bindItem, joinItems } from './from.ts'
import { AggregateCollector, Grouping } from './grouping.ts'
import { bindLimit } from './limit.ts'
import { refuseAggregatesOfRounds } from './recursion.ts'
import { expandItems, type OutputItem } from './output.ts'
import { columnsOf } from './plan-columns.ts'
import { derivedItem, passThrough, type FromItem } from './relation.ts'
import { isNullable } from './rewrite.ts'
import { scopeOf, type Scope, type ScopeColumn } from './scope.ts'
import { combineRows } from './set-operation.ts'
import type { Rows, Site } from './site.ts'
import { sortKey } from './sort-key.ts'

export function bindPipeline(
  context: BindContext,
  pipeline: ast.Pipeline,
  parent: Scope | undefined,
): Rows {
  let item = bindSource(context, pipeline.source, parent)
  for (const step of pipeline.steps) item = bindStep({ context, parent, item }, step)
  return rowsOf(context, item, pipeline.span)
}

function bindSource(
  context: BindContext,
  source: ast.Pipeline['source'],
  parent: Scope | undefined,
): FromItem {
  if (source.kind === 'query') return itemOf(context.binders.query(context, source, parent))
  const item = bindFrom(context, source.items, parent)
  invariant(item, 'a pipeline starts from something')
  return item
}

function itemOf({ plan, columns }: Rows): FromItem {
  return derivedItem('', columns, [], () => plan)
}

/** The item's visible columns as rows. */
function rowsOf(context: BindContext, item: FromItem, span: Span): Rows {
  const items = item.visible
    .filter(({ hidden }) => !hidden)
    .map(({ name, reference }) => made(context, name, reference(span)))
  const plan: Plan = { kind: 'project', input: item.build(), items }
  return { plan, columns: items.map(({ column }) => column) }
}

function made(context: BindContext, name: string, expression: Expression): ProjectItem {
  return { column: context.column(name, expression.type, isNullable(expression)), expression }
}

interface State {
  readonly context: BindContext
  readonly parent: Scope | undefined
  readonly item: FromItem
}

function siteIn(
  { context, parent, item }: State,
  clause: string,
  collector?: AggregateCollector,
): Site {
  return siteOf(context, scopeOf(item.tables, parent, item.visible), clause, collector)
}

function bindStep(state: State, step: ast.PipeStep): FromItem {
  switch (step.kind) {
    case 'pipe_where': {
      const predicate = bindCondition(step.condition, siteIn(state, 'WHERE'))
      return over(state.item, (input) => ({ kind: 'filter', input, predicate }))
    }
    case 'pipe_select':
      return select(state, step)
    case 'pipe_extend':
      return extend(state, step)
    case 'pipe_set':
      return set(state, step)
    case 'pipe_drop':
      return { ...over(state.item), visible: drop(state.item, step.columns) }
    case 'pipe_rename':
      return { ...over(state.item), visible: rename(state.item, step.items) }
    case 'pipe_as': {
      const { visible } = state.item
      return { ...over(state.item), tables: [{ alias: step.alias.name, columns: visible }] }
    }
    case 'pipe_aggregate':
      return aggregate(state, step)
    case 'pipe_join':
      return join(state, step)
    case 'pipe_order':
      return order(state, step)
    case 'pipe_limit':
      return over(state.item, (input) => limitStep(state, step.limit, input))
    case 'pipe_distinct': {
      const { plan, columns } = rowsOf(state.context, state.item, step.span)
      return itemOf({ plan: { kind: 'distinct', input: plan, on: undefined }, columns })
    }
    case 'pipe_set_operation':
      return setOperation(state, step)
    case 'pipe_call':
      throw featureNotSupported('the pipe step CALL is not supported', step.span)
  }
}

/** The item with more plan around it, its names unchanged. */
function over(item: FromItem, wrap: (input: Plan) => Plan = (input) => input): FromItem {
  const { tables, visible, sources } = item
  return { tables, visible, sources, build: () => wrap(item.build()) }
}

function columnNamed({ column }: ProjectItem): ScopeColumn {
  return {
    name: column.name,
    hidden: false,
    reference: (span) => columnExpression(column, span),
  }
}

/** Computes more columns beside those that are there. */
function adding(item: FromItem, items: readonly ProjectItem[], span: Span): FromItem {
  return over(item, (input) => {
    const passed = columnsOf(input).map((column: Column) => passThrough(column, span))
    return { kind: 'project', input, items: [...passed, ...items] }
  })
}

function bindItems(state: State, items: readonly ast.SelectItem[], clause: string): ProjectItem[] {
  return expandItems(items, siteIn(state, clause)).map(({ name, expression }) =>
    made(state.context, name, expression),
  )
}

function select(state: State, step: ast.PipeSelect): FromItem {
  const items = bindItems(state, step.items, 'SELECT')
  const project: Plan = { kind: 'project', input: state.item.build(), items }
  const plan: Plan = step.distinct ? { kind: 'distinct', input: project, on: undefined } : project
  return itemOf({ plan, columns: items.map(({ column }) => column) })
}

function extend(state: State, step: ast.PipeSelect): FromItem {
  const items = bindItems(state, step.items, 'EXTEND')
  const visible = [...state.item.visible, ...items.map(columnNamed)]
  return { ...adding(state.item, items, step.span), visible }
}

function set(state: State, step: ast.PipeSet): FromItem {
  const site = siteIn(state, 'SET')
  const items = step.items.map(({ column, value }) => {
    requireColumn(state.item, column)
    return made(state.context, column.name, settle(site.bind(value), state.context))
  })
  const visible = state.item.visible.map((column) => {
    const replaced = items.find((item) => item.column.name === column.name)
    return replaced ? columnNamed(replaced) : column
  })
  return { ...adding(state.item, items, step.span), visible }
}

function requireColumn(item: FromItem, { name, span }: ast.Identifier): void {
  if (item.visible.some((column) => column.name === name)) return
  throw undefinedColumn(
    name,
    span,
    item.visible.map((column) => column.name),
  )
}

function drop(item: FromItem, columns: readonly ast.Identifier[]): readonly ScopeColumn[] {
  for (const column of columns) requireColumn(item, column)
  return item.visible.filter(({ name }) => !columns.some((column) => column.name === name))
}

function rename(item: FromItem, items: ast.PipeRename['items']): readonly ScopeColumn[] {
  for (const { from } of items) requireColumn(item, from)
  return item.visible.map((column) => {
    const found = items.find(({ from }) => from.name === column.name)
    return found ? { ...column, name: found.to.name } : column
  })
}

/** Ties are told by the order step just before. */
function limitStep({ context, parent }: State, limit: ast.Limit, input: Plan): Plan {
  const keys = input.kind === 'sort' ? input.keys : []
  if (limit.withTies && keys.length === 0) {
    throw new EngineError('syntax_error', {
      message: 'WITH TIES cannot be specified without ORDER BY clause',
      span: limit.span,
      hint: 'Write the step order by … just before.',
    })
  }
  return bindLimit(context, input, limit, { parent, keys })
}

/** Gives the group columns first, then the aggregates. */
function aggregate(state: State, step: ast.PipeAggregate): FromItem {
  const { context, item } = state
  const collector = new AggregateCollector()
  const groups = expandItems(step.group, siteIn(state, 'GROUP BY'))
  const items = expandItems(step.items, siteIn(state, 'AGGREGATE', collector))
  const plain = items.findIndex(({ hasAggregate }) => !hasAggregate)
  if (plain >= 0) {
    throw new EngineError('grouping_error', {
      message: 'every item of AGGREGATE needs an aggregate function',
      span: step.items[plain]?.span ?? step.span,
      hint: 'Group columns are written behind GROUP BY and come first.',
    })
  }
  refuseAggregatesOfRounds(collector, item.tables)
  const keys = groups.map(({ expression }) => expression)
  const grouping = new Grouping(context, item.build(), item.sources, [keys], collector)
  const output = [...groups, ...items].map(({ name, expression }: OutputItem) =>
    made(context, name, grouping.rewrite(expression)),
  )
  const plan: Plan = { kind: 'project', input: grouping.plan(), items: output }
  return itemOf({ plan, columns: output.map(({ column }) => column) })
}

function join({ context, parent, item }: State, step: ast.PipeJoin): FromItem {
  if (step.asof) throw featureNotSupported('ASOF JOIN is not supported', step.span)
  const right = bindItem(context, step.right, parent, item)
  return joinItems(context, step, item, right, parent)
}

function order(state: State, step: ast.PipeOrder): FromItem {
  const site = siteIn(state, 'ORDER BY')
  const keys = step.items.map((item) => sortKey(item, orderKey(item.expression, state.item, site)))
  return over(state.item, (input) => ({ kind: 'sort', input, keys }))
}

function orderKey(expression: ast.Expression, item: FromItem, site: Site): Expression {
  if (expression.kind !== 'number') return settle(site.bind(expression), site.context)
  const shown = item.visible.filter(({ hidden }) => !hidden)
  const column = shown[Number(expression.text) - 1]
  if (column) return column.reference(expression.span)
  throw new EngineError('invalid_column_reference', {
    message: `ORDER BY position ${expression.text} is not among the columns`,
    span: expression.span,
  })
}

function setOperation({ context, parent, item }: State, step: ast.PipeSetOperation): FromItem {
  const rows = step.queries.reduce<Rows>(
    (left, query) => {
      const right = context.binders.query(context, query, parent)
      return combineRows(context, step, left, right, step.span)
    },
    rowsOf(context, item, step.span),
  )
  return itemOf(rows)
}
