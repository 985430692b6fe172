// The only file that calls the native engine: sends programs, collects batches, turns native errors
// into reports in the user's words. One executor per open database.
import { EngineError, type Condition } from '#base/engine-error'
import { sqlState } from '#base/sql-state.gen'
import type { Span } from '#base/span'
import type { RelationSchema, SchemaLookup } from '#base/schema'
import { loadAddon, type Addon, type NativeTransactionOrder, type EngineOptions, type NativeCoroutine, type NativeError, type NativeEvent, type NativeIndex, type NativeRelation, type NativeResultBatch, type NativeResultColumn } from '#native/binding'
import type { EncodedParameters, EncodedProgram } from '#planner/encode'
import type { FailureNote } from '#planner/program'
import { Exchange } from './exchange.ts'
import type { BatchSink } from './files/column-source.ts'
import { sizeText } from './memory-limit.ts'

export interface StatementOutcome {
  readonly batches: readonly NativeResultBatch[]
  /** Rows inserted, updated or deleted. */
  readonly affected: number
  /** Of a profiled run. */
  readonly profile?: Float64Array | undefined
}

/** How a statement is run. */
export interface RunBy {
  readonly signal?: AbortSignal | undefined
  /** The number of the transaction that it belongs to, which begins when this is called first. */
  readonly transaction?: (() => Promise<number>) | undefined
  /** It is what alone() waits for. */
  readonly isAlone?: boolean
  /** Counts what the run does, see StatementOutcome. */
  readonly profiled?: boolean
}

/** A transaction in native code. */
export interface TransactionHandle {
  readonly number: number
  /** Resolves when it has the writer. */
  readonly begun: Promise<unknown>
  /** Resolves when it has ended as its session wanted, rejects with what ended it otherwise. */
  readonly ended: Promise<unknown>
}

/** A listener that was opened, or why it was not. */
export interface Listening {
  readonly listener: number
  readonly protocol: string
  readonly address: string
  readonly error: EngineError | undefined
}

interface Waiting {
  readonly batches: NativeResultBatch[]
  readonly resolve: (outcome: StatementOutcome) => void
  readonly reject: (error: EngineError) => void
}

const idMax = 0x7fff_ffff

type Followed = (batch: NativeResultBatch, lost: number) => void

export class Executor {
  readonly #addon: Addon
  readonly #schemas: SchemaLookup
  readonly #onListening: (listening: Listening) => void
  readonly #waiting = new Map<number, Waiting>()
  readonly #followed = new Map<number, Followed>()
  readonly #onExit: () => void
  readonly #memoryLimitBytes: number
  #stopped: (() => void) | undefined
  /** What was drained while a statement was waited for, and is nobody's turn yet. */
  #later: NativeEvent[] = []
  #next = 0
  #isOpen = true
  /** Resolves when alone() has ended. */
  #disturbed: Promise<void> | undefined
  /** The engine's number, for the store thread. */
  readonly engine: number
  /** Where read() finds parameters and leaves rows. */
  readonly exchange: Exchange

  constructor(options: EngineOptions, schemas: SchemaLookup, onListening: (listening: Listening) => void) {
    this.#addon = loadAddon()
    this.#schemas = schemas
    this.#onListening = onListening
    this.#memoryLimitBytes = options.memoryLimitBytes
    this.engine = this.#attempt(() => this.#addon.createEngine(options, () => { this.#drain() }))
    this.exchange = new Exchange(this.#addon.exchange(this.engine))
    // Threads must be gone before the process tears down what they use.
    this.#onExit = () => { this.#addon.destroy(this.engine) }
    process.on('exit', this.#onExit)
  }

  createRelations(relations: readonly NativeRelation[]): void {
    this.#attempt(() => { this.#addon.createRelations(this.engine, relations) })
  }
  dropRelation(relation: number): void {
    this.#attempt(() => { this.#addon.dropRelation(this.engine, relation) })
  }
  /** Adds an index to a table with rows. Rejects with 23505 when rows share a key of a unique one. */
  async createIndex(relation: number, index: NativeIndex): Promise<void> {
    await this.#statement((id) => { this.#addon.createIndex(this.engine, id, relation, index); return false })
  }
  async dropIndex(relation: number, index: number): Promise<void> {
    await this.#statement((id) => { this.#addon.dropIndex(this.engine, id, relation, index); return false })
  }
  loadRows(relation: number, keys: BigInt64Array, columns: readonly NativeResultColumn[]): void {
    this.#attempt(() => { this.#addon.loadRows(this.engine, relation, keys, columns) })
  }
  /** Where rows from outside go: into a relation of kind batches. `progress` is told how far the source is. */
  batchSink(relation: number, progress: (done: number) => void): BatchSink {
    return {
      append: (rowCount, columns) => { this.#attempt(() => { this.#addon.appendBatch(this.engine, relation, rowCount, columns) }) },
      openCsv: (options) => { this.#attempt(() => { this.#addon.openCsv(this.engine, relation, options) }) },
      feedCsv: (bytes, isLast) => this.#attempt(() => this.#addon.feedCsv(this.engine, relation, bytes, isLast)),
      progress,
    }
  }
  continueIdentity(relation: number, last: bigint): void {
    this.#attempt(() => { this.#addon.continueIdentity(this.engine, relation, last) })
  }
  /** See Addon. */
  continueIdentityOf(relation: number, other: number): void {
    this.#attempt(() => { this.#addon.continueIdentityOf(this.engine, relation, other) })
  }
  createCoroutine(coroutine: NativeCoroutine): void {
    this.#attempt(() => { this.#addon.createCoroutine(this.engine, coroutine) })
  }
  dropCoroutine(id: number): void {
    this.#attempt(() => { this.#addon.dropCoroutine(this.engine, id) })
  }
  /** Rows of a relation now, about. */
  rowCount(relation: number): number {
    return this.#addon.rowCount(this.engine, relation)
  }
  /** Different values of a stored column now, about; 0: nobody knows. */
  distinctCount(relation: number, column: number): number {
    return this.#addon.distinctCount(this.engine, relation, column)
  }
  /** The part of the rows with a value in low..high now, about; negative: nobody knows. */
  shareWithin(relation: number, column: number, low: bigint, high: bigint): number {
    return this.#addon.shareWithin(this.engine, relation, column, low, high)
  }
  setEventMajor(relation: number, on: boolean): void {
    this.#attempt(() => { this.#addon.setEventMajor(this.engine, relation, on) })
  }

  /** Verifies a program once, to be run often. Returns its handle. Errors: 54000 when too many are kept. */
  prepare(program: EncodedProgram): number {
    if (!this.#isOpen) throw closed()
    return this.#attempt(() => this.#addon.prepare(this.engine, program.words, program.bytes))
  }
  /** Lets a prepared program go; runs of it that have begun end as they would. */
  release(handle: number): void {
    if (this.#isOpen) this.#addon.release(this.engine, handle)
  }

  /** Runs a prepared program. Rejects with an EngineError whose span counts in the statement's text. */
  async run(handle: number, parameters: EncodedParameters, notes: readonly FailureNote[] = [], { signal, transaction, isAlone = false, profiled = false }: RunBy = {}): Promise<StatementOutcome> {
    try {
      if (!isAlone && this.#disturbed !== undefined) {
        await this.#disturbed
        throw new AlteredError()
      }
      const number = transaction === undefined ? 0 : await transaction()
      return await this.#statement(
        (id) => this.#addon.run(this.engine, id, handle, parameters.words, parameters.bytes, number, profiled),
        signal,
      )
    } catch (error) {
      throw withNote(error, notes)
    }
  }

  /** Runs `work`; programs of others wait meanwhile, so that nobody changes what it reads. One at a time. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    let end = (): void => undefined
    this.#disturbed = new Promise((resolve) => { end = resolve })
    try {
      return await work()
    } finally {
      this.#disturbed = undefined
      end()
    }
  }
  /**
   * Runs a prepared program that only reads, where that is quick and nothing is queued, with the parameters
   * in the exchange, of which there are `count` and `bytes`.
   * Returns: how many rows are in the exchange; the rows, where they have no room there; undefined: it is
   * for run(). Errors: those of the run.
   */
  read(handle: number, count: number, bytes: number, notes: readonly FailureNote[]): number | NativeResultBatch | undefined {
    if (!this.#isOpen) throw closed()
    try {
      return this.#addon.read(this.engine, handle, 2 * count, bytes)
    } catch (error) {
      throw withNote(isNativeError(error) ? this.#report(error) : error, notes)
    }
  }

  /** run() that blocks this thread until it has the outcome. */
  runNow(handle: number, parameters: EncodedParameters, notes: readonly FailureNote[]): StatementOutcome {
    if (!this.#isOpen || this.#stopped !== undefined) throw closed()
    if (this.#disturbed !== undefined) throw new EngineError('object_in_use', { message: 'a table is being altered', hint: 'Run the statement again, or without blocking.' })
    const id = this.#nextId()
    try {
      this.#attempt(() => {
        if (!this.#addon.run(this.engine, id, handle, parameters.words, parameters.bytes, 0)) this.#addon.wait(this.engine, id)
      })
      return this.#outcomeOf(id)
    } catch (error) {
      throw withNote(error, notes)
    }
  }

  /** Of a statement that has ended. What others are to be told they are told when our caller has returned. */
  #outcomeOf(id: number): StatementOutcome {
    const batches: NativeResultBatch[] = []
    let end: (NativeEvent & { kind: 'done' }) | undefined
    const wasEmpty = this.#later.length === 0
    for (const event of this.#addon.drain(this.engine)) {
      if (event.kind === 'batch' && event.statement === id) batches.push(event.batch)
      else if (event.kind === 'done' && event.statement === id) end = event
      else this.#later.push(event)
    }
    if (wasEmpty && this.#later.length > 0) queueMicrotask(() => { this.#drain() })
    if (end === undefined) throw new TypeError('a statement that was waited for has an end')
    if (end.error !== undefined) throw this.#report(end.error)
    return { batches, affected: end.affected }
  }

  /** Queues the begin of a transaction: it has the writer in its turn. */
  beginTransaction(isReadOnly: boolean): TransactionHandle {
    let number = 0
    const ended = this.#statement((id) => {
      number = id
      return false
    })
    const begun = this.#statement((id) => {
      this.#addon.orderTransaction(this.engine, id, number, isReadOnly ? 'begin_read_only' : 'begin', 0)
      return false
    })
    return { number, begun, ended }
  }
  /** Ends a transaction that has begun, or moves in it. Rejects with 25P01 when it has ended by itself, and with the store's errors. */
  async orderTransaction(number: number, order: NativeTransactionOrder, savepoint = 0): Promise<void> {
    await this.#statement((id) => {
      this.#addon.orderTransaction(this.engine, id, number, order, savepoint)
      return false
    })
  }

  /** Resolves when no event is waiting and no effect is on its way. */
  async settled(): Promise<void> {
    await this.#statement((id) => {
      this.#addon.settle(this.engine, id)
      return false
    })
  }

  /** Calls `each` with the relation's new rows until the returned function is called. */
  follow(relation: number, each: Followed): () => void {
    const id = this.#nextId()
    this.#attempt(() => { this.#addon.follow(this.engine, id, relation) })
    this.#followed.set(id, each)
    return () => {
      if (!this.#followed.delete(id) || !this.#isOpen) return
      this.#addon.unfollow(this.engine, id)
    }
  }

  /** Stops accepting and lets requests in flight be answered, at most until the deadline. */
  shutdown(deadlineMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#stopped = resolve
      this.#addon.shutdown(this.engine, deadlineMs)
    })
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    process.off('exit', this.#onExit)
    this.#addon.destroy(this.engine)
    for (const { reject } of this.#waiting.values()) reject(closed())
    this.#waiting.clear()
  }

  /** A number that nothing running has: they start again before they outgrow 31 bits. */
  #nextId(): number {
    do this.#next = this.#next === idMax ? 1 : this.#next + 1
    while (this.#waiting.has(this.#next) || this.#followed.has(this.#next))
    return this.#next
  }

  /** `start` returns true when the statement's events can be drained already. */
  #statement(start: (id: number) => boolean, signal?: AbortSignal): Promise<StatementOutcome> {
    if (!this.#isOpen) return Promise.reject(closed())
    // A small statement is over before a cancellation could reach it.
    if (signal?.aborted === true) return Promise.reject(canceled())
    const id = this.#nextId()
    const cancel = (): void => {
      if (this.#isOpen) this.#addon.cancel(this.engine, id)
    }
    return new Promise<StatementOutcome>((resolve, reject) => {
      this.#waiting.set(id, { batches: [], resolve, reject })
      signal?.addEventListener('abort', cancel, { once: true })
      try {
        if (this.#attempt(() => start(id))) this.#drain()
      } catch (error) {
        this.#waiting.delete(id)
        reject(error as EngineError)
      }
    }).finally(() => signal?.removeEventListener('abort', cancel))
  }

  #drain(): void {
    for (const event of this.#later.splice(0)) this.#handle(event)
    if (!this.#isOpen) return
    for (const event of this.#addon.drain(this.engine)) this.#handle(event)
  }

  #handle(event: NativeEvent): void {
    switch (event.kind) {
      case 'batch':
        this.#waiting.get(event.statement)?.batches.push(event.batch)
        return
      case 'done': {
        const waiting = this.#waiting.get(event.statement)
        this.#waiting.delete(event.statement)
        if (event.error !== undefined) waiting?.reject(this.#report(event.error))
        else waiting?.resolve({ batches: waiting.batches, affected: event.affected, profile: event.profile })
        return
      }
      case 'followed':
        this.#followed.get(event.follow)?.(event.batch, event.lost)
        return
      case 'listening':
        this.#onListening({ ...event, error: event.error && this.#report(event.error) })
        return
      case 'stopped':
        this.#stopped?.()
        return
    }
  }

  /** Calls the addon; what it throws becomes a report. */
  #attempt<T>(call: () => T): T {
    try {
      return call()
    } catch (error) {
      if (isNativeError(error)) throw this.#report(error)
      throw error
    }
  }

  #report(error: NativeError): EngineError {
    if (error.spanStart < 0) return new NotedError(conditionOf(error.state), -1 - error.spanStart)
    const relation = error.relation >= 0 ? this.#schemas.relationById(error.relation) : undefined
    const message = error.message !== '' ? error.message : messageOf(error, relation)
    if (error.state === '53200') return memoryError(message, error, this.#memoryLimitBytes)
    const detail = relation !== undefined && error.column >= 0 ? undefined : detailOf(error, relation)
    return new EngineError(conditionOf(error.state), {
      message,
      ...spanOf(error),
      ...(detail !== undefined && { detail }),
    })
  }
}

function spanOf({ spanStart, spanEnd }: NativeError): { readonly span?: Span } {
  return spanEnd > spanStart ? { span: { start: spanStart, end: spanEnd } } : {}
}

function memoryError(message: string, error: NativeError, limit: number): EngineError {
  return new EngineError('out_of_memory', {
    message,
    ...spanOf(error),
    detail: `A statement and a table may each take ${sizeText(limit)} (memory_limit).`,
    hint: 'Set memoryLimitBytes of open(), or --memory-limit.',
  })
}

/** The program was planned before alone() changed what it names, and has not run. */
class AlteredError extends EngineError {
  constructor() {
    super('serialization_failure', { message: 'a table was altered before the statement ran', hint: 'Run the statement again.' })
  }
}

/** Runs what plans and runs a statement; again, where a table was altered in between. */
export async function planningAgain<T>(run: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await run()
    } catch (error) {
      if (!(error instanceof AlteredError)) throw error
    }
  }
}

/** An error that the program has a message of its own for. */
class NotedError extends EngineError {
  readonly note: number
  constructor(condition: Condition, note: number) {
    super(condition, { message: condition.replaceAll('_', ' ') })
    this.note = note
  }
}

function withNote(error: unknown, notes: readonly FailureNote[]): unknown {
  const note = error instanceof NotedError ? notes[error.note] : undefined
  if (!(error instanceof NotedError) || note === undefined) return error
  const { message, detail, span } = note
  return new EngineError(error.condition, { message, span, ...(detail !== undefined && { detail }) })
}

function canceled(): EngineError {
  return new EngineError('query_canceled', { message: 'canceling statement due to user request' })
}

function closed(): EngineError {
  return new EngineError('admin_shutdown', { message: 'the database was closed' })
}

function isNativeError(error: unknown): error is NativeError {
  return typeof error === 'object' && error !== null && 'state' in error && typeof error.state === 'string'
}

const conditions: ReadonlyMap<string, Condition> = new Map(
  Object.entries(sqlState).map(([condition, code]) => [code, condition as Condition]),
)

function conditionOf(state: string): Condition {
  return conditions.get(state) ?? 'internal_error'
}

/** PostgreSQL's words for what native code reports by number. */
function messageOf(error: NativeError, relation: RelationSchema | undefined): string {
  const index = relation?.indexes[error.index]
  const column = relation?.columns[error.column]
  switch (error.state) {
    case '23505':
      return index === undefined ? 'duplicate key value violates unique constraint' : `duplicate key value violates unique constraint "${index.name}"`
    case '23502':
      return column === undefined || relation === undefined
        ? 'null value violates not-null constraint'
        : `null value in column "${column.name}" of relation "${relation.name}" violates not-null constraint`
    default:
      return plainMessages[error.state] ?? `error ${error.state}`
  }
}

function detailOf(error: NativeError, relation: RelationSchema | undefined): string | undefined {
  const index = error.state === '23505' ? relation?.indexes[error.index] : undefined
  if (index === undefined) return undefined
  const names = index.columns.map((position) => relation?.columns[position]?.name ?? '?')
  return `A row with the same (${names.join(', ')}) already exists.`
}

const plainMessages: Record<string, string> = {
  '22012': 'division by zero',
  '22003': 'value out of range',
  '22P02': 'invalid input syntax',
  '22007': 'invalid input syntax for a date or time',
  '22008': 'date/time field value out of range',
  '22023': 'invalid parameter value',
  '22021': 'invalid byte sequence for encoding "UTF8"',
  '22001': 'value too long for its type',
  '2201B': 'invalid regular expression',
  '2201W': 'LIMIT must not be negative',
  '2201X': 'OFFSET must not be negative',
  '2201E': 'cannot take logarithm of zero or of a negative number',
  '2201F': 'cannot take the root of a negative number, or raise zero to a negative power',
  '22011': 'negative substring length not allowed',
  '22025': 'LIKE pattern must not end with escape character',
  '21000': 'more than one row where one was expected',
  '23503': 'insert or update violates a foreign key constraint',
  '23514': 'new row violates a check constraint',
  '42P01': 'a relation of the statement no longer exists',
  '53200': 'out of memory',
  '53100': 'the disk is full',
  '54000': 'a program limit was exceeded',
  '54001': 'the step takes too long',
  '57014': 'canceling statement due to user request',
  '58030': 'the store could not be written',
}
