// The engines that answer the same SQL in one process, one after the other: Rowtine and DuckDB, each
// opened with a number of threads.
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { open, type Database } from '#engine/index'

export interface SqlEngine {
  readonly name: string
  readonly threads: number
  exec(sql: string): Promise<void>
  /** Runs a query. Returns: its rows as text, cells joined by `|`, in the order that the engine gives. */
  rows(sql: string): Promise<string[]>
  /** Runs a query to its last row and leaves the rows in columns. Returns: milliseconds. */
  time(sql: string): Promise<number>
  close(): Promise<void>
}

/** Bytes that a benchmark's tables and states may take. */
const memoryLimitBytes = 16 * 1024 ** 3

export async function openRowtine(threads: number): Promise<SqlEngine> {
  const database: Database = await open({ threads, memoryLimitBytes, pin: false })
  return {
    name: 'rowtine',
    threads,
    exec: async (sql) => { await database.exec(sql) },
    rows: async (sql) => (await database.query(sql)).toArray<Record<string, unknown>>().map((row) => lineOf(Object.values(row))),
    time: async (sql) => {
      const start = performance.now()
      await database.query(sql)
      return performance.now() - start
    },
    close: () => database.close(),
  }
}

export async function openDuckDb(threads: number): Promise<SqlEngine> {
  const instance = await DuckDBInstance.create(':memory:', { threads: String(threads), memory_limit: `${String(memoryLimitBytes / 1024 ** 3)}GB` })
  const connection: DuckDBConnection = await instance.connect()
  return {
    name: 'duckdb',
    threads,
    exec: async (sql) => { await connection.run(sql) },
    rows: async (sql) => (await connection.runAndReadAll(sql)).getRowsJS().map((row) => lineOf(row)),
    time: async (sql) => {
      const start = performance.now()
      await connection.run(sql) // materialises the result in the engine, as Rowtine does
      return performance.now() - start
    },
    close: async () => {
      connection.closeSync()
      instance.closeSync()
      await Promise.resolve()
    },
  }
}

function lineOf(cells: readonly unknown[]): string {
  return cells.map((cell) => (cell === null || cell === undefined ? 'null' : String(cell as number))).join('|')
}
