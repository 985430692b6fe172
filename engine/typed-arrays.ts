// A column's values as the typed array that they are: no copy, no work per row.
import type { DataType } from '#base/data-type'
import { featureNotSupported } from '#base/errors'
import type { NativeResultColumn } from '#native/binding'

export type ColumnArray = Uint8Array | Int16Array | Int32Array | BigInt64Array | Float32Array | Float64Array | Uint32Array

/**
 * One value per row; a numeric has four words of 32 bits, the lowest first, a uuid and an interval 16 bytes, a
 * boolean a byte. Undefined: strings and bytes, which have no fixed size.
 */
export function typedArray(type: DataType, column: NativeResultColumn, length: number): ColumnArray | undefined {
  const { buffer, byteOffset } = column.values
  switch (type.kind) {
    case 'smallint': return new Int16Array(buffer, byteOffset, length)
    case 'integer':
    case 'date': return new Int32Array(buffer, byteOffset, length)
    case 'bigint':
    case 'time':
    case 'timestamp':
    case 'timestamptz': return new BigInt64Array(buffer, byteOffset, length)
    case 'real': return new Float32Array(buffer, byteOffset, length)
    case 'double': return new Float64Array(buffer, byteOffset, length)
    case 'numeric': return new Uint32Array(buffer, byteOffset, length * 4)
    case 'boolean':
    case 'interval':
    case 'uuid': return column.values
    case 'bytea':
    case 'text':
    case 'json':
    case 'unknown': return undefined
  }
}

/** Errors: 0A000 for strings and bytes. */
export function requireTypedArray(name: string, type: DataType, column: NativeResultColumn, length: number): ColumnArray {
  const array = typedArray(type, column, length)
  if (array !== undefined) return array
  throw featureNotSupported(`column "${name}" has no typed array`, undefined, 'Use toArrow(), which has strings and bytes as well.')
}
