// The order in which a cluster of large tables is joined, by cost: from every leaf as the first,
// always the leaf next that makes the join cheapest. The first leaf is scanned and probes; the others
// are looked up in an index or built into a hash table, so the largest is usually best as the first.
import type { ColumnId, Expression } from '#sql/bound'
import { visibleIds } from '../logical/columns.ts'
import { readsAny, readsOnly, splitConjuncts } from '../logical/expression.ts'
import type { Logical } from '../logical/plan.ts'
import { baseRows, estimateRows } from './cardinality.ts'
import { isConnectingEquality } from './connecting-equality.ts'
import { bestIndex, equalitiesOf } from './select-index.ts'
import { DistinctCounts, type Statistics } from './statistics.ts'

/** Clusters of smaller tables are joined by rule: any order is quick, and indexes decide. */
const largeRowsMin = 10_000
/** Past this the search, cubic in the leaves, is left to the rule. */
const leavesMax = 24

/** What a row costs, in rows scanned. */
const cost = { scan: 1, build: 4, probe: 2, probeInCache: 1, lookUp: 6, loop: 0.5 }
/** Hash tables up to here stay in a core's cache. */
const cachedRowsMax = 50_000

interface Leaf {
  readonly plan: Logical
  readonly ids: ReadonlySet<ColumnId>
  /** Rows to read, and rows that pass its filters. */
  readonly base: number
  readonly rows: number
}

interface Cluster {
  readonly leaves: readonly Leaf[]
  readonly conjuncts: readonly Expression[]
  readonly distinct: DistinctCounts
}

interface Joined {
  readonly order: readonly number[]
  readonly ids: ReadonlySet<ColumnId>
  readonly rows: number
  readonly cost: number
}

/** Should cost decide, and not the rule? */
export function isLargeEnough(plans: readonly Logical[], statistics: Statistics): boolean {
  return plans.length >= 2 && plans.length <= leavesMax && plans.some((plan) => baseRows(plan, statistics) >= largeRowsMin)
}

/** Positions of the leaves in the order to join them. */
export function cheapestOrder(
  plans: readonly Logical[],
  conjuncts: readonly Expression[],
  statistics: Statistics,
): readonly number[] {
  const leaves = plans.map((plan) => leafOf(plan, statistics))
  const cluster = { leaves, conjuncts, distinct: new DistinctCounts(plans, statistics) }
  const orders = leaves.map((_, first) => orderFrom(first, cluster))
  return orders.reduce((best, order) => (order.cost < best.cost ? order : best)).order
}

function leafOf(plan: Logical, statistics: Statistics): Leaf {
  return { plan, ids: visibleIds(plan), base: baseRows(plan, statistics), rows: Math.max(1, estimateRows(plan, statistics)) }
}

function orderFrom(first: number, cluster: Cluster): Joined {
  const { leaves } = cluster
  let joined = startWith(first, leaves)
  while (joined.order.length < leaves.length) {
    const candidates = nextLeaves(joined, cluster).map((i) => joinWith(joined, i, cluster))
    joined = candidates.reduce((best, next) => (next.cost + next.rows < best.cost + best.rows ? next : best))
  }
  return joined
}

/** Those that an equality connects; all that are left where none is. */
function nextLeaves(joined: Joined, { leaves, conjuncts }: Cluster): readonly number[] {
  const left = leaves.flatMap((_, i) => (joined.order.includes(i) ? [] : [i]))
  const connected = left.filter((i) => conjuncts.some((each) => isConnectingEquality(each, joined.ids, leaves[i]?.ids ?? new Set())))
  return connected.length > 0 ? connected : left
}

function startWith(first: number, leaves: readonly Leaf[]): Joined {
  const leaf = leaves[first]
  if (!leaf) throw new TypeError('a cluster has a first leaf')
  return { order: [first], ids: leaf.ids, rows: leaf.rows, cost: (isFoundByIndex(leaf.plan) ? leaf.rows : leaf.base) * cost.scan }
}

function joinWith(joined: Joined, number: number, cluster: Cluster): Joined {
  const leaf = cluster.leaves[number]
  if (!leaf) throw new TypeError('a leaf of the cluster is joined')
  const ids = new Set([...joined.ids, ...leaf.ids])
  const usable = cluster.conjuncts.filter((each) => readsOnly(each, ids) && readsAny(each, leaf.ids) && readsAny(each, joined.ids))
  const equalities = usable.filter((each) => isConnectingEquality(each, joined.ids, leaf.ids))
  const rows = (joined.rows * leaf.rows) / matchesIn(equalities, joined, leaf, cluster)
  const step = equalities.length === 0
    ? leaf.base * cost.scan + joined.rows * leaf.rows * cost.loop
    : Math.min(leaf.base * cost.scan + hashCost(joined.rows, leaf.rows), isIndexedBy(leaf.plan, usable) ? lookUpCost(joined.rows, rows) : Infinity)
  return { order: [...joined.order, number], ids, rows: Math.max(1, rows), cost: joined.cost + step }
}

/**
 * Of so many pairs of rows one matches. Two columns of the same two tables are often one key: together
 * they tell no more rows apart than the smaller table has.
 */
function matchesIn(equalities: readonly Expression[], joined: Joined, leaf: Leaf, { leaves, distinct }: Cluster): number {
  return joined.order.reduce((matches, i) => {
    const other = leaves[i]
    const between = other ? equalities.filter((each) => readsAny(each, other.ids)) : []
    if (!other || between.length === 0) return matches
    const smaller = Math.max(1, Math.min(leaf.base, other.base))
    const values = between.reduce((product, each) => product * (distinct.ofEquality(each) ?? smaller), 1)
    return matches * (between.length === 1 ? values : Math.min(values, smaller))
  }, 1)
}

/** Building a hash table of rows that are there, and probing it. */
export function hashCost(probing: number, built: number): number {
  const probe = built <= cachedRowsMax ? cost.probeInCache : cost.probe
  return built * cost.build + probing * probe
}

export function lookUpCost(probing: number, found: number): number {
  return (probing + found) * cost.lookUp
}

/** Is a look-up in an index cheaper than a hash table built from the right side? */
export function prefersLookUp(left: Logical, right: Logical, statistics: Statistics): boolean {
  const rows = estimateRows(left, statistics)
  const leaf = leafOf(right, statistics)
  return rows < largeRowsMin || lookUpCost(rows, rows) <= leaf.base * cost.scan + hashCost(rows, leaf.rows)
}

/** Do its own filters name a key? */
export function isFoundByIndex(plan: Logical): boolean {
  return indexOf(plan, []) !== undefined
}

/** Do conditions on it, and its own filters, name a key? */
export function isIndexedBy(plan: Logical, conjuncts: readonly Expression[]): boolean {
  return indexOf(plan, conjuncts) !== undefined
}

function indexOf(plan: Logical, conjuncts: readonly Expression[]): unknown {
  const bare = plan.kind === 'filter' ? plan.input : plan
  if (bare.kind !== 'scan') return undefined
  const filters = plan.kind === 'filter' ? splitConjuncts(plan.predicate) : []
  return bestIndex(bare, equalitiesOf(bare, [...conjuncts, ...filters]))
}
