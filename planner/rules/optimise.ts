// The rules in the order in which they run. Unnesting has happened already: logical/from-bound.ts
// makes joins of subqueries while it translates.
import type { Column } from '#sql/bound'
import type { Logical } from '../logical/plan.ts'
import type { RowCounts } from './cardinality.ts'
import { dropUnreadItems } from './drop-unread-items.ts'
import { orderJoins } from './order-joins.ts'

/** `output`: the columns that the reader of the plan wants. `counts`: sizes of tables, where known. */
export function optimise(plan: Logical, output: readonly Column[], counts?: RowCounts): Logical {
  return dropUnreadItems(orderJoins(plan, counts), output)
}
