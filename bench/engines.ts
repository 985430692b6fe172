// The engines that answer the same SQL in one process, one after the other: Rowtine and DuckDB, each
// opened with a number of threads.
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { open, type Database } from '#engine/index'
import type { Cells } from './queries/tpch.ts'

/** What a statement took. Units: milliseconds; of processor time, all threads together. */
export interface Taken {
  readonly ms: number
  readonly cpuMs: number
}

export interface SqlEngine {
  readonly name: 'rowtine' | 'duckdb'
  readonly threads: number
  /** Runs statements. `create table` makes tables in memory, logged nowhere, in both. */
  exec(sql: string): Promise<void>
  /** Adds a text file's rows to a table: `|` between cells, names in the first line. */
  load(table: string, file: string): Promise<void>
  /** Runs a query. Returns: its rows as PostgreSQL prints them, in the order that the engine gives; null is empty. */
  cells(sql: string): Promise<Cells>
  /**
   * Runs a statement to its last row and leaves the rows in columns.
   * Returns: undefined when it took longer than `timeoutMs` and was stopped.
   */
  time(sql: string, timeoutMs?: number): Promise<Taken | undefined>
  close(): Promise<void>
}

/** Bytes that a benchmark's tables and states may take. */
const memoryLimitBytes = 16 * 1024 ** 3

export interface RowtineEngine extends SqlEngine {
  readonly database: Database
}

export interface DuckDbEngine extends SqlEngine {
  readonly connection: DuckDBConnection
}

export async function openRowtine(threads: number): Promise<RowtineEngine> {
  const database: Database = await open({ threads, memoryLimitBytes, pin: false })
  return {
    name: 'rowtine',
    threads,
    database,
    exec: async (sql) => { await database.exec(unlogged(sql)) },
    load: async (table, file) => { await database.exec(`copy ${table} from '${file}' (format csv, delimiter '|', header)`) },
    cells: async (sql) => (await database.query(sql)).toText().map((row) => row.map((cell) => cell ?? '')),
    time: (sql, timeoutMs) => timed(async (signal) => { await database.query(unlogged(sql), [], signal === undefined ? {} : { signal }) }, timeoutMs),
    close: () => database.close(),
  }
}

export async function openDuckDb(threads: number): Promise<DuckDbEngine> {
  const instance = await DuckDBInstance.create(':memory:', { threads: String(threads), memory_limit: `${String(memoryLimitBytes / 1024 ** 3)}GB` })
  const connection: DuckDBConnection = await instance.connect()
  return {
    name: 'duckdb',
    threads,
    connection,
    exec: async (sql) => { await connection.run(sql) },
    load: async (table, file) => { await connection.run(`copy ${table} from '${file}' (delimiter '|', header)`) },
    cells: async (sql) => (await connection.runAndReadAll(sql)).getRowsJson().map((row) => row.map((cell) => (cell === null ? '' : String(cell)))),
    time: (sql, timeoutMs) => timed(async (signal) => {
      signal?.addEventListener('abort', () => { connection.interrupt() }, { once: true })
      await connection.run(sql) // materialises the result in the engine
    }, timeoutMs),
    close: async () => {
      connection.closeSync()
      instance.closeSync()
      await Promise.resolve()
    },
  }
}

/** Rowtine keeps unlogged tables in memory alone; DuckDB, opened in memory, calls them tables. */
function unlogged(sql: string): string {
  return sql.replaceAll(/\bcreate table\b/g, 'create unlogged table')
}

async function timed(work: (signal: AbortSignal | undefined) => Promise<void>, timeoutMs?: number): Promise<Taken | undefined> {
  const abort = new AbortController()
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => { abort.abort() }, timeoutMs)
  const [start, before] = [performance.now(), process.cpuUsage()]
  try {
    await work(timer === undefined ? undefined : abort.signal)
    const { user, system } = process.cpuUsage(before)
    return { ms: performance.now() - start, cpuMs: (user + system) / 1000 }
  } catch (error) {
    if (abort.signal.aborted) return undefined
    throw error
  } finally {
    clearTimeout(timer)
  }
}
