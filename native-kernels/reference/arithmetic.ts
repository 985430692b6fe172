// Twins of the arithmetic and decimal kernels.
import {
  absolute,
  bitsOf,
  decimalOf,
  divideRounding,
  integerOf,
  isInteger,
  rescale,
  roundHalfEven,
} from './numbers.ts'
import {
  big,
  fail,
  immediate,
  num,
  strict,
  typeOf,
  type Call,
  type Family,
  type RowFunction,
  type SqlValue,
} from './sql-value.ts'

interface Operation {
  readonly integer: (left: bigint, right: bigint) => bigint
  readonly decimal?: (left: bigint, right: bigint) => bigint
  readonly float: (left: number, right: number) => number
}

/** Applies the operation in the arguments' type, with that type's errors. */
function binary(operation: Operation): RowFunction {
  return strict((row, call) => {
    const type = typeOf(call, 0)
    if (isInteger(type)) return integerOf(operation.integer(integer(row, 0), integer(row, 1)), type)
    if (type === 'Decimal') {
      return decimalOf((operation.decimal ?? operation.integer)(big(row, 0), big(row, 1)))
    }
    const round = type === 'Float32' ? Math.fround : Number
    return round(operation.float(num(row, 0), num(row, 1)))
  })
}

function integer(row: readonly SqlValue[], index: number): bigint {
  const value = row[index]
  return typeof value === 'bigint' ? value : BigInt(num(row, index))
}

/** An infinity that the arguments did not have. */
function checkOverflow(result: number, ...operands: readonly number[]): void {
  const overflows = Math.abs(result) === Infinity
  if (overflows && operands.every((one) => Math.abs(one) !== Infinity)) fail('22003')
}

/** Float kernels check what they have rounded to their type. */
function float(
  compute: (left: number, right: number, result: number) => void,
  operate: (left: number, right: number) => number,
): RowFunction {
  return (row, call) => {
    const [left, right] = [num(row, 0), num(row, 1)]
    const exact = operate(left, right)
    const result = typeOf(call, 0) === 'Float32' ? Math.fround(exact) : exact
    compute(left, right, result)
    return result
  }
}

/** Integers and decimals by `operation`, floats by `floats`. */
function either(operation: Omit<Operation, 'float'>, floats: RowFunction): RowFunction {
  const exact = binary({ ...operation, float: () => 0 })
  return strict((row, call) => {
    const type = typeOf(call, 0)
    return type === 'Float32' || type === 'Float64' ? floats(row, call) : exact(row, call)
  })
}

function divisor(value: bigint): bigint {
  return value === 0n ? fail('22012') : value
}

const add = either(
  { integer: (left, right) => left + right },
  float(
    (left, right, result) => checkOverflow(result, left, right),
    (left, right) => left + right,
  ),
)
const subtract = either(
  { integer: (left, right) => left - right },
  float(
    (left, right, result) => checkOverflow(result, left, right),
    (left, right) => left - right,
  ),
)
const multiply = either(
  { integer: (left, right) => left * right },
  float(
    (left, right, result) => {
      checkOverflow(result, left, right)
      if (result === 0 && left !== 0 && right !== 0) fail('22003')
    },
    (left, right) => left * right,
  ),
)
const divide = either(
  { integer: (left, right) => left / divisor(right) },
  float(
    (left, right, result) => {
      if (right === 0 && !Number.isNaN(left)) fail('22012')
      checkOverflow(result, left)
      if (result === 0 && left !== 0 && Math.abs(right) !== Infinity) fail('22003')
    },
    (left, right) => left / right,
  ),
)
const modulo = either(
  { integer: (left, right) => left % divisor(right) },
  float(
    (_left, right) => {
      if (right === 0) fail('22012')
    },
    (left, right) => left % right,
  ),
)

function unary(exact: (value: bigint) => bigint, inexact: (value: number) => number): RowFunction {
  return strict((row, call) => {
    const type = typeOf(call, 0)
    if (isInteger(type)) return integerOf(exact(integer(row, 0)), type)
    return type === 'Decimal' ? exact(big(row, 0)) : inexact(num(row, 0))
  })
}

function bits(operate: (left: bigint, right: bigint, width: bigint) => bigint): RowFunction {
  return strict((row, call) => {
    const type = typeOf(call, 0)
    const width = bitsOf(type)
    const result = operate(integer(row, 0), call.types.length > 1 ? integer(row, 1) : 0n, width)
    return integerOf(BigInt.asIntN(Number(width), result), type)
  })
}

/** The machine's shift: the distance wraps at 32, or 64 for bigint. */
function distance(count: bigint, width: bigint): bigint {
  return BigInt.asUintN(64, count) % (width === 64n ? 64n : 32n)
}

const divideDecimal = strict((row, call) => {
  const shift = immediate(call, 2) + immediate(call, 1) - immediate(call, 0)
  const right = divisor(big(row, 1))
  const left = right < 0n ? -big(row, 0) : big(row, 0)
  const scaled = 10n ** BigInt(Math.abs(shift))
  return decimalOf(
    shift >= 0
      ? divideRounding(left * scaled, absolute(right))
      : divideRounding(left, absolute(right) * scaled),
  )
})

/** Rounds to digits before the scale's end: the places behind become zeros. */
function atDigits(round: (value: bigint, unit: bigint) => bigint): RowFunction {
  return (row, call) => {
    const dropped = immediate(call, 0) - num(row, 1)
    if (dropped <= 0) return big(row, 0)
    if (dropped > 38) return 0n
    const unit = 10n ** BigInt(dropped)
    return decimalOf(round(big(row, 0), unit) * unit)
  }
}

function toWhole(round: (value: bigint, unit: bigint) => bigint): RowFunction {
  return (row, call) => round(big(row, 0), 10n ** BigInt(immediate(call, 0)))
}

function byType(decimal: RowFunction, inexact: (value: number) => number): RowFunction {
  return strict((row, call) => (isDecimal(call) ? decimal(row, call) : inexact(num(row, 0))))
}

function isDecimal(call: Call): boolean {
  return typeOf(call, 0) === 'Decimal'
}

function floor(value: bigint, unit: bigint): bigint {
  return value / unit - (value % unit < 0n ? 1n : 0n)
}

export const arithmetic: Family = {
  Add: add,
  Subtract: subtract,
  Multiply: multiply,
  Divide: divide,
  Modulo: modulo,
  Negate: unary(
    (value) => -value,
    (value) => -value,
  ),
  Abs: unary(absolute, Math.abs),
  BitAnd: bits((left, right) => left & right),
  BitOr: bits((left, right) => left | right),
  BitXor: bits((left, right) => left ^ right),
  BitNot: bits((value) => ~value),
  ShiftLeft: bits((left, right, width) => left << distance(right, width)),
  ShiftRight: bits((left, right, width) => left >> distance(right, width)),
  DivideDecimal: divideDecimal,
  RescaleDecimal: strict((row, call) =>
    decimalOf(rescale(big(row, 0), immediate(call, 0), immediate(call, 1)), immediate(call, 2)),
  ),
  Floor: byType(toWhole(floor), Math.floor),
  Ceil: byType(
    toWhole((value, unit) => -floor(-value, unit)),
    Math.ceil,
  ),
  Round: byType(atDigits(divideRounding), roundHalfEven),
  Truncate: byType(
    atDigits((value, unit) => value / unit),
    Math.trunc,
  ),
}
