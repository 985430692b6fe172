// The rules in the order in which they run. Unnesting has happened already: logical/from-bound.ts
// makes joins of subqueries while it translates.
import type { Logical } from '../logical/plan.ts'
import { orderJoins } from './order-joins.ts'

export function optimise(plan: Logical): Logical {
  return orderJoins(plan)
}
