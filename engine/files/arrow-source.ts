// Arrow tables, typed arrays and Arrow IPC files as sources of rows.
import { open } from 'node:fs/promises'
import * as arrow from 'apache-arrow'
import { EngineError } from '#base/engine-error'
import { columnOfArrow, typeOfArrow } from './arrow-columns.ts'
import type { BatchSink, ColumnSource, SourceColumn } from './column-source.ts'
import { badFile } from './file-errors.ts'

/** Rows given to native code at a time. */
const rowsPerBatch = 65_536

/** An Arrow table in memory. Errors: 0A000 for columns of types that the engine does not have. */
export function tableSource(table: arrow.Table): ColumnSource {
  return {
    columns: columnsOf(table.schema),
    async load(sink, wanted) {
      let done = 0
      for (const batch of table.batches) {
        appendBatch(sink, wanted, batch)
        done += batch.numRows
        sink.progress(table.numRows === 0 ? 1 : done / table.numRows)
        await turn()
      }
    },
  }
}

/** Columns as arrays of values, or typed arrays, all of one length, become an Arrow table. Errors: 22023. */
export function tableOfArrays(arrays: Readonly<Record<string, ArrayLike<unknown>>>): arrow.Table {
  const entries = Object.entries(arrays)
  const [first] = entries
  const wrong = entries.find(([, values]) => values.length !== first?.[1].length)
  if (wrong !== undefined) {
    throw new EngineError('invalid_parameter_value', { message: `column "${wrong[0]}" has ${wrong[1].length} values, the first has ${first?.[1].length ?? 0}` })
  }
  const vectors = entries.map(([name, values]) => [name, vectorOf(name, values)] as const)
  return new arrow.Table(Object.fromEntries(vectors))
}

function vectorOf(name: string, values: ArrayLike<unknown>): arrow.Vector {
  if (ArrayBuffer.isView(values)) return arrow.vectorFromArray(values as unknown as Int32Array)
  const present = Array.from(values).find((value) => value !== null && value !== undefined)
  const list = values as unknown[]
  switch (typeof present) {
    case 'string': return arrow.vectorFromArray(list, new arrow.Utf8())
    case 'number': return arrow.vectorFromArray(list, new arrow.Float64())
    case 'bigint': return arrow.vectorFromArray(list, new arrow.Int64())
    case 'boolean': return arrow.vectorFromArray(list, new arrow.Bool())
    case 'undefined': return arrow.vectorFromArray(list, new arrow.Null())
    default:
      if (present instanceof Date) return arrow.vectorFromArray(list, new arrow.TimestampMillisecond('UTC'))
      if (present instanceof Uint8Array) return arrow.vectorFromArray(list, new arrow.Binary())
      throw new EngineError('invalid_parameter_value', { message: `column "${name}" has values that no type has` })
  }
}

/** An Arrow IPC file or stream, read batch by batch. Errors: 22P04, 0A000. */
export async function arrowFileSource(path: string): Promise<ColumnSource> {
  const columns = await reading(path, async (reader) => columnsOf((await reader.open()).schema))
  return {
    columns,
    load: (sink, wanted) => reading(path, async (reader) => {
      for await (const batch of reader) {
        appendBatch(sink, wanted, batch)
        sink.progress(0)
      }
    }),
  }
}

async function reading<T>(path: string, use: (reader: arrow.RecordBatchReader) => Promise<T>): Promise<T> {
  const file = await open(path)
  try {
    const reader = await arrow.RecordBatchReader.from(file)
    return await use(reader as unknown as arrow.RecordBatchReader)
  } catch (error) {
    if (error instanceof EngineError) throw error
    throw badFile(path, 'an Arrow IPC file', error)
  } finally {
    await file.close().catch(() => undefined)
  }
}

function columnsOf(schema: arrow.Schema | null | undefined): SourceColumn[] {
  if (schema === null || schema === undefined) throw new Error('it has no schema')
  return schema.fields.map((field) => ({ name: field.name, type: typeOfArrow(field) }))
}

function appendBatch(sink: BatchSink, wanted: readonly boolean[], batch: arrow.RecordBatch): void {
  for (let start = 0; start < batch.numRows; start += rowsPerBatch) {
    const rows = batch.numRows <= rowsPerBatch ? batch : batch.slice(start, start + rowsPerBatch)
    sink.append(rows.numRows, rows.data.children.map((data, i) => (wanted[i] === true ? columnOfArrow(data) : undefined)))
  }
}

/** Lets what waits on this thread go first. */
function turn(): Promise<void> {
  return new Promise((resolve) => { setImmediate(resolve) })
}
