// A ⋈[a = g] γ[g](B)  →  with k as A: k ⋈[a = g] γ[g](B ⋉[g = a] k) where A has few of B's groups: what a
// correlated subquery aggregates is read for the rows that ask, not for all. A is computed once and kept.
// Where an index of B has the groups, B's rows are looked up by the different keys of k instead.
import type { ColumnId, Expression } from '#sql/bound'
import { freeColumns, hasVolatile, hasWrites, mapInputs, visibleColumns, visibleIds } from '../logical/columns.ts'
import type { ColumnMaker } from '../logical/column-maker.ts'
import { and, columnRef, columnsRead, readsAny, readsOnly, splitConjuncts, substitute, test, type Substitution } from '../logical/expression.ts'
import { join, type Aggregate, type Join, type Logical } from '../logical/plan.ts'
import { estimateRows } from './cardinality.ts'
import { bestIndex, equalitiesOf } from './select-index.ts'
import { DistinctCounts, type Statistics } from './statistics.ts'

/** The part of the groups that may be asked for at most: past it, aggregating all is as quick. */
const askedMax = 0.25
/** Fewer rows than these are aggregated in no time. */
const rowsMin = 10_000

export function restrictAggregates(plan: Logical, statistics: Statistics | undefined, make: ColumnMaker): Logical {
  if (!statistics) return plan
  const below = mapInputs(plan, (input) => restrictAggregates(input, statistics, make))
  return (below.kind === 'join' && restricted(below, statistics, make)) || below
}

function restricted(plan: Join, statistics: Statistics, make: ColumnMaker): Logical | undefined {
  const aggregate = plan.type === 'full' || plan.nullAware ? undefined : aggregateUnder(plan.right)
  if (!aggregate || hasVolatile(plan) || hasWrites(plan) || freeColumns(plan).size > 0) return undefined
  const pairs = keyPairs(plan, aggregate)
  if (pairs.length === 0) return undefined
  const rows = estimateRows(plan.left, statistics)
  if (rows > askedMax * groupsOf(aggregate.node.input, pairs, statistics)) return undefined
  return withKeys(plan, { rows, pairs, place: aggregate.place, input: aggregate.node.input }, make)
}

interface FoundAggregate {
  readonly node: Aggregate
  /** What columns above it stand for. */
  readonly renames: Substitution
  /** All of it over another input. */
  readonly place: (input: Logical) => Logical
}

/** Perhaps under filters and items, which a group that nobody asks for needs no more than itself. */
function aggregateUnder(plan: Logical): FoundAggregate | undefined {
  if (plan.kind === 'aggregate')
    return { node: plan, renames: new Map(), place: (input) => ({ ...plan, input }) }
  if (plan.kind !== 'filter' && plan.kind !== 'extend') return undefined
  const below = aggregateUnder(plan.input)
  if (!below) return undefined
  const place = (input: Logical): Logical => ({ ...plan, input: below.place(input) })
  if (plan.kind === 'filter') return { ...below, place }
  const renames = new Map(below.renames)
  for (const { column, expression } of plan.items) renames.set(column.id, substitute(expression, renames))
  return { ...below, place, renames }
}

/** An expression over the rows that ask, and the group that it has to be equal to, over what is aggregated. */
interface KeyPair {
  readonly asked: Expression
  readonly group: Expression
}

function keyPairs(plan: Join, { node, renames }: FoundAggregate): readonly KeyPair[] {
  const left = visibleIds(plan.left)
  const groups = new Map<ColumnId, Expression>(node.groups.map(({ column, expression }) => [column.id, expression]))
  return splitConjuncts(plan.condition).flatMap((conjunct) => {
    if (conjunct.kind !== 'call' || conjunct.kernel !== 'Equal') return []
    const [first, second] = conjunct.arguments
    return first && second ? [...pairOf(first, second), ...pairOf(second, first)] : []
  })

  function pairOf(asked: Expression, other: Expression): readonly KeyPair[] {
    const named = substitute(other, renames)
    const group = named.kind === 'column' ? groups.get(named.column.id) : undefined
    return group && readsOnly(asked, left) && readsAny(asked, left) ? [{ asked, group }] : []
  }
}

/** How many groups there are of keys whose values have been counted; 0 where nobody knows, or few are left anyway. */
function groupsOf(input: Logical, pairs: readonly KeyPair[], statistics: Statistics): number {
  const rows = estimateRows(input, statistics)
  const distinct = new DistinctCounts([input], statistics)
  const counts = pairs.flatMap(({ group }) => (group.kind === 'column' ? (distinct.of(group.column.id) ?? []) : []))
  if (counts.length === 0 || rows < rowsMin) return 0
  return Math.min(rows, counts.reduce((product, count) => product * count, 1))
}

interface Keys {
  readonly rows: number
  readonly pairs: readonly KeyPair[]
  /** What is aggregated, and everything above it that the join reads. */
  readonly input: Logical
  readonly place: (input: Logical) => Logical
}

function withKeys(plan: Join, { rows, pairs, input, place }: Keys, make: ColumnMaker): Logical {
  const part = { id: make.number(), name: 'asked' }
  const columns = visibleColumns(plan.left)
  const read = [...new Map(pairs.flatMap(({ asked }) => [...columnsRead(asked)])).values()]
  const copies = read.map((column) => make.copy(column))
  const by = new Map(read.map((column, i) => [column.id, columnRef(copies[i] ?? column)]))
  const keys: Logical = { kind: 'cte_scan', ...part, columns: copies, sources: read, rows }
  const own = pairs.map(({ asked, group }) => ({ asked: substitute(asked, by), group }))
  const right = place(isIndexed(input, pairs) ? lookedUp(input, keys, own, make) : kept(input, keys, own))
  const left: Logical = { kind: 'cte_scan', ...part, columns, sources: columns, rows }
  return { kind: 'with', ...part, definition: plan.left, columns, body: { ...plan, left, right } }
}

function kept(input: Logical, keys: Logical, pairs: readonly KeyPair[]): Logical {
  return join({ type: 'semi', left: input, right: keys, condition: equal(pairs) })
}

/** Each key once, so each row once. */
function lookedUp(input: Logical, keys: Logical, pairs: readonly KeyPair[], make: ColumnMaker): Logical {
  const groups = pairs.map(({ asked }) => ({ column: make.column('key', asked.type), expression: asked }))
  const distinct: Logical = { kind: 'aggregate', input: keys, groups, aggregates: [] }
  const condition = equal(pairs.map(({ group, asked }, i) => ({ group, asked: columnRef(groups[i]?.column ?? make.column('key', asked.type)) })))
  return join({ type: 'inner', left: distinct, right: input, condition })
}

function equal(pairs: readonly KeyPair[]): Expression | undefined {
  return and(pairs.map(({ asked, group }) => test('Equal', group, asked)))
}

function isIndexed(input: Logical, pairs: readonly KeyPair[]): boolean {
  if (input.kind === 'filter') return isIndexed(input.input, pairs)
  return input.kind === 'scan' && bestIndex(input, equalitiesOf(input, splitConjuncts(equal(pairs)))) !== undefined
}
