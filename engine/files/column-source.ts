// What every kind of input gives: columns with types, and batches of them. Files, Arrow tables and
// arrays all become this, and this becomes a read-only relation that any statement may scan.
import type { DataType } from '#base/data-type'
import type { NativeCsvOptions, NativeCsvProblem, NativeSourceColumn } from '#native/binding'

export interface SourceColumn {
  readonly name: string
  readonly type: DataType
}

/** Where a source puts its rows: the native relation made for it. */
export interface BatchSink {
  /** Errors: 53200 past memory_limit; 22021 for text that is not UTF-8. */
  append(rowCount: number, columns: readonly (NativeSourceColumn | undefined)[]): void
  openCsv(options: NativeCsvOptions): void
  feedCsv(bytes: Uint8Array, isLast: boolean): NativeCsvProblem | undefined
  /** To be called between pieces: reports progress (0 to 1) and throws 57014 when the statement was cancelled. */
  progress(done: number): void
}

export interface ColumnSource {
  /** In the order of the file. Names may repeat; then only the first can be named. */
  readonly columns: readonly SourceColumn[]
  /** Reads all rows; of the columns only those wanted need be given. Errors: EngineErrors that name the file. */
  load(sink: BatchSink, wanted: readonly boolean[]): Promise<void>
}

/** A native column with nothing special about it. */
export function sourceColumn(values: Uint8Array, more: Partial<NativeSourceColumn> = {}): NativeSourceColumn {
  return {
    layout: 'values', values, validity: undefined, bitOffset: 0, offsets: undefined, indices: undefined, entries: 0, multiplier: 1,
    ...more,
  }
}

/** The bytes under a typed array. */
export function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}
