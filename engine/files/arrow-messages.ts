// The messages of Arrow IPC files and streams: flatbuffers read with every offset and length checked, since
// files come from strangers and apache-arrow's own reader does not return from some damaged ones.
// Source: the Arrow columnar format, "Serialization and Interprocess Communication", Message.fbs, Schema.fbs.
import * as arrow from 'apache-arrow'
import { featureNotSupported } from '#base/errors'

/** A table of a flatbuffer: fields by number, defaults where they are absent. Errors: RangeError outside of the bytes. */
class Table {
  readonly #view: DataView
  readonly #at: number
  readonly #fields: number
  readonly #size: number

  constructor(view: DataView, at: number) {
    this.#view = view
    this.#at = at
    this.#fields = at - view.getInt32(at, true)
    this.#size = view.getUint16(this.#fields, true)
  }
  static root(bytes: Uint8Array): Table {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return new Table(view, view.getUint32(0, true))
  }
  int8(field: number, otherwise = 0): number {
    const at = this.#place(field)
    return at === undefined ? otherwise : this.#view.getUint8(at)
  }
  int16(field: number, otherwise = 0): number {
    const at = this.#place(field)
    return at === undefined ? otherwise : this.#view.getInt16(at, true)
  }
  int32(field: number, otherwise = 0): number {
    const at = this.#place(field)
    return at === undefined ? otherwise : this.#view.getInt32(at, true)
  }
  int64(field: number): number {
    const at = this.#place(field)
    return at === undefined ? 0 : safe(this.#view.getBigInt64(at, true))
  }
  table(field: number): Table | undefined {
    const at = this.#place(field)
    return at === undefined ? undefined : new Table(this.#view, at + this.#view.getUint32(at, true))
  }
  text(field: number): string | undefined {
    const vector = this.#vector(field, 1)
    return vector && Buffer.from(this.#view.buffer, this.#view.byteOffset + vector.start, vector.length).toString('utf8')
  }
  tables(field: number): Table[] {
    const { start, length } = this.#vector(field, 4) ?? { start: 0, length: 0 }
    return Array.from({ length }, (_, i) => new Table(this.#view, start + 4 * i + this.#view.getUint32(start + 4 * i, true)))
  }
  /** Structs of two 64-bit numbers. */
  pairs(field: number): (readonly [number, number])[] {
    const { start, length } = this.#vector(field, 16) ?? { start: 0, length: 0 }
    const at = (i: number): number => safe(this.#view.getBigInt64(i, true))
    return Array.from({ length }, (_, i) => [at(start + 16 * i), at(start + 16 * i + 8)] as const)
  }

  #place(field: number): number | undefined {
    const slot = 4 + 2 * field
    const offset = slot < this.#size ? this.#view.getUint16(this.#fields + slot, true) : 0
    return offset === 0 ? undefined : this.#at + offset
  }
  #vector(field: number, width: number): { start: number; length: number } | undefined {
    const at = this.#place(field)
    if (at === undefined) return undefined
    const start = at + this.#view.getUint32(at, true)
    const length = this.#view.getUint32(start, true)
    if (start + 4 + length * width > this.#view.byteLength) throw new RangeError('a list ends outside of its message')
    return { start: start + 4, length }
  }
}

function safe(value: bigint): number {
  if (value < 0n || value > 9007199254740991n) throw new RangeError('a length is negative or beyond all files')
  return Number(value)
}

/** Rows of all columns of a batch, as the message describes them in its body. */
interface BatchHeader {
  readonly length: number
  readonly nodes: readonly (readonly [length: number, nulls: number])[]
  readonly buffers: readonly (readonly [offset: number, length: number])[]
}

export type Message =
  | { readonly kind: 'schema'; readonly fields: readonly arrow.Field[]; readonly bodyBytes: number }
  | { readonly kind: 'dictionary'; readonly id: number; readonly isDelta: boolean; readonly batch: BatchHeader; readonly bodyBytes: number }
  | { readonly kind: 'batch'; readonly batch: BatchHeader; readonly bodyBytes: number }

/** Reads a message's metadata. Errors: 0A000 for what is not supported; RangeError, Error for what is damaged. */
export function readMessage(bytes: Uint8Array): Message {
  const message = Table.root(bytes)
  const header = message.table(2)
  const bodyBytes = message.int64(3)
  if (header === undefined) throw new Error('a message is empty')
  switch (message.int8(1)) {
    case 1:
      return { kind: 'schema', fields: readSchema(header), bodyBytes }
    case 2: {
      const data = header.table(1)
      if (data === undefined) throw new Error('a dictionary is empty')
      return { kind: 'dictionary', id: header.int64(0), isDelta: header.int8(2) !== 0, batch: readBatch(data), bodyBytes }
    }
    case 3:
      return { kind: 'batch', batch: readBatch(header), bodyBytes }
    default:
      throw new Error('a message is of no known kind')
  }
}

/** The columns that a file's footer names. */
export function readFooter(bytes: Uint8Array): readonly arrow.Field[] {
  const schema = Table.root(bytes).table(1)
  if (schema === undefined) throw new Error('its footer has no schema')
  return readSchema(schema)
}

function readSchema(schema: Table): arrow.Field[] {
  if (schema.int16(0) !== 0) throw featureNotSupported('big-endian Arrow files are not supported')
  return schema.tables(1).map(readField)
}

function readBatch(batch: Table): BatchHeader {
  if (batch.table(3) !== undefined) throw featureNotSupported('compressed Arrow files are not supported')
  return { length: batch.int64(0), nodes: batch.pairs(1), buffers: batch.pairs(2) }
}

function readField(field: Table): arrow.Field {
  const name = field.text(0) ?? ''
  const values = readType(name, field.int8(2), field.table(3))
  const dictionary = field.table(4)
  if (dictionary === undefined) return new arrow.Field(name, values, true)
  const index = dictionary.table(1)
  const indices = index === undefined ? new arrow.Int32() : readType(name, 2, index)
  return new arrow.Field(name, new arrow.Dictionary(values, indices as arrow.Int32, dictionary.int64(0)), true)
}

function readType(name: string, kind: number, type: Table | undefined): arrow.DataType {
  const read = type === undefined ? undefined : typeReaders[kind]
  if (type !== undefined && read !== undefined) return read(type)
  throw featureNotSupported(`the Arrow type number ${kind} of column "${name}" is not supported`)
}

const typeReaders: Readonly<Record<number, (type: Table) => arrow.DataType>> = {
  1: () => new arrow.Null(),
  2: (type) => integerType(type.int32(0), type.int8(1) !== 0),
  3: (type) => [new arrow.Float16(), new arrow.Float32(), new arrow.Float64()][type.int16(0)] ?? noType(),
  4: () => new arrow.Binary(),
  5: () => new arrow.Utf8(),
  6: () => new arrow.Bool(),
  7: (type) => new arrow.Decimal(type.int32(1), type.int32(0), type.int32(2, 128)),
  8: (type) => (type.int16(0, 1) === 0 ? new arrow.DateDay() : new arrow.DateMillisecond()),
  9: (type) => new arrow.Time(unitOf(type.int16(0, 1)), type.int32(1, 32) === 64 ? 64 : 32),
  10: (type) => new arrow.Timestamp(unitOf(type.int16(0)), type.text(1) ?? null),
  15: (type) => new arrow.FixedSizeBinary(type.int32(0)),
  19: () => new arrow.LargeBinary(),
  20: () => new arrow.LargeUtf8(),
}

function noType(): never {
  throw new Error('a type has no such width')
}

function integerType(bits: number, isSigned: boolean): arrow.DataType {
  if (![8, 16, 32, 64].includes(bits)) noType()
  return new arrow.Int(isSigned, bits as 32)
}

function unitOf(unit: number): arrow.TimeUnit {
  if (unit < 0 || unit > 3) noType()
  return unit
}

/** The columns of a batch. Errors: Error when its buffers are not those of the fields. */
export function columnsOf(fields: readonly arrow.Field[], batch: BatchHeader, body: Uint8Array, dictionaries: ReadonlyMap<number, arrow.Vector>): arrow.Data[] {
  let buffer = 0
  const next = (): Uint8Array => {
    const [offset, length] = batch.buffers[buffer++] ?? [0, body.length + 1]
    if (offset + length > body.length) throw new Error('a buffer lies outside of its batch')
    // Typed arrays need their alignment, whatever a file says.
    return offset % 8 === 0 ? body.subarray(offset, offset + length) : body.slice(offset, offset + length)
  }
  return fields.map((field, i) => {
    const [length, nullCount] = batch.nodes[i] ?? [-1, 0]
    if (length !== batch.length) throw new Error('a column has another number of rows than its batch')
    if (nullCount > length) throw new Error('a column has more nulls than rows')
    return columnData(field.type as arrow.DataType, length, nullCount, next, dictionaries)
  })
}

function columnData(type: arrow.DataType, length: number, nullCount: number, next: () => Uint8Array, dictionaries: ReadonlyMap<number, arrow.Vector>): arrow.Data {
  const make = (more: object): arrow.Data => arrow.makeData({ type, length, nullCount, ...more } as unknown as Parameters<typeof arrow.makeData>[0])
  if (arrow.DataType.isNull(type)) return make({})
  const nullBitmap = next()
  if (nullCount > 0 && nullBitmap.length * 8 < length) throw new Error('a bitmap of nulls is too short')
  if (arrow.DataType.isDictionary(type)) {
    const dictionary = dictionaries.get(type.id)
    if (dictionary === undefined) throw new Error('a dictionary is missing')
    return make({ nullBitmap, data: valuesOf(type.indices as arrow.DataType, next(), length), dictionary })
  }
  const isLarge = arrow.DataType.isLargeUtf8(type) || arrow.DataType.isLargeBinary(type)
  if (isLarge || arrow.DataType.isUtf8(type) || arrow.DataType.isBinary(type)) {
    const offsets = next()
    const count = Math.floor(offsets.length / (isLarge ? 8 : 4))
    // A batch of no rows may have no offsets at all.
    if (count < length + 1 && length > 0) throw new Error('a column has too few offsets')
    const valueOffsets = isLarge ? new BigInt64Array(offsets.buffer, offsets.byteOffset, count) : new Int32Array(offsets.buffer, offsets.byteOffset, count)
    return make({ nullBitmap, valueOffsets: count === 0 ? (isLarge ? new BigInt64Array(1) : new Int32Array(1)) : valueOffsets, data: next() })
  }
  return make({ nullBitmap, data: valuesOf(type, next(), length) })
}

/** The array that holds a type's values; shorter ones than `length` are refused. */
function valuesOf(type: arrow.DataType, bytes: Uint8Array, length: number): ArrayBufferView {
  if (arrow.DataType.isBool(type)) return enough(bytes, Math.ceil(length / 8), 1)
  if (arrow.DataType.isFixedSizeBinary(type)) {
    if (type.byteWidth < 0) noType()
    return enough(bytes, length * type.byteWidth, 1)
  }
  const stride = arrow.DataType.isDecimal(type) ? type.bitWidth / 32 : 1
  const { ArrayType } = type as unknown as { ArrayType: (new (buffer: ArrayBufferLike, offset: number, length: number) => ArrayBufferView) & { BYTES_PER_ELEMENT: number } }
  enough(bytes, length * stride, ArrayType.BYTES_PER_ELEMENT)
  return new ArrayType(bytes.buffer, bytes.byteOffset, length * stride)
}

function enough(bytes: Uint8Array, count: number, width: number): Uint8Array {
  if (bytes.length < count * width) throw new Error('a column has too few values')
  return bytes
}
