// Rows of SQLite as native columns, a whole chunk at a time. What nearly every value looks like (a
// number that is exact as a double, ASCII text, a time of these centuries) has a path without bigints,
// regular expressions or an object per value; everything else takes the general one.
import { physicalTypeOf, type DataType } from '#base/data-type'
import type { NativeResultColumn } from '#native/binding'
import { physicalTypes } from '#planner/program'
import { daysFromCivil } from '#sql/functions/datetime-text'
import type { SqliteValue } from './sqlite-values.ts'

type Rows = readonly (readonly SqliteValue[])[]
type Present = Exclude<SqliteValue, null>

const widths = { Bool: 1, Int16: 2, Int32: 4, Int64: 8, Float32: 4, Float64: 8, Decimal: 16, Interval: 16, Uuid: 16 } as const

/** Integers of a result are exact as numbers below it; from it on a chunk is read again with bigints. */
export const exactNumbersEnd = 2 ** 53

/** Column `position` of the rows. Throws a TypeError for what it cannot be. */
export function nativeColumn(type: DataType, rows: Rows, position: number): NativeResultColumn {
  const physical = physicalTypeOf(type)
  const { nullCount, validity } = validityOf(rows, position)
  const base = { type: physicalTypes.indexOf(physical), nullCount, validity: nullCount > 0 ? validity : undefined }
  if (physical === 'String') return { ...base, ...stringColumn(rows, position) }
  const width = widths[physical]
  const bytes = new Uint8Array(rows.length * width)
  const write = writer(type, new DataView(bytes.buffer))
  for (let row = 0; row < rows.length; row++) {
    const value = rows[row]?.[position] ?? null
    if (value !== null) write(row * width, value)
  }
  return { ...base, values: bytes, offsets: undefined }
}

function validityOf(rows: Rows, position: number): { nullCount: number; validity: Uint8Array } {
  const validity = new Uint8Array(Math.ceil(rows.length / 8)).fill(255)
  let nullCount = 0
  for (let row = 0; row < rows.length; row++) {
    if (rows[row]?.[position] !== null) continue
    nullCount += 1
    validity[row >> 3] = (validity[row >> 3] ?? 0) & ~(1 << (row & 7))
  }
  return { nullCount, validity }
}

/** One conversion to UTF-8 for all rows; where every character is a byte, lengths are known without it. */
function stringColumn(rows: Rows, position: number): { values: Uint8Array; offsets: Int32Array } {
  const pieces = rows.map((row) => row[position] ?? '')
  if (pieces.some((piece) => typeof piece !== 'string')) return bytesColumn(pieces)
  const text = pieces.join('')
  const values = Buffer.from(text)
  const isAscii = values.length === text.length
  const offsets = new Int32Array(pieces.length + 1)
  let end = 0
  for (let row = 0; row < pieces.length; row++) {
    const piece = pieces[row] as string
    end += isAscii ? piece.length : Buffer.byteLength(piece)
    offsets[row + 1] = end
  }
  return { values, offsets }
}

function bytesColumn(pieces: readonly Present[]): { values: Uint8Array; offsets: Int32Array } {
  const offsets = new Int32Array(pieces.length + 1)
  let end = 0
  const buffers = pieces.map((piece, row) => {
    const buffer = Buffer.isBuffer(piece) ? piece : Buffer.from(String(piece))
    end += buffer.length
    offsets[row + 1] = end
    return buffer
  })
  return { values: Buffer.concat(buffers), offsets }
}

function writer(type: DataType, view: DataView): (at: number, value: Present) => void {
  switch (type.kind) {
    case 'boolean':
      return (at, value) => { view.setUint8(at, Number(value) === 0 ? 0 : 1) }
    case 'smallint':
      return (at, value) => { view.setInt16(at, Number(value), true) }
    case 'integer':
      return (at, value) => { view.setInt32(at, Number(value), true) }
    case 'bigint':
      return (at, value) => { setInt64(view, at, value) }
    case 'real':
      return (at, value) => { view.setFloat32(at, Number(value), true) }
    case 'double':
      return (at, value) => { view.setFloat64(at, Number(value), true) }
    case 'numeric':
      return (at, value) => { setDecimal(view, at, String(value), type.scale ?? 0) }
    case 'date':
      return (at, value) => { view.setInt32(at, daysOf(String(value)), true) }
    case 'time':
      return (at, value) => { view.setBigInt64(at, clockMicroseconds(String(value)), true) }
    case 'timestamp':
    case 'timestamptz':
      return (at, value) => { setTimestamp(view, at, String(value)) }
    case 'interval':
      return (at, value) => { setInterval128(view, at, String(value)) }
    case 'uuid':
      return (at, value) => { setUuid(view, at, String(value)) }
    case 'text':
    case 'bytea':
    case 'json':
    case 'unknown':
      throw new TypeError('strings have no fixed width')
  }
}

/** Also the keys' way: numbers below exactNumbersEnd, and bigints. */
export function setInt64(view: DataView, at: number, value: Present): void {
  if (typeof value !== 'number') {
    view.setBigInt64(at, BigInt(value as bigint | string), true)
    return
  }
  view.setInt32(at, value | 0, true) // the lowest 32 bits, also of a double beyond them
  view.setInt32(at + 4, Math.floor(value / 2 ** 32), true)
}

/** Fifteen digits are exact as a double. */
const exactDigitsMax = 15

function setDecimal(view: DataView, at: number, text: string, scale: number): void {
  const point = text.indexOf('.')
  const whole = point < 0 ? text : text.slice(0, point)
  const fraction = point < 0 ? '' : text.slice(point + 1)
  const digits = whole + fraction.padEnd(scale, '0').slice(0, scale)
  if (digits.length > exactDigitsMax) {
    const value = BigInt(digits)
    view.setBigUint64(at, BigInt.asUintN(64, value), true)
    view.setBigInt64(at + 8, BigInt.asIntN(64, value >> 64n), true)
    return
  }
  const value = Number(digits)
  setInt64(view, at, value)
  const sign = value < 0 ? -1 : 0
  view.setInt32(at + 8, sign, true)
  view.setInt32(at + 12, sign, true)
}

function setUuid(view: DataView, at: number, text: string): void {
  const hex = text.replaceAll('-', '')
  for (let word = 0; word < 4; word++) {
    // Two halves of 64 bits, each a number with its highest bits first.
    const place = at + (word ^ 1) * 4
    view.setUint32(place, Number.parseInt(hex.slice(word * 8, word * 8 + 8), 16), true)
  }
}

function digitsAt(text: string, start: number, count: number): number {
  let value = 0
  for (let i = start; i < start + count; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

/** `2026-11-22` at the start of the text; NaN for what looks otherwise. */
function plainDaysOf(text: string): number {
  if (text[4] !== '-' || text[7] !== '-') return Number.NaN
  return daysFromCivil(digitsAt(text, 0, 4), digitsAt(text, 5, 2), digitsAt(text, 8, 2))
}

/** Four digits of year and two of everything else up to 2199: microseconds are then exact as a double. */
function setTimestamp(view: DataView, at: number, text: string): void {
  const end = text.endsWith('+00') ? text.length - 3 : text.length
  const isPlain = text[10] === ' ' && text[13] === ':' && text[16] === ':' && (end === 19 || (text[19] === '.' && end <= 26))
  const days = isPlain ? plainDaysOf(text) : Number.NaN
  const seconds = digitsAt(text, 11, 2) * 3600 + digitsAt(text, 14, 2) * 60 + digitsAt(text, 17, 2)
  const fraction = end === 19 ? 0 : digitsAt(text, 20, end - 20) * 10 ** (26 - end)
  const value = (days * 86_400 + seconds) * 1_000_000 + fraction
  if (Math.abs(value) < exactNumbersEnd) setInt64(view, at, value)
  else view.setBigInt64(at, timestampMicroseconds(text), true) // also NaN
}

function daysOf(text: string): number {
  const plain = text.length === 10 ? plainDaysOf(text) : Number.NaN
  if (!Number.isNaN(plain)) return plain
  const match = /^(\d+)-(\d+)-(\d+)( BC)?$/.exec(text)
  if (match === null) throw new TypeError(`not a date: ${text}`)
  const year = Number(match[1])
  return daysFromCivil(match[4] === undefined ? year : 1 - year, Number(match[2]), Number(match[3]))
}

function clockMicroseconds(text: string): bigint {
  const match = /^(\d+):(\d+):(\d+)(?:\.(\d+))?$/.exec(text)
  if (match === null) throw new TypeError(`not a time: ${text}`)
  const seconds = Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3])
  return BigInt(seconds) * 1_000_000n + BigInt((match[4] ?? '').padEnd(6, '0').slice(0, 6))
}

function timestampMicroseconds(text: string): bigint {
  const match = /^(\S+) (\S+?)(?:\+00)?( BC)?$/.exec(text)
  if (match === null) throw new TypeError(`not a timestamp: ${text}`)
  const days = daysOf((match[1] ?? '') + (match[3] ?? ''))
  return BigInt(days) * 86_400_000_000n + clockMicroseconds(match[2] ?? '')
}

function setInterval128(view: DataView, at: number, text: string): void {
  const match = /^P(-?\d+)M(-?\d+)DT(-?)(\d+)\.(\d{6})S$/.exec(text)
  if (match === null) throw new TypeError(`not an interval: ${text}`)
  const microseconds = BigInt(match[4] ?? '0') * 1_000_000n + BigInt(match[5] ?? '0')
  view.setInt32(at, Number(match[1]), true)
  view.setInt32(at + 4, Number(match[2]), true)
  view.setBigInt64(at + 8, match[3] === '-' ? -microseconds : microseconds, true)
}
