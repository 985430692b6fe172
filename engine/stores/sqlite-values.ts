// Values of native columns as SQLite keeps them: integers and reals as they are, everything that SQLite has
// no type for as the text a person would expect to find in the file.
import type { DataType } from '#base/data-type'
import type { NativeResultColumn } from '#native/binding'
import { isNull, textReader } from '../cells.ts'

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
