// The package's door: `import { open } from 'rowtine'`.
import { cpus } from 'node:os'
import { EngineError } from '#base/engine-error'
import { Database, type EngineSettings } from './database.ts'
import { defaultMemoryLimit } from './memory-limit.ts'
import { memoryStore } from './stores/memory.ts'
import type { SqliteOptions } from './stores/sqlite.ts'

export { Database } from './database.ts'
export { Session, type RunOptions } from './session.ts'
export { PreparedStatement } from './prepared-statement.ts'
export { Result, type ResultColumn, type Row } from './result.ts'
export { EngineError } from '#base/engine-error'
export type { Value } from './cells.ts'
export type { ColumnArray } from './typed-arrays.ts'
export type { ParameterValue } from './parameters.ts'
export type { Listening } from './executor.ts'

export interface OpenOptions extends Partial<EngineSettings>, SqliteOptions {
  /** Directory of the data; without it everything is in memory and gone on close. */
  readonly data?: string
}

/**
 * Opens a database: a directory's, or one in memory.
 *
 * Errors: 55006 when another process has the directory; 58030 when it cannot be read or written; 22023
 * for more than one worker in the topology split_io.
 *
 * @example
 * const db = await open()
 * await db.exec('create table users (id bigint generated always as identity primary key, name text)')
 * await db.sql`insert into users (name) values (${'Ada'})`
 * console.log(await db.sql`select * from users`)
 * await db.close()
 */
export async function open(options: OpenOptions = {}): Promise<Database> {
  const { data, synchronous, ...settings } = options
  if (settings.topology === 'split_io') requireOneWorker(settings.workers ?? 1)
  const store = data === undefined ? memoryStore() : (await import('./stores/sqlite.ts')).sqliteStore(data, synchronous === undefined ? {} : { synchronous })
  let database: Database
  try {
    database = new Database(store, { ...defaultSettings(), ...settings })
  } catch (error) {
    await store.close()
    throw error
  }
  try {
    await database.restore()
  } catch (error) {
    await database.close()
    throw error
  }
  return database
}

/** There one thread receives, one sends, and the one that computes is the only worker. */
function requireOneWorker(workers: number): void {
  if (workers <= 1) return
  throw new EngineError('invalid_parameter_value', {
    message: `the topology split_io has one worker, not ${workers}`,
    hint: 'Leave workers out, or use the topology shared.',
  })
}

/** Workers: cores minus one, so that the main thread has one; queries may use every core. */
function defaultSettings(): EngineSettings {
  return {
    workers: Math.max(1, cpus().length - 1),
    threads: Math.min(cpus().length, 64),
    parallelRows: 128 * 1024,
    reactor: process.platform === 'linux' ? 'uring' : 'uv',
    topology: 'shared',
    batchRows: 2048,
    memoryLimitBytes: defaultMemoryLimit(),
    pin: cpus().length > 1,
    files: true,
    optimise: true,
    transactionTimeoutMs: 5_000,
  }
}

/** For callers that show errors: the report with the place, or just the message. */
export function renderError(error: unknown): string {
  if (error instanceof EngineError) {
    const source = (error as EngineError & { source?: { name: string; text: string } }).source
    // A place means nothing without the text that it is in.
    if (source === undefined && error.parts.span !== undefined) return `error[${error.code}]: ${error.message}`
    return error.render(source ?? { name: '', text: '' })
  }
  return error instanceof Error ? error.message : String(error)
}
