// The store thread: takes whatever has been committed, writes it in one transaction and says so. The
// only writer of the file while the engine runs.
import Database from 'better-sqlite3'
import { parentPort, workerData } from 'node:worker_threads'
import { loadAddon, type StoreChange } from '#native/binding'
import { sqliteReader, type SqliteValue } from './sqlite-values.ts'
import type { CatalogEntry, StoredRelation } from './store.ts'

export type StoreRequest =
  | { readonly kind: 'start' }
  | { readonly kind: 'create'; readonly entry: CatalogEntry; readonly statements: readonly string[]; readonly relation: StoredRelation | undefined }
  | { readonly kind: 'adopt'; readonly relations: readonly StoredRelation[] }
  | { readonly kind: 'drop'; readonly entry: Pick<CatalogEntry, 'kind' | 'name'>; readonly statements: readonly string[] }
  | { readonly kind: 'stage'; readonly statements: readonly string[]; readonly relation: StoredRelation }
  | { readonly kind: 'unstage'; readonly relation: number; readonly table: string }
  | ({ readonly kind: 'replace' } & ReplaceTable)
  | { readonly kind: 'close' }

/** `Replacement` in statements; `relation` is undefined where rows are not kept. */
export interface ReplaceTable {
  readonly before: string
  readonly staged: string
  readonly statements: readonly string[]
  readonly relation: StoredRelation | undefined
  readonly entry: CatalogEntry
  readonly indexes: readonly CatalogEntry[]
  readonly indexesBefore: readonly string[]
  readonly keepsPlace: boolean
}

export interface StoreReply {
  readonly id: number
  readonly error: { readonly code: string; readonly message: string } | undefined
}

/** Rows that one insert statement may carry, most first: whatever a commit has takes few runs. */
const rowsPerInsert = [64, 16, 4, 1] as const

/** What SQLite binds to one statement. */
const boundValuesMax = 32_766

interface Setup {
  readonly path: string
  readonly synchronous: string
  readonly engine: number
}

/** Writes changes with statements that are prepared once per table and kind. */
class ChangeWriter {
  readonly #database: Database.Database
  readonly #relations = new Map<number, StoredRelation>()
  readonly #statements = new Map<string, Database.Statement>()
  /** The highest identity number of this transaction's rows, by relation's name. */
  readonly #identities = new Map<string, bigint>()

  constructor(database: Database.Database) {
    this.#database = database
  }

  adopt(relation: StoredRelation): void {
    this.#relations.set(relation.id, relation)
  }
  release(relation: number): void {
    this.#relations.delete(relation)
  }
  /** Dropped tables may come back with other columns. */
  forget(): void {
    this.#statements.clear()
  }

  write(change: StoreChange): void {
    const relation = this.#relations.get(change.relation)
    if (relation === undefined) return // dropped after the commit
    switch (change.operation) {
      case 'insert':
        return this.#insert(relation, change)
      case 'update':
        return this.#update(relation, change)
      case 'delete':
        return this.#delete(relation, change)
    }
  }

  /** Ends a transaction: remembers how far identity has come. */
  finish(): void {
    const statement = this.#prepared('identity', () =>
      'insert into rowtine_identity values (?, ?) on conflict (relation) do update set last = max(last, excluded.last)')
    for (const [name, last] of this.#identities) statement.run([name, last])
    this.#identities.clear()
  }

  #noteIdentity(relation: StoredRelation, change: StoreChange): void {
    const column = relation.columns[relation.identity]
    const values = change.columns[relation.identity]
    if (column === undefined || values === undefined) return
    const read = sqliteReader(column.type, values)
    let last: bigint | number | undefined = this.#identities.get(relation.name)
    for (let row = 0; row < change.rowCount; row++) {
      const number = read(row) as bigint | number
      if (last === undefined || number > last) last = number
    }
    if (last !== undefined) this.#identities.set(relation.name, BigInt(last))
  }

  #insert(relation: StoredRelation, change: StoreChange): void {
    this.#noteIdentity(relation, change)
    const read = rowReader(relation, change)
    let row = 0
    for (const rows of rowsPerInsert) {
      if (rows > 1 && rows * (relation.columns.length + 1) > boundValuesMax) continue
      for (; row + rows <= change.rowCount; row += rows) {
        this.#insertStatement(relation, rows).run(read(row, rows))
      }
    }
  }

  #insertStatement(relation: StoredRelation, rowCount: number): Database.Statement {
    return this.#prepared(`insert ${relation.id} ${rowCount}`, () => {
      const row = `(${['rowid', ...relation.columns].map(() => '?').join(', ')})`
      const names = ['rowid', ...relation.columns.map((column) => quoted(column.name))].join(', ')
      return `insert into ${quoted(relation.name)} (${names}) values ${Array(rowCount).fill(row).join(', ')}`
    })
  }

  #update(relation: StoredRelation, change: StoreChange): void {
    const statement = this.#prepared(`update ${relation.id}`, () => {
      const set = relation.columns.map((column) => `${quoted(column.name)} = ?`).join(', ')
      return `update ${quoted(relation.name)} set ${set} where rowid = ?`
    })
    const read = rowReader(relation, change)
    for (let row = 0; row < change.rowCount; row++) {
      const [key, ...values] = read(row, 1)
      statement.run([...values, key])
    }
  }

  #delete(relation: StoredRelation, change: StoreChange): void {
    const statement = this.#prepared(`delete ${relation.id}`, () => `delete from ${quoted(relation.name)} where rowid = ?`)
    for (const key of change.keys) statement.run([key])
  }

  #prepared(key: string, text: () => string): Database.Statement {
    let statement = this.#statements.get(key)
    if (statement === undefined) {
      statement = this.#database.prepare(text())
      this.#statements.set(key, statement)
    }
    return statement
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Reads `count` rows from `row` on, one after the other: the rowid, then the columns. */
function rowReader(
  relation: StoredRelation, change: StoreChange,
): (row: number, count: number) => SqliteValue[] {
  const readers = relation.columns.flatMap((column, position) => {
    const values = change.columns[position]
    return values === undefined ? [] : [sqliteReader(column.type, values)]
  })
  const width = readers.length + 1
  return (row, count) => {
    const values = new Array<SqliteValue>(count * width)
    for (let i = 0, at = 0; i < count; i++) {
      values[at++] = change.keys[row + i] ?? 0n
      for (const read of readers) values[at++] = read(row + i)
    }
    return values
  }
}

/** In a transaction: the staged table takes the place, the name, the numbers and the definitions of the other. */
function replaceTable(database: Database.Database, { before, staged, statements, relation, entry, indexes, indexesBefore, keepsPlace }: ReplaceTable): void {
  for (const statement of statements) database.exec(statement)
  const last: unknown = database.prepare('select max(last) from rowtine_identity where relation in (?, ?)').safeIntegers().pluck().get(before, staged)
  database.prepare('delete from rowtine_identity where relation in (?, ?)').run(before, staged)
  if (relation !== undefined && relation.identity >= 0 && last !== null) {
    database.prepare('insert into rowtine_identity values (?, ?)').run(entry.name, last)
  }
  const forget = database.prepare('delete from rowtine_catalog where kind = ? and name = ?')
  const add = database.prepare('insert into rowtine_catalog (kind, name, sql) values (?, ?, ?)')
  for (const name of indexesBefore) forget.run('index', name)
  if (keepsPlace) {
    database.prepare(`update rowtine_catalog set name = ?, sql = ? where kind = 'table' and name = ?`).run(entry.name, entry.sql, before)
  } else {
    forget.run('table', before)
    add.run(entry.kind, entry.name, entry.sql)
  }
  for (const index of indexes) add.run(index.kind, index.name, index.sql)
}

function runStore({ path, synchronous, engine }: Setup): void {
  const addon = loadAddon()
  const database = new Database(path)
  database.pragma('journal_mode = wal')
  database.pragma(`synchronous = ${synchronous}`)
  database.pragma('foreign_keys = off') // the engine has checked them
  const writer = new ChangeWriter(database)
  const begin = database.prepare('begin immediate')
  const commit = database.prepare('commit')

  const takeAll = (): void => {
    for (;;) {
      const commits = addon.takeCommits(engine)
      if (commits === undefined) return
      try {
        begin.run()
        for (const change of commits.changes) writer.write(change)
        writer.finish()
        commit.run()
      } catch (error) {
        if (database.inTransaction) database.exec('rollback')
        const { state, message } = failure(error)
        addon.commitsFailed(engine, state, message)
        return
      }
      addon.commitsDurable(engine, commits.ticket)
    }
  }

  const define = (request: StoreRequest): void => {
    switch (request.kind) {
      case 'start':
        return addon.attachStore(engine, takeAll)
      case 'adopt':
        for (const relation of request.relations) writer.adopt(relation)
        return
      case 'create':
        takeAll() // an index must find the rows as memory has them
        database.transaction(() => {
          for (const statement of request.statements) database.exec(statement)
          const { kind, name, sql } = request.entry
          database.prepare('insert into rowtine_catalog (kind, name, sql) values (?, ?, ?)').run(kind, name, sql)
        })()
        if (request.relation !== undefined) writer.adopt(request.relation)
        return
      case 'drop':
        takeAll()
        writer.forget()
        database.transaction(() => {
          for (const statement of request.statements) database.exec(statement)
          database.prepare('delete from rowtine_catalog where kind = ? and name = ?').run(request.entry.kind, request.entry.name)
          database.prepare('delete from rowtine_identity where relation = ?').run(request.entry.name)
        })()
        return
      case 'stage':
        for (const statement of request.statements) database.exec(statement)
        writer.adopt(request.relation)
        return
      case 'unstage':
        takeAll()
        writer.release(request.relation)
        writer.forget()
        database.exec(`drop table if exists ${quoted(request.table)}`)
        database.prepare('delete from rowtine_identity where relation = ?').run(request.table)
        return
      case 'replace':
        takeAll()
        writer.forget()
        database.transaction(() => { replaceTable(database, request) })()
        if (request.relation !== undefined) writer.adopt(request.relation)
        return
      case 'close':
        takeAll()
        addon.detachStore(engine)
        database.close()
        return
    }
  }

  parentPort?.on('message', (request: StoreRequest & { readonly id: number }) => {
    let error: StoreReply['error']
    try {
      define(request)
    } catch (thrown) {
      error = { code: String((thrown as { code?: string }).code ?? ''), message: (thrown as Error).message }
    }
    parentPort?.postMessage({ id: request.id, error } satisfies StoreReply)
  })
}

function failure(error: unknown): { state: string; message: string } {
  const code = String((error as { code?: string }).code ?? '')
  return { state: code === 'SQLITE_FULL' ? '53100' : '58030', message: (error as Error).message }
}

runStore(workerData as Setup)
