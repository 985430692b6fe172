// Twins of the comparison and logic kernels, and the order of values that they share.
import {
  bool,
  fail,
  immediate,
  num,
  strict,
  typeOf,
  type Family,
  type IntervalValue,
  type RowFunction,
  type SqlValue,
  type TypeName,
} from './sql-value.ts'

const dayMicroseconds = 86_400_000_000n

/** A month counts as 30 days, a day as 24 hours. */
function spanOf({ months, days, microseconds }: IntervalValue): bigint {
  return (BigInt(months) * 30n + BigInt(days)) * dayMicroseconds + microseconds
}

/** Negative, zero or positive; neither value is null. */
export function compareValues(left: SqlValue, right: SqlValue, type: TypeName): number {
  if (type === 'String') {
    return Buffer.compare(Buffer.from(String(left), 'utf8'), Buffer.from(String(right), 'utf8'))
  }
  if (typeof left === 'number' && typeof right === 'number') return compareNumbers(left, right)
  if (typeof left === 'object' && typeof right === 'object' && left !== null && right !== null) {
    return order(spanOf(left), spanOf(right))
  }
  return order(left ?? 0, right ?? 0)
}

/** NaN equals itself and is greater than all others. */
function compareNumbers(left: number, right: number): number {
  if (Number.isNaN(left) || Number.isNaN(right))
    return Number(Number.isNaN(left)) - Number(Number.isNaN(right))
  return order(left, right)
}

function order<T extends SqlValue>(left: T, right: T): number {
  if (left === null || right === null) throw new TypeError('nulls have no order')
  return left < right ? -1 : left > right ? 1 : 0
}

function comparison(holds: (order: number) => boolean): RowFunction {
  return strict(([left = null, right = null], call) =>
    holds(compareValues(left, right, typeOf(call, 0))),
  )
}

function distinct(left: SqlValue, right: SqlValue, type: TypeName): boolean {
  if (left === null || right === null) return left !== right
  return compareValues(left, right, type) !== 0
}

/** Of a null and a value the value. */
function extreme(sign: number): RowFunction {
  return ([left = null, right = null], call) => {
    if (left === null) return right
    if (right === null) return left
    return compareValues(left, right, typeOf(call, 0)) * sign < 0 ? right : left
  }
}

export const compare: Family = {
  Equal: comparison((result) => result === 0),
  NotEqual: comparison((result) => result !== 0),
  Less: comparison((result) => result < 0),
  LessEqual: comparison((result) => result <= 0),
  Greater: comparison((result) => result > 0),
  GreaterEqual: comparison((result) => result >= 0),
  IsDistinct: ([left = null, right = null], call) => distinct(left, right, typeOf(call, 0)),
  IsNotDistinct: ([left = null, right = null], call) => !distinct(left, right, typeOf(call, 0)),
  Least: extreme(-1),
  Greatest: extreme(1),
}

function raise(row: readonly SqlValue[], state: string): SqlValue {
  return row[0] === true ? fail(state) : (row[0] ?? null)
}

/** Five characters of a SQLSTATE from six bits each. */
export function stateText(packed: number): string {
  const digits = [24, 18, 12, 6, 0].map((shift) => (packed >> shift) & 63)
  return digits.map((digit) => digit.toString(36).toUpperCase()).join('')
}

export const logic: Family = {
  And: ([left = null, right = null]) =>
    left === false || right === false ? false : left === null || right === null ? null : true,
  Or: ([left = null, right = null]) =>
    left === true || right === true ? true : left === null || right === null ? null : false,
  Not: strict((row) => !bool(row, 0)),
  IsNull: ([value = null]) => value === null,
  IsNotNull: ([value = null]) => value !== null,
  IsTrue: ([value = null]) => value === true,
  IsFalse: ([value = null]) => value === false,
  Select: ([condition = null, yes = null, no = null]) => (condition === true ? yes : no),
  Coalesce: ([first = null, second = null]) => first ?? second,
  NullIf: ([first = null, second = null], call) =>
    first !== null && second !== null && !distinct(first, second, typeOf(call, 0)) ? null : first,
  Raise: (row, call) => raise(row, stateText(immediate(call, 0))),
  RaiseState: (row) =>
    raise(
      row,
      row[1] === null || row[1] === 0 ? 'XX000' : row[0] === true ? stateText(num(row, 1)) : '',
    ),
}
