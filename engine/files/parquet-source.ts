// Parquet files as sources of rows: the row groups' physical values, by hyparquet, and what their
// logical types mean here. Values are taken raw, since hyparquet makes floats of decimals and Dates of times.
import { open, type FileHandle } from 'node:fs/promises'
import type { AsyncBuffer, DecodedArray, FileMetaData, SchemaElement } from 'hyparquet'
import { EngineError } from '#base/engine-error'
import { featureNotSupported } from '#base/errors'
import type { NativeSourceColumn } from '#native/binding'
import type { ColumnSource, SourceColumn } from './column-source.ts'
import { badFile } from './file-errors.ts'
import { parquetColumn, plainElement, typeOfParquet } from './parquet-values.ts'

/** Rows read at a time: a row group may be large. */
const rowsPerRead = 262_144

/** Bytes that one read of a Parquet file may ask for: more is what a damaged file says. */
const readBytesMax = 1 << 30

interface Opened {
  readonly metadata: FileMetaData
  readonly elements: readonly SchemaElement[]
}

/** Errors: 22P04 for files that are not Parquet, 0A000 for nested columns. */
export async function parquetSource(path: string): Promise<ColumnSource> {
  const { metadata, elements } = await reading(path, async (file) => {
    const { parquetMetadataAsync } = await import('hyparquet')
    const parsed = await parquetMetadataAsync(file)
    return { metadata: parsed, elements: topLevel(parsed) }
  })
  const columns = elements.map((element): SourceColumn => ({ name: element.name, type: typeOfParquet(element) }))
  return {
    columns,
    load: (sink, wanted) => reading(path, async (file) => {
      const rows = Number(metadata.num_rows)
      for (let start = 0; start < rows; start += rowsPerRead) {
        const end = Math.min(start + rowsPerRead, rows)
        const data = await readColumns(file, { metadata, elements }, wanted, start, end)
        sink.append(end - start, data.map((values, i) => nativeColumn(values, columns[i], elements[i], end - start)))
        sink.progress(end / rows)
      }
    }),
  }
}

function nativeColumn(values: DecodedArray | undefined, column: SourceColumn | undefined, element: SchemaElement | undefined, rows: number): NativeSourceColumn | undefined {
  if (values === undefined || column === undefined || element === undefined) return undefined
  if (values.length !== rows) throw new Error(`column ${column.name} has ${values.length} values where ${rows} rows are`)
  return parquetColumn(values, column.type, element)
}

function topLevel(metadata: FileMetaData): SchemaElement[] {
  const [root, ...elements] = metadata.schema
  const nested = elements.find((element) => (element.num_children ?? 0) > 0 || element.repetition_type === 'REPEATED')
  if (nested !== undefined) throw featureNotSupported(`nested Parquet columns are not supported: "${nested.name}"`)
  if (root?.num_children !== elements.length) throw new Error('its schema does not add up')
  return elements
}

/** Each wanted column's values of the rows [start, end). */
async function readColumns(file: AsyncBuffer, { metadata, elements }: Opened, wanted: readonly boolean[], start: number, end: number): Promise<(DecodedArray | undefined)[]> {
  const { parquetScan } = await import('hyparquet')
  const { compressors } = await import('hyparquet-compressors')
  const columns = elements.flatMap(({ name }, i) => (wanted[i] === true ? [name] : []))
  const schema = metadata.schema.map((element, i) => (i === 0 ? element : plainElement(element)))
  const raw = { ...metadata, schema }
  const parsers = { timestampFromNanoseconds: (nanoseconds: bigint) => nanoseconds }
  const scan = await parquetScan({ file, metadata: raw, columns, rowStart: start, rowEnd: end, compressors, utf8: false, parsers, geoparquet: false })
  return Promise.all(elements.map(async ({ name }, i) => {
    if (wanted[i] !== true) return undefined
    const parts = await Promise.all(scan.ranges.map((range) => scan.readColumn({ column: name, ...range })))
    const [only] = parts
    return parts.length === 1 && only !== undefined ? only : parts.flatMap((part) => Array.from(part as ArrayLike<unknown>))
  }))
}

async function reading<T>(path: string, use: (file: AsyncBuffer) => Promise<T>): Promise<T> {
  const file = await open(path)
  try {
    return await use(await asyncBuffer(file))
  } catch (error) {
    if (error instanceof EngineError) throw error
    throw badFile(path, 'a Parquet file', error)
  } finally {
    await file.close()
  }
}

async function asyncBuffer(file: FileHandle): Promise<AsyncBuffer> {
  const { size } = await file.stat()
  return {
    byteLength: size,
    slice(start, end = size) {
      const bytes = readBytes(file, size, start, end)
      // The reader asks ahead, and waits for nothing more once one piece was wrong: the others fail unheard.
      bytes.catch(() => undefined)
      return bytes
    },
  }
}

async function readBytes(file: FileHandle, size: number, start: number, end: number): Promise<ArrayBuffer> {
  const length = end - start
  if (start < 0 || length < 0 || end > size || length > readBytesMax) throw new Error('it points outside of itself')
  const bytes = new ArrayBuffer(length)
  if (length > 0) await file.read(new Uint8Array(bytes), 0, length, start)
  return bytes
}
