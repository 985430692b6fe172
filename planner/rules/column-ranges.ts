// The ranges that a predicate keeps of tables' columns, and how many rows lie in them: both ends of one
// column together, since `a >= 1 and a < 3` is one range and no two independent conditions.
import type { ColumnId, Expression } from '#sql/bound'
import { constantOf } from '../physical/constants.ts'
import { boundOf, type ColumnBound } from './column-bounds.ts'
import type { DistinctCounts } from './statistics.ts'

interface Range {
  low: bigint
  high: bigint
  readonly conjuncts: Expression[]
}

// Zones know numbers of 64 bits.
const lowest = -(2n ** 63n)
const highest = 2n ** 63n - 1n

/** Returns: the part of the rows in all ranges that are known, and the conjuncts that those stand for. */
export function rangesOf(conjuncts: readonly Expression[], distinct: DistinctCounts): { readonly share: number; readonly conjuncts: ReadonlySet<Expression> } {
  const ranges = new Map<ColumnId, Range>()
  for (const conjunct of conjuncts) {
    const bound = boundOf(conjunct)
    if (bound && bound.end !== 'Both') narrow(ranges, bound, conjunct)
  }
  const known = [...ranges].flatMap(([column, range]) => {
    const share = distinct.share(column, range.low, range.high)
    return share === undefined ? [] : [{ share, conjuncts: range.conjuncts }]
  })
  return {
    share: known.reduce((part, { share }) => part * share, 1),
    conjuncts: new Set(known.flatMap((each) => each.conjuncts)),
  }
}

/** Parameters have no value yet. */
function narrow(ranges: Map<ColumnId, Range>, { column, end, value }: ColumnBound, conjunct: Expression): void {
  const number = value.kind === 'literal' ? numberOf(value) : undefined
  if (number === undefined) return
  const range = ranges.get(column.id) ?? { low: lowest, high: highest, conjuncts: [] }
  ranges.set(column.id, range)
  if (end === 'AtLeast') range.low = number > range.low ? number : range.low
  else range.high = number < range.high ? number : range.high
  range.conjuncts.push(conjunct)
}

function numberOf(literal: Extract<Expression, { kind: 'literal' }>): bigint | undefined {
  const { value } = constantOf(literal.value, literal.type)
  if (typeof value !== 'bigint' && typeof value !== 'number') return undefined
  const number = BigInt(value)
  return number < lowest ? lowest : number > highest ? highest : number
}
