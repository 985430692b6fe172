// The rules in the order in which they run. Unnesting has happened already: logical/from-bound.ts
// makes joins of subqueries while it translates.
import type { Column } from '#sql/bound'
import type { Logical } from '../logical/plan.ts'
import { dropUnreadItems } from './drop-unread-items.ts'
import { orderJoins } from './order-joins.ts'

/** `output`: the columns that the reader of the plan wants. */
export function optimise(plan: Logical, output: readonly Column[]): Logical {
  return dropUnreadItems(orderJoins(plan), output)
}
