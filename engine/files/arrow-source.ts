// Arrow tables, typed arrays and Arrow IPC files as sources of rows.
import { open, type FileHandle } from 'node:fs/promises'
import * as arrow from 'apache-arrow'
import { EngineError } from '#base/engine-error'
import { columnOfArrow, typeOfArrow } from './arrow-columns.ts'
import { columnsOf, readFooter, readMessage, type Message } from './arrow-messages.ts'
import type { BatchSink, ColumnSource } from './column-source.ts'
import { badFile } from './file-errors.ts'

/** Rows given to native code at a time. */
const rowsPerBatch = 65_536

/** An Arrow table in memory. Errors: 0A000 for columns of types that the engine does not have. */
export function tableSource(table: arrow.Table): ColumnSource {
  return {
    columns: table.schema.fields.map((field) => ({ name: field.name, type: typeOfArrow(field) })),
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

/** An Arrow IPC file or stream, read message by message. Errors: 22P04, 0A000. */
export async function arrowFileSource(path: string): Promise<ColumnSource> {
  const fields = await reading(path, (messages) => messages.schema())
  return {
    columns: fields.map((field) => ({ name: field.name, type: typeOfArrow(field) })),
    load: (sink, wanted) => reading(path, async (messages) => {
      await messages.schema()
      for (let batch = await messages.next(); batch !== undefined; batch = await messages.next()) {
        const [first] = batch
        const rows = first?.length ?? 0
        for (let start = 0; start < rows; start += rowsPerBatch) {
          const count = Math.min(rowsPerBatch, rows - start)
          sink.append(count, batch.map((data, i) => (wanted[i] === true ? columnOfArrow(data.slice(start, count)) : undefined)))
        }
        sink.progress(messages.done)
      }
    }),
  }
}

/** Bytes of one message at most: more is what a damaged file says. */
const messageBytesMax = 1 << 30
const [magic, continuation] = ['ARROW1', -1]

/** The messages of an open file or stream, one after the other. */
class Messages {
  readonly #file: FileHandle
  readonly #size: number
  readonly #dictionaries = new Map<number, arrow.Vector>()
  #fields: readonly arrow.Field[] | undefined
  /** Where the messages end. */
  #end: number
  #at = 0

  private constructor(file: FileHandle, size: number) {
    this.#file = file
    this.#size = size
    this.#end = size
  }
  static async of(file: FileHandle): Promise<Messages> {
    const { size } = await file.stat()
    const messages = new Messages(file, size)
    const isFile = size >= 8 && isMagic(await messages.#bytes(8))
    if (isFile) await messages.#readFooter()
    else messages.#at = 0
    return messages
  }

  /** A file has its schema at its end, and not always at its beginning: apache-arrow writes it there only. */
  async #readFooter(): Promise<void> {
    const start = this.#at
    this.#at = this.#size - 10
    const tail = await this.#bytes(10)
    if (!isMagic(tail.subarray(4))) throw new Error('its end is missing')
    const length = new DataView(tail.buffer).getInt32(0, true)
    this.#at = this.#size - 10 - length
    if (this.#at < start || length <= 0) throw new Error('its footer lies outside of it')
    this.#end = this.#at
    this.#fields = readFooter(await this.#bytes(length, this.#size))
    this.#at = start
  }

  /** How much has been read, 0 to 1. */
  get done(): number {
    return this.#size === 0 ? 1 : Math.min(1, this.#at / this.#size)
  }

  async schema(): Promise<readonly arrow.Field[]> {
    if (this.#fields !== undefined) return this.#fields
    const message = await this.#message()
    if (message?.kind !== 'schema') throw new Error('it does not begin with a schema')
    await this.#bytes(message.bodyBytes)
    this.#fields = message.fields
    return message.fields
  }

  /** The columns of the next batch; undefined at the end. */
  async next(): Promise<arrow.Data[] | undefined> {
    for (;;) {
      const message = await this.#message()
      if (message === undefined) return undefined
      const body = await this.#bytes(message.bodyBytes)
      if (message.kind === 'schema') continue // of a file, whose footer has it again
      if (message.kind === 'batch') return columnsOf(this.#fields ?? [], message.batch, body, this.#dictionaries)
      this.#addDictionary(message.id, message.isDelta, columnsOf([this.#dictionaryField(message.id)], message.batch, body, this.#dictionaries))
    }
  }

  #dictionaryField(id: number): arrow.Field {
    const type = (this.#fields ?? []).map((field) => field.type as arrow.DataType).find((one) => arrow.DataType.isDictionary(one) && one.id === id)
    if (type === undefined || !arrow.DataType.isDictionary(type)) throw new Error('a dictionary belongs to no column')
    return new arrow.Field('', type.dictionary as arrow.DataType, true)
  }

  #addDictionary(id: number, isDelta: boolean, values: readonly arrow.Data[]): void {
    const before = isDelta ? this.#dictionaries.get(id)?.data ?? [] : []
    this.#dictionaries.set(id, new arrow.Vector([...before, ...values]))
  }

  async #message(): Promise<Message | undefined> {
    if (this.#at === this.#end) return undefined
    let length = (await this.#words(1))[0] ?? 0
    if (length === continuation) length = (await this.#words(1))[0] ?? 0
    // Length 0 ends the messages.
    return length === 0 ? undefined : readMessage(await this.#bytes(length))
  }

  async #words(count: number): Promise<Int32Array> {
    return new Int32Array((await this.#bytes(count * 4)).buffer)
  }

  /** The next bytes, in memory of their own. */
  async #bytes(count: number, end = this.#end): Promise<Uint8Array> {
    if (count < 0 || this.#at < 0 || this.#at + count > end) throw new Error('it is cut off')
    if (count > messageBytesMax) throw new Error('a message has more than 1 GiB')
    const bytes = new Uint8Array(count)
    await this.#file.read(bytes, 0, count, this.#at)
    this.#at += count
    return bytes
  }
}

function isMagic(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 6)).toString('latin1') === magic
}

async function reading<T>(path: string, use: (messages: Messages) => Promise<T>): Promise<T> {
  const file = await open(path)
  try {
    return await use(await Messages.of(file))
  } catch (error) {
    if (error instanceof EngineError) throw error
    throw badFile(path, 'an Arrow IPC file', error)
  } finally {
    await file.close()
  }
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
