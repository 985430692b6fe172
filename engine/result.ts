// What a statement gives back: rows in columns, read as objects, text or an Arrow table when asked.
import type { Table } from 'apache-arrow'
import type { DataType } from '#base/data-type'
import { EngineError } from '#base/engine-error'
import type { NativeResultBatch } from '#native/binding'
import { setCell, textReader, valueReader, type Value } from './cells.ts'
import { requireTypedArray, type ColumnArray } from './typed-arrays.ts'

export interface ResultColumn {
  readonly name: string
  readonly type: DataType
}

export type Row = Record<string, Value>

export class Result {
  /** `SELECT`, `INSERT`, `CREATE TABLE` … */
  readonly command: string
  readonly columns: readonly ResultColumn[]
  readonly batches: readonly NativeResultBatch[]
  /** Rows returned, or for a change without returning, rows changed. */
  readonly rowCount: number

  constructor(command: string, columns: readonly ResultColumn[], batches: readonly NativeResultBatch[], affected: number) {
    this.command = command
    this.columns = columns
    this.batches = batches
    const returned = batches.reduce((sum, batch) => sum + batch.rowCount, 0)
    this.rowCount = columns.length > 0 ? returned : affected
  }

  /**
   * The rows as objects. Integers are numbers (bigint past 2^53), numeric, date, time, interval and
   * uuid are text, timestamps are Date, json is parsed, bytea is Uint8Array.
   */
  toArray<T = Row>(): T[] {
    return this.batches.flatMap((batch) => this.#rowsOf(batch, 0, batch.rowCount) as T[])
  }

  /** The first row as an object; undefined when there is none. */
  first<T = Row>(): T | undefined {
    const batch = this.batches.find(({ rowCount }) => rowCount > 0)
    return batch && (this.#rowsOf(batch, 0, 1)[0] as T)
  }

  /** The rows as objects, at most `size` at a time; each chunk is made when it is asked for. */
  *chunks<T = Row>(size: number): Generator<T[]> {
    for (const batch of this.batches) {
      for (let first = 0; first < batch.rowCount; first += size) {
        yield this.#rowsOf(batch, first, Math.min(batch.rowCount, first + size)) as T[]
      }
    }
  }

  #rowsOf(batch: NativeResultBatch, first: number, end: number): Row[] {
    const readers = this.columns.map(({ name, type }, i) => [name, valueReader(type, columnAt(batch, i))] as const)
    const rows: Row[] = []
    for (let row = first; row < end; row++) {
      const cells: Row = {}
      for (const [name, read] of readers) setCell(cells, name, read(row))
      rows.push(cells)
    }
    return rows
  }

  /** The rows as PostgreSQL prints them; undefined is null. */
  toText(): (string | undefined)[][] {
    return this.batches.flatMap((batch) => {
      const readers = this.columns.map(({ type }, i) => textReader(type, columnAt(batch, i)))
      return Array.from({ length: batch.rowCount }, (_, row) => readers.map((read) => read(row)))
    })
  }

  /** What a terminal shows of it. */
  toView(): { columns: readonly ResultColumn[]; rows: (string | undefined)[][]; tag: string } {
    return { columns: this.columns, rows: this.toText(), tag: this.tag }
  }

  /**
   * A column's values where they lie in memory, a typed array for each of `batches`: numbers, BigInt64Array for
   * bigint, microseconds for times, days for dates, bytes for booleans, 16 bytes for the rest. Nothing is
   * copied: the arrays are yours, also when the database is closed.
   *
   * Nulls: the value means nothing; `validity` of the batch's column says where they are.
   * Errors: 42703 for a name that no column has; 0A000 for text, json and bytea.
   *
   * @example
   * const result = await db.query('select k::double precision as x from generate_series(1, 1000000) g(k)')
   * for (const chunk of result.columnArrays('x')) console.log(chunk.length)
   */
  columnArrays(name: string): ColumnArray[] {
    const position = this.columns.findIndex((column) => column.name === name)
    const column = this.columns[position]
    if (column === undefined) throw new EngineError('undefined_column', { message: `the result has no column "${name}"` })
    return this.batches.map((batch) => requireTypedArray(name, column.type, columnAt(batch, position), batch.rowCount))
  }

  /** The rows as an Arrow table; no work per row but for booleans. */
  async toArrow(): Promise<Table> {
    const { arrowTable } = await import('./arrow.ts')
    return arrowTable(this.columns, this.batches)
  }

  /** PostgreSQL's command tag: `INSERT 0 2`, `SELECT 3`, `COPY 2`, `CREATE TABLE`. */
  get tag(): string {
    switch (this.command) {
      case 'INSERT':
        return `INSERT 0 ${this.rowCount}`
      case 'SELECT':
      case 'UPDATE':
      case 'DELETE':
      case 'COPY':
        return `${this.command} ${this.rowCount}`
      default:
        return this.command
    }
  }
}

function columnAt(batch: NativeResultBatch, position: number): NativeResultBatch['columns'][number] {
  const column = batch.columns[position]
  if (column === undefined) throw new RangeError(`a batch has ${batch.columns.length} columns, not ${position + 1}`)
  return column
}

/** The result of a statement that returns and changes no rows. */
export function emptyResult(command: string): Result {
  return new Result(command, [], [], 0)
}
