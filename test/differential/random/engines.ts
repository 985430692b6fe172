// One query in several engines. Answers are bags of rows of text, after what DuckDB and SQLite spell otherwise
// is made the same:
//   `/` of integers is `//` in DuckDB; trailing zeros of numerics and the sign of zero do not count; doubles are
//   compared to ten digits; booleans are 0 and 1 in SQLite. Sums of integers, which have other types elsewhere,
//   are cast to bigint by the generator, and averages are of doubles.
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import Sqlite from 'better-sqlite3'
import { EngineError, open, type Database, type OpenOptions } from '#engine/index'
import { definitions, type Table } from './schema.ts'

export type Answer =
  | { readonly kind: 'rows'; readonly rows: readonly string[] }
  | { readonly kind: 'error'; readonly code: string; readonly message: string }

export interface Engine {
  readonly name: string
  answer(sql: string): Promise<Answer>
  close(): Promise<void>
}

export interface Configuration {
  readonly name: string
  readonly options: OpenOptions
  readonly hasIndexes: boolean
}

/** What must not change an answer. */
export const configurations: readonly Configuration[] = [
  { name: 'full batches', options: { threads: 1 }, hasIndexes: true },
  { name: 'batches of 3, three threads', options: { batchRows: 3, threads: 3, parallelRows: 0 }, hasIndexes: false },
  { name: 'full batches, two threads', options: { threads: 2, parallelRows: 0 }, hasIndexes: true },
]

/** Cells are joined by what no value has. */
const between = '\u001f'

export async function openRowtine(configuration: Configuration, tables: readonly Table[]): Promise<Engine> {
  const db = await open({ workers: 1, pin: false, memoryLimitBytes: 512 << 20, ...configuration.options })
  for (const statement of definitions(tables, configuration.hasIndexes)) await db.query(statement)
  return {
    name: configuration.name,
    answer: (sql) => rowtineAnswer(db, sql),
    close: () => db.close(),
  }
}

async function rowtineAnswer(db: Database, sql: string): Promise<Answer> {
  try {
    const result = await db.query(sql, [], { signal: AbortSignal.timeout(20_000) })
    const kinds = result.columns.map(({ type }) => type.kind)
    const rows = result.toText().map((row) => row.map((cell, i) => (cell === undefined ? 'null' : plain(cell, kinds[i] ?? 'text'))).join(between))
    return { kind: 'rows', rows: rows.sort() }
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    return { kind: 'error', code: error.code, message: error.message }
  }
}

/** One spelling for each value. */
function plain(text: string, kind: string): string {
  switch (kind) {
    case 'boolean': return text === 't' ? 'true' : 'false'
    case 'numeric': return number(text)
    case 'double': return double(Number(text))
    case 'timestamp': return text
    default: return kind === 'text' ? `'${text}'` : text
  }
}

function number(text: string): string {
  const short = text.includes('.') ? text.replace(/\.?0+$/, '') : text
  return short === '-0' ? '0' : short
}

function double(value: number): string {
  return value === 0 ? '0' : String(Number(value.toPrecision(10)))
}

export async function openDuck(tables: readonly Table[]): Promise<Engine> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  for (const statement of definitions(tables, false)) await connection.run(statement)
  return {
    name: 'DuckDB',
    answer: (sql) => duckAnswer(connection, sql.replaceAll(' / ', ' // ')),
    close: async () => {
      connection.closeSync()
      await Promise.resolve(instance.closeSync())
    },
  }
}

async function duckAnswer(connection: DuckDBConnection, sql: string): Promise<Answer> {
  const patience = setTimeout(() => { connection.interrupt() }, 20_000)
  try {
    const reader = await connection.runAndReadAll(sql)
    const types = reader.columnTypes().map(String)
    return { kind: 'rows', rows: reader.getRowsJson().map((row) => row.map((cell, i) => duckCell(cell, types[i] ?? '')).join(between)).sort() }
  } catch (error) {
    const message = String(error)
    return { kind: 'error', code: duckCode(message), message }
  } finally {
    clearTimeout(patience)
  }
}

function duckCell(cell: unknown, type: string): string {
  if (cell === null) return 'null'
  const text = String(cell as string | number | boolean)
  if (type === 'DOUBLE') return double(Number(text))
  if (type.startsWith('DECIMAL')) return number(text)
  if (type === 'TIMESTAMP') return text.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')
  return type === 'VARCHAR' ? `'${text}'` : text
}

/** The SQLSTATE of a run-time error that we should have as well; 0A000 for what DuckDB has not. */
function duckCode(message: string): string {
  if (/Out of Range|Overflow|out of range|overflow|Could not cast|Conversion Error|exceeds/i.test(message)) return '22003'
  if (/Not implemented|not supported|unsupported|Binder Error|INTERRUPT|Parser Error|INTERNAL/i.test(message)) return '0A000'
  return 'unknown'
}

export function openSqlite(tables: readonly Table[]): Engine {
  const db = new Sqlite(':memory:')
  db.pragma('case_sensitive_like = on')
  for (const statement of definitions(tables, false)) db.exec(statement)
  return {
    name: 'SQLite',
    answer: (sql) => Promise.resolve(sqliteAnswer(db, sql)),
    close: () => { db.close(); return Promise.resolve() },
  }
}

function sqliteAnswer(db: Sqlite.Database, sql: string): Answer {
  try {
    const rows = db.prepare(sql).raw().all() as (string | number | null)[][]
    return { kind: 'rows', rows: rows.map((row) => row.map((cell) => (cell === null ? 'null' : typeof cell === 'string' ? `'${cell}'` : String(cell))).join(between)).sort() }
  } catch (error) {
    return { kind: 'error', code: '0A000', message: String(error) }
  }
}
