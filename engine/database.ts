// An open database: text in, results out. Every statement is a transaction of its own.
import type { Table } from 'apache-arrow'
import { EngineError } from '#base/engine-error'
import { asEngineError, featureNotSupported, undefinedTable } from '#base/errors'
import type { SchemaLookup } from '#base/schema'
import type { Source } from '#base/source'
import type { NativeResultBatch } from '#native/binding'
import { planQuery } from '#planner/index'
import type { CreateTableAs, Statement } from '#sql/ast'
import { bindParameterTypes, bindStatement } from '#sql/binder/index'
import type { BoundExplain } from '#sql/bound'
import { parseProgram } from '#sql/parser/index'
import { printName } from '#sql/print/name'
import { Catalog } from './catalog.ts'
import { createStatement, fillStatement } from './create-table-as.ts'
import type { DefinitionContext } from './definition-text.ts'
import { Definitions } from './definitions.ts'
import { Executor, type Listening } from './executor.ts'
import { explain } from './explain.ts'
import { textBatch } from './explain-result.ts'
import { eventStream } from './event-stream.ts'
import type { FileAccess } from './files/file-access.ts'
import { FileStatements } from './files/file-statements.ts'
import { queryOfCopy } from './files/write-file.ts'
import { typeOfValue, type ParameterValue } from './parameters.ts'
import { NamedStatements } from './named-statements.ts'
import { PreparedStatement } from './prepared-statement.ts'
import { storedColumnsOf, storedRelation } from './relations/stored-columns.ts'
import { Result, emptyResult, type ResultColumn, type Row } from './result.ts'
import { Statements } from './statements.ts'
import type { Store } from './stores/store.ts'

export interface RunOptions {
  /** What reports call the text. */
  readonly name?: string
  /** The text describes an application: definitions that are there already, and the same, are fine. */
  readonly declare?: boolean
  readonly signal?: AbortSignal
  /** Told how much of a statement's files has been read, 0 to 1. */
  readonly onProgress?: (done: number) => void
}

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
  readonly memoryLimitBytes: number
  readonly pin: boolean
  /** Files that statements may read and write: all, none, or those in a folder. */
  readonly files: FileAccess
  /** False: queries are planned without the rules that only save time, for tests. Answers are the same. */
  readonly optimise: boolean
}

interface RunContext extends DefinitionContext {
  /** The text under its name. */
  readonly source: Source
  /** Is the statement all of the text? */
  readonly isAlone: boolean
  readonly onProgress: RunOptions['onProgress']
}

export class Database {
  readonly catalog = new Catalog()
  readonly #executor: Executor
  readonly #definitions: Definitions
  readonly #store: Store
  readonly #statements: Statements
  readonly #named: NamedStatements
  readonly #files: FileStatements
  readonly #listeners = new Set<(listening: Listening) => void>()
  #closing: Promise<void> | undefined

  /** Use `open()`. */
  constructor(store: Store, settings: EngineSettings) {
    this.#store = store
    this.#executor = new Executor({ ...settings, durable: store.isDurable }, this.catalog, (listening) => {
      for (const each of this.#listeners) each(listening)
    })
    this.catalog.countRowsBy((relation) => this.#executor.rowCount(relation))
    this.#definitions = new Definitions(this.catalog, this.#executor, store)
    this.#statements = new Statements(this.catalog, this.#executor, { optimise: settings.optimise })
    this.#named = new NamedStatements(this.catalog, this.#statements)
    this.#files = new FileStatements(this.catalog, this.#executor, this.#statements, settings.files)
  }

  /** Makes again what the store has. Called once, by open(). */
  async restore(): Promise<void> {
    for (const entry of this.#store.entries()) {
      await this.#runText(entry.sql, { name: entry.name }, true)
      const relation = entry.kind === 'table' ? this.catalog.relation(entry.name) : undefined
      if (relation?.durable !== true) continue
      const stored = storedRelation(relation)
      for (const rows of this.#store.load(stored)) this.#executor.loadRows(relation.id, rows.keys, rows.columns)
      const last = this.#store.lastIdentity(stored)
      if (last !== undefined) this.#executor.continueIdentity(relation.id, last)
    }
    await this.#store.start(this.#executor.engine, this.#definitions.storedRelations())
  }

  /** Runs several statements, one after the other, up to the first that fails. */
  exec(text: string, options: RunOptions = {}): Promise<Result[]> {
    return this.#runText(text, options, false)
  }

  /** Runs one statement with values for $1, $2 … */
  async query(text: string, parameters: readonly ParameterValue[] = [], options: RunOptions = {}): Promise<Result> {
    const source = { name: options.name ?? 'query', text }
    return this.#reporting(source, async () => {
      const planned = this.#statements.find(text, parameters)
      if (planned !== undefined) return this.#statements.run(planned, parameters, options.signal)
      const statement = onlyStatement(text, 'query() runs one statement')
      if (statement === undefined) return emptyResult('EMPTY')
      return this.#run(statement, parameters, { text, source, isAlone: true, declare: options.declare ?? false, restoring: false, onProgress: options.onProgress }, options.signal)
    })
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
    const source = { name: options.name ?? 'query', text }
    try {
      const statement = onlyStatement(text, 'prepare() takes one statement')
      if (statement === undefined) throw new EngineError('syntax_error', { message: 'there is no statement', span: { start: 0, end: 0 } })
      return new PreparedStatement(this.catalog, this.#statements, source, statement)
    } catch (thrown) {
      throw withSource(thrown, source)
    }
  }

  /** `` await db.sql`select * from users where id = ${id}` ``: rows as objects, values as parameters. */
  async sql<T = Row>(parts: TemplateStringsArray, ...values: readonly ParameterValue[]): Promise<T[]> {
    const text = parts.reduce((sum, part, i) => `${sum}$${i}${part}`)
    return (await this.query(text, values)).toArray<T>()
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
    return this.#reporting({ name: relation, text: '' }, async () => {
      const { tableSource } = await import('./files/arrow-source.ts')
      return this.#files.load(relation, tableSource(table), options)
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
    return this.#reporting({ name: relation, text: '' }, async () => {
      const { tableOfArrays, tableSource } = await import('./files/arrow-source.ts')
      return this.#files.load(relation, tableSource(tableOfArrays(columns)), options)
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
    return this.#reporting({ name, text }, async () => {
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

  async #close(): Promise<void> {
    await this.#store.close()
    this.#executor.close()
  }

  #runText(text: string, options: RunOptions, restoring: boolean): Promise<Result[]> {
    const source = { name: options.name ?? 'query', text }
    return this.#reporting(source, async () => {
      const planned = this.#statements.find(text, [])
      if (planned !== undefined) return [await this.#statements.run(planned, [], options.signal)]
      const results: Result[] = []
      const statements = inOrder(parseProgram(text, { terminated: false }), options.declare ?? false)
      for (const statement of statements) {
        const context = { text, source, isAlone: statements.length === 1, declare: options.declare ?? false, restoring, onProgress: options.onProgress }
        results.push(await this.#run(statement, [], context, options.signal))
      }
      return results
    })
  }

  async #run(statement: Statement, values: readonly ParameterValue[], context: RunContext, signal?: AbortSignal): Promise<Result> {
    const { source } = context
    switch (statement.kind) {
      case 'prepare':
        this.#named.prepare(statement, source)
        return emptyResult('PREPARE')
      case 'execute':
        return this.#named.execute(statement, source, signal)
      case 'deallocate':
        this.#named.deallocate(statement)
        return emptyResult('DEALLOCATE')
      case 'create_table_as':
        return this.#createTableAs(statement, context, signal)
      case 'copy':
        if (statement.direction === 'from') return this.#files.copyFrom(statement, context.text, { signal, onProgress: context.onProgress })
        return this.#files.copyTo(statement, await this.#runPlain(queryOfCopy(statement), [], { ...context, isAlone: false }, signal))
      default:
        return this.#runPlain(statement, values, context, signal)
    }
  }

  async #runPlain(statement: Statement, values: readonly ParameterValue[], context: RunContext, signal?: AbortSignal): Promise<Result> {
    const options = { parameters: values.map(typeOfValue), text: context.text, declare: context.declare, restoring: context.restoring }
    if (isDefinition(statement)) {
      const bound = bindStatement(statement, this.catalog, options)
      if (values.length > 0) throw featureNotSupported('a definition takes no parameters', statement.span)
      if (bound.kind !== 'query' && bound.kind !== 'explain') return emptyResult(await this.#definitions.define(bound, context))
    }
    return this.#files.bound(statement, options, (bound, schemas, files) => {
      if (bound.kind === 'explain') return this.#explain(bound, schemas)
      if (bound.kind !== 'query') throw featureNotSupported('this statement is not supported', statement.span)
      if (!files.isEmpty) return this.#files.run(bound, files, values, { signal, onProgress: context.onProgress })
      return this.#statements.runBound(bound, context.isAlone ? context.text : undefined, values, signal)
    })
  }

  async #createTableAs(statement: CreateTableAs, context: RunContext, signal?: AbortSignal): Promise<Result> {
    const options = { text: context.text, declare: context.declare }
    const query = await this.#files.bound(statement.query, options, (bound) => bound)
    if (query.kind !== 'query') throw featureNotSupported('CREATE TABLE AS takes a query', statement.query.span)
    const { name, span } = statement.name
    const isThere = this.catalog.relation(name) !== undefined
    if (isThere && statement.ifNotExists) return emptyResult('SELECT')
    const text = createStatement(statement, query)
    try {
      for (const create of parseProgram(text, { terminated: false })) await this.#runPlain(create, [], { ...context, text })
    } catch (error) {
      throw asEngineError(error).with({ span }) // its place is one in a text that the user has not written
    }
    if (isThere || !statement.withData) return emptyResult('SELECT')
    try {
      const filled = await this.#runPlain(fillStatement(statement), [], { ...context, isAlone: false }, signal)
      return new Result('SELECT', [], [], filled.rowCount)
    } catch (error) {
      await this.exec(`drop table ${printName(statement.name)}`)
      throw error
    }
  }

  #explain(bound: BoundExplain, schemas: SchemaLookup): Result {
    const batch: NativeResultBatch = textBatch(explain(bound, schemas, this.#statements.planOptions))
    return new Result('EXPLAIN', [{ name: 'QUERY PLAN', type: { kind: 'text' } }], [batch], 0)
  }

  /** Every mistake leaves with the text it was made in, so that whoever catches it can show the place. */
  async #reporting<T>(source: Source, run: () => Promise<T>): Promise<T> {
    try {
      return await run()
    } catch (thrown) {
      throw withSource(thrown, source)
    }
  }
}

/** The statement that is all of the text; undefined: it has none. Errors: 42601 for several. */
function onlyStatement(text: string, message: string): Statement | undefined {
  const statements = parseProgram(text, { terminated: false })
  const [first, second] = statements
  if (second === undefined) return first
  throw new EngineError('syntax_error', { message, span: second.span, hint: 'Use exec() for several.' })
}

/** An error of a prepared statement has its own text already. */
function withSource(thrown: unknown, source: Source): EngineError {
  const error = asEngineError(thrown)
  return 'source' in error ? error : Object.assign(error, { source })
}

function isDefinition({ kind }: Statement): boolean {
  return /^(create_|drop)/.test(kind)
}

/**
 * An application is declared before it runs: its definitions come first, so that no listener accepts
 * before every coroutine stands, and a mistake in any of them starts nothing.
 */
function inOrder(statements: readonly Statement[], declare: boolean): readonly Statement[] {
  if (!declare) return statements
  return [...statements.filter(isDefinition), ...statements.filter((statement) => !isDefinition(statement))]
}
