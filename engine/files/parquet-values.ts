// What Parquet's physical values with logical types are in SQL: types, and values into native columns.
import type { DecodedArray, SchemaElement } from 'hyparquet'
import type { DataType } from '#base/data-type'
import { featureNotSupported } from '#base/errors'
import type { NativeSourceColumn } from '#native/binding'
import { bytesOf, sourceColumn } from './column-source.ts'

/** The element without its meaning: hyparquet then gives values as they are stored. */
export function plainElement(element: SchemaElement): SchemaElement {
  const { type, type_length, repetition_type, name } = element
  return {
    name,
    ...(type !== undefined && { type }),
    ...(type_length !== undefined && { type_length }),
    ...(repetition_type !== undefined && { repetition_type }),
  }
}

/** Errors: 0A000 for what the engine has no type for. */
export function typeOfParquet(element: SchemaElement): DataType {
  const { logical_type: logical, converted_type: converted, type } = element
  if (logical?.type === 'DECIMAL' || converted === 'DECIMAL') {
    const precision = element.precision ?? (logical?.type === 'DECIMAL' ? logical.precision : 38)
    const scale = element.scale ?? (logical?.type === 'DECIMAL' ? logical.scale : 0)
    if (precision <= 38 && scale <= precision) return { kind: 'numeric', precision, scale }
  } else if (logical?.type === 'INTEGER') {
    return integerType(logical.bitWidth, logical.isSigned)
  } else if (logical?.type === 'TIMESTAMP') {
    return { kind: logical.isAdjustedToUTC ? 'timestamptz' : 'timestamp' }
  } else if (logical?.type === 'UUID') {
    return { kind: 'uuid' }
  } else {
    const kind = kinds[`${logical?.type ?? ''}`] ?? kinds[`${converted ?? ''}`] ?? (logical === undefined && converted === undefined ? physical[`${type ?? ''}`] : undefined)
    const bits = /^(U?)INT_(\d+)$/.exec(converted ?? '')
    if (kind !== undefined) return { kind } as DataType
    if (bits !== null) return integerType(Number(bits[2]), bits[1] === '')
  }
  throw featureNotSupported(`the Parquet type ${logical?.type ?? converted ?? type ?? 'unknown'} of column "${element.name}" is not supported`)
}

const kinds: Readonly<Record<string, DataType['kind']>> = {
  STRING: 'text', UTF8: 'text', ENUM: 'text', JSON: 'json', DATE: 'date', TIME: 'time', TIME_MILLIS: 'time', TIME_MICROS: 'time',
  TIMESTAMP_MILLIS: 'timestamptz', TIMESTAMP_MICROS: 'timestamptz',
}

const physical: Readonly<Record<string, DataType['kind']>> = {
  BOOLEAN: 'boolean', INT32: 'integer', INT64: 'bigint', INT96: 'timestamp', FLOAT: 'real', DOUBLE: 'double',
  BYTE_ARRAY: 'bytea', FIXED_LEN_BYTE_ARRAY: 'bytea',
}

function integerType(bits: number, isSigned: boolean): DataType {
  const wide = isSigned ? bits : bits * 2
  if (wide <= 16) return { kind: 'smallint' }
  if (wide === 32) return { kind: 'integer' }
  return wide === 64 ? { kind: 'bigint' } : { kind: 'numeric', precision: 20, scale: 0 }
}

type Present = number | bigint | boolean | Uint8Array

/** Values as hyparquet gives them for a plain element; undefined and null are null. */
export function parquetColumn(values: DecodedArray, type: DataType, element: SchemaElement): NativeSourceColumn {
  const multiplier = multiplierOf(element)
  if (values instanceof Int32Array && (type.kind === 'integer' || type.kind === 'date')) return sourceColumn(bytesOf(values))
  if (values instanceof BigInt64Array && type.kind !== 'numeric') return sourceColumn(bytesOf(values), { multiplier })
  if ((values instanceof Float32Array && type.kind === 'real') || (values instanceof Float64Array && type.kind === 'double')) {
    return sourceColumn(bytesOf(values))
  }
  const rows = values as ArrayLike<Present | null | undefined>
  const validity = new Uint8Array(Math.ceil(rows.length / 8))
  const each = (put: (value: Present, row: number) => void): void => {
    for (let row = 0; row < rows.length; row++) {
      const value = rows[row]
      if (value === null || value === undefined) continue
      validity[row >> 3] = (validity[row >> 3] ?? 0) | (1 << (row & 7))
      put(value, row)
    }
  }
  if (type.kind === 'text' || type.kind === 'json' || type.kind === 'bytea') return { ...stringColumn(rows.length, each, type.kind), validity }
  const out = fixedValues(type, rows.length, each, element)
  return sourceColumn(bytesOf(out), { validity, multiplier })
}

type Each = (put: (value: Present, row: number) => void) => void

function stringColumn(length: number, each: Each, kind: 'text' | 'json' | 'bytea'): NativeSourceColumn {
  const sizes = new Int32Array(length + 1)
  each((value, row) => { sizes[row + 1] = (value as Uint8Array).length })
  for (let row = 0; row < length; row++) sizes[row + 1] = (sizes[row + 1] ?? 0) + (sizes[row] ?? 0)
  const bytes = new Uint8Array(sizes[length] ?? 0)
  each((value, row) => { bytes.set(value as Uint8Array, sizes[row] ?? 0) })
  return sourceColumn(bytes, { layout: kind === 'bytea' ? 'bytes' : 'text', offsets: sizes })
}

function fixedValues(type: DataType, length: number, each: Each, element: SchemaElement): ArrayBufferView {
  switch (type.kind) {
    case 'boolean': return filled(new Uint8Array(length), each, (value) => (value === true ? 1 : 0))
    case 'smallint': return filled(new Int16Array(length), each, (value) => Number(value))
    case 'integer':
    case 'date': return filled(new Int32Array(length), each, (value) => Number(value))
    case 'real': return filled(new Float32Array(length), each, (value) => Number(value))
    case 'double': return filled(new Float64Array(length), each, (value) => Number(value))
    case 'numeric': return decimals(length, each, element.converted_type === 'UINT_64' || element.logical_type?.type === 'INTEGER')
    case 'uuid': return uuids(length, each)
    default: return bigints(length, each, element)
  }
}

function filled<T extends Uint8Array | Int16Array | Int32Array | Float32Array | Float64Array>(out: T, each: Each, of: (value: Present) => number): T {
  each((value, row) => { out[row] = of(value) })
  return out
}

function bigints(length: number, each: Each, { type, converted_type: converted, logical_type: logical }: SchemaElement): BigInt64Array {
  const out = new BigInt64Array(length)
  const isUnsigned = type === 'INT32' && (converted === 'UINT_32' || (logical?.type === 'INTEGER' && !logical.isSigned))
  each((value, row) => { out[row] = isUnsigned ? BigInt(Number(value) >>> 0) : BigInt(value as number | bigint) })
  return out
}

function decimals(length: number, each: Each, isUnsigned: boolean): BigInt64Array {
  const out = new BigInt64Array(length * 2)
  each((value, row) => {
    const scaled = value instanceof Uint8Array ? bigEndian(value) : BigInt(value)
    const whole = isUnsigned ? BigInt.asUintN(64, scaled) : scaled
    out[row * 2] = BigInt.asIntN(64, whole)
    out[row * 2 + 1] = BigInt.asIntN(64, whole >> 64n)
  })
  return out
}

function bigEndian(bytes: Uint8Array): bigint {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return BigInt.asIntN(bytes.length * 8, value)
}

function uuids(length: number, each: Each): BigUint64Array {
  const out = new BigUint64Array(length * 2)
  each((value, row) => {
    const bytes = value as Uint8Array
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    out[row * 2] = view.getBigUint64(0)
    out[row * 2 + 1] = view.getBigUint64(8)
  })
  return out
}

/** What makes microseconds of the stored times. */
function multiplierOf({ type, converted_type: converted, logical_type: logical }: SchemaElement): number {
  const unit = logical?.type === 'TIMESTAMP' || logical?.type === 'TIME' ? logical.unit : undefined
  if (unit === 'MILLIS' || converted === 'TIMESTAMP_MILLIS' || converted === 'TIME_MILLIS') return 1000
  return unit === 'NANOS' || type === 'INT96' ? -1000 : 1
}
