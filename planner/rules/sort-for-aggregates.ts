// γ[f(x order by k)](A)  →  γ[f(x)](sort[k](A)): aggregates take their values in input order.
import type { SortKey } from '#sql/bound'
import type { Logical, LogicalAggregate } from '../logical/plan.ts'
import { notSupported } from '../refuse.ts'

/** The input in the order that the calls ask for. Errors: 0A000 when they ask for several. */
export function sortForAggregates(
  input: Logical,
  aggregates: readonly LogicalAggregate[],
): Logical {
  const ordered = aggregates.filter(({ order }) => order.length > 0)
  const [first, ...rest] = ordered
  if (!first) return input
  const other = rest.find(({ order }) => describe(order) !== describe(first.order))
  if (other) throw notSupported('aggregates with different orders in one select', other.span)
  return { kind: 'sort', input, keys: first.order }
}

/** Equal text for equal orders; spans and names differ between equal expressions. */
function describe(keys: readonly SortKey[]): string {
  return JSON.stringify(keys, (name, value: unknown) => {
    if (name === 'span' || name === 'label') return undefined
    return typeof value === 'bigint' ? String(value) : value
  })
}
