// Ranges, rounding and text of numbers: what several families of twins share.
import { fail, type SqlValue, type TypeName } from './sql-value.ts'

const integerBits: Partial<Record<TypeName, bigint>> = { Int16: 16n, Int32: 32n, Int64: 64n }

export function isInteger(type: TypeName): boolean {
  return integerBits[type] !== undefined
}

export function bitsOf(type: TypeName): bigint {
  return integerBits[type] ?? 64n
}

/** The value as one of an integer type: 22003 outside its range. */
export function integerOf(value: bigint, type: TypeName): SqlValue {
  const bits = bitsOf(type)
  if (BigInt.asIntN(Number(bits), value) !== value) fail('22003')
  return type === 'Int64' ? value : Number(value)
}

export const decimalLimit = 10n ** 38n

export function decimalOf(value: bigint, precision = 38): bigint {
  const limit = 10n ** BigInt(precision)
  if (value <= -limit || value >= limit) fail('22003')
  return value
}

export function absolute(value: bigint): bigint {
  return value < 0n ? -value : value
}

/** Half away from zero; the divisor is positive. */
export function divideRounding(value: bigint, divisor: bigint): bigint {
  const quotient = (absolute(value) * 2n + divisor) / (divisor * 2n)
  return value < 0n ? -quotient : quotient
}

export function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor
  return value % divisor < 0n ? quotient - 1n : quotient
}

export function rescale(value: bigint, from: number, to: number): bigint {
  return to >= from
    ? value * 10n ** BigInt(to - from)
    : divideRounding(value, 10n ** BigInt(from - to))
}

/** The nearest integer, halves to even. */
export function roundHalfEven(value: number): number {
  if (value < 0 || Object.is(value, -0)) return -roundHalfEven(-value)
  const floor = Math.floor(value)
  const fraction = value - floor
  if (fraction !== 0.5) return fraction < 0.5 ? floor : floor + 1
  return floor % 2 === 0 ? floor : floor + 1
}

export function decimalText(value: bigint, scale: number): string {
  const digits = absolute(value)
    .toString()
    .padStart(scale + 1, '0')
  const sign = value < 0n ? '-' : ''
  if (scale === 0) return sign + digits
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** Shortest digits that read back, in PostgreSQL's choice between plain and scientific form. */
export function floatText(value: number, type: TypeName): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value < 0 ? '-Infinity' : 'Infinity'
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  const [digits = '0', exponent = '0'] = shortest(Math.abs(value), type).split('e')
  const power = Number(exponent)
  const limit = type === 'Float32' ? 6 : 15
  if (power < -4 || power >= limit) {
    const padded = String(Math.abs(power)).padStart(2, '0')
    return `${sign}${digits}e${power < 0 ? '-' : '+'}${padded}`
  }
  return sign + plain(digits.replace('.', ''), power)
}

function shortest(value: number, type: TypeName): string {
  if (type !== 'Float32') return value.toExponential()
  for (let digits = 0; digits < 9; digits++) {
    const text = exponential(value, digits)
    if (Math.fround(Number(text)) === value) return text
  }
  return value.toExponential()
}

/** toExponential() that rounds exact ties to the even digit, as C does, and not away from zero. */
export function exponential(value: number, digits: number): string {
  const rounded = value.toExponential(digits)
  const [exact = '', power = ''] = Math.abs(value).toExponential(100).split('e')
  const all = exact.replace('.', '')
  const isTie = /^50*$/.test(all.slice(digits + 1))
  const isEven = Number(all[digits]) % 2 === 0
  if (!isTie || !isEven) return rounded
  const kept = all.slice(0, digits + 1)
  const fraction = digits > 0 ? `.${kept.slice(1)}` : ''
  return `${value < 0 ? '-' : ''}${kept.slice(0, 1)}${fraction}e${power}`
}

/** d.ddd * 10^power without an exponent, from the digits alone. */
function plain(digits: string, power: number): string {
  if (power < 0) return `0.${'0'.repeat(-power - 1)}${digits}`
  if (digits.length <= power + 1) return digits.padEnd(power + 1, '0')
  return `${digits.slice(0, power + 1)}.${digits.slice(power + 1)}`
}
