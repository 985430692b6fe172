// Reads values out of native result columns: as JavaScript values for `toArray()`, as PostgreSQL's
// text for people and files. A reader is made once per column and called per row: only at the edges.
import type { DataType } from '#base/data-type'
import { decimalOf } from '#sql/functions/decimal'
import type { NativeResultColumn } from '#native/binding'
import { dateText, timestampText, timeText } from '#sql/functions/datetime-text'
import { formatInterval } from '#sql/functions/interval'

/**
 * What a column's values are in JavaScript: integers are numbers (bigint beyond 2^53), numeric,
 * date, time, interval and uuid text, timestamps Date, json parsed, bytea Uint8Array, null null.
 */
export type Value = null | boolean | number | bigint | string | Date | Uint8Array | object

export type Reader<T> = (row: number) => T

const twoTo32 = 2 ** 32

/** Reads row `row` as a JavaScript value. */
export function valueReader(type: DataType, column: NativeResultColumn): Reader<Value> {
  return nullAware<Value>(column, null, presentReader(type, column))
}

/** Reads row `row` as PostgreSQL prints it; undefined for null. */
export function textReader(type: DataType, column: NativeResultColumn): Reader<string | undefined> {
  return nullAware<string | undefined>(column, undefined, presentTextReader(type, column))
}

/** Bit row of an Arrow validity bitmap. */
export function isNull(column: NativeResultColumn, row: number): boolean {
  return column.validity !== undefined && isNullBit(column.validity, row)
}

/** Bit `bit` of Arrow validity bitmaps. */
export function isNullBit(bits: Uint8Array, bit: number): boolean {
  return (((bits[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 0
}

/** A column may be called `__proto__`, which an assignment would not make a property. */
export function setCell(cells: Record<string, Value>, name: string, value: Value): void {
  if (name === '__proto__') Object.defineProperty(cells, name, { value, enumerable: true, writable: true, configurable: true })
  else cells[name] = value
}

function nullAware<T>(column: NativeResultColumn, none: T, read: Reader<T>): Reader<T> {
  if (column.validity === undefined) return read
  return (row) => (isNull(column, row) ? none : read(row))
}

function viewOf(column: NativeResultColumn): DataView {
  const { buffer, byteOffset, byteLength } = column.values
  return new DataView(buffer, byteOffset, byteLength)
}

function bytesReader(column: NativeResultColumn): Reader<Uint8Array> {
  const offsets = column.offsets ?? new Int32Array(1)
  return (row) => column.values.subarray(offsets[row] ?? 0, offsets[row + 1] ?? 0)
}

/** Not by TextDecoder, which takes a leading U+FEFF away, and half as long again. */
function stringReader(column: NativeResultColumn): Reader<string> {
  const { buffer, byteOffset, byteLength } = column.values
  const bytes = Buffer.from(buffer, byteOffset, byteLength)
  const offsets = column.offsets ?? new Int32Array(1)
  return (row) => bytes.toString('utf8', offsets[row], offsets[row + 1])
}

/** Smallest exact JavaScript number for an integer of 64 bits: a bigint on the way takes three times as long. */
function integerAt(view: DataView, at: number): number | bigint {
  const number = view.getInt32(at + 4, true) * twoTo32 + view.getUint32(at, true)
  return Number.isSafeInteger(number) ? number : view.getBigInt64(at, true)
}

function presentReader(type: DataType, column: NativeResultColumn): Reader<Value> {
  const view = viewOf(column)
  switch (type.kind) {
    case 'boolean':
      return (row) => view.getUint8(row) !== 0
    case 'smallint':
      return (row) => view.getInt16(row * 2, true)
    case 'integer':
      return (row) => view.getInt32(row * 4, true)
    case 'bigint':
      return (row) => integerAt(view, row * 8)
    case 'real':
      return (row) => view.getFloat32(row * 4, true)
    case 'double':
      return (row) => view.getFloat64(row * 8, true)
    case 'timestamp':
    case 'timestamptz':
      return (row) => new Date(Number(view.getBigInt64(row * 8, true) / 1000n))
    case 'bytea':
      return bytesReader(column)
    case 'json': {
      const read = stringReader(column)
      return (row) => JSON.parse(read(row)) as Value
    }
    case 'numeric':
    case 'text':
    case 'date':
    case 'time':
    case 'interval':
    case 'uuid':
    case 'unknown':
      return presentTextReader(type, column) as Reader<string>
  }
}

function presentTextReader(type: DataType, column: NativeResultColumn): Reader<string | undefined> {
  const view = viewOf(column)
  switch (type.kind) {
    case 'boolean':
      return (row) => (view.getUint8(row) !== 0 ? 't' : 'f')
    case 'smallint':
      return (row) => String(view.getInt16(row * 2, true))
    case 'integer':
      return (row) => String(view.getInt32(row * 4, true))
    case 'bigint':
      return (row) => view.getBigInt64(row * 8, true).toString()
    case 'real':
      return (row) => floatText(view.getFloat32(row * 4, true), 'real')
    case 'double':
      return (row) => floatText(view.getFloat64(row * 8, true), 'double')
    case 'numeric': {
      const scale = type.scale ?? 0
      return (row) => decimalOf(decimalAt(view, row), scale)
    }
    case 'date':
      return (row) => dateText(view.getInt32(row * 4, true))
    case 'time':
      return (row) => timeText(view.getBigInt64(row * 8, true))
    case 'timestamp':
      return (row) => timestampText(view.getBigInt64(row * 8, true), '')
    case 'timestamptz':
      return (row) => timestampText(view.getBigInt64(row * 8, true), '+00')
    case 'interval':
      return (row) =>
        formatInterval({
          months: view.getInt32(row * 16, true),
          days: view.getInt32(row * 16 + 4, true),
          microseconds: view.getBigInt64(row * 16 + 8, true),
        })
    case 'uuid':
      return (row) => uuidText(view.getBigUint64(row * 16, true), view.getBigUint64(row * 16 + 8, true))
    case 'bytea': {
      const read = bytesReader(column)
      return (row) => '\\x' + Buffer.from(read(row)).toString('hex')
    }
    case 'text':
    case 'json':
    case 'unknown':
      return stringReader(column)
  }
}

function decimalAt(view: DataView, row: number): bigint {
  return (view.getBigInt64(row * 16 + 8, true) << 64n) | view.getBigUint64(row * 16, true)
}

function uuidText(high: bigint, low: bigint): string {
  const hex = high.toString(16).padStart(16, '0') + low.toString(16).padStart(16, '0')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** The shortest text that reads back as the same float, in PostgreSQL's notation. */
export function floatText(value: number, type: 'real' | 'double'): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity'
  if (Object.is(value, -0)) return '-0'
  const digits = type === 'double' ? String(value) : shortestReal(value)
  const [mantissa = '', exponent] = Number(digits).toExponential().split('e')
  const power = Number(exponent)
  const exponentFrom = type === 'double' ? 15 : 6
  if (power >= -4 && power < exponentFrom) return plainText(mantissa, power)
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}

function shortestReal(value: number): string {
  for (let precision = 1; precision <= 9; precision++) {
    const text = value.toPrecision(precision)
    if (Math.fround(Number(text)) === value) return text
  }
  return String(value)
}

function plainText(mantissa: string, power: number): string {
  const negative = mantissa.startsWith('-')
  const digits = mantissa.replace('-', '').replace('.', '')
  const sign = negative ? '-' : ''
  if (power < 0) return `${sign}0.${'0'.repeat(-power - 1)}${digits}`
  const whole = digits.slice(0, power + 1).padEnd(power + 1, '0')
  const fraction = digits.slice(power + 1)
  return sign + whole + (fraction === '' ? '' : '.' + fraction)
}
