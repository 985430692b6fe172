// Native batches as Arrow tables: the buffers are Arrow's already, so columns are wrapped, not copied;
// only booleans are packed to bits. Loaded when somebody asks for it: apache-arrow takes 120 ms.
import * as arrow from 'apache-arrow'
import type { DataType } from '#base/data-type'
import type { NativeResultBatch, NativeResultColumn } from '#native/binding'
import type { ResultColumn } from './result.ts'
import { typedArray } from './typed-arrays.ts'

/** Digits of the widest numeric: Arrow's Decimal128. */
const decimalPrecision = 38

export function arrowTable(columns: readonly ResultColumn[], batches: readonly NativeResultBatch[]): arrow.Table {
  const fields = columns.map(({ name, type }) => new arrow.Field(name, arrowType(type), true))
  const schema = new arrow.Schema(fields)
  const recordBatches = batches.map((batch) => {
    const children = columns.map(({ type }, i) => columnData(type, batch.columns[i] as NativeResultColumn, batch.rowCount))
    const struct = arrow.makeData({ type: new arrow.Struct(fields), length: batch.rowCount, nullCount: 0, children })
    return new arrow.RecordBatch(schema, struct)
  })
  return new arrow.Table(schema, recordBatches)
}

function arrowType(type: DataType): arrow.DataType {
  switch (type.kind) {
    case 'boolean': return new arrow.Bool()
    case 'smallint': return new arrow.Int16()
    case 'integer': return new arrow.Int32()
    case 'bigint': return new arrow.Int64()
    case 'real': return new arrow.Float32()
    case 'double': return new arrow.Float64()
    case 'numeric': return new arrow.Decimal(type.scale ?? 0, type.precision ?? decimalPrecision)
    case 'bytea': return new arrow.Binary()
    case 'date': return new arrow.DateDay()
    case 'time': return new arrow.TimeMicrosecond()
    case 'timestamp': return new arrow.TimestampMicrosecond()
    case 'timestamptz': return new arrow.TimestampMicrosecond('UTC')
    case 'interval':
    case 'uuid': return new arrow.FixedSizeBinary(16)
    case 'text':
    case 'json':
    case 'unknown': return new arrow.Utf8()
  }
}

function columnData(type: DataType, column: NativeResultColumn, length: number): arrow.Data {
  const nulls = { length, nullCount: column.nullCount, nullBitmap: column.validity }
  const data = type.kind === 'boolean' ? packedBits(column.values) : (typedArray(type, column, length) ?? column.values)
  const offsets = column.offsets === undefined ? {} : { valueOffsets: column.offsets }
  return arrow.makeData({ type: arrowType(type), ...nulls, ...offsets, data } as unknown as Parameters<typeof arrow.makeData>[0])
}

function packedBits(bytes: Uint8Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(bytes.length / 8))
  bytes.forEach((byte, row) => {
    if (byte !== 0) bits[row >> 3] = (bits[row >> 3] ?? 0) | (1 << (row & 7))
  })
  return bits
}
