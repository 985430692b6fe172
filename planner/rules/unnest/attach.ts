// D ⋈ Q(d), the dependent join, without running Q per row: the domain D is pushed down to the
// leaves of Q, and every node on the way keeps apart the rows of different domain rows.
// Source: Neumann and Kemper, Unnesting Arbitrary Queries, BTW 2015.
import type { Column, ColumnId, Expression, ProjectItem, SortKey } from '#sql/bound'
import { mapWindows } from '#sql/expression-tree'
import { visibleColumns } from '../../logical/columns.ts'
import {
  and,
  bigintType,
  call,
  columnRef,
  literal,
  substitute,
  type Substitution,
} from '../../logical/expression.ts'
import { crossJoin, extend, filter, join } from '../../logical/plan.ts'
import type {
  Aggregate,
  Join,
  Limit,
  Logical,
  LogicalAggregate,
  Recursion,
  Union,
  UnionInput,
  Window,
} from '../../logical/plan.ts'
import { limitByNumber } from '../../logical/from-bound-window.ts'
import { notSupported } from '../../refuse.ts'
import {
  dependsOn,
  sameRow,
  substitutionOf,
  type Attached,
  type Domain,
  type DomainColumns,
} from './domain.ts'
import { attachWrite } from './attach-write.ts'

/** The rows of `plan` for each row of the domain, next to the domain's columns. */
export function attach(plan: Logical, domain: Domain): Attached {
  return dependsOn(plan, domain) ? descend(plan, domain) : beside(plan, domain)
}

function beside(plan: Logical, domain: Domain): Attached {
  const own = domain.fresh()
  return { plan: crossJoin(own.plan, plan), columns: own.columns }
}

/**
 * Like attach, but as near to the leaves as it goes, so that filters above meet the domain there.
 */
function descend(plan: Logical, domain: Domain): Attached {
  switch (plan.kind) {
    case 'dual':
      return domain.fresh()
    case 'scan':
    case 'constants':
    case 'instances':
      return beside(plan, domain)
    case 'cte_scan':
    case 'round_scan':
      return attachPartScan(plan, domain)
    case 'recursion':
      return dependsOn(plan, domain) ? attachRecursion(plan, domain) : beside(plan, domain)
    case 'series':
      return over(plan.input, domain, (input, change) => ({
        ...plan,
        input,
        start: change(plan.start),
        stop: change(plan.stop),
        step: plan.step && change(plan.step),
      }))
    case 'extend':
      return over(plan.input, domain, (input, change) =>
        extend(input, changeItems(plan.items, change)),
      )
    case 'filter':
      return over(plan.input, domain, (input, change) => filter(input, change(plan.predicate)))
    case 'join':
      return plan.type === 'inner' ? attachInner(plan, domain) : attachOuter(plan, domain)
    case 'aggregate':
      return dependsOn(plan, domain) ? attachAggregate(plan, domain) : beside(plan, domain)
    case 'window':
      return dependsOn(plan, domain) ? attachWindow(plan, domain) : beside(plan, domain)
    case 'sort':
      return over(plan.input, domain, (input, change, columns) => ({
        ...plan,
        input,
        keys: [...ordinalKey(columns, domain), ...changeKeys(plan.keys, change)],
      }))
    case 'limit':
      return dependsOn(plan, domain) ? attachLimit(plan, domain) : beside(plan, domain)
    case 'union':
      return dependsOn(plan, domain) ? attachUnion(plan, domain) : beside(plan, domain)
    case 'with':
      return attachWith(plan, domain)
    case 'insert':
    case 'update':
    case 'delete': {
      const input = attach(plan.input, domain)
      return { ...input, plan: attachWrite(plan, input, domain) }
    }
  }
}

type Change = (expression: Expression) => Expression

function changeBy(by: Substitution): Change {
  return (expression) => substitute(expression, by)
}

/** Rebuilds a node with one input over the attached input. */
function over(
  input: Logical,
  domain: Domain,
  build: (input: Logical, change: Change, columns: DomainColumns) => Logical,
): Attached {
  const below = descend(input, domain)
  const plan = build(below.plan, changeBy(substitutionOf(below.columns)), below.columns)
  return { plan, columns: below.columns }
}

function changeItems(items: readonly ProjectItem[], change: Change): ProjectItem[] {
  return items.map((item) => ({ ...item, expression: change(item.expression) }))
}

function changeKeys(keys: readonly SortKey[], change: Change): SortKey[] {
  return keys.map((key) => ({ ...key, expression: change(key.expression) }))
}

function changeOptional(
  expression: Expression | undefined,
  change: Change,
): Expression | undefined {
  return expression && change(expression)
}

/** Effects leave in the order of their instances, so a sort never mixes instances. */
function ordinalKey(columns: DomainColumns, domain: Domain): SortKey[] {
  const ordinal = domain.ordinal === undefined ? undefined : columns.get(domain.ordinal)
  return ordinal ? [{ expression: columnRef(ordinal), descending: false, nullsFirst: false }] : []
}

function attachInner(plan: Join, domain: Domain): Attached {
  const needsRight = dependsOn(plan.right, domain)
  if (needsRight && dependsOn(plan.left, domain)) return attachBoth(plan, domain)
  const [first, second] = needsRight ? [plan.right, plan.left] : [plan.left, plan.right]
  const own = descend(first, domain)
  const condition = changeOptional(plan.condition, changeBy(substitutionOf(own.columns)))
  return {
    plan: join({ type: 'inner', left: own.plan, right: second, condition }),
    columns: own.columns,
  }
}

/** Semi, anti, mark, single, left and full: the left side decides which rows there are. */
function attachOuter(plan: Join, domain: Domain): Attached {
  if (plan.type === 'full') return attachFull(plan, domain)
  if (dependsOn(plan.right, domain)) return attachBoth(plan, domain)
  const left = descend(plan.left, domain)
  const change = changeBy(substitutionOf(left.columns))
  const nullAware = plan.nullAware && { ...plan.nullAware, left: change(plan.nullAware.left) }
  const condition = changeOptional(plan.condition, change)
  return { plan: { ...plan, left: left.plan, condition, nullAware }, columns: left.columns }
}

function attachBoth(plan: Join, domain: Domain): Attached {
  if (plan.nullAware) throw notSupported('not in over a subquery that reads another query')
  const left = descend(plan.left, domain)
  const right = attach(plan.right, domain)
  const own = changeOptional(plan.condition, changeBy(substitutionOf(left.columns)))
  const same = sameRow(left.columns, right.columns, domain)
  const condition = and([same, own].filter((part) => part !== undefined))
  return { plan: { ...plan, left: left.plan, right: right.plan, condition }, columns: left.columns }
}

function attachFull(plan: Join, domain: Domain): Attached {
  if (!dependsOn(plan, domain)) return beside(plan, domain)
  throw notSupported('a full join that reads columns of an outer query')
}

function attachAggregate(plan: Aggregate, domain: Domain): Attached {
  const input = attach(plan.input, domain)
  const change = changeBy(substitutionOf(input.columns))
  const keys = new Set(domain.keys)
  const carried = [...input.columns].map(([outer, column]) => ({
    outer,
    column,
    own: domain.make.copy(column),
  }))
  const keyGroups = carried
    .filter(({ outer }) => keys.has(outer))
    .map(({ column, own }) => ({ column: own, expression: columnRef(column) }))
  const others = carried
    .filter(({ outer }) => !keys.has(outer))
    .map(({ column, own }) => firstOf(own, columnRef(column)))
  const groups = [...keyGroups, ...changeItems(plan.groups, change)]
  const calls = plan.aggregates.map((aggregate) => changeAggregate(aggregate, change))
  const columns = new Map(carried.map(({ outer, own }) => [outer, own]))
  if (plan.groups.length === 0)
    return withEmptyGroups(calls, { input: input.plan, groups, columns, domain })
  return {
    plan: { kind: 'aggregate', input: input.plan, groups, aggregates: [...calls, ...others] },
    columns,
  }
}

/** Each row of the domain has partitions of its own. */
function attachWindow(plan: Window, domain: Domain): Attached {
  const input = attach(plan.input, domain)
  const windows = mapWindows(plan, changeBy(substitutionOf(input.columns)))
  const keys = keyColumns(input, domain).map((column) => columnRef(column))
  const partition = [...keys, ...windows.partition]
  return {
    plan: { kind: 'window', input: input.plan, ...windows, partition },
    columns: input.columns,
  }
}

function keyColumns(attached: Attached, domain: Domain): Column[] {
  return domain.keys.map((key) => domainColumn(attached.columns, key))
}

function firstOf(column: Column, expression: Expression): LogicalAggregate {
  return {
    column,
    function: 'first',
    arguments: [expression],
    distinct: false,
    filter: undefined,
    order: [],
    span: expression.span,
  }
}

function changeAggregate(aggregate: LogicalAggregate, change: Change): LogicalAggregate {
  return {
    ...aggregate,
    arguments: aggregate.arguments.map(change),
    filter: changeOptional(aggregate.filter, change),
    order: changeKeys(aggregate.order, change),
  }
}

interface GroupedByDomain {
  readonly input: Logical
  readonly groups: readonly ProjectItem[]
  readonly columns: DomainColumns
  readonly domain: Domain
}

/** An aggregate without groups has a row even over no rows, so every domain row must have one. */
function withEmptyGroups(calls: readonly LogicalAggregate[], grouped: GroupedByDomain): Attached {
  const { input, groups, columns, domain } = grouped
  const { aggregates, items } = countsOfNothing(calls, domain.make)
  const own = domain.fresh()
  const right: Logical = { kind: 'aggregate', input, groups, aggregates }
  const condition = sameRow(own.columns, columns, domain)
  const joined = join({ type: 'left', left: own.plan, right, condition })
  return { plan: extend(joined, items), columns: own.columns }
}

/** Over no rows a count is 0 where a missing group would leave null; the others are null anyway. */
export function countsOfNothing(
  calls: readonly LogicalAggregate[],
  make: Domain['make'],
): { aggregates: LogicalAggregate[]; items: ProjectItem[] } {
  const items: ProjectItem[] = []
  const aggregates = calls.map((aggregate) => {
    if (aggregate.function !== 'count' && aggregate.function !== 'count_star') return aggregate
    const counted = make.copy(aggregate.column)
    const zero = literal(0n, bigintType)
    const expression = call({
      kernel: 'Coalesce',
      arguments: [columnRef(counted), zero],
      type: bigintType,
    })
    items.push({ column: aggregate.column, expression })
    return { ...aggregate, column: counted }
  })
  return { aggregates, items }
}

function attachLimit(plan: Limit, domain: Domain): Attached {
  const input = attach(plan.input, domain)
  if (domain.ordinal !== undefined) {
    return {
      plan: { ...plan, input: input.plan, ordinal: input.columns.get(domain.ordinal) },
      columns: input.columns,
    }
  }
  const limit = plan.limit
  const isFirstRow = limit?.kind === 'literal' && Number(limit.value) === 1 && !plan.offset
  if (isFirstRow) return firstRow(input, domain)
  const change = changeBy(substitutionOf(input.columns))
  const counts = {
    limit: changeOptional(limit, change),
    offset: changeOptional(plan.offset, change),
  }
  const limited = { input: input.plan, ...counts }
  const numbered = limitByNumber(limited, keyColumns(input, domain), domain.make)
  return { plan: numbered, columns: input.columns }
}

function firstRow(input: Attached, domain: Domain): Attached {
  const keys = new Set(domain.keys.map((key) => input.columns.get(key)?.id))
  const visible = visibleColumns(input.plan)
  const groups = visible
    .filter(({ id }) => keys.has(id))
    .map((column) => ({ column, expression: columnRef(column) }))
  const aggregates = visible
    .filter(({ id }) => !keys.has(id))
    .map((column) => firstOf(column, columnRef(column)))
  return {
    plan: { kind: 'aggregate', input: input.plan, groups, aggregates },
    columns: input.columns,
  }
}

function attachUnion(plan: Union, domain: Domain): Attached {
  const inputs = plan.inputs.map((input) => attachInput(input, domain))
  const carried = [...domain.outer].map(([id, column]) => [id, domain.make.copy(column)] as const)
  const columns = [...plan.columns, ...carried.map(([, column]) => column)]
  return { plan: { kind: 'union', inputs, columns }, columns: new Map(carried) }
}

/** An input's rows with the domain's columns as further values. */
function attachInput({ plan, values }: UnionInput, domain: Domain): UnionInput {
  const own = attach(plan, domain)
  const change = changeBy(substitutionOf(own.columns))
  const outer = [...domain.outer.keys()].map((id) => columnRef(domainColumn(own.columns, id)))
  return { plan: own.plan, values: [...values.map(change), ...outer] }
}

/** Each row of the domain has a recursion of its own: the rows of a round carry whose they are. */
function attachRecursion(plan: Recursion, domain: Domain): Attached {
  const carried = new Map([...domain.outer].map(([id, column]) => [id, domain.make.copy(column)] as const))
  const base = attachInput(plan.base, domain)
  domain.attachedParts.set(plan.id, carried)
  const step = attachInput(plan.step, domain)
  return { plan: { ...plan, base, step, columns: [...plan.columns, ...carried.values()] }, columns: carried }
}

function domainColumn(columns: DomainColumns, id: ColumnId): Column {
  const column = columns.get(id)
  if (!column) throw new TypeError('an attached plan lacks a column of its domain')
  return column
}

function attachWith(plan: Extract<Logical, { kind: 'with' }>, domain: Domain): Attached {
  if (!dependsOn(plan.definition, domain)) {
    const body = attach(plan.body, domain)
    return { plan: { ...plan, body: body.plan }, columns: body.columns }
  }
  const definition = attach(plan.definition, domain)
  domain.attachedParts.set(plan.id, definition.columns)
  const body = attach(plan.body, domain)
  const columns = [...plan.columns, ...definition.columns.values()]
  return {
    plan: { ...plan, definition: definition.plan, columns, body: body.plan },
    columns: body.columns,
  }
}

function attachPartScan(plan: Extract<Logical, { kind: 'cte_scan' | 'round_scan' }>, domain: Domain): Attached {
  const carried = domain.attachedParts.get(plan.id)
  if (!carried) return beside(plan, domain)
  const own = [...carried].map(([outer, source]) => ({
    outer,
    source,
    column: domain.make.copy(source),
  }))
  return {
    plan: {
      ...plan,
      columns: [...plan.columns, ...own.map(({ column }) => column)],
      sources: [...plan.sources, ...own.map(({ source }) => source)],
    },
    columns: new Map(own.map(({ outer, column }) => [outer, column])),
  }
}
