// What the twins of the kernels compute on: one JavaScript value for each SQL value, one call for
// each row. Written to be read, not to be fast: these are what the native kernels are held against.

/** The physical types, by their number in programs. */
export const typeNames = [
  'Bool',
  'Int16',
  'Int32',
  'Int64',
  'Float32',
  'Float64',
  'Decimal',
  'String',
  'Interval',
  'Uuid',
] as const
export type TypeName = (typeof typeNames)[number]

export interface IntervalValue {
  readonly months: number
  readonly days: number
  readonly microseconds: bigint
}

/** Int16, Int32 and floats are numbers; Int64 and Decimal (unscaled) bigints; Uuid 32 hex digits. */
export type SqlValue = null | boolean | number | bigint | string | IntervalValue

/** What the types and immediates of an instruction say, the same for every row. */
export interface Call {
  readonly types: readonly TypeName[]
  readonly immediates: readonly number[]
}

/** Computes one row. Throws: RowError where the kernel fails the row. */
export type RowFunction = (row: readonly SqlValue[], call: Call) => SqlValue

export type Family = Readonly<Record<string, RowFunction>>

export class RowError extends Error {
  readonly state: string
  constructor(state: string) {
    super(state)
    this.state = state
  }
}

export function fail(state: string): never {
  throw new RowError(state)
}

/** Null where any argument is. */
export function strict(compute: RowFunction): RowFunction {
  return (row, call) => (row.includes(null) ? null : compute(row, call))
}

function argument<T extends SqlValue>(
  row: readonly SqlValue[],
  index: number,
  is: (value: SqlValue) => value is T,
): T {
  const value = row[index]
  if (value === undefined || !is(value)) throw new TypeError(`argument ${index} has another type`)
  return value
}

export function bool(row: readonly SqlValue[], index: number): boolean {
  return argument(row, index, (value): value is boolean => typeof value === 'boolean')
}
export function num(row: readonly SqlValue[], index: number): number {
  return argument(row, index, (value): value is number => typeof value === 'number')
}
export function big(row: readonly SqlValue[], index: number): bigint {
  return argument(row, index, (value): value is bigint => typeof value === 'bigint')
}
export function str(row: readonly SqlValue[], index: number): string {
  return argument(row, index, (value): value is string => typeof value === 'string')
}
export function interval(row: readonly SqlValue[], index: number): IntervalValue {
  return argument(
    row,
    index,
    (value): value is IntervalValue => typeof value === 'object' && value !== null,
  )
}

export function immediate(call: Call, index: number): number {
  const value = call.immediates[index]
  if (value === undefined) throw new TypeError(`immediate ${index} is missing`)
  return value
}

export function typeOf(call: Call, index: number): TypeName {
  const type = call.types[index]
  if (type === undefined) throw new TypeError(`argument ${index} is missing`)
  return type
}
