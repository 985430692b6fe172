// One select core: from, where, group by, having, the select list, distinct, order by, limit. The
// order of the plan's nodes is the order in which SQL says the clauses happen.
import { EngineError } from '#base/engine-error'
import type { Span } from '#base/span'
import type * as ast from '#sql/ast'
import type { Column, Expression, Plan, ProjectItem, SortKey } from '#sql/bound'
import { columnExpression } from '#sql/functions/build'
import { settle } from './coercion.ts'
import type { BindContext } from './context.ts'
import { bindCondition, siteOf } from './expression.ts'
import { bindFrom } from './from.ts'
import { AggregateCollector, Grouping } from './grouping.ts'
import { groupingSets, type GroupingSet } from './grouping-sets.ts'
import { bindLimit } from './limit.ts'
import { expandItems, type OutputItem } from './output.ts'
import { refuseAggregatesOfRounds } from './recursion.ts'
import { passThrough, type FromItem } from './relation.ts'
import { expressionKey, isNullable } from './rewrite.ts'
import { scopeOf, type Scope } from './scope.ts'
import { sortKey } from './sort-key.ts'
import type { Expected, Rows, Site } from './site.ts'
import { WindowCollector } from './window-scope.ts'

/** What a query puts around its select core. */
export interface Around {
  readonly order: readonly ast.SortItem[]
  readonly limit: ast.Limit | undefined
}

interface Parts {
  readonly items: readonly OutputItem[]
  readonly groups: readonly GroupingSet[] | undefined
  readonly having: Expression | undefined
  readonly keys: readonly SortKey[]
  readonly distinctOn: readonly Expression[]
}

export function bindSelect(
  context: BindContext,
  select: ast.Select,
  around: Around,
  parent: Scope | undefined,
  expected: Expected,
): Rows {
  const from = bindFrom(context, select.from, parent)
  const scope = scopeOf(from?.tables ?? [], parent, from?.visible ?? [])
  const where = select.where && bindCondition(select.where, siteOf(context, scope, 'WHERE'))
  const collector = new AggregateCollector()
  const windows = new WindowCollector(select.windows)
  const parts = bindParts(context, select, around, scope, { collector, windows }, expected)
  refuseAggregatesOfRounds(collector, scope.tables)
  const source: Plan = from?.build() ?? { kind: 'dual' }
  const input: Plan = where ? { kind: 'filter', input: source, predicate: where } : source
  const grouped = applyGrouping(context, input, from, parts, { collector, windows })
  return finish(context, grouped.input, grouped.parts, select, around, scope)
}

interface Collectors {
  readonly collector: AggregateCollector
  readonly windows: WindowCollector
}

function bindParts(
  context: BindContext,
  select: ast.Select,
  around: Around,
  scope: Scope,
  { collector, windows }: Collectors,
  expected: Expected,
): Parts {
  const site = siteOf(context, scope, 'SELECT', collector, windows)
  const items = expandItems(select.items, site, expected)
  const groupSite = siteOf(context, scope, 'GROUP BY')
  const groups =
    select.group && groupingSets(select.group, (one) => bindGroup(one, items, groupSite))
  const having =
    select.having && bindCondition(select.having, siteOf(context, scope, 'HAVING', collector))
  const orderSite = siteOf(context, scope, 'ORDER BY', collector, windows)
  const keys = around.order.map((item) =>
    sortKey(item, bindOutputReference(item.expression, items, orderSite)),
  )
  const on = typeof select.distinct === 'string' ? [] : select.distinct
  const distinctOn = on.map((one) =>
    bindOutputReference(one, items, siteOf(context, scope, 'DISTINCT ON', collector, windows)),
  )
  return { items, groups, having, keys, distinctOn }
}

/** An ordinal, an output's name, or (all else) an expression over the input. */
function bindOutputReference(
  expression: ast.Expression,
  items: readonly OutputItem[],
  site: Site,
): Expression {
  if (expression.kind === 'number') return ordinal(expression, items, site.clause)
  if (expression.kind === 'column' && expression.table === undefined) {
    const named = items.filter(({ name }) => name === expression.name)
    const distinct = new Set(named.map((item) => expressionKey(item.expression)))
    if (distinct.size > 1) {
      throw new EngineError('ambiguous_column', {
        message: `${site.clause} "${expression.name}" is ambiguous`,
        span: expression.span,
      })
    }
    if (named[0]) return named[0].expression
  }
  return settle(site.bind(expression), site.context)
}

function ordinal(
  { text, span }: ast.NumberLiteral,
  items: readonly OutputItem[],
  clause: string,
): Expression {
  const item = items[Number(text) - 1]
  if (item) return item.expression
  const message = /^\d+$/.test(text)
    ? `${clause} position ${text} is not in select list`
    : `non-integer constant in ${clause}`
  throw new EngineError(/^\d+$/.test(text) ? 'invalid_column_reference' : 'syntax_error', {
    message,
    span,
  })
}

/** As order by, but a column of the input hides an output of the same name. */
function bindGroup(
  expression: ast.Expression,
  items: readonly OutputItem[],
  site: Site,
): Expression {
  const isName = expression.kind === 'column' && expression.table === undefined
  const isInput = isName && site.scope.visible.some(({ name }) => name === expression.name)
  const bound = isInput ? site.bind(expression) : bindOutputReference(expression, items, site)
  if (items.some((item) => item.hasAggregate && item.expression === bound)) {
    throw new EngineError('grouping_error', {
      message: 'aggregate functions are not allowed in GROUP BY',
      span: expression.span,
    })
  }
  return bound
}

/**
 * Puts the aggregation above `input` where one is asked for, the windows above that, and the
 * clauses in their terms.
 */
function applyGrouping(
  context: BindContext,
  input: Plan,
  from: FromItem | undefined,
  parts: Parts,
  { collector, windows }: Collectors,
): { readonly input: Plan; readonly parts: Parts } {
  const isGrouped =
    parts.groups !== undefined || !collector.isEmpty || parts.having !== undefined
  if (!isGrouped) return { input: windows.rewritten((expression) => expression)(input), parts }
  const grouping = new Grouping(
    context,
    input,
    from?.sources ?? [],
    parts.groups ?? [[]],
    collector,
  )
  const rewrite = (expression: Expression): Expression => grouping.rewrite(expression)
  const items = parts.items.map((item) => ({ ...item, expression: rewrite(item.expression) }))
  const keys = parts.keys.map((key) => ({ ...key, expression: rewrite(key.expression) }))
  const distinctOn = parts.distinctOn.map(rewrite)
  const having = parts.having && rewrite(parts.having)
  const above = windows.rewritten(rewrite)
  const aggregate = grouping.plan()
  const filtered: Plan = having
    ? { kind: 'filter', input: aggregate, predicate: having }
    : aggregate
  return { input: above(filtered), parts: { ...parts, items, keys, distinctOn, having } }
}

/** The select list and all that follows it. */
function finish(
  context: BindContext,
  input: Plan,
  parts: Parts,
  select: ast.Select,
  around: Around,
  scope: Scope,
): Rows {
  const list = new OutputList(context, parts.items)
  const keys = parts.keys.map((key) => ({ ...key, expression: list.reference(key.expression) }))
  const on = parts.distinctOn.map((one) => list.reference(one))
  if (select.distinct === 'distinct') list.refuseExtra(around.order)
  if (on.length > 0) checkDistinctOn(on, keys, select.span)
  let plan: Plan = { kind: 'project', input, items: list.items }
  if (select.distinct === 'distinct') plan = { kind: 'distinct', input: plan, on: undefined }
  if (keys.length > 0) plan = { kind: 'sort', input: plan, keys }
  if (on.length > 0) plan = { kind: 'distinct', input: plan, on }
  plan = bindLimit(context, plan, around.limit, { parent: scope.parent, keys })
  return { plan: list.withoutExtra(plan), columns: list.columns }
}

/** The columns of a select list, and behind them what only order by or distinct on needs. */
class OutputList {
  readonly items: ProjectItem[]
  readonly columns: readonly Column[]
  readonly #context: BindContext
  readonly #byKey = new Map<string, Column>()

  constructor(context: BindContext, items: readonly OutputItem[]) {
    this.#context = context
    this.items = items.map(({ name, expression }) => this.#item(name, expression))
    this.columns = this.items.map(({ column }) => column)
  }

  /** The output column that has the expression's value; made at the end if the list lacks it. */
  reference(expression: Expression): Expression {
    const known = this.#byKey.get(expressionKey(expression))
    if (known) return columnExpression(known, expression.span)
    const item = this.#item('order', expression)
    this.items.push(item)
    return columnExpression(item.column, expression.span)
  }

  refuseExtra(order: readonly ast.SortItem[]): void {
    if (this.items.length === this.columns.length) return
    throw new EngineError('invalid_column_reference', {
      message: 'for SELECT DISTINCT, ORDER BY expressions must appear in select list',
      ...(order[0] && { span: order[0].span }),
    })
  }

  withoutExtra(plan: Plan): Plan {
    if (this.items.length === this.columns.length) return plan
    const items = this.columns.map((column, index) =>
      passThrough(column, this.items[index]?.expression.span ?? { start: 0, end: 0 }),
    )
    return { kind: 'project', input: plan, items }
  }

  #item(name: string, expression: Expression): ProjectItem {
    const column = this.#context.column(name, expression.type, isNullable(expression))
    const key = expressionKey(expression)
    if (!this.#byKey.has(key)) this.#byKey.set(key, column)
    return { column, expression }
  }
}

function checkDistinctOn(on: readonly Expression[], keys: readonly SortKey[], span: Span): void {
  const wanted = new Set(on.map(expressionKey))
  const leading = keys.slice(0, on.length)
  if (leading.every(({ expression }) => wanted.has(expressionKey(expression)))) return
  throw new EngineError('invalid_column_reference', {
    message: 'SELECT DISTINCT ON expressions must match initial ORDER BY expressions',
    span,
  })
}

/** Sorts and limits rows whose columns alone may be named: set operations, values, parenthesised queries. */
export function orderRows(
  context: BindContext,
  rows: Rows,
  around: Around,
  parent: Scope | undefined,
): Rows {
  const keys = around.order.map((item) => {
    const column = outputColumn(item.expression, rows.columns)
    return sortKey(item, columnExpression(column, item.expression.span))
  })
  const sorted: Plan = keys.length > 0 ? { kind: 'sort', input: rows.plan, keys } : rows.plan
  return { plan: bindLimit(context, sorted, around.limit, { parent, keys }), columns: rows.columns }
}

function outputColumn(expression: ast.Expression, columns: readonly Column[]): Column {
  const found =
    expression.kind === 'number'
      ? columns[Number(expression.text) - 1]
      : expression.kind === 'column' && expression.table === undefined
        ? columns.find(({ name }) => name === expression.name)
        : undefined
  if (found) return found
  throw new EngineError('invalid_column_reference', {
    message: 'ORDER BY of a set operation must name one of its result columns',
    span: expression.span,
    hint: 'Put the set operation in a subquery: select … from (…) as rows order by …',
  })
}
