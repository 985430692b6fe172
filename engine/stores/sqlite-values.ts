// Values between native columns and SQLite: integers and reals as they are, everything that SQLite has
// no type for as the text a person would expect to find in the file.
import type { DataType } from '#base/data-type'
import type { NativeResultColumn } from '#native/binding'
import { physicalTypes } from '#planner/program'
import { physicalTypeOf } from '#base/data-type'
import { isNull, textReader } from '../cells.ts'
import { daysFromCivil } from '../calendar.ts'

export type SqliteValue = null | number | bigint | string | Buffer

/** The declared type of a column: its affinity keeps what is written as it is written. */
export function sqliteType(type: DataType): string {
  switch (type.kind) {
    // Never INTEGER, which would make a lone primary key another name for the rowid.
    case 'boolean':
    case 'smallint':
    case 'integer':
    case 'bigint':
      return 'bigint'
    case 'real':
    case 'double':
      return 'real'
    case 'bytea':
      return 'blob'
    default:
      return 'text'
  }
}

/** Reads row `row` of a native column as SQLite keeps it. */
export function sqliteReader(type: DataType, column: NativeResultColumn): (row: number) => SqliteValue {
  const read = presentReader(type, column)
  return (row) => (isNull(column, row) ? null : read(row))
}

function presentReader(type: DataType, column: NativeResultColumn): (row: number) => SqliteValue {
  const { buffer, byteOffset, byteLength } = column.values
  const view = new DataView(buffer, byteOffset, byteLength)
  switch (type.kind) {
    case 'boolean':
      return (row) => view.getUint8(row)
    case 'smallint':
      return (row) => view.getInt16(row * 2, true)
    case 'integer':
      return (row) => view.getInt32(row * 4, true)
    case 'bigint':
      return (row) => view.getBigInt64(row * 8, true)
    case 'real':
      return (row) => view.getFloat32(row * 4, true)
    case 'double':
      return (row) => view.getFloat64(row * 8, true)
    case 'bytea': {
      const offsets = column.offsets ?? new Int32Array(1)
      return (row) => Buffer.from(column.values.subarray(offsets[row], offsets[row + 1]))
    }
    case 'interval':
      return (row) => {
        const at = row * 16
        const months = view.getInt32(at, true)
        const days = view.getInt32(at + 4, true)
        return intervalIso(months, days, view.getBigInt64(at + 8, true))
      }
    default: {
      const read = textReader(type, column)
      return (row) => read(row) ?? ''
    }
  }
}

/** `P14M3DT7.5S`: months, days, seconds, each with its sign. */
function intervalIso(months: number, days: number, microseconds: bigint): string {
  const negative = microseconds < 0n
  const absolute = negative ? -microseconds : microseconds
  const fraction = String(absolute % 1_000_000n).padStart(6, '0')
  return `P${months}M${days}DT${negative ? '-' : ''}${absolute / 1_000_000n}.${fraction}S`
}

/** Builds one native column out of SQLite's values. Throws a TypeError for what it cannot be. */
export function nativeColumn(type: DataType, values: readonly SqliteValue[]): NativeResultColumn {
  const physical = physicalTypeOf(type)
  const validity = new Uint8Array(Math.ceil(values.length / 8))
  let nullCount = 0
  values.forEach((value, row) => {
    if (value === null) nullCount += 1
    else validity[row >> 3] = (validity[row >> 3] ?? 0) | (1 << (row & 7))
  })
  const base = { type: physicalTypes.indexOf(physical), nullCount, validity: nullCount > 0 ? validity : undefined }
  if (physical === 'String') return { ...base, ...stringColumn(values) }
  const width = { Bool: 1, Int16: 2, Int32: 4, Int64: 8, Float32: 4, Float64: 8, Decimal: 16, Interval: 16, Uuid: 16 }[physical]
  const bytes = new Uint8Array(values.length * width)
  const view = new DataView(bytes.buffer)
  const write = writer(type, view)
  values.forEach((value, row) => {
    if (value !== null) write(row * width, value)
  })
  return { ...base, values: bytes, offsets: undefined }
}

function stringColumn(values: readonly SqliteValue[]): { values: Uint8Array; offsets: Int32Array } {
  const offsets = new Int32Array(values.length + 1)
  const pieces: Buffer[] = []
  let end = 0
  values.forEach((value, row) => {
    if (value !== null) {
      const piece = Buffer.isBuffer(value) ? value : Buffer.from(String(value))
      pieces.push(piece)
      end += piece.length
    }
    offsets[row + 1] = end
  })
  return { values: new Uint8Array(Buffer.concat(pieces)), offsets }
}

function writer(type: DataType, view: DataView): (at: number, value: Exclude<SqliteValue, null>) => void {
  switch (type.kind) {
    case 'boolean':
      return (at, value) => { view.setUint8(at, Number(value) === 0 ? 0 : 1) }
    case 'smallint':
      return (at, value) => { view.setInt16(at, Number(value), true) }
    case 'integer':
      return (at, value) => { view.setInt32(at, Number(value), true) }
    case 'bigint':
      return (at, value) => { view.setBigInt64(at, BigInt(value as bigint | number | string), true) }
    case 'real':
      return (at, value) => { view.setFloat32(at, Number(value), true) }
    case 'double':
      return (at, value) => { view.setFloat64(at, Number(value), true) }
    case 'numeric':
      return (at, value) => { setInt128(view, at, scaledInteger(String(value), type.scale ?? 0)) }
    case 'date':
      return (at, value) => { view.setInt32(at, daysOf(String(value)), true) }
    case 'time':
      return (at, value) => { view.setBigInt64(at, clockMicroseconds(String(value)), true) }
    case 'timestamp':
    case 'timestamptz':
      return (at, value) => { view.setBigInt64(at, timestampMicroseconds(String(value)), true) }
    case 'interval':
      return (at, value) => { setInterval128(view, at, String(value)) }
    case 'uuid':
      return (at, value) => {
        const hex = String(value).replaceAll('-', '')
        view.setBigUint64(at, BigInt('0x' + hex.slice(0, 16)), true)
        view.setBigUint64(at + 8, BigInt('0x' + hex.slice(16)), true)
      }
    case 'text':
    case 'bytea':
    case 'json':
    case 'unknown':
      throw new TypeError('strings have no fixed width')
  }
}

function setInt128(view: DataView, at: number, value: bigint): void {
  view.setBigUint64(at, BigInt.asUintN(64, value), true)
  view.setBigInt64(at + 8, BigInt.asIntN(64, value >> 64n), true)
}

function scaledInteger(text: string, scale: number): bigint {
  const [whole = '0', fraction = ''] = text.split('.')
  return BigInt(whole + fraction.padEnd(scale, '0').slice(0, scale))
}

function daysOf(text: string): number {
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
