// Arrow columns as native ones: buffers are handed over as they are, types that the engine does not
// have are widened. No work per row but for the few types that lie differently.
import * as arrow from 'apache-arrow'
import type { DataType } from '#base/data-type'
import { featureNotSupported } from '#base/errors'
import type { NativeSourceColumn } from '#native/binding'
import { bytesOf, sourceColumn } from './column-source.ts'

/** The SQL type of an Arrow column. Errors: 0A000 for nested types and those that the engine does not have. */
export function typeOfArrow(field: arrow.Field): DataType {
  const type = valueTypeOf(field.type as arrow.DataType)
  if (arrow.DataType.isInt(type)) return integerType(type)
  if (arrow.DataType.isFloat(type)) return { kind: type.precision === arrow.Precision.DOUBLE ? 'double' : 'real' }
  if (arrow.DataType.isDecimal(type) && type.bitWidth === 128) return { kind: 'numeric', precision: type.precision, scale: type.scale }
  if (arrow.DataType.isTimestamp(type)) return { kind: type.timezone === null || type.timezone === undefined ? 'timestamp' : 'timestamptz' }
  const plain = plainTypes.find(([is]) => is(type))
  if (plain !== undefined) return plain[1]
  throw featureNotSupported(`the Arrow type ${String(field.type)} of column "${field.name}" is not supported`)
}

const plainTypes: readonly (readonly [(type: arrow.DataType) => boolean, DataType])[] = [
  [(type) => arrow.DataType.isBool(type), { kind: 'boolean' }],
  [(type) => arrow.DataType.isUtf8(type), { kind: 'text' }],
  [(type) => arrow.DataType.isLargeUtf8(type), { kind: 'text' }],
  [(type) => arrow.DataType.isNull(type), { kind: 'text' }],
  [(type) => arrow.DataType.isBinary(type), { kind: 'bytea' }],
  [(type) => arrow.DataType.isLargeBinary(type), { kind: 'bytea' }],
  [(type) => arrow.DataType.isFixedSizeBinary(type), { kind: 'bytea' }],
  [(type) => arrow.DataType.isDate(type), { kind: 'date' }],
  [(type) => arrow.DataType.isTime(type), { kind: 'time' }],
]

function valueTypeOf(type: arrow.DataType): arrow.DataType {
  if (!arrow.DataType.isDictionary(type)) return type
  const values = type.dictionary as arrow.DataType
  return arrow.DataType.isUtf8(values) ? values : type
}

function integerType({ bitWidth, isSigned }: arrow.Int): DataType {
  const bits = isSigned ? bitWidth : bitWidth * 2
  if (bits <= 16) return { kind: 'smallint' }
  if (bits === 32) return { kind: 'integer' }
  return bits === 64 ? { kind: 'bigint' } : { kind: 'numeric', precision: 20, scale: 0 }
}

/** One chunk of an Arrow column. Errors: 0A000 as typeOfArrow(). */
export function columnOfArrow(data: arrow.Data): NativeSourceColumn {
  const nulls = { validity: validityOf(data), bitOffset: data.offset }
  const { type } = data
  if (arrow.DataType.isNull(type)) return nothing(data.length)
  if (arrow.DataType.isDictionary(type)) return dictionaryColumn(data, nulls)
  if (arrow.DataType.isUtf8(type) || arrow.DataType.isLargeUtf8(type)) return stringColumn(data, 'text', nulls)
  if (arrow.DataType.isBinary(type) || arrow.DataType.isLargeBinary(type)) return stringColumn(data, 'bytes', nulls)
  if (arrow.DataType.isFixedSizeBinary(type)) return fixedColumn(data, type.byteWidth, nulls)
  if (arrow.DataType.isBool(type)) return sourceColumn(bytesOf(data.values as Uint8Array), { ...nulls, layout: 'bits' })
  return sourceColumn(bytesOf(valuesOf(data)), { ...nulls, multiplier: multiplierOf(type) })
}

type Nulls = Pick<NativeSourceColumn, 'validity' | 'bitOffset'>

function validityOf(data: arrow.Data): Uint8Array | undefined {
  const bits = data.nullBitmap as Uint8Array | undefined
  return bits === undefined || bits.byteLength === 0 || data.nullCount === 0 ? undefined : bytesOf(bits)
}

function nothing(length: number): NativeSourceColumn {
  const validity = new Uint8Array(Math.ceil(length / 8))
  return sourceColumn(new Uint8Array(0), { layout: 'text', validity, offsets: new Int32Array(length + 1) })
}

function stringColumn(data: arrow.Data, layout: 'text' | 'bytes', nulls: Nulls): NativeSourceColumn {
  return sourceColumn(bytesOf(data.values as Uint8Array), { ...nulls, layout, offsets: data.valueOffsets as Int32Array | BigInt64Array })
}

function fixedColumn(data: arrow.Data, width: number, nulls: Nulls): NativeSourceColumn {
  const offsets = Int32Array.from({ length: data.length + 1 }, (_, row) => row * width)
  return sourceColumn(bytesOf(data.values as Uint8Array), { ...nulls, layout: 'bytes', offsets })
}

function dictionaryColumn(data: arrow.Data, nulls: Nulls): NativeSourceColumn {
  const entries = data.dictionary as arrow.Vector | undefined
  const [only] = entries?.data ?? []
  const indices = Int32Array.from(data.values as Int32Array, Number)
  if (entries !== undefined && entries.data.length === 1 && only !== undefined && only.nullCount === 0) {
    return sourceColumn(bytesOf(only.values as Uint8Array), {
      ...nulls, layout: 'text', indices, entries: only.length, offsets: only.valueOffsets as Int32Array,
    })
  }
  const texts = Array.from({ length: data.length }, (_, row) => (entries?.get(indices[row] ?? 0) as string | null | undefined) ?? '')
  return { ...textColumn(texts), ...nulls }
}

/** A column of JavaScript strings. */
export function textColumn(texts: readonly string[]): NativeSourceColumn {
  const offsets = new Int32Array(texts.length + 1)
  const values = Buffer.from(texts.join(''))
  let end = 0
  texts.forEach((text, row) => {
    end += Buffer.byteLength(text)
    offsets[row + 1] = end
  })
  return sourceColumn(values, { layout: 'text', offsets })
}

/** Values as wide as the engine's. */
function valuesOf({ type, values }: arrow.Data): ArrayBufferView {
  if (arrow.DataType.isInt(type)) return integers(type, values as Int32Array)
  if (arrow.DataType.isFloat(type) && type.precision === arrow.Precision.HALF) return halves(values as Uint16Array)
  if (arrow.DataType.isDate(type) && type.unit === arrow.DateUnit.MILLISECOND) {
    return Int32Array.from(values as BigInt64Array, (value) => Number(value) / 86_400_000)
  }
  if (arrow.DataType.isTime(type) && type.bitWidth === 32) return BigInt64Array.from(values as Int32Array, BigInt)
  const known = arrow.DataType.isFloat(type) || arrow.DataType.isDate(type) || arrow.DataType.isTime(type) ||
    arrow.DataType.isTimestamp(type) || (arrow.DataType.isDecimal(type) && type.bitWidth === 128)
  if (known) return values as ArrayBufferView
  throw featureNotSupported(`Arrow columns of the type number ${type.typeId} are not supported`)
}

function integers({ bitWidth, isSigned }: arrow.Int, values: ArrayBufferView): ArrayBufferView {
  if (isSigned) return bitWidth === 8 ? Int16Array.from(values as Int8Array) : values
  switch (bitWidth) {
    case 8: return Int16Array.from(values as Uint8Array)
    case 16: return Int32Array.from(values as Uint16Array)
    case 32: return BigInt64Array.from(values as Uint32Array, BigInt)
    default: return BigUint64Array.from({ length: values.byteLength / 4 }, (_, i) => (i % 2 === 0 ? (values as BigUint64Array)[i / 2] ?? 0n : 0n))
  }
}

function halves(values: Uint16Array): Float32Array {
  return Float32Array.from(values, (bits) => {
    const [sign, exponent, fraction] = [bits >> 15 === 0 ? 1 : -1, (bits >> 10) & 31, bits & 1023]
    if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN
    return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
  })
}

/** What makes microseconds of a type's unit. */
function multiplierOf(type: arrow.DataType): number {
  if (!arrow.DataType.isTimestamp(type) && !arrow.DataType.isTime(type)) return 1
  switch (type.unit) {
    case arrow.TimeUnit.SECOND: return 1_000_000
    case arrow.TimeUnit.MILLISECOND: return 1000
    case arrow.TimeUnit.MICROSECOND: return 1
    case arrow.TimeUnit.NANOSECOND: return -1000
  }
}
