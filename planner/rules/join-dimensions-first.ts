// A filtered table that hangs on one other table alone (region on nation, nation on supplier) is joined with
// that one first: then the large table probes one small result instead of one table after the other.
import type { ColumnId, Expression } from '#sql/bound'
import { visibleIds } from '../logical/columns.ts'
import { and, isVolatile, readsOnly } from '../logical/expression.ts'
import { join, type Logical } from '../logical/plan.ts'
import { baseRows, estimateRows } from './cardinality.ts'
import { isConnectingEquality } from './connecting-equality.ts'
import { isFoundByIndex } from './order-by-cost.ts'
import type { Statistics } from './statistics.ts'

export interface JoinGraph {
  readonly leaves: readonly Logical[]
  readonly conjuncts: readonly Expression[]
}

interface Table {
  readonly plan: Logical
  readonly ids: ReadonlySet<ColumnId>
  /** Before and after its filters. */
  readonly base: number
  readonly rows: number
}

/** Fewer leaves, some of them joins, and the conjuncts that are left. Where an index finds a first row, nothing is joined. */
export function joinDimensionsFirst(graph: JoinGraph, statistics: Statistics): JoinGraph {
  if (graph.leaves.length < 3 || graph.leaves.some((leaf) => isFoundByIndex(leaf))) return graph
  let tables = graph.leaves.map((plan) => tableOf(plan, statistics))
  let conjuncts = graph.conjuncts
  const largest = Math.max(...tables.map(({ base }) => base))
  for (;;) {
    const found = hangingPair(tables, conjuncts, largest, statistics)
    if (!found) return { leaves: tables.map(({ plan }) => plan), conjuncts }
    tables = tables.flatMap((table) => (table === found.dimension ? [] : table === found.table ? [found.joined] : [table]))
    conjuncts = conjuncts.filter((each) => !found.used.includes(each))
  }
}

function tableOf(plan: Logical, statistics: Statistics): Table {
  return { plan, ids: visibleIds(plan), base: baseRows(plan, statistics), rows: estimateRows(plan, statistics) }
}

interface Pair {
  readonly table: Table
  readonly dimension: Table
  readonly joined: Table
  readonly used: readonly Expression[]
}

function hangingPair(tables: readonly Table[], conjuncts: readonly Expression[], largest: number, statistics: Statistics): Pair | undefined {
  for (const dimension of tables) {
    const [table, ...others] = tables.filter((each) => each !== dimension && conjuncts.some((one) => isConnectingEquality(one, each.ids, dimension.ids)))
    if (!table || others.length > 0 || table.base >= largest || table.rows < dimension.rows) continue
    const ids = new Set([...table.ids, ...dimension.ids])
    const used = conjuncts.filter((each) => !isVolatile(each) && readsOnly(each, ids))
    const plan = join({ type: 'inner', left: table.plan, right: dimension.plan, condition: and(used) })
    const joined = tableOf(plan, statistics)
    if (joined.rows <= table.rows / 2) return { table, dimension, joined, used }
  }
  return undefined
}
