// Conditions that compare a column of numbers, dates or times with a constant: what a scan may pass
// over blocks for, and what tells how many rows it finds.
import { physicalTypeOf, type DataType } from '#base/data-type'
import type { Column, Expression } from '#sql/bound'
import { scaleOf } from '#sql/functions/types'
import type { RangeEnd } from '../program.ts'

export interface ColumnBound {
  readonly column: Column
  readonly end: RangeEnd
  /** A literal or parameter that lies in memory as the column's values do. */
  readonly value: Expression
}

/** The ends that a comparison gives its left side. */
const ends: Readonly<Partial<Record<string, RangeEnd>>> = { Less: 'AtMost', LessEqual: 'AtMost', Greater: 'AtLeast', GreaterEqual: 'AtLeast', Equal: 'Both' }
const turned: Readonly<Record<RangeEnd, RangeEnd>> = { AtLeast: 'AtMost', AtMost: 'AtLeast', Both: 'Both' }
const ranked = new Set<string>(['Int16', 'Int32', 'Int64', 'Decimal'])

/** Bounds belong to what they bound: `<` is taken for `<=`. */
export function boundOf(conjunct: Expression): ColumnBound | undefined {
  if (conjunct.kind !== 'call' || conjunct.immediates.length > 0) return undefined
  const end = ends[conjunct.kernel]
  const [first, second] = conjunct.arguments
  if (!end || !first || !second) return undefined
  return sided(first, end, second) ?? sided(second, turned[end], first)
}

function sided(side: Expression, end: RangeEnd, value: Expression): ColumnBound | undefined {
  if (side.kind !== 'column' || (value.kind !== 'literal' && value.kind !== 'parameter')) return undefined
  return isKeptAlike(side.type, value.type) ? { column: side.column, end, value } : undefined
}

function isKeptAlike(a: DataType, b: DataType): boolean {
  return ranked.has(physicalTypeOf(a)) && physicalTypeOf(a) === physicalTypeOf(b) && scaleOf(a) === scaleOf(b)
}
