// Memory shared with native code for small reads (native-kernels/src/binding/exchange.h has its layout):
// parameters go in and rows come out without an object for either. What is in it lasts until the next read.
import { physicalTypeOf, type DataType } from '#base/data-type'
import type { NativeResultBatch, NativeResultColumn } from '#native/binding'
import { physicalTypes } from '#planner/program'
import { isNullBit, setCell, valueReader, type Reader, type Value } from './cells.ts'
import { parameterValues, type ParameterValue } from './parameters.ts'
import type { ResultColumn, Row } from './result.ts'

const headerWords = 2
const columnWords = 5
/** Places of a column's words among its words. */
const nullCountWord = 1
const validityWord = 2
const valuesWord = 3
const offsetsWord = 4

/** A value is too large, or must be converted or refused. */
const notPut = -1

const twoTo32 = 2 ** 32

export class Exchange {
  readonly #words: Int32Array
  readonly #view: DataView
  readonly #bytes: Buffer

  constructor(memory: ArrayBuffer) {
    this.#words = new Int32Array(memory)
    this.#view = new DataView(memory)
    this.#bytes = Buffer.from(memory)
  }

  /**
   * Puts a statement's parameters where the next read looks for them.
   *
   * Returns: how many bytes they have, beside two words for each; -1: they have no room.
   * Errors: those of parameterValues().
   */
  put(types: readonly DataType[], values: readonly ParameterValue[]): number {
    const start = types.length * 8
    if (values.length !== types.length || start > this.#bytes.length) return this.#putEncoded(types, values)
    let end = start
    for (let i = 0; i < types.length; i++) {
      const value = values[i]
      const isNull = value === null || value === undefined
      const size = isNull ? 0 : this.#putValue(types[i] as DataType, value, end)
      if (size === notPut) return this.#putEncoded(types, values)
      this.#words[2 * i] = isNull ? -1 : end - start
      this.#words[2 * i + 1] = size
      end += size
    }
    return end - start
  }

  /** Makes objects of the rows of statements with these columns. */
  reader(columns: readonly ResultColumn[]): RowReader {
    return new RowReader(columns, this.#words, this.#bytes)
  }

  /** A copy of the rows that a read has left, which lasts. */
  copy(columnCount: number): NativeResultBatch {
    const [rowCount = 0, used = 0] = this.#words
    const start = this.#bytes.byteOffset
    const memory = this.#bytes.buffer.slice(start, start + used) as ArrayBuffer
    const columns: NativeResultColumn[] = []
    for (let i = 0; i < columnCount && rowCount > 0; i++) columns.push(this.#copied(memory, headerWords + i * columnWords, rowCount))
    return { rowCount, columns }
  }

  #copied(memory: ArrayBuffer, word: number, rowCount: number): NativeResultColumn {
    const type = this.#words[word] ?? 0
    const nullCount = this.#words[word + nullCountWord] ?? 0
    const start = this.#words[word + valuesWord] ?? 0
    const unit = unitOfType[type]
    const offsets = unit === undefined ? this.#copiedOffsets(memory, word, rowCount, start) : undefined
    const validity = nullCount === 0 ? undefined : new Uint8Array(memory, this.#words[word + validityWord], (rowCount + 7) >> 3)
    const values = new Uint8Array(memory, start, offsets?.[rowCount] ?? rowCount << (unit ?? 0))
    return { type, nullCount, validity, values, offsets }
  }

  #copiedOffsets(memory: ArrayBuffer, word: number, rowCount: number, start: number): Int32Array {
    const offsets = new Int32Array(memory, this.#words[word + offsetsWord], rowCount + 1)
    for (let i = 0; i <= rowCount; i++) offsets[i] = (offsets[i] ?? 0) - start
    return offsets
  }

  /** Every value that there is, by way of objects. */
  #putEncoded(types: readonly DataType[], values: readonly ParameterValue[]): number {
    const { words, bytes } = parameterValues(types, values)
    if (words.byteLength + bytes.length > this.#bytes.length) return notPut
    this.#words.set(words)
    this.#bytes.set(bytes, words.byteLength)
    return bytes.length
  }

  /** What comes often and needs no conversion. Returns: its bytes. */
  #putValue(type: DataType, value: NonNullable<ParameterValue>, at: number): number {
    if (at + 16 > this.#bytes.length) return notPut
    switch (type.kind) {
      case 'integer':
        if (typeof value !== 'number' || (value | 0) !== value) return notPut
        this.#view.setInt32(at, value, true)
        return 4
      case 'bigint':
        return this.#putBigint(value, at)
      case 'double':
        if (typeof value !== 'number') return notPut
        this.#view.setFloat64(at, value === 0 ? 0 : value, true) // as its text has it: there is no -0
        return 8
      case 'boolean':
        if (typeof value !== 'boolean') return notPut
        this.#view.setUint8(at, value ? 1 : 0)
        return 1
      case 'text':
        if (typeof value !== 'string' || value.length * 3 > this.#bytes.length - at) return notPut
        return this.#bytes.write(value, at)
      default:
        return notPut
    }
  }

  #putBigint(value: NonNullable<ParameterValue>, at: number): number {
    if (typeof value === 'number' && Number.isSafeInteger(value)) {
      this.#view.setInt32(at, value | 0, true)
      this.#view.setInt32(at + 4, Math.floor(value / twoTo32), true)
      return 8
    }
    if (typeof value !== 'bigint' || BigInt.asIntN(64, value) !== value) return notPut
    this.#view.setBigInt64(at, value, true)
    return 8
  }
}

/** log2 of the bytes of a value by number of the physical type; undefined: strings, read by their offsets. */
const unitOfType: readonly (number | undefined)[] = [0, 1, 2, 3, 2, 3, 4, undefined, 4, 4]
const offsetUnit = 2

interface Cell {
  readonly name: string
  /** Where its column's words start. */
  readonly word: number
  /** The word that says where row 0 is, and log2 of how many bytes one row is further. */
  readonly startWord: number
  readonly unit: number
  /** Reads the value that many units from the start of the memory. */
  readonly read: Reader<Value>
}

/** Reads the rows in an exchange; made once for many reads. */
export class RowReader {
  readonly #words: Int32Array
  readonly #bytes: Uint8Array
  readonly #cells: readonly Cell[]

  constructor(columns: readonly ResultColumn[], words: Int32Array, bytes: Uint8Array) {
    this.#words = words
    this.#bytes = bytes
    this.#cells = columns.map(({ name, type }, i) => {
      const word = headerWords + i * columnWords
      const unit = unitOfType[physicalTypes.indexOf(physicalTypeOf(type))]
      const startWord = word + (unit === undefined ? offsetsWord : valuesWord)
      return { name, word, startWord, unit: unit ?? offsetUnit, read: lastingReader(type, words, bytes) }
    })
  }

  row(row: number): Row {
    const cells: Row = {}
    for (const cell of this.#cells) setCell(cells, cell.name, this.#isNull(cell.word, row) ? null : cell.read(this.#at(cell.startWord, cell.unit) + row))
    return cells
  }

  #at(startWord: number, unit: number): number {
    return (this.#words[startWord] ?? 0) >> unit
  }

  #isNull(word: number, row: number): boolean {
    if (this.#words[word + nullCountWord] === 0) return false
    return isNullBit(this.#bytes, (this.#words[word + validityWord] ?? 0) * 8 + row)
  }
}

/** As the memory is written again, what a reader gives may not lie in it. */
function lastingReader(type: DataType, words: Int32Array, bytes: Uint8Array): Reader<Value> {
  const read = valueReader(type, { type: 0, nullCount: 0, validity: undefined, values: bytes, offsets: words })
  return type.kind === 'bytea' ? (row) => new Uint8Array(read(row) as Uint8Array) : read
}
