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
import type { RunBy } from './executor.ts'
import type { Result, ResultColumn } from './result.ts'
import type { PlannedStatement, Statements } from './statements.ts'

export interface PreparedOptions {
  /** Types of parameters where the caller says them; the statement decides the others. */
  readonly types?: readonly DataType[]
  /** Runs it as its session wants. */
  readonly through?: Through
}

/** How a session runs what is prepared in it: alone, or in its transaction. */
export type Through = (run: (by: RunBy) => Promise<Result>) => Promise<Result>

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
  readonly #through: Through
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
    this.#through = options.through ?? ((run) => run({}))
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
  query(values: readonly ParameterValue[] = [], options: { readonly signal?: AbortSignal } = {}): Promise<Result> {
    const { signal } = options
    return this.#reporting(() => this.#through((by) => this.#statements.run(this.#current(), values, { ...by, signal })))
  }

  /** Runs it for what it does. Returns: rows changed, or returned. Errors: as query(). */
  async exec(values: readonly ParameterValue[] = [], options: { readonly signal?: AbortSignal } = {}): Promise<number> {
    return (await this.query(values, options)).rowCount
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
      return await run()
    } catch (thrown) {
      throw Object.assign(asEngineError(thrown), { source: this.#source })
    }
  }
}

function isPreparable(statement: Statement): statement is Query | Change {
  return ['query', 'insert', 'update', 'delete', 'merge'].includes(statement.kind)
}
