// A semi join that asks for one table of a join alone, and keeps few of its rows, is done on that table
// before the others are joined: `where order_id in (select …)` over orders and their items.
import type { ColumnId, Expression } from '#sql/bound'
import { mapInputs, visibleIds } from '../logical/columns.ts'
import { columnsRead, splitConjuncts } from '../logical/expression.ts'
import type { Join, Logical } from '../logical/plan.ts'
import { keptBySemiJoin } from './cardinality.ts'
import type { Statistics } from './statistics.ts'

/** It has to keep less than this part of the table: else fewer rows are tested after the join. */
const keptMax = 0.25

export function pushSemiJoins(plan: Logical, statistics: Statistics | undefined): Logical {
  if (!statistics) return plan
  const inner = mapInputs(plan, (input) => pushSemiJoins(input, statistics))
  return inner.kind === 'join' && inner.type === 'semi' ? pushed(inner, statistics) : inner
}

function pushed(semi: Join, statistics: Statistics): Logical {
  const own = visibleIds(semi.left)
  const conjuncts = splitConjuncts(semi.condition)
  if (conjuncts.length === 0 || !conjuncts.every(isColumnEquality)) return semi
  const keys = new Set(conjuncts.flatMap((each) => [...columnsRead(each).keys()]).filter((id) => own.has(id)))
  if (keys.size === 0) return semi
  return into(semi.left, keys, (table) => {
    const here = { ...semi, left: table }
    const kept = keptBySemiJoin(here, statistics)
    return kept !== undefined && kept < keptMax ? here : undefined
  }) ?? semi
}

/** The plan with `make(table)` in the place of the joined table that has the keys; undefined: there is none, or it makes none. */
function into(plan: Logical, keys: ReadonlySet<ColumnId>, make: (table: Logical) => Logical | undefined, isJoined = false): Logical | undefined {
  if (plan.kind === 'filter') {
    const input = into(plan.input, keys, make, isJoined)
    return input && { ...plan, input }
  }
  if (plan.kind !== 'join' || (plan.type !== 'inner' && plan.type !== 'semi')) return isJoined ? make(plan) : undefined
  const isJoin = isJoined || plan.type === 'inner'
  for (const side of plan.type === 'inner' ? (['left', 'right'] as const) : (['left'] as const)) {
    if (!hasAll(visibleIds(plan[side]), keys)) continue
    const changed = into(plan[side], keys, make, isJoin)
    return changed && { ...plan, [side]: changed }
  }
  return undefined
}

function hasAll(ids: ReadonlySet<ColumnId>, wanted: ReadonlySet<ColumnId>): boolean {
  return [...wanted].every((id) => ids.has(id))
}

/** Nothing that could fail on a row that the join would have left out. */
function isColumnEquality(expression: Expression): boolean {
  return expression.kind === 'call' && expression.kernel === 'Equal' && expression.arguments.every(({ kind }) => kind === 'column')
}
