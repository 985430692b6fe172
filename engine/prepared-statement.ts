// A statement that its caller keeps: planned when it is prepared, and again when a relation changes.
import { typeName, type DataType } from '#base/data-type'
import { EngineError } from '#base/engine-error'
import { asEngineError, featureNotSupported } from '#base/errors'
import type { Source } from '#base/source'
import type { EncodedParameters } from '#planner/index'
import type { Change, Query, Statement } from '#sql/ast'
import { bindStatement } from '#sql/binder/index'
import type { Catalog } from './catalog.ts'
import type { ParameterValue } from './parameters.ts'
import { planningAgain, type RunBy } from './executor.ts'
import type { Result, ResultColumn, Row } from './result.ts'
import type { PlannedStatement, Statements } from './statements.ts'

export interface PreparedOptions {
  /** Types of parameters where the caller says them; the statement decides the others. */
  readonly types?: readonly DataType[]
  /** Whose it is; without it every run is on its own. */
  readonly owner?: StatementOwner
}

/** The session that a statement is prepared in. */
export interface StatementOwner {
  /** What it runs now neither belongs to a transaction nor waits for its turn. Errors: 25P01 when it has ended. */
  readonly isFree: boolean
  /** Runs something alone, or in the transaction. */
  readonly within: (run: (by: RunBy) => Promise<Result>) => Promise<Result>
}

const nobody: StatementOwner = { isFree: true, within: (run) => run({}) }

interface QueryOptions {
  readonly signal?: AbortSignal
}

/**
 * Made by `db.prepare()`. Its parameters have the types that the statement gives them; a value is
 * converted to its parameter's type or refused.
 */
export class PreparedStatement {
  readonly #catalog: Catalog
  readonly #statements: Statements
  readonly #source: Source
  readonly #statement: Query | Change
  readonly #types: readonly DataType[]
  readonly #owner: StatementOwner
  #planned: PlannedStatement
  #isOpen = true

  /** Use `db.prepare()`. Errors: those of binding and planning; 0A000 for what is no query or change. */
  constructor(catalog: Catalog, statements: Statements, source: Source, statement: Statement, options: PreparedOptions = {}) {
    this.#catalog = catalog
    this.#statements = statements
    this.#source = source
    if (!isPreparable(statement)) {
      throw featureNotSupported('only queries and changes are prepared', statement.span, 'Run a definition with exec().')
    }
    this.#statement = statement
    this.#types = options.types ?? []
    this.#owner = options.owner ?? nobody
    this.#planned = this.#plan()
  }

  /** Names of the parameters' types, $1 first. */
  get parameterTypes(): readonly string[] {
    return this.types.map(typeName)
  }
  get types(): readonly DataType[] {
    return this.#current().parameters
  }
  /** Columns of its rows; none when it returns no rows. */
  get columns(): readonly ResultColumn[] {
    return this.#current().columns
  }

  /**
   * Runs it with values for $1, $2 …
   *
   * Errors: 42P02 for a wrong count; 22P02, 22003, 22007, 22008 for a value that its parameter's type
   * cannot hold; 26000 after close(); those of planning again when a relation has changed; those of the run.
   *
   * @example
   * const add = db.prepare('insert into users (name) values ($1) returning id')
   * const result = await add.query(['Ada'])
   */
  query(values: readonly ParameterValue[] = [], options: QueryOptions = {}): Promise<Result> {
    return this.#quickly(options, (planned) => this.#statements.resultNow(planned, values)) ?? this.#run(values, options)
  }

  /** Runs it for what it does. Returns: rows changed, or returned. Errors: as query(). */
  async exec(values: readonly ParameterValue[] = [], options: QueryOptions = {}): Promise<number> {
    return (await this.query(values, options)).rowCount
  }

  /**
   * Its rows as objects; where they are few, quicker than query().
   *
   * @example
   * const find = db.prepare('select name from users where id > $1 order by id')
   * const users = await find.all([10])
   */
  all<T = Row>(values: readonly ParameterValue[] = [], options: QueryOptions = {}): Promise<T[]> {
    const rows = this.#quickly(options, (planned) => this.#statements.rowsNow(planned, values)) as Promise<T[]> | undefined
    return rows ?? this.#run(values, options).then((result) => result.toArray<T>())
  }

  /** Its first row as an object; undefined when there is none. */
  get<T = Row>(values: readonly ParameterValue[] = [], options: QueryOptions = {}): Promise<T | undefined> {
    const row = this.#quickly(options, (planned) => this.#statements.rowNow(planned, values, none))
    if (row === undefined) return this.#run(values, options).then((result) => result.first<T>())
    return row.then((found) => (found === none ? undefined : (found as T)))
  }

  /**
   * query() that blocks this thread, and with it every socket and timer of JavaScript, until the result is
   * there: what is queued before runs before, and a change is durable when it returns. For scripts and for
   * small reads; a large one, or a change that waits for somebody's transaction, is better awaited.
   *
   * Errors: as query(); 0A000 in a session that has a transaction or runs something else in its turn.
   *
   * @example
   * const find = db.prepare('select name from users where id = $1')
   * console.log(find.getSync([1])?.name)
   */
  querySync(values: readonly ParameterValue[] = []): Result {
    return this.#now((planned) => this.#statements.resultNow(planned, values)) ?? this.#runNow(values)
  }
  /** exec() as querySync(). */
  execSync(values: readonly ParameterValue[] = []): number {
    return this.querySync(values).rowCount
  }
  /** all() as querySync(). */
  allSync<T = Row>(values: readonly ParameterValue[] = []): T[] {
    const rows = this.#now((planned) => this.#statements.rowsNow(planned, values)) as T[] | undefined
    return rows ?? this.#runNow(values).toArray<T>()
  }
  /** get() as querySync(). */
  getSync<T = Row>(values: readonly ParameterValue[] = []): T | undefined {
    const row = this.#now((planned) => this.#statements.rowNow(planned, values, none))
    if (row === undefined) return this.#runNow(values).first<T>()
    return row === none ? undefined : (row as T)
  }

  /** query() with values that native code understands already. */
  queryEncoded(parameters: EncodedParameters, by: RunBy): Promise<Result> {
    return this.#reporting(() => this.#statements.runEncoded(this.#current(), parameters, by))
  }

  /** Lets the plan go; runs that have begun end as they would. Closing twice does nothing. */
  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#statements.release(this.#planned)
  }
  [Symbol.dispose](): void {
    this.close()
  }

  #run(values: readonly ParameterValue[], { signal }: QueryOptions): Promise<Result> {
    return this.#reporting(() => this.#owner.within((by) => this.#statements.run(this.#current(), values, { ...by, signal })))
  }

  /** What `answer` gives without waiting, as a promise; undefined: it gives nothing. */
  #quickly<T>({ signal }: QueryOptions, answer: (planned: PlannedStatement) => T | undefined): Promise<T> | undefined {
    if (signal?.aborted === true) return undefined
    try {
      const answered = this.#owner.isFree ? answer(this.#current()) : undefined
      return answered === undefined ? undefined : Promise.resolve(answered)
    } catch (thrown) {
      return Promise.reject(this.#reported(thrown))
    }
  }

  #now<T>(answer: (planned: PlannedStatement) => T): T {
    try {
      if (!this.#owner.isFree) throw notFree()
      return answer(this.#current())
    } catch (thrown) {
      throw this.#reported(thrown)
    }
  }
  #runNow(values: readonly ParameterValue[]): Result {
    return this.#now((planned) => this.#statements.runNow(planned, values))
  }

  #current(): PlannedStatement {
    if (!this.#isOpen) throw new EngineError('undefined_prepared_statement', { message: 'the prepared statement was closed' })
    if (this.#statements.isCurrent(this.#planned)) return this.#planned
    const planned = this.#plan()
    this.#statements.release(this.#planned)
    this.#planned = planned
    return planned
  }

  #plan(): PlannedStatement {
    const bound = bindStatement(this.#statement, this.#catalog, { parameters: this.#types, text: this.#source.text })
    if (bound.kind !== 'query') throw featureNotSupported('only queries and changes are prepared', this.#statement.span)
    return this.#statements.plan(bound)
  }

  /** Errors show the text that was prepared, wherever it is run. */
  async #reporting<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await planningAgain(run)
    } catch (thrown) {
      throw this.#reported(thrown)
    }
  }
  #reported(thrown: unknown): EngineError {
    return Object.assign(asEngineError(thrown), { source: this.#source })
  }
}

/** A row that is not there: undefined says that nothing was read yet. */
const none = Symbol('none')

function notFree(): EngineError {
  return new EngineError('feature_not_supported', {
    message: 'a session cannot block for a statement while it has a transaction or runs another',
    hint: 'Await query(), all() or get() instead.',
  })
}

function isPreparable(statement: Statement): statement is Query | Change {
  return ['query', 'insert', 'update', 'delete', 'merge'].includes(statement.kind)
}
