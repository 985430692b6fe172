// Does a condition equate something of one side with something of the other?
import type { ColumnId, Expression } from '#sql/bound'
import { readsOnly } from '../logical/expression.ts'

export function isConnectingEquality(
  conjunct: Expression,
  left: ReadonlySet<ColumnId>,
  right: ReadonlySet<ColumnId>,
): boolean {
  if (conjunct.kind !== 'call' || !['Equal', 'IsNotDistinct'].includes(conjunct.kernel))
    return false
  const [first, second] = conjunct.arguments
  if (!first || !second) return false
  const splits = (a: Expression, b: Expression): boolean =>
    readsOnly(a, left) && readsOnly(b, right)
  return splits(first, second) || splits(second, first)
}
