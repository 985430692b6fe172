// An open database: what it does for its sessions, and a session of its own for whoever needs no other.
import type { Table } from 'apache-arrow'
import { EngineError } from '#base/engine-error'
import { undefinedTable } from '#base/errors'
import type { NativeResultBatch } from '#native/binding'
import { planQuery } from '#planner/index'
import { bindParameterTypes, bindStatement } from '#sql/binder/index'
import { parseProgram } from '#sql/parser/index'
import { Catalog } from './catalog.ts'
import { Definitions } from './definitions.ts'
import { Executor, type Listening } from './executor.ts'
import { eventStream } from './event-stream.ts'
import type { FileAccess } from './files/file-access.ts'
import { FileStatements } from './files/file-statements.ts'
import type { ParameterValue } from './parameters.ts'
import type { PreparedStatement } from './prepared-statement.ts'
import { storedColumnsOf, storedRelation } from './relations/stored-columns.ts'
import type { Result, ResultColumn, Row } from './result.ts'
import { Session, type RunOptions, type SessionParts } from './session.ts'
import { inOrder, reporting } from './statement-text.ts'
import { Statements } from './statements.ts'
import type { Store } from './stores/store.ts'
import { TransactionGate } from './transaction-gate.ts'

export interface EngineSettings {
  /** Threads that serve: sockets and coroutines. */
  readonly workers: number
  /** Threads for reads that are not small; they run beside the workers, at a lower priority. */
  readonly threads: number
  /** Estimated rows from which a read takes all threads that are free, not one. */
  readonly parallelRows: number
  readonly reactor: 'uring' | 'uv'
  readonly topology: 'shared' | 'split_io'
  readonly batchRows: number
  /** What a statement, and a table, may take at most; past it is 53200. Half of the machine's memory. */
  readonly memoryLimitBytes: number
  readonly pin: boolean
  /** How long a transaction may have the writer, while everybody else waits, before it is rolled back. */
  readonly transactionTimeoutMs: number
  /** False: queries are planned without the rules that only save time, for tests. Answers are the same. */
  readonly optimise: boolean
  /** Files that statements may read and write: all, none, or those in a folder. */
  readonly files: FileAccess
}

export class Database {
  readonly catalog = new Catalog()
  readonly #executor: Executor
  readonly #definitions: Definitions
  readonly #store: Store
  readonly #files: FileStatements
  readonly #parts: SessionParts
  readonly #session: Session
  readonly #listeners = new Set<(listening: Listening) => void>()
  #closing: Promise<void> | undefined

  /** Use `open()`. */
  constructor(store: Store, settings: EngineSettings) {
    this.#store = store
    this.#executor = new Executor({ ...settings, durable: store.isDurable }, this.catalog, (listening) => {
      for (const each of this.#listeners) each(listening)
    })
    this.catalog.countRowsBy(this.#executor)
    this.#definitions = new Definitions(this.catalog, this.#executor, store)
    const statements = new Statements(this.catalog, this.#executor, { optimise: settings.optimise })
    this.#files = new FileStatements(this.catalog, this.#executor, statements, settings.files)
    this.#parts = {
      catalog: this.catalog, executor: this.#executor, definitions: this.#definitions, statements, files: this.#files, gate: new TransactionGate(),
    }
    this.#session = this.session()
  }

  /** Makes again what the store has. Called once, by open(). */
  async restore(): Promise<void> {
    for (const entry of this.#store.entries()) {
      await this.#session.restore(entry.sql, entry.name)
      const relation = entry.kind === 'table' ? this.catalog.relation(entry.name) : undefined
      if (relation?.durable !== true) continue
      const stored = storedRelation(relation)
      for (const rows of this.#store.load(stored)) this.#executor.loadRows(relation.id, rows.keys, rows.columns)
      const last = this.#store.lastIdentity(stored)
      if (last !== undefined) this.#executor.continueIdentity(relation.id, last)
    }
    await this.#store.start(this.#executor.engine, this.#definitions.storedRelations())
  }

  /**
   * Runs several statements, one after the other, up to the first that fails. `begin` begins a transaction of
   * everything that is asked of this object; transaction() has one that others' statements stay out of.
   */
  exec(text: string, options: RunOptions = {}): Promise<Result[]> {
    return this.#session.exec(text, options)
  }

  /** Runs one statement with values for $1, $2 … */
  query(text: string, parameters: readonly ParameterValue[] = [], options: RunOptions = {}): Promise<Result> {
    return this.#session.query(text, parameters, options)
  }

  /** Of the transaction that exec() or query() began; see Session. */
  get transactionStatus(): Session['transactionStatus'] {
    return this.#session.transactionStatus
  }

  /** Someone who uses the database, with transactions and prepared names of their own. close() it in the end. */
  session(): Session {
    return new Session(this.#parts)
  }

  /**
   * Runs `run` in a transaction: what is asked of `tx` happens as a whole when it resolves, and not at all
   * when it rejects. From the first statement to the end everybody else's changes wait, at most for
   * `transactionTimeoutMs`; reads do not.
   *
   * Returns: what `run` resolved to, when all is durable.
   * Errors: what `run` rejects with; 25P02 when one of its statements failed and it went on; 25P04 when it
   * took too long; 25006 for changes when `readOnly`; those of the store.
   *
   * @example
   * await db.exec('create table accounts (id int primary key, balance int); insert into accounts values (1, 10), (2, 0)')
   * await db.transaction(async (tx) => {
   *   await tx.sql`update accounts set balance = balance - ${10} where id = ${1}`
   *   await tx.sql`update accounts set balance = balance + ${10} where id = ${2}`
   * })
   */
  async transaction<T>(run: (tx: Session) => Promise<T>, options: { readonly readOnly?: boolean } = {}): Promise<T> {
    const session = this.session()
    try {
      await session.exec(options.readOnly === true ? 'begin read only' : 'begin')
      const value = await run(session)
      const [end] = await session.exec('commit')
      if (end?.command === 'COMMIT') return value
      throw new EngineError('in_failed_sql_transaction', { message: 'the transaction was rolled back: one of its statements had failed' })
    } finally {
      await session.close()
    }
  }

  /**
   * Plans one query or change, to be run often with other values. close() lets it go; so does the
   * database's close().
   *
   * Errors: those of the text, as query() has them; 0A000 for a definition; 54000 when more are prepared
   * than native code keeps.
   *
   * @example
   * const find = db.prepare('select name from users where id = $1')
   * for (const id of [1, 2]) console.log((await find.query([id])).toArray())
   * find.close()
   */
  prepare(text: string, options: Pick<RunOptions, 'name'> = {}): PreparedStatement {
    return this.#session.prepare(text, options)
  }

  /** `` await db.sql`select * from users where id = ${id}` ``: rows as objects, values as parameters. */
  sql<T = Row>(parts: TemplateStringsArray, ...values: readonly ParameterValue[]): Promise<T[]> {
    return this.#session.sql<T>(parts, ...values)
  }

  /**
   * Adds an Arrow table's rows to a relation, in one transaction: its columns by name, the relation's others
   * take their defaults. Constraints hold as for any insert; values are not touched one by one.
   *
   * Nulls: where a column has them. Returns: rowCount is how many were added.
   * Errors: 42P01, 42703, 0A000 for Arrow types that Rowtine has not, 53200, and those of insert.
   *
   * @example
   * await db.exec('create table points (x double precision, y double precision)')
   * await db.insertArrow('points', tableFromArrays({ x: new Float64Array(1000), y: new Float64Array(1000) }))
   */
  insertArrow(relation: string, table: Table, options: RunOptions = {}): Promise<Result> {
    return reporting({ name: relation, text: '' }, async () => {
      const { tableSource } = await import('./files/arrow-source.ts')
      return this.#session.within((by) => this.#files.load(relation, tableSource(table), { ...by, ...options }))
    })
  }

  /**
   * Adds rows that are given as columns: typed arrays or arrays, all of one length. As insertArrow().
   * Errors: 22023 for columns of different lengths, and those of insertArrow().
   *
   * @example
   * await db.exec('create table points (x double precision, name text)')
   * await db.insertColumns('points', { x: Float64Array.of(1, 2), name: ['a', 'b'] })
   */
  insertColumns(relation: string, columns: Readonly<Record<string, ArrayLike<unknown>>>, options: RunOptions = {}): Promise<Result> {
    return reporting({ name: relation, text: '' }, async () => {
      const { tableOfArrays, tableSource } = await import('./files/arrow-source.ts')
      const source = tableSource(tableOfArrays(columns))
      return this.#session.within((by) => this.#files.load(relation, source, { ...by, ...options }))
    })
  }

  /** New rows of an event relation as they come, hidden system columns included; ends with close() or break. */
  listen<T = Row>(relation: string): AsyncIterableIterator<T> & AsyncDisposable {
    const schema = this.catalog.relation(relation)
    if (schema === undefined) throw undefinedTable(relation, { start: 0, end: 0 }, this.catalog.relationNames())
    return eventStream<T>(this.#executor, schema)
  }

  /** Calls `each` with batches of new rows of an event relation. Returns the function that ends it. Errors: 42P01, 42809. */
  follow(relation: string, each: (columns: readonly ResultColumn[], batch: NativeResultBatch) => void): () => void {
    const schema = this.catalog.relation(relation)
    if (schema === undefined) throw undefinedTable(relation, { start: 0, end: 0 }, this.catalog.relationNames())
    const stored = storedColumnsOf(schema)
    const isShown = stored.map(({ hidden }) => hidden !== true)
    const columns = stored.filter((_, i) => isShown[i]).map(({ name, type }) => ({ name, type }))
    return this.#executor.follow(schema.id, (batch) => {
      each(columns, { ...batch, columns: batch.columns.filter((_, i) => isShown[i]) })
    })
  }

  /** Checks a program: its definitions are made (in this database), its other statements only planned. */
  check(text: string, name = 'query'): Promise<void> {
    return reporting({ name, text }, async () => {
      for (const statement of inOrder(parseProgram(text, { terminated: false }), true)) {
        if (statement.kind === 'execute' || statement.kind === 'deallocate') continue // names come with the run
        const checked = statement.kind === 'prepare' ? statement.statement : statement
        const parameters = statement.kind === 'prepare' ? bindParameterTypes(statement.types) : []
        const bound = bindStatement(checked, this.catalog, { text, declare: true, parameters })
        if (bound.kind === 'query') planQuery(bound, this.catalog)
        else if (bound.kind !== 'explain') await this.#definitions.define(bound, { text, declare: true, restoring: false })
      }
    })
  }

  /** Calls `each` for every listener that opens or cannot. Returns a function that ends it. */
  onListening(each: (listening: Listening) => void): () => void {
    this.#listeners.add(each)
    return () => this.#listeners.delete(each)
  }

  /** Resolves when everything that has arrived has been dealt with: no event waits, no effect is on its way. */
  settled(): Promise<void> {
    return this.#executor.settled()
  }

  /** Stops accepting, answers what is in flight (at most for the deadline), then closes. */
  async shutdown(deadlineMs: number): Promise<void> {
    await this.#executor.shutdown(deadlineMs)
    await this.close()
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(): Promise<void> {
    await this.#store.close()
    this.#executor.close()
  }
}
