// A cluster of inner joins and filters is taken apart into leaves and conjuncts and joined again
// in the cheapest order where tables are large, else from the most selective leaf on, always by a leaf
// that an equality connects, so that a cross product is made only where the query has one. Conjuncts
// over one leaf go into it.
import type { ColumnId, Expression, ProjectItem } from '#sql/bound'
import { visibleColumns, visibleIds, mapInputs } from '../logical/columns.ts'
import {
  and,
  isConstant,
  isVolatile,
  readsAny,
  readsOnly,
  splitConjuncts,
  substitute,
} from '../logical/expression.ts'
import { dual, extend, filter, join, type Join, type Logical } from '../logical/plan.ts'
import type { Statistics } from './statistics.ts'
import { isConnectingEquality } from './connecting-equality.ts'
import { cheapestTree, type JoinTree } from './enumerate-joins.ts'
import { foldConstants } from './fold-constants.ts'
import { boundsOfMatches, withImpliedBounds } from './imply-bounds.ts'
import { EqualColumns, withImpliedEqualities } from './imply-equalities.ts'
import { joinDimensionsFirst, type JoinGraph } from './join-dimensions-first.ts'
import { cheapestOrder, isLargeEnough } from './order-by-cost.ts'
import { bestIndex, equalitiesOf } from './select-index.ts'
import { pushFilterDown } from './push-filter-down.ts'

/** Reorders every cluster of the plan; other nodes keep their place. */
export function orderJoins(plan: Logical, statistics?: Statistics): Logical {
  switch (plan.kind) {
    case 'filter':
    case 'extend':
      return orderCluster(plan, statistics)
    case 'join':
      return plan.type === 'inner' ? orderCluster(plan, statistics) : orderOuter(plan, statistics)
    default:
      return mapInputs(plan, (input) => orderJoins(input, statistics))
  }
}

interface Cluster {
  readonly leaves: Logical[]
  readonly conjuncts: Expression[]
  readonly items: ProjectItem[]
  readonly substitution: Map<ColumnId, Expression>
}

function orderCluster(plan: Logical, statistics: Statistics | undefined): Logical {
  const cluster: Cluster = { leaves: [], conjuncts: [], items: [], substitution: new Map() }
  gather(plan, cluster)
  const { leaves, conjuncts } = placeConjuncts({ ...cluster, conjuncts: withImpliedBounds(cluster.conjuncts) })
  const ordered = leaves.map((leaf) => orderLeaf(leaf, statistics))
  return extend(joinByCost({ leaves: ordered, conjuncts }, statistics) ?? joinLeaves(ordered, conjuncts), cluster.items)
}

/** undefined: sizes are unknown, or every table is small. */
function joinByCost(graph: JoinGraph, statistics: Statistics | undefined): Logical | undefined {
  if (!statistics || graph.leaves.some(goesFirst) || !isLargeEnough(graph.leaves, statistics)) return undefined
  const implied = withImpliedEqualities(graph.conjuncts)
  const tree = cheapestTree(graph.leaves, implied, statistics)
  if (tree !== undefined) return joinTree(tree, graph.leaves, implied)
  const { leaves, conjuncts } = joinDimensionsFirst(graph, statistics)
  return joinLeaves(leaves, conjuncts, cheapestOrder(leaves, conjuncts, statistics))
}

/** A leaf is whatever is no cluster itself, perhaps under a filter that was pushed to it. */
function orderLeaf(leaf: Logical, statistics: Statistics | undefined): Logical {
  if (leaf.kind === 'filter') return filter(orderLeaf(leaf.input, statistics), leaf.predicate)
  if (leaf.kind === 'extend') return { ...leaf, input: orderJoins(leaf.input, statistics) }
  return orderJoins(leaf, statistics)
}

function gather(plan: Logical, cluster: Cluster): void {
  switch (plan.kind) {
    case 'filter':
      gather(plan.input, cluster)
      return addConjuncts(plan.predicate, cluster)
    case 'extend':
      return gatherExtend(plan, cluster)
    case 'join':
      if (plan.type !== 'inner') break
      gather(plan.left, cluster)
      gather(plan.right, cluster)
      return addConjuncts(plan.condition, cluster)
    case 'dual':
      return
    default:
      break
  }
  cluster.leaves.push(plan)
}

function addConjuncts(predicate: Expression | undefined, cluster: Cluster): void {
  for (const conjunct of splitConjuncts(predicate)) {
    const folded = foldConstants(substitute(conjunct, cluster.substitution))
    cluster.conjuncts.push(...splitConjuncts(folded))
  }
}

/**
 * Items move above the joins, except volatile ones, which are computed once a row where they stand.
 */
function gatherExtend(plan: Extract<Logical, { kind: 'extend' }>, cluster: Cluster): void {
  if (plan.items.some(({ expression }) => isVolatile(expression))) {
    cluster.leaves.push(plan)
    return
  }
  gather(plan.input, cluster)
  for (const { column, expression } of plan.items) {
    const own = foldConstants(substitute(expression, cluster.substitution))
    cluster.items.push({ column, expression: own })
    cluster.substitution.set(column.id, own)
  }
}

/** Conjuncts that one leaf can answer go into it; those over several stay with the joins. */
function placeConjuncts(cluster: JoinGraph): { leaves: Logical[]; conjuncts: Expression[] } {
  const leaves = cluster.leaves.length === 0 ? [dual] : [...cluster.leaves]
  const ids = leaves.map(visibleIds)
  const conjuncts: Expression[] = []
  const own = leaves.map((): Expression[] => [])
  for (const conjunct of cluster.conjuncts) {
    const place = isVolatile(conjunct) ? -1 : ids.findIndex((columns) => readsOnly(conjunct, columns))
    const list = own[place] ?? conjuncts
    list.push(conjunct)
  }
  return { leaves: leaves.map((leaf, place) => pushFilterDown(leaf, own[place] ?? [])), conjuncts }
}

/** In the order given; without one, by rule. */
function joinLeaves(
  leaves: readonly Logical[],
  conjuncts: readonly Expression[],
  order?: readonly number[],
): Logical {
  const rest = order ? order.flatMap((i) => leaves.slice(i, i + 1)) : [...leaves]
  const open = new Set(conjuncts)
  const about = conjunctsByLeaf(leaves, conjuncts)
  const openAbout = (leaf: Logical): readonly Expression[] =>
    about.get(leaf)?.filter((conjunct) => open.has(conjunct)) ?? []
  let joined = take(rest, order ? 0 : firstLeaf(rest))
  while (rest.length > 0) {
    const next = take(rest, order ? 0 : nextLeaf(joined, rest, openAbout))
    const available = new Set(
      [...visibleColumns(joined), ...visibleColumns(next)].map(({ id }) => id),
    )
    const ready = [...open].filter((conjunct) => !isVolatile(conjunct) && readsOnly(conjunct, available))
    for (const conjunct of ready) open.delete(conjunct)
    joined = join({ type: 'inner', left: joined, right: next, condition: and(ready) })
  }
  return filter(joined, and([...open]))
}

/** The conjuncts that read something of a leaf: found once, or hundreds of leaves take minutes. */
function conjunctsByLeaf(
  leaves: readonly Logical[],
  conjuncts: readonly Expression[],
): ReadonlyMap<Logical, readonly Expression[]> {
  return new Map(
    leaves.map((leaf) => {
      const own = visibleIds(leaf)
      return [leaf, conjuncts.filter((conjunct) => readsAny(conjunct, own))]
    }),
  )
}

/** Every conjunct where all that it reads is joined, but none that follows from those below. */
function joinTree(tree: JoinTree, leaves: readonly Logical[], conjuncts: readonly Expression[]): Logical {
  const open = new Set(conjuncts)
  const known = new EqualColumns()
  const joined = joinOf(tree)
  return filter(joined, and([...open]))

  function joinOf(node: JoinTree): Logical {
    if (typeof node === 'number') return leaves[node] ?? dual
    const [left, right] = [joinOf(node.left), joinOf(node.right)]
    const available = new Set([...visibleIds(left), ...visibleIds(right)])
    const ready = [...open].filter((conjunct) => !isVolatile(conjunct) && readsOnly(conjunct, available))
    for (const conjunct of ready) open.delete(conjunct)
    return join({ type: 'inner', left, right, condition: and(ready.filter((conjunct) => known.add(conjunct))) })
  }
}

function take(leaves: Logical[], index: number): Logical {
  const [leaf] = leaves.splice(index, 1)
  if (!leaf) throw new TypeError('a cluster has a leaf to take')
  return leaf
}

/** Instances and rounds first, then single rows and constants, then what an index finds, then as written. */
function firstLeaf(leaves: readonly Logical[]): number {
  const costs = leaves.map(startCost)
  return costs.indexOf(Math.min(...costs))
}

function startCost(leaf: Logical): number {
  if (goesFirst(leaf)) return 0
  if (leaf.kind === 'dual' || isConstants(leaf)) return 1
  const bare = leaf.kind === 'filter' ? leaf.input : leaf
  if (bare.kind !== 'scan') return 3
  const equalities =
    leaf.kind === 'filter' ? equalitiesOf(bare, splitConjuncts(leaf.predicate)) : []
  const constants = equalities.filter(({ value }) => isConstant(value))
  return bestIndex(bare, constants) ? 2 : 3
}

/** Rows that probe: what is joined to those of a round lies in a hash table that all rounds share. */
function goesFirst(plan: Logical): boolean {
  if (plan.kind === 'instances' || plan.kind === 'round_scan') return true
  if (
    plan.kind === 'join' ||
    plan.kind === 'filter' ||
    plan.kind === 'extend' ||
    plan.kind === 'series'
  ) {
    return goesFirst(plan.kind === 'join' ? plan.left : plan.input)
  }
  return false
}

/** The cheapest leaf to join next: by index, by equality, by any condition, by none. */
function nextLeaf(
  joined: Logical,
  leaves: readonly Logical[],
  conjunctsAbout: (leaf: Logical) => readonly Expression[],
): number {
  const known = visibleIds(joined)
  const costs = leaves.map((leaf) => joinCost(known, leaf, conjunctsAbout(leaf)))
  return costs.indexOf(Math.min(...costs))
}

function joinCost(
  known: ReadonlySet<ColumnId>,
  leaf: Logical,
  conjuncts: readonly Expression[],
): number {
  const own = visibleIds(leaf)
  const both = { has: (id: ColumnId) => known.has(id) || own.has(id) }
  const usable = conjuncts.filter((conjunct) => readsOnly(conjunct, both))
  const bare = leaf.kind === 'filter' ? leaf.input : leaf
  if (bare.kind === 'scan') {
    const filters = leaf.kind === 'filter' ? splitConjuncts(leaf.predicate) : []
    const index = bestIndex(bare, equalitiesOf(bare, [...usable, ...filters]))
    if (index) return index.unique ? 0 : 1
  }
  if (usable.some((conjunct) => isConnectingEquality(conjunct, known, own))) return 2
  return usable.length > 0 ? 3 : isSmall(leaf) ? 4 : 5
}

function isConstants(leaf: Logical): boolean {
  return leaf.kind === 'constants' || (leaf.kind === 'aggregate' && leaf.input.kind === 'constants')
}

function isSmall(leaf: Logical): boolean {
  return isConstants(leaf) || (leaf.kind === 'aggregate' && leaf.groups.length === 0)
}

/** Conditions over the right side alone become its filter, where the join type allows it. */
function orderOuter(plan: Join, statistics: Statistics | undefined): Logical {
  const left = plan.left
  const conjuncts = splitConjuncts(plan.condition && foldConstants(plan.condition))
  if (plan.type === 'full') {
    return {
      ...plan,
      left: orderJoins(left, statistics),
      right: orderJoins(plan.right, statistics),
      condition: and(conjuncts),
    }
  }
  const own = visibleIds(plan.right)
  const isPushed = (conjunct: Expression): boolean =>
    !isVolatile(conjunct) && readsOnly(conjunct, own) && readsAny(conjunct, own)
  const right = pushFilterDown(plan.right, [...conjuncts.filter(isPushed), ...boundsOfMatches(plan)])
  const condition = and(conjuncts.filter((conjunct) => !isPushed(conjunct)))
  return { ...plan, left: orderJoins(left, statistics), right: orderJoins(right, statistics), condition }
}
