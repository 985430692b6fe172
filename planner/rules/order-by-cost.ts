// The order in which a cluster of large tables is joined, by cost: from every leaf as the first,
// always the leaf next that makes the join cheapest. The first leaf is scanned and probes; the others
// are looked up in an index or built into a hash table, so the largest is usually best as the first.
import type { ColumnId, Expression } from '#sql/bound'
import { visibleIds } from '../logical/columns.ts'
import { readsAny, readsOnly, splitConjuncts } from '../logical/expression.ts'
import type { Logical } from '../logical/plan.ts'
import { baseRows, estimateRows, type RowCounts } from './cardinality.ts'
import { isConnectingEquality } from './connecting-equality.ts'
import { bestIndex, equalitiesOf } from './select-index.ts'

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

interface Joined {
  readonly order: readonly number[]
  readonly ids: ReadonlySet<ColumnId>
  readonly rows: number
  readonly cost: number
}

/** Positions of the leaves in the order to join them; undefined where the rule should decide. */
export function cheapestOrder(
  plans: readonly Logical[],
  conjuncts: readonly Expression[],
  counts: RowCounts,
): readonly number[] | undefined {
  if (plans.length < 2 || plans.length > leavesMax) return undefined
  const leaves = plans.map((plan) => leafOf(plan, counts))
  if (leaves.every(({ base }) => base < largeRowsMin)) return undefined
  const orders = leaves.map((_, first) => orderFrom(first, leaves, conjuncts))
  return orders.reduce((best, order) => (order.cost < best.cost ? order : best)).order
}

function leafOf(plan: Logical, counts: RowCounts): Leaf {
  return { plan, ids: visibleIds(plan), base: baseRows(plan, counts), rows: Math.max(1, estimateRows(plan, counts)) }
}

function orderFrom(first: number, leaves: readonly Leaf[], conjuncts: readonly Expression[]): Joined {
  let joined = startWith(first, leaves)
  while (joined.order.length < leaves.length) {
    const candidates = leaves.flatMap((leaf, i) =>
      joined.order.includes(i) ? [] : [joinWith(joined, i, leaf, leaves, conjuncts)],
    )
    joined = candidates.reduce((best, next) => (next.cost + next.rows < best.cost + best.rows ? next : best))
  }
  return joined
}

function startWith(first: number, leaves: readonly Leaf[]): Joined {
  const leaf = leaves[first]
  if (!leaf) throw new TypeError('a cluster has a first leaf')
  const isFound = indexOf(leaf.plan, []) !== undefined
  return { order: [first], ids: leaf.ids, rows: leaf.rows, cost: (isFound ? leaf.rows : leaf.base) * cost.scan }
}

function joinWith(joined: Joined, number: number, leaf: Leaf, leaves: readonly Leaf[], conjuncts: readonly Expression[]): Joined {
  const ids = new Set([...joined.ids, ...leaf.ids])
  const usable = conjuncts.filter((each) => readsOnly(each, ids) && readsAny(each, leaf.ids) && readsAny(each, joined.ids))
  const equality = usable.find((each) => isConnectingEquality(each, joined.ids, leaf.ids))
  const rows = equality === undefined
    ? joined.rows * leaf.rows
    : (joined.rows * leaf.rows) / Math.max(1, Math.min(leaf.base, connectedBase(equality, joined, leaves)))
  const step = equality === undefined
    ? leaf.base * cost.scan + joined.rows * leaf.rows * cost.loop
    : Math.min(hashCost(joined, leaf), indexOf(leaf.plan, usable) === undefined ? Infinity : lookUpCost(joined, rows))
  return { order: [...joined.order, number], ids, rows: Math.max(1, rows), cost: joined.cost + step }
}

function hashCost(joined: Joined, leaf: Leaf): number {
  const probe = leaf.rows <= cachedRowsMax ? cost.probeInCache : cost.probe
  return leaf.base * cost.scan + leaf.rows * cost.build + joined.rows * probe
}

function lookUpCost(joined: Joined, rows: number): number {
  return (joined.rows + rows) * cost.lookUp
}

/** Is a look-up in an index cheaper than a hash table built from the right side? */
export function prefersLookUp(left: Logical, right: Logical, counts: RowCounts): boolean {
  const joined = { order: [], ids: new Set<ColumnId>(), rows: estimateRows(left, counts), cost: 0 }
  const leaf = leafOf(right, counts)
  return joined.rows < largeRowsMin || lookUpCost(joined, joined.rows) <= hashCost(joined, leaf)
}

/** The size of the table that the equality's other side belongs to. */
function connectedBase(equality: Expression, joined: Joined, leaves: readonly Leaf[]): number {
  const bases = joined.order.flatMap((i) => {
    const leaf = leaves[i]
    return leaf && readsAny(equality, leaf.ids) ? [leaf.base] : []
  })
  return Math.max(1, ...bases)
}

function indexOf(plan: Logical, conjuncts: readonly Expression[]): unknown {
  const bare = plan.kind === 'filter' ? plan.input : plan
  if (bare.kind !== 'scan') return undefined
  const filters = plan.kind === 'filter' ? splitConjuncts(plan.predicate) : []
  return bestIndex(bare, equalitiesOf(bare, [...conjuncts, ...filters]))
}
