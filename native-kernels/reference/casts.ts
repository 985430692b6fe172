// Twins of the casts between numbers and of numbers to and from text.
import {
  decimalOf,
  decimalText,
  divideRounding,
  exponential,
  floatText,
  integerOf,
  isInteger,
  rescale,
  roundHalfEven,
} from './numbers.ts'
import {
  big,
  bool,
  fail,
  immediate,
  num,
  str,
  strict,
  typeOf,
  type Family,
  type RowFunction,
  type SqlValue,
  type TypeName,
} from './sql-value.ts'

function toInteger(to: TypeName): RowFunction {
  return strict((row, call) => {
    const from = typeOf(call, 0)
    if (from === 'Bool') return integerOf(bool(row, 0) ? 1n : 0n, to)
    if (from === 'Decimal') {
      return integerOf(divideRounding(big(row, 0), 10n ** BigInt(immediate(call, 0))), to)
    }
    if (from === 'Int64') return integerOf(big(row, 0), to)
    const rounded = roundHalfEven(num(row, 0))
    if (!Number.isFinite(rounded)) fail('22003')
    return integerOf(BigInt(rounded), to)
  })
}

function toFloat(to: TypeName): RowFunction {
  const round = to === 'Float32' ? Math.fround : Number
  return strict((row, call) => {
    const from = typeOf(call, 0)
    if (from === 'Decimal') return round(Number(decimalText(big(row, 0), immediate(call, 0))))
    if (from === 'Int64')
      return from === 'Int64' && to === 'Float32' ? bigToFloat32(big(row, 0)) : Number(big(row, 0))
    const value = num(row, 0)
    const result = round(value)
    const lost =
      Math.abs(result) === Infinity ? Math.abs(value) !== Infinity : result === 0 && value !== 0
    return lost ? fail('22003') : result
  })
}

/** To single precision in one rounding: through a double whose lost bits are kept sticky. */
function bigToFloat32(value: bigint): number {
  const size = value < 0n ? -value : value
  const shift = BigInt(Math.max(size.toString(2).length - 50, 0))
  const kept = size >> shift
  const sticky = kept << shift !== size ? 1n : 0n
  const result = Math.fround(Number(kept | sticky) * 2 ** Number(shift))
  return value < 0n ? -result : result
}

/** The decimal form with the digits that the float always keeps, as PostgreSQL converts. */
function decimalOfFloat(value: number, type: TypeName, scale: number): bigint {
  if (!Number.isFinite(value)) fail('22003')
  return decimalOfText(exponential(value, type === 'Float32' ? 5 : 14), scale)
}

function decimalOfText(text: string, scale: number): bigint {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? fail('22P02')
  if (whole === '' && fraction === '') fail('22P02')
  const digits = BigInt(whole + fraction)
  const shift = Number(exponent) - fraction.length + scale
  if (digits !== 0n && shift > 80) fail('22003')
  const size =
    digits === 0n
      ? 0n
      : shift >= 0
        ? digits * 10n ** BigInt(shift)
        : shift < -5000
          ? 0n
          : divideRounding(digits, 10n ** BigInt(-shift))
  return sign === '-' ? -size : size
}

const toDecimal = strict((row, call) => {
  const [scale, precision] = [immediate(call, 0), immediate(call, 1)]
  const type = typeOf(call, 0)
  if (!isInteger(type)) return decimalOf(decimalOfFloat(num(row, 0), type, scale), precision)
  const value = type === 'Int64' ? big(row, 0) : BigInt(num(row, 0))
  return decimalOf(rescale(value, 0, scale), precision)
})

function trimmed(row: readonly SqlValue[]): string {
  return str(row, 0).replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, '')
}

function textToInteger(to: TypeName): RowFunction {
  return strict((row) => {
    const text = trimmed(row)
    return /^[+-]?\d+$/.test(text) ? integerOf(BigInt(text.replace('+', '')), to) : fail('22P02')
  })
}

function textToBool(text: string): boolean {
  const word = text.toLowerCase()
  const abbreviates = (full: string, least: number): boolean =>
    word.length >= least && full.startsWith(word)
  if (abbreviates('true', 1) || abbreviates('yes', 1) || word === 'on' || word === '1') return true
  if (abbreviates('false', 1) || abbreviates('no', 1) || abbreviates('off', 2) || word === '0')
    return false
  return fail('22P02')
}

function textToDouble(text: string): number {
  const special = /^([+-]?)(?:inf|infinity)$/i.exec(text)
  if (special) return special[1] === '-' ? -Infinity : Infinity
  if (/^\+?nan$/i.test(text)) return NaN
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) fail('22P02')
  const value = Number(text)
  const isZero = /^[+-]?[0.]+(e|$)/i.test(text)
  return Math.abs(value) === Infinity || (value === 0 && !isZero) ? fail('22003') : value
}

export const casts: Family = {
  ToInt16: toInteger('Int16'),
  ToInt32: toInteger('Int32'),
  ToInt64: toInteger('Int64'),
  ToFloat32: toFloat('Float32'),
  ToFloat64: toFloat('Float64'),
  ToDecimal: toDecimal,
  ToBool: strict(([value]) => value !== 0 && value !== 0n),
  BoolToText: strict(([value]) => String(value)),
  IntToText: strict(([value]) => String(value)),
  FloatToText: strict((row, call) => floatText(num(row, 0), typeOf(call, 0))),
  DecimalToText: strict((row, call) => decimalText(big(row, 0), immediate(call, 0))),
  TextToBool: strict((row) => textToBool(trimmed(row))),
  TextToInt16: textToInteger('Int16'),
  TextToInt32: textToInteger('Int32'),
  TextToInt64: textToInteger('Int64'),
  TextToFloat64: strict((row) => textToDouble(trimmed(row))),
  TextToDecimal: strict((row, call) =>
    decimalOf(decimalOfText(trimmed(row), immediate(call, 0)), immediate(call, 1)),
  ),
}
