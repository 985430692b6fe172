// The SQLite store, main thread's side: the directory's lock, the definitions and the rows at start-up.
// Once the engine runs, everything that writes happens on the store's own thread (sqlite-thread.ts).
import Database from 'better-sqlite3'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { EngineError } from '#base/engine-error'
import type { RelationSchema } from '#base/schema'
import { storedRelation } from '../relations/stored-columns.ts'
import { createIndexSql, createTableSql, dropIndexSql, dropTableSql, renameTableSql, stagedName, stagedPrefix } from './sqlite-ddl.ts'
import { exactNumbersEnd, nativeColumn, setInt64 } from './sqlite-columns.ts'
import type { SqliteValue } from './sqlite-values.ts'
import type { CatalogEntry, Replacement, Store, StoredRelation, StoredRows } from './store.ts'
import type { StoreReply, StoreRequest } from './sqlite-thread.ts'

export interface SqliteOptions {
  /** What a commit waits for: `full` survives power loss, `normal` only the process. */
  readonly synchronous?: 'full' | 'normal' | 'off'
}

/** The file's layout; another number is refused, so that no newer file is misread. */
const formatVersion = 1
const rowsPerLoad = 4_096

/** Opens DIR/rowtine.db. Throws 55006 when another process has it, 58030 when it cannot be written. */
export function sqliteStore(directory: string, options: SqliteOptions = {}): Store {
  const synchronous = options.synchronous ?? 'full'
  const path = join(directory, 'rowtine.db')
  const lock = lockDirectory(directory)
  const thread = new StoreThread(path, synchronous)
  let reading: Database.Database | undefined
  try {
    reading = openFile(path)
  } catch (error) {
    lock.close()
    throw storeError(error, path)
  }
  const database = reading
  return {
    isDurable: true,
    entries: () =>
      database.prepare('select kind, name, sql from rowtine_catalog order by id').all() as CatalogEntry[],
    load: (relation) => loadRows(database, relation),
    lastIdentity: ({ name }) =>
      database.prepare('select last from rowtine_identity where relation = ?').safeIntegers().pluck().get(name) as bigint | undefined,
    async start(engine, relations) {
      database.close()
      await thread.start(engine)
      await thread.ask({ kind: 'adopt', relations })
    },
    create: (entry, schema) => thread.create(entry, schema),
    drop: (entry) => thread.ask({ kind: 'drop', entry, statements: dropSql(entry) }),
    stage: (schema) => thread.stage(schema),
    unstage: (schema) => thread.ask({ kind: 'unstage', relation: schema.id, table: stagedName(schema) }),
    replace: (replacement) => thread.replace(replacement),
    async close() {
      if (database.open) database.close()
      await thread.close()
      lock.close()
    },
  }
}

/** Holds an OS lock for as long as the process lives; a killed process leaves none behind. */
function lockDirectory(directory: string): Database.Database {
  try {
    mkdirSync(directory, { recursive: true })
    const lock = new Database(join(directory, 'rowtine.lock'), { timeout: 200 })
    lock.exec('begin exclusive')
    return lock
  } catch (error) {
    if (codeOf(error) !== 'SQLITE_BUSY') throw storeError(error, directory)
    throw new EngineError('object_in_use', {
      message: `the data directory "${directory}" is in use by another process`,
      hint: 'Connect to that process with rowtine repl --connect, or end it first.',
      cause: error,
    })
  }
}

function openFile(path: string): Database.Database {
  const database = new Database(path)
  database.pragma('journal_mode = wal')
  database.exec(`
    create table if not exists rowtine_meta (key text primary key, value text not null);
    create table if not exists rowtine_catalog
      (id integer primary key, kind text not null, name text not null, sql text not null, unique (kind, name));
    create table if not exists rowtine_identity (relation text primary key, last bigint not null);
    insert or ignore into rowtine_meta values ('format', '${formatVersion}');`)
  dropStaged(database)
  const { value } = database.prepare(`select value from rowtine_meta where key = 'format'`).get() as { value: string }
  if (Number(value) === formatVersion) return database
  database.close()
  throw new EngineError('store_format', {
    message: `the data file has format ${value}, this version reads format ${formatVersion}`,
  })
}

/** What was staged when the process ended is no part of anything. */
function dropStaged(database: Database.Database): void {
  const staged = database.prepare(`
    select name from sqlite_master where type = 'table' and substr(name, 1, ?) = ?
    and name not in (select name from rowtine_catalog where kind = 'table')`).pluck().all(stagedPrefix.length, stagedPrefix) as string[]
  for (const name of staged) {
    database.exec(dropTableSql(name))
    database.prepare('delete from rowtine_identity where relation = ?').run(name)
  }
}

/** In chunks by key: a row costs a part of a call, not a call. */
function* loadRows(database: Database.Database, relation: StoredRelation): Iterable<StoredRows> {
  const names = ['rowid', ...relation.columns.map((column) => `"${column.name.replaceAll('"', '""')}"`)]
  const table = `"${relation.name.replaceAll('"', '""')}"`
  const chunk = (bound: string): Database.Statement =>
    database.prepare(`select ${names.join(', ')} from ${table} ${bound} order by rowid limit ${rowsPerLoad}`).raw()
  const first = chunk('')
  const next = chunk('where rowid > ?')
  let rows = readExactly(first, [])
  while (rows.length > 0) {
    yield rowsOf(rows, relation)
    if (rows.length < rowsPerLoad) return
    rows = readExactly(next, [rows.at(-1)?.[0]])
  }
}

/** Integers come as numbers, and as bigints where one of them would lose digits. */
function readExactly(statement: Database.Statement, parameters: readonly unknown[]): SqliteValue[][] {
  const rows = statement.safeIntegers(false).all(...parameters) as SqliteValue[][]
  const isInexact = (value: SqliteValue): boolean => typeof value === 'number' && Math.abs(value) >= exactNumbersEnd
  return rows.some((row) => row.some(isInexact)) ? (statement.safeIntegers(true).all(...parameters) as SqliteValue[][]) : rows
}

function rowsOf(rows: readonly SqliteValue[][], relation: StoredRelation): StoredRows {
  const keys = new BigInt64Array(rows.length)
  const view = new DataView(keys.buffer)
  rows.forEach((row, index) => { setInt64(view, index * 8, row[0] ?? 0) })
  return { keys, columns: relation.columns.map(({ type }, position) => nativeColumn(type, rows, position + 1)) }
}

function dropSql({ kind, name }: Pick<CatalogEntry, 'kind' | 'name'>): readonly string[] {
  if (kind === 'table') return [dropTableSql(name)]
  return kind === 'index' ? [dropIndexSql(name)] : []
}

/** Talks to the thread that writes. */
class StoreThread {
  readonly #path: string
  readonly #synchronous: string
  #worker: Worker | undefined
  #nextId = 1
  readonly #waiting = new Map<number, { resolve: () => void; reject: (error: Error) => void }>()

  constructor(path: string, synchronous: string) {
    this.#path = path
    this.#synchronous = synchronous
  }

  async start(engine: number): Promise<void> {
    const workerData = { path: this.#path, synchronous: this.#synchronous, engine }
    const worker = new Worker(threadFile(), { workerData, execArgv: [] }) // compiled: no loaders, no conditions
    this.#worker = worker
    worker.on('message', (reply: StoreReply) => { this.#settle(reply) })
    worker.on('error', (error) => { this.#fail(error) })
    await this.ask({ kind: 'start' })
  }

  create(entry: CatalogEntry, schema: RelationSchema | undefined): Promise<void> {
    if (schema?.durable !== true || entry.kind === 'view' || entry.kind === 'event_table') {
      return this.ask({ kind: 'create', entry, statements: [], relation: undefined })
    }
    const isTable = entry.kind === 'table'
    const statements = isTable ? createTableSql(schema) : createIndexSql(schema)
    return this.ask({ kind: 'create', entry, statements, relation: isTable ? storedRelation(schema) : undefined })
  }

  async stage(schema: RelationSchema): Promise<void> {
    if (!schema.durable) return
    const staged = { ...schema, name: stagedName(schema) }
    await this.ask({ kind: 'stage', statements: createTableSql(staged), relation: storedRelation(staged) })
  }

  replace({ before, schema, entry, indexes, indexesBefore, keepsPlace }: Replacement): Promise<void> {
    const statements = [
      dropTableSql(before),
      renameTableSql(stagedName(schema), schema.name),
      ...indexes.flatMap((index) => createIndexSql(index.schema)),
    ]
    return this.ask({
      kind: 'replace',
      before,
      staged: stagedName(schema),
      statements: schema.durable ? statements : [],
      relation: schema.durable ? storedRelation(schema) : undefined,
      entry,
      indexes: indexes.map((index) => index.entry),
      indexesBefore,
      keepsPlace,
    })
  }

  ask(request: StoreRequest): Promise<void> {
    const worker = this.#worker
    if (worker === undefined) return Promise.reject(new Error('the store has not been started'))
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      worker.postMessage({ ...request, id })
    })
  }

  async close(): Promise<void> {
    if (this.#worker === undefined) return
    await this.ask({ kind: 'close' })
    await this.#worker.terminate()
    this.#worker = undefined
  }

  #settle(reply: StoreReply): void {
    const waiting = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if (reply.error === undefined) waiting?.resolve()
    else waiting?.reject(storeError(reply.error, this.#path))
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}

/** Threads are started from compiled JavaScript, also where the tests run the sources. */
function threadFile(): string {
  const here = fileURLToPath(import.meta.url)
  if (!here.endsWith('.ts')) return join(here, '..', 'sqlite-thread.js')
  return join(here, '../../../dist/engine/stores/sqlite-thread.js')
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
}

/** SQLite's and the file system's errors in SQLSTATE's words. */
export function storeError(error: unknown, path: string): EngineError {
  if (error instanceof EngineError) return error
  const code = codeOf(error)
  const message = error instanceof Error ? error.message : String((error as { message?: string }).message ?? error)
  const condition = code === 'SQLITE_FULL' || code === 'ENOSPC' ? 'disk_full' : code === 'SQLITE_NOTADB' ? 'store_format' : 'io_error'
  return new EngineError(condition, { message: `the store "${path}" failed: ${message}`, cause: error })
}
