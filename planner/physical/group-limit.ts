// σ[row_number <= k](window): rows that come after k others of their partition need not be sorted.
// What a sort drops for it as rows come, the filter would drop in the end.
import { physicalTypeOf, type PhysicalType } from '#base/data-type'
import type { Expression } from '#sql/bound'
import type { Window } from '../logical/plan.ts'
import type { GroupLimit } from '../program.ts'

/** Limits of native-kernels/src/sort/group_limit.h. */
const groupRowsMax = 64
const groupKeyBytesMax = 32

/** Of a key in the sort's normalised form, but for the byte that tells of null. */
const keyBytes: Readonly<Partial<Record<PhysicalType, number>>> = {
  Bool: 1, Int16: 2, Int32: 4, Int64: 8, Float32: 4, Float64: 8, Decimal: 16, Uuid: 16,
}

/** Functions that see of a partition only the rows before their own. */
const fromRowsBefore = new Set(['row_number', 'rank', 'dense_rank'])

export function groupLimitOf(
  window: Window,
  conjuncts: readonly Expression[],
): GroupLimit | undefined {
  const { partition, order, calls } = window
  if (!calls.every((call) => fromRowsBefore.has(call.function))) return undefined
  const partitionBytes = bytesOf(partition)
  if (partition.length === 0 || partitionBytes === undefined) return undefined
  const isSortable = bytesOf(order.map(({ expression }) => expression)) !== undefined
  if (partitionBytes > groupKeyBytesMax || !isSortable) return undefined
  return limitFrom(window, conjuncts)
}

function bytesOf(keys: readonly Expression[]): number | undefined {
  let bytes = 0
  for (const { type } of keys) {
    const own = keyBytes[physicalTypeOf(type)]
    if (own === undefined) return undefined
    bytes += 1 + own
  }
  return bytes
}

/** The tightest limit that some conjunct sets. */
function limitFrom(
  { partition, calls }: Window,
  conjuncts: readonly Expression[],
): GroupLimit | undefined {
  const limits = conjuncts.flatMap((conjunct) => {
    const bound = upperBoundOf(conjunct)
    const limited = calls.find(({ column }) => column.id === bound?.column)
    if (!bound || !limited || limited.function === 'dense_rank') return []
    const dropsTies = limited.function === 'row_number'
    return [{ keys: partition.length, rows: bound.greatest, dropsTies }]
  })
  return limits.reduce<GroupLimit | undefined>(
    (best, limit) => (best && best.rows <= limit.rows ? best : limit),
    undefined,
  )
}

interface UpperBound {
  readonly column: number
  readonly greatest: number
}

/** `column <= k`, `< k` or `= k` of a number that is known and small. */
function upperBoundOf(conjunct: Expression): UpperBound | undefined {
  if (conjunct.kind !== 'call') return undefined
  const [left, right] = conjunct.arguments
  if (left?.kind !== 'column' || right?.kind !== 'literal') return undefined
  if (typeof right.value !== 'bigint' && typeof right.value !== 'number') return undefined
  const { kernel } = conjunct
  if (kernel !== 'Less' && kernel !== 'LessEqual' && kernel !== 'Equal') return undefined
  const greatest = Number(right.value) - (kernel === 'Less' ? 1 : 0)
  if (!Number.isInteger(greatest) || greatest < 1 || greatest > groupRowsMax) return undefined
  return { column: left.column.id, greatest }
}
