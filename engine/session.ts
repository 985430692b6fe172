// One user of an open database: text in, results out. Statements are transactions of their own and may
// overlap, until the session begins one: from then on they run in it, one after the other.
import { EngineError } from '#base/engine-error'
import { asEngineError, featureNotSupported } from '#base/errors'
import type { SchemaLookup } from '#base/schema'
import type { Source } from '#base/source'
import type { NativeResultBatch } from '#native/binding'
import type { CreateTableAs, Statement } from '#sql/ast'
import { bindStatement } from '#sql/binder/index'
import type { BoundExplain, BoundQuery, ExplainAnalyze } from '#sql/bound'
import { parseProgram } from '#sql/parser/index'
import { printName } from '#sql/print/name'
import { analyze } from './analyze.ts'
import type { Catalog } from './catalog.ts'
import { createStatement, fillStatement } from './create-table-as.ts'
import type { DefinitionContext } from './definition-text.ts'
import type { Definitions } from './definitions.ts'
import { planningAgain, type Executor, type RunBy } from './executor.ts'
import { explain } from './explain.ts'
import { textBatch } from './explain-result.ts'
import type { FileStatements } from './files/file-statements.ts'
import { queryOfCopy } from './files/write-file.ts'
import { NamedStatements } from './named-statements.ts'
import { typeOfValue, type ParameterValue } from './parameters.ts'
import { PreparedStatement } from './prepared-statement.ts'
import { Result, emptyResult, type Row } from './result.ts'
import { inOrder, isDefinition, onlyStatement, reporting, textOfTemplate, withSource } from './statement-text.ts'
import type { PlannedStatement, Statements } from './statements.ts'
import type { TransactionGate } from './transaction-gate.ts'
import { Transaction, type Control } from './transaction.ts'

export interface RunOptions {
  /** What reports call the text. */
  readonly name?: string
  /** The text describes an application: definitions that are there already, and the same, are fine. */
  readonly declare?: boolean
  readonly signal?: AbortSignal
  /** Told how much of a statement's files has been read, 0 to 1. */
  readonly onProgress?: (done: number) => void
}

/** What the sessions of a database share. */
export interface SessionParts {
  readonly catalog: Catalog
  readonly executor: Executor
  readonly definitions: Definitions
  readonly statements: Statements
  readonly files: FileStatements
  readonly gate: TransactionGate
}

interface RunContext extends DefinitionContext {
  /** The text under its name. */
  readonly source: Source
  readonly onProgress: RunOptions['onProgress']
}

/** A text on its way: `parse` may find it wrong. */
interface Job {
  readonly values: readonly ParameterValue[]
  readonly context: RunContext
  readonly signal: AbortSignal | undefined
  readonly parse: () => readonly Statement[]
}

/** How a statement is run. */
type Each = (run: (by: RunBy) => Promise<Result>) => Promise<Result>

/** Made by `db.session()`. */
export class Session {
  readonly #parts: SessionParts
  readonly #named: NamedStatements
  #transaction: Transaction | undefined
  /** Ends when all that has asked for the session alone has had it; undefined: nobody has. */
  #turn: Promise<unknown> | undefined
  #isOpen = true

  /** Use `db.session()`. */
  constructor(parts: SessionParts) {
    this.#parts = parts
    this.#named = new NamedStatements(parts.catalog, parts.statements)
  }

  /** failed: all that is possible is a rollback. */
  get transactionStatus(): 'none' | 'open' | 'failed' {
    if (this.#transaction === undefined) return 'none'
    return this.#transaction.hasFailed ? 'failed' : 'open'
  }

  /** Runs several statements, one after the other, up to the first that fails. */
  exec(text: string, options: RunOptions = {}): Promise<Result[]> {
    return this.#runText(text, options, false)
  }

  /** Makes again what the store has: exec() that stores nothing. */
  restore(text: string, name: string): Promise<Result[]> {
    return this.#runText(text, { name }, true)
  }

  /** Runs one statement with values for $1, $2 … */
  query(text: string, parameters: readonly ParameterValue[] = [], options: RunOptions = {}): Promise<Result> {
    const { statements } = this.#parts
    return this.#again(text, parameters, options, (planned) => statements.resultNow(planned, parameters)) ?? this.#queryAnew(text, parameters, options)
  }

  /** As `db.prepare()`; what it prepares runs in this session. */
  prepare(text: string, options: Pick<RunOptions, 'name'> = {}): PreparedStatement {
    const source = { name: options.name ?? 'query', text }
    try {
      const statement = onlyStatement(text, 'prepare() takes one statement')
      if (statement === undefined) throw new EngineError('syntax_error', { message: 'there is no statement', span: { start: 0, end: 0 } })
      return new PreparedStatement(this.#parts.catalog, this.#parts.statements, source, statement, { owner: this })
    } catch (thrown) {
      throw withSource(thrown, source)
    }
  }

  /** `` await tx.sql`select * from users where id = ${id}` ``: rows as objects, values as parameters. */
  async sql<T = Row>(parts: TemplateStringsArray, ...values: readonly ParameterValue[]): Promise<T[]> {
    const text = textOfTemplate(parts)
    const { statements } = this.#parts
    const rows = this.#again(text, values, {}, (planned) => statements.rowsNow(planned, values)) as Promise<T[]> | undefined
    return rows ?? (await this.#queryAnew(text, values, {})).toArray<T>()
  }

  /** Runs something that is no text: in the session's transaction, where it has one. */
  async within<T>(run: (by: RunBy) => Promise<T>): Promise<T> {
    return this.isFree ? run({}) : this.#inTurn(() => this.#attempt(run))
  }

  /** Rolls back what is not committed; the session takes nothing more. Closing twice does nothing. */
  async close(): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    await this.#inTurn(async () => {
      const open = this.#transaction
      this.#transaction = undefined
      this.#named.clear()
      await Promise.allSettled([open?.rollback()]) // a database that is closed has rolled it back
    })
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** What `answer` gives, without waiting, for a text that is planned; undefined: it is not, or has to wait. */
  #again<T>(text: string, values: readonly ParameterValue[], { name = 'query', signal }: RunOptions, answer: (planned: PlannedStatement) => T | undefined): Promise<T> | undefined {
    try {
      if (signal?.aborted === true || !this.isFree) return undefined
      const planned = this.#parts.statements.find(text, values)
      const answered = planned && answer(planned)
      return answered === undefined ? undefined : Promise.resolve(answered)
    } catch (thrown) {
      return Promise.reject(withSource(thrown, { name, text }))
    }
  }

  async #queryAnew(text: string, parameters: readonly ParameterValue[], options: RunOptions): Promise<Result> {
    const [result] = await this.#start(text, parameters, options, false, () => {
      const statement = onlyStatement(text, 'query() runs one statement')
      return statement === undefined ? [] : [statement]
    })
    return result ?? emptyResult('EMPTY')
  }

  #runText(text: string, options: RunOptions, restoring: boolean): Promise<Result[]> {
    return this.#start(text, [], options, restoring, () => inOrder(parseProgram(text, { terminated: false }), options.declare ?? false))
  }

  #start(text: string, values: readonly ParameterValue[], options: RunOptions, restoring: boolean, parse: Job['parse']): Promise<Result[]> {
    const { name = 'query', declare = false, signal, onProgress } = options
    const source = { name, text }
    const job: Job = { values, context: { text, source, declare, restoring, onProgress }, signal, parse }
    return reporting(source, async () => {
      if (!this.isFree) return this.#inTurn(() => this.#runJob(job))
      const kept = this.#runKept(text, values, signal)
      const result = kept && (await kept)
      if (result !== undefined) return [result]
      const statements = parse()
      const isPlain = !statements.some(({ kind }) => kind === 'transaction')
      return isPlain ? this.#runAll(statements, job, (run) => run({ signal })) : this.#inTurn(() => this.#runAll(statements, job))
    })
  }

  /** Runs a text that is planned; undefined, or resolves to it: it is not, or not any more. */
  #runKept(text: string, values: readonly ParameterValue[], signal: AbortSignal | undefined): Promise<Result | undefined> | undefined {
    const { statements } = this.#parts
    let planned = statements.find(text, values)
    if (planned === undefined) return undefined
    return planningAgain(async () => {
      const run = planned && statements.run(planned, values, { signal })
      planned = undefined
      return run
    })
  }

  /** In the session's turn. */
  async #runJob(job: Job): Promise<Result[]> {
    const planned = this.#parts.statements.find(job.context.text, job.values)
    if (planned !== undefined) return [await this.#attempt((by) => this.#parts.statements.run(planned, job.values, by), job.signal)]
    try {
      return await this.#runAll(job.parse(), job)
    } catch (error) {
      this.#transaction?.fail() // where it was the text that was wrong
      throw error
    }
  }

  /** `each` runs a statement beside whatever transaction begins meanwhile, or in the session's. */
  async #runAll(statements: readonly Statement[], { values, context, signal }: Job, each: Each = (run) => this.#attempt(run, signal)): Promise<Result[]> {
    const results: Result[] = []
    const whole = statements.length === 1 ? context.text : undefined
    for (const statement of statements) {
      if (statement.kind === 'transaction') results.push(emptyResult(await this.#control(statement)))
      else results.push(await each((by) => this.#run(statement, values, context, by, whole)))
    }
    return results
  }

  /** Nobody has the session alone, and no transaction is open. Errors: 25P01 when it has ended. */
  get isFree(): boolean {
    this.#requireOpen()
    return this.#transaction === undefined && this.#turn === undefined
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#turn === undefined ? work() : this.#turn.then(work)
    const turn = Promise.allSettled([run]).then(() => {
      if (this.#turn === turn) this.#turn = undefined
    })
    this.#turn = turn
    return run
  }

  #attempt<T>(run: (by: RunBy) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#transaction === undefined ? run({ signal }) : this.#transaction.attempt(run, signal)
  }

  #requireOpen(): void {
    if (this.#isOpen) return
    throw new EngineError('no_active_sql_transaction', { message: 'the session has ended, and its transaction with it' })
  }

  /** Returns the command tag. Errors: 25001, 25P01, 25P02, 3B001, and those of the commit. */
  async #control(control: Control): Promise<string> {
    const open = this.#transaction
    if (control.action === 'begin') return this.#begin(control)
    if (open === undefined) throw new EngineError('no_active_sql_transaction', { message: 'there is no transaction in progress', span: control.span })
    if (control.action !== 'commit' && control.action !== 'rollback') return open.move(control)
    this.#transaction = control.chain ? new Transaction(this.#parts.executor, this.#parts.gate, open.isReadOnly) : undefined
    if (control.action === 'commit') return (await open.commit()) ? 'COMMIT' : 'ROLLBACK'
    await open.rollback()
    return 'ROLLBACK'
  }

  async #begin({ readOnly, span }: Control): Promise<string> {
    await this.#transaction?.attempt(() => {
      throw new EngineError('active_sql_transaction', { message: 'there is already a transaction in progress', span, hint: 'Use savepoints inside of a transaction.' })
    })
    this.#transaction = new Transaction(this.#parts.executor, this.#parts.gate, readOnly ?? false)
    return 'BEGIN'
  }

  /** `whole`: the text, where the statement is all of it. */
  async #run(statement: Exclude<Statement, Control>, values: readonly ParameterValue[], context: RunContext, by: RunBy, whole: string | undefined): Promise<Result> {
    const { source, text, onProgress } = context
    if (by.transaction !== undefined && isDefinition(statement)) {
      throw featureNotSupported('definitions inside of a transaction are not supported', statement.span, 'Define before it begins, or after it has ended.')
    }
    switch (statement.kind) {
      case 'prepare':
        this.#named.prepare(statement, source)
        return emptyResult('PREPARE')
      case 'execute':
        return this.#named.execute(statement, source, by)
      case 'deallocate':
        this.#named.deallocate(statement)
        return emptyResult('DEALLOCATE')
      case 'create_table_as':
        return this.#createTableAs(statement, context, by)
      case 'copy':
        if (statement.direction === 'from') return this.#parts.files.copyFrom(statement, text, { ...by, onProgress })
        return this.#parts.files.copyTo(statement, await this.#runPlain(queryOfCopy(statement), [], context, by))
      default:
        return this.#runPlain(statement, values, context, by, whole)
    }
  }

  async #runPlain(statement: Statement, values: readonly ParameterValue[], context: RunContext, by: RunBy, whole?: string): Promise<Result> {
    const options = { parameters: values.map(typeOfValue), text: context.text, declare: context.declare, restoring: context.restoring }
    if (isDefinition(statement)) {
      if (values.length > 0) throw featureNotSupported('a definition takes no parameters', statement.span)
      return emptyResult(await this.#parts.gate.define(() => this.#define(statement, context)))
    }
    return planningAgain(() => this.#parts.files.bound(statement, options, (bound, schemas, files) => {
      if (bound.kind === 'explain') return this.#explain(bound, schemas, (query, show) => analyze({ bound: query, files, values, show }, this.#parts.statements, this.#parts.executor, { ...by, onProgress: context.onProgress }))
      if (bound.kind !== 'query') throw featureNotSupported('this statement is not supported', statement.span)
      if (!files.isEmpty) return this.#parts.files.run(bound, files, values, { ...by, onProgress: context.onProgress })
      return this.#parts.statements.runBound(bound, whole, values, by)
    }))
  }

  async #define(statement: Statement, context: RunContext): Promise<string> {
    const bound = bindStatement(statement, this.#parts.catalog, { text: context.text, declare: context.declare, restoring: context.restoring })
    if (bound.kind === 'query' || bound.kind === 'explain') throw featureNotSupported('this statement is not supported', statement.span)
    return this.#parts.definitions.define(bound, context)
  }

  async #createTableAs(statement: CreateTableAs, context: RunContext, by: RunBy): Promise<Result> {
    const options = { text: context.text, declare: context.declare }
    const query = await this.#parts.files.bound(statement.query, options, (bound) => bound)
    if (query.kind !== 'query') throw featureNotSupported('CREATE TABLE AS takes a query', statement.query.span)
    const { name, span } = statement.name
    const isThere = this.#parts.catalog.relation(name) !== undefined
    if (isThere && statement.ifNotExists) return emptyResult('SELECT')
    const text = createStatement(statement, query)
    try {
      for (const create of parseProgram(text, { terminated: false })) await this.#runPlain(create, [], { ...context, text }, by)
    } catch (error) {
      throw asEngineError(error).with({ span }) // its place is one in a text that the user has not written
    }
    if (isThere || !statement.withData) return emptyResult('SELECT')
    try {
      const filled = await this.#runPlain(fillStatement(statement), [], context, by)
      return new Result('SELECT', [], [], filled.rowCount)
    } catch (error) {
      const drop = `drop table ${printName(statement.name)}`
      for (const undo of parseProgram(drop, { terminated: false })) await this.#runPlain(undo, [], { ...context, text: drop }, by)
      throw error
    }
  }

  async #explain(bound: BoundExplain, schemas: SchemaLookup, run: (query: BoundQuery, show: ExplainAnalyze) => Promise<string[]>): Promise<Result> {
    const { statement, analyze: show } = bound
    const isRun = show !== undefined && statement.kind === 'query'
    const lines = isRun ? await run(statement, show) : explain(bound, schemas, this.#parts.statements.planOptions)
    const batch: NativeResultBatch = textBatch(lines)
    return new Result('EXPLAIN', [{ name: 'QUERY PLAN', type: { kind: 'text' } }], [batch], 0)
  }
}
