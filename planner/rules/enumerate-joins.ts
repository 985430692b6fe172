// The cheapest tree of joins over up to twelve tables: for every connected set of them, the best of all ways to
// join two smaller ones (dynamic programming). Either side may be a join itself: what a large table probes
// is then small. Costs are those of order-by-cost.ts.
import type { Expression } from '#sql/bound'
import { visibleIds } from '../logical/columns.ts'
import { readsAny } from '../logical/expression.ts'
import type { Logical } from '../logical/plan.ts'
import { baseRows, estimateRows } from './cardinality.ts'
import { isConnectingEquality } from './connecting-equality.ts'
import { EqualColumns } from './imply-equalities.ts'
import { hashCost, isFoundByIndex, isIndexedBy, lookUpCost } from './order-by-cost.ts'
import { DistinctCounts, type Statistics } from './statistics.ts'

/** The search is exponential: this many are 531,000 pairs of sets. */
const leavesMax = 12

/** A leaf by its position, or the left side, which probes, and the right side, which is built or looked up. */
export type JoinTree = number | { readonly left: JoinTree; readonly right: JoinTree }

interface Leaf {
  readonly plan: Logical
  readonly base: number
  readonly rows: number
}

/** Equalities between two leaves: how many values each has, and what is equal to it. */
interface Edge {
  readonly a: number
  readonly b: number
  readonly conjuncts: readonly Expression[]
  readonly keys: readonly { readonly values: number; readonly of: number }[]
  readonly smaller: number
}

/** Of a set of leaves: `left` and `right` are the sets that it is joined of, both 0 for one leaf. */
interface Best {
  readonly left: number
  readonly right: number
  readonly cost: number
}

/** undefined: too many leaves, or some that no equality connects with the others. */
export function cheapestTree(plans: readonly Logical[], conjuncts: readonly Expression[], statistics: Statistics): JoinTree | undefined {
  if (plans.length > leavesMax) return undefined
  const leaves = plans.map((plan) => ({ plan, base: baseRows(plan, statistics), rows: Math.max(1, estimateRows(plan, statistics)) }))
  const edges = edgesOf(leaves, conjuncts, new DistinctCounts(plans, statistics))
  return new Search(leaves, edges).best()
}

function edgesOf(leaves: readonly Leaf[], conjuncts: readonly Expression[], distinct: DistinctCounts): readonly Edge[] {
  const ids = leaves.map(({ plan }) => visibleIds(plan))
  const equal = new EqualColumns()
  for (const conjunct of conjuncts) equal.add(conjunct)
  const classOf = (conjunct: Expression, i: number): number => {
    const first = conjunct.kind === 'call' ? conjunct.arguments[0] : undefined
    return first?.kind === 'column' && !isCast(conjunct) ? equal.classOf(first.column.id) : -1 - i
  }
  const pairs = leaves.flatMap((_, a) => leaves.slice(0, a).map((_, b) => [a, b] as const))
  const edges = pairs.flatMap(([a, b]): Edge[] => {
    const [left, right] = [ids[a] ?? new Set<number>(), ids[b] ?? new Set<number>()]
    const between = conjuncts.flatMap((conjunct, i) => (isConnectingEquality(conjunct, left, right) && readsAny(conjunct, left) && readsAny(conjunct, right) ? [{ conjunct, of: classOf(conjunct, i) }] : []))
    const smaller = Math.max(1, Math.min(leaves[a]?.base ?? 1, leaves[b]?.base ?? 1))
    const keys = between.map(({ conjunct, of }) => ({ values: distinct.ofEquality(conjunct) ?? smaller, of }))
    return keys.length === 0 ? [] : [{ a, b, conjuncts: between.map(({ conjunct }) => conjunct), keys, smaller }]
  })
  const selectivity = ({ keys }: Edge): number => Math.max(...keys.map(({ values }) => values))
  return edges.sort((one, other) => selectivity(other) - selectivity(one))
}

function isCast(conjunct: Expression): boolean {
  return conjunct.kind === 'call' && conjunct.arguments.some(({ kind }) => kind !== 'column')
}

/** Sets of leaves are bits of a number. */
class Search {
  readonly #leaves: readonly Leaf[]
  readonly #edges: readonly Edge[]
  readonly #best: (Best | undefined)[]
  /** Estimated once a set; 0: not yet. */
  readonly #rows: Float64Array
  /** Of each set the leaves that an equality connects with one of it. */
  readonly #reach = [0]

  constructor(leaves: readonly Leaf[], edges: readonly Edge[]) {
    this.#leaves = leaves
    this.#edges = edges
    this.#best = new Array<Best | undefined>(1 << leaves.length).fill(undefined)
    this.#rows = new Float64Array(1 << leaves.length)
  }

  best(): JoinTree | undefined {
    this.#leaves.forEach((leaf, i) => { this.#best[1 << i] = { left: 0, right: 0, cost: isFoundByIndex(leaf.plan) ? leaf.rows : leaf.base } })
    const all = (1 << this.#leaves.length) - 1
    for (let set = 1; set <= all; set++) {
      const lowest = set & -set
      this.#reach.push(set === lowest ? this.#neighbours(lowest) : (this.#reach[set ^ lowest] ?? 0) | (this.#reach[lowest] ?? 0))
      if (set !== lowest) this.#searchSet(set)
    }
    return this.#best[all] && this.#treeOf(all)
  }

  #treeOf(set: number): JoinTree {
    const { left, right } = this.#best[set] ?? { left: 0, right: 0 }
    return left === 0 ? Math.log2(set) : { left: this.#treeOf(left), right: this.#treeOf(right) }
  }

  #searchSet(set: number): void {
    let [best, cost] = [0, Infinity]
    for (let left = (set - 1) & set; left > 0; left = (left - 1) & set) {
      const joined = this.#costOf(left, set ^ left)
      if (joined < cost) [best, cost] = [left, joined]
    }
    if (best !== 0) this.#best[set] = { left: best, right: set ^ best, cost: cost + this.#rowsOf(set) }
  }

  /** Of joining two sets; Infinity when nothing connects them. */
  #costOf(left: number, right: number): number {
    if (((this.#reach[left] ?? 0) & right) === 0) return Infinity
    const [probe, build] = [this.#best[left], this.#best[right]]
    if (!probe || !build) return Infinity
    const rows = this.#rowsOf(left)
    const hashed = build.cost + hashCost(rows, this.#rowsOf(right))
    const isIndexed = build.left === 0 && this.#isLookedUp(left, Math.log2(right))
    return probe.cost + (isIndexed ? Math.min(hashed, lookUpCost(rows, this.#rowsOf(left | right))) : hashed)
  }

  #neighbours(leaf: number): number {
    return this.#edges.reduce((set, { a, b }) => (1 << a === leaf ? set | (1 << b) : 1 << b === leaf ? set | (1 << a) : set), 0)
  }

  #isLookedUp(left: number, leaf: number): boolean {
    const plan = this.#leaves[leaf]?.plan
    const usable = this.#edges.filter(({ a, b }) => isBetween(left, 1 << leaf, a, b)).flatMap(({ conjuncts }) => conjuncts)
    return plan !== undefined && isIndexedBy(plan, usable)
  }

  /** Rows of all together by the values of what they are equal in, each equality counted once. */
  #rowsOf(set: number): number {
    const known = this.#rows[set] ?? 0
    if (known !== 0) return known
    let rows = this.#leaves.reduce((product, leaf, i) => ((set >> i) & 1 ? product * leaf.rows : product), 1)
    const groups = new Map<number, Map<number, number>>()
    for (const { a, b, keys, smaller } of this.#edges) {
      if (!((set >> a) & 1) || !((set >> b) & 1)) continue
      const own = keys.filter(({ of }) => connects(groups, of, a, b))
      const values = own.reduce((product, key) => product * key.values, 1)
      rows /= own.length > 1 ? Math.min(values, smaller) : values
    }
    rows = Math.max(1, rows)
    this.#rows[set] = rows
    return rows
  }
}

function isBetween(left: number, right: number, a: number, b: number): boolean {
  return (((left >> a) & 1) === 1 && ((right >> b) & 1) === 1) || (((left >> b) & 1) === 1 && ((right >> a) & 1) === 1)
}

/** Are two leaves not known to be equal yet in the columns of one class? From now on they are. */
function connects(groups: Map<number, Map<number, number>>, of: number, a: number, b: number): boolean {
  const group = groups.get(of) ?? new Map<number, number>()
  groups.set(of, group)
  const [first, second] = [group.get(a) ?? a, group.get(b) ?? b]
  if (first === second) return false
  const members = new Set([a, b, ...group.keys()])
  for (const member of members) {
    const own = group.get(member) ?? member
    if (own === first || own === second) group.set(member, first)
  }
  return true
}
