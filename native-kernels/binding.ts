// The native engine as TypeScript sees it: control messages in, large result batches out. No row of
// a request crosses here. Every function of the addon is declared in this file and nowhere else.
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { dirname, join } from 'node:path'
import { existsSync } from 'node:fs'
import { EngineError } from '#base/engine-error'

/** Numbers are PhysicalType's positions (planner/program.ts physicalTypes). */
export type PhysicalTypeNumber = number

export interface NativeColumn {
  readonly name: string
  readonly type: PhysicalTypeNumber
  readonly notNull: boolean
  /** For sys.columns: the SQL type, and the default's text (empty: none). */
  readonly typeName: string
  readonly defaultText: string
}

export interface NativeIndex {
  readonly name: string
  readonly columns: readonly number[]
  readonly unique: boolean
}

/** What native code must know of a relation; the columns are the stored ones, in schema order. */
export interface NativeRelation {
  readonly id: number
  readonly name: string
  /**
   * table: rows with keys. event: a ring; its last four columns are seq, at, root and cause. batches: filled by
   * appendBatch() or CSV, then only read. view: only listed. Others: by `device`.
   */
  readonly kind: 'table' | 'event' | 'system' | 'batches' | 'view'
  /** A built-in device's or system relation's name; empty for the user's own relations. */
  readonly device: string
  readonly durable: boolean
  readonly columns: readonly NativeColumn[]
  /** Those that have no place in memory, for sys.columns. */
  readonly computedColumns: readonly NativeColumn[]
  readonly indexes: readonly NativeIndex[]
  /** Column numbered by identity, -1: none. */
  readonly identityColumn: number
  /** Leading columns that SQL gives when it appends (event tables, request devices); 0: it may not. */
  readonly appendColumns: number
  /** Retention of event relations; 0: no bound of that kind. */
  readonly retainRows: number
  readonly retainBytes: number
  readonly retainMicroseconds: number
}

export interface NativeCoroutine {
  readonly id: number
  readonly name: string
  readonly relation: number
  /** Constant equalities of the guard: an event takes part only if all hold. Text, bytea, integer or boolean columns. */
  readonly routes: readonly { readonly column: number; readonly value: string | bigint | boolean | Uint8Array }[]
  readonly words: Int32Array
  readonly bytes: Uint8Array
  /** A step that writes the locals of instances as JSON (planner/steps/plan-report.ts); empty: there are none. */
  readonly reportWords: Int32Array
  readonly reportBytes: Uint8Array
  /** The Bool local that the rest of the guard sets, -1 when the routes are the whole guard. */
  readonly matchedLocal: number
  /** Source text, for sys.coroutines. */
  readonly source: string
  /** Where its lines start, ascending, counted as the program's spans. */
  readonly lineStarts: Int32Array
  /** Its steps, for the statement of an error; a step follows those that it is in. */
  readonly steps: readonly { readonly spanStart: number; readonly spanEnd: number; readonly text: string }[]
  /** Messages of failures whose instruction has the span start -1 - position (planner/program.ts FailureNote). */
  readonly notes: readonly { readonly message: string; readonly spanStart: number; readonly spanEnd: number
    /** The String local that holds the real message; -1: `message` is it. */
    readonly messageLocal: number }[]
  /** Runs for every deletion of its relation's rows (foreign keys on `connections`), not for events. */
  readonly onClose: boolean
}

export interface EngineOptions {
  readonly workers: number
  /** Threads for reads that are not small. */
  readonly threads: number
  /** Rows from which a read takes all of them that are free. */
  readonly parallelRows: number
  readonly reactor: 'uring' | 'uv'
  readonly topology: 'shared' | 'split_io'
  readonly batchRows: number
  readonly memoryLimitBytes: number
  /** Commits of durable tables wait for a store thread (attachStore). false: memory only. */
  readonly durable: boolean
  readonly pin: boolean
  /** How long a transaction may have the writer before it is rolled back. */
  readonly transactionTimeoutMs: number
}

export type NativeTransactionOrder = 'begin' | 'begin_read_only' | 'commit' | 'rollback' | 'savepoint' | 'rollback_to' | 'release'

/** One column of a result batch, in Arrow's layout; strings as int32 offsets + bytes, Bool as bytes. */
export interface NativeResultColumn {
  readonly type: PhysicalTypeNumber
  readonly nullCount: number
  readonly validity: Uint8Array | undefined
  readonly values: Uint8Array
  readonly offsets: Int32Array | undefined
}
export interface NativeResultBatch {
  readonly rowCount: number
  readonly columns: readonly NativeResultColumn[]
}

export interface NativeError {
  /** Five characters. */
  readonly state: string
  /** Span in the statement's text; -1 - n: message n of the program's notes; both 0 when unknown. */
  readonly spanStart: number
  readonly spanEnd: number
  /** Relation id and index (unique, foreign key) or column (not null) that refused, -1: none. */
  readonly relation: number
  readonly index: number
  readonly column: number
  readonly message: string
}

/**
 * A column from outside, in Arrow's layout. The rows' values are copied: buffers may change afterwards.
 * Shapes: fixed widths: values hold rowCount of them (Bool: bits from bitOffset on); strings: bytes, with
 * offsets of rowCount + 1, or a dictionary of `entries` strings with rowCount indices.
 */
export interface NativeSourceColumn {
  /** bits: of booleans. text: UTF-8, checked (22021). bytes: as they are. values: all else. */
  readonly layout: 'values' | 'bits' | 'text' | 'bytes'
  /** For Bool of layout `values`, one byte each. */
  readonly values: Uint8Array
  /** Bits, from bitOffset on; undefined: no row is null. */
  readonly validity: Uint8Array | undefined
  readonly bitOffset: number
  readonly offsets: Int32Array | BigInt64Array | undefined
  readonly indices: Int32Array | undefined
  readonly entries: number
  /** Of 64-bit times: what makes microseconds of them; below 0 divides, rounding down. 1: nothing. */
  readonly multiplier: number
}

/** How a CSV file is written, and what its fields become. */
export interface NativeCsvOptions {
  /** One byte each; an empty quote: nothing is quoted. */
  readonly delimiter: string
  readonly quote: string
  readonly escape: string
  /** What is null where it is not quoted. */
  readonly nullText: string
  readonly skipLines: number
  readonly fields: readonly {
    /** Of the relation; -1: passed over. */
    readonly column: number
    /** The kernel that reads the text; -1: the text is the value. */
    readonly opcode: number
    readonly immediates: readonly number[]
  }[]
}

/** The first thing that is wrong with a CSV file. */
export interface NativeCsvProblem {
  readonly kind: 'value' | 'missing_field' | 'extra_field' | 'open_quote' | 'long_line' | 'memory'
  readonly state: string
  /** 1-based; where the row starts. */
  readonly line: number
  /** 0-based. */
  readonly field: number
  /** Of the field, the first 100 bytes. */
  readonly text: Uint8Array
}

/** What the engine tells the main thread; collected by drain(). */
export type NativeEvent =
  | { readonly kind: 'batch'; readonly statement: number; readonly batch: NativeResultBatch }
  | { readonly kind: 'done'; readonly statement: number; readonly affected: number; readonly error: NativeError | undefined
    /** Of a profiled run (planner/explain/run-profile.ts). */
    readonly profile: Float64Array | undefined }
  /** Rows of a followed relation. `lost` counts rows that went by while the reader was too slow. */
  | { readonly kind: 'followed'; readonly follow: number; readonly batch: NativeResultBatch; readonly lost: number }
  /** A row inserted into `listeners` was carried out (address is the bound one) or refused. */
  | { readonly kind: 'listening'; readonly listener: number; readonly protocol: string; readonly address: string; readonly error: NativeError | undefined }
  /** The engine has stopped serving; close() may free it. */
  | { readonly kind: 'stopped' }

/** One transaction's or several transactions' changes to one table, ready for a prepared statement. */
export interface StoreChange {
  readonly relation: number
  readonly operation: 'insert' | 'update' | 'delete'
  readonly rowCount: number
  /** The rows' stable keys (SQLite's rowid). */
  readonly keys: BigInt64Array
  /** Per stored column; empty for delete. */
  readonly columns: readonly NativeResultColumn[]
}
export interface StoreCommits {
  /** Everything up to this commit is in `changes`. */
  readonly ticket: bigint
  readonly changes: readonly StoreChange[]
}

export interface Addon {
  /** Starts workers. `wake` is called on this thread (coalesced) when drain() has something. Returns the engine's number. */
  createEngine(options: EngineOptions, wake: () => void): number
  /** Adds relations in one go, before programs name them. */
  createRelations(engine: number, relations: readonly NativeRelation[]): void
  dropRelation(engine: number, relation: number): void
  /**
   * Adds an index to a table with rows, when everything queued before has run and is durable; the answer
   * is the event 'done' of that statement number: 23505 when rows share a key of a unique one. Throws
   * NativeError when refused.
   */
  createIndex(engine: number, statement: number, relation: number, index: NativeIndex): void
  /** Ends an index by its number, which stays taken. Answered as createIndex(). */
  dropIndex(engine: number, statement: number, relation: number, index: number): void
  /** Rows from the store at start-up; columns as in StoreChange. */
  loadRows(engine: number, relation: number, keys: BigInt64Array, columns: readonly NativeResultColumn[]): void
  /**
   * Adds rows to a relation of kind batches, before a statement reads it: one column each, undefined for
   * those that no statement reads. Throws 53200, 22021.
   */
  appendBatch(engine: number, relation: number, rowCount: number, columns: readonly (NativeSourceColumn | undefined)[]): void
  /** Makes feedCsv() fill a relation of kind batches. */
  openCsv(engine: number, relation: number, options: NativeCsvOptions): void
  /** At most 64 MiB. After a problem, and after the last bytes, the relation takes no more. */
  feedCsv(engine: number, relation: number, bytes: Uint8Array, isLast: boolean): NativeCsvProblem | undefined
  /** Rows of a relation now, about; 0 when there is none such. */
  rowCount(engine: number, relation: number): number
  /** Different values of a column, from a sample of the rows; 0 where nobody knows: what is no table. */
  distinctCount(engine: number, relation: number, column: number): number
  /** The part of the rows, 0 to 1, whose value in a column of numbers (dates as days, decimals unscaled) lies in low..high, about; negative where nobody knows. */
  shareWithin(engine: number, relation: number, column: number, low: bigint, high: bigint): number
  /** The highest number identity had given before the restart; before anything runs. */
  continueIdentity(engine: number, relation: number, last: bigint): void
  /** Lets `relation`, which nothing uses yet, number on where `other` is, which nothing writes any more. */
  continueIdentityOf(engine: number, relation: number, other: number): void
  /** Verifies and installs; throws an object of NativeError's shape when refused (RD001). */
  createCoroutine(engine: number, coroutine: NativeCoroutine): void
  dropCoroutine(engine: number, id: number): void
  /** Relations whose events must run one by one because coroutines on them conflict. */
  setEventMajor(engine: number, relation: number, on: boolean): void
  /** Verifies a program and keeps it until release(). Returns its handle. Throws NativeError when refused (RD001, 54000). */
  prepare(engine: number, words: Int32Array, bytes: Uint8Array): number
  /** Forgets a handle; statements that run it go on. */
  release(engine: number, handle: number): void
  /**
   * Queues a run of a prepared program with values for its parameters (planner/encode.ts
   * encodeParameters); its events come by drain(). Throws NativeError when refused.
   * Returns: true when drain() has them already, and wake() will not be called for them.
   * `transaction`: that it belongs to, 0: none. `profiled`: its end tells what the run did.
   */
  run(engine: number, statement: number, handle: number, words: Int32Array, bytes: Uint8Array, transaction: number, profiled?: boolean): boolean
  /** Memory that read() takes parameters from and writes rows to (engine/exchange.ts). Called once. */
  exchange(engine: number): ArrayBuffer
  /**
   * Answers a small plain read of a prepared program where run() would do it before it returns. Its
   * parameters' words, then bytes, stand at the exchange's start.
   * Returns: how many rows are in the exchange; the rows, where they have no room there; undefined when
   * it is for run(). Throws NativeError when the read fails.
   */
  read(engine: number, handle: number, wordCount: number, byteCount: number): number | NativeResultBatch | undefined
  /** Blocks until drain() has the end of a statement that run() has queued. */
  wait(engine: number, statement: number): void
  /**
   * Begins or ends a transaction, or moves in it; answered by 'done' of the statement number. The
   * transaction's number is one as well: its 'done' comes when it has ended, with the error that
   * ended it where its session did not. Savepoints are numbered from 0 in the order they stand.
   */
  orderTransaction(engine: number, statement: number, transaction: number, order: NativeTransactionOrder, savepoint: number): void
  cancel(engine: number, statement: number): void
  follow(engine: number, follow: number, relation: number): void
  unfollow(engine: number, follow: number): void
  drain(engine: number): readonly NativeEvent[]
  /** Resolves (an event 'done' of that statement number) when no event is pending and no effect waits. */
  settle(engine: number, statement: number): void
  /** Stops accepting, finishes requests in flight within the deadline, then 'stopped'. */
  shutdown(engine: number, deadlineMilliseconds: number): void
  /** Joins the threads and frees everything. */
  destroy(engine: number): void

  // Store thread (a Node worker thread):
  /** `wake` is called on this thread when takeCommits() has something. */
  attachStore(engine: number, wake: () => void): void
  /** Everything that has arrived, or undefined. */
  takeCommits(engine: number): StoreCommits | undefined
  commitsDurable(engine: number, ticket: bigint): void
  /** The store refused everything after the last durable ticket: memory is rolled back to it. */
  commitsFailed(engine: number, state: string, message: string): void
  detachStore(engine: number): void

  /** The vector instructions that hot loops use: `baseline`, `avx2`, `avx512`. ROWTINE_CPU in the environment says so. */
  cpu(): string

  /**
   * Runs one kernel over columns of `rowCount` (1 to 2048) rows; row 0 of a constant column stands for
   * all. For tests: no engine is involved. Throws NativeError (RD001) where a program would be refused.
   */
  runKernel(
    opcode: number,
    columns: readonly NativeResultColumn[],
    rowCount: number,
    constants: readonly boolean[],
    immediates: readonly number[],
    nowMicroseconds: number,
  ): NativeKernelResult
}

export interface NativeKernelResult extends NativeResultBatch {
  /** SQLSTATE of each row, 00000 where it is fine; the value of a failed row means nothing. */
  readonly states: readonly string[]
}

const require = createRequire(import.meta.url)

/**
 * Loads the addon built by `npm run setup`. Throws when it has not been built, and when ROWTINE_CPU asks for vector
 * instructions that are not there: kernels would run, but not those that were asked for.
 */
export function loadAddon(): Addon {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  const addon = require(join(folder, 'build/Release/rowtine.node')) as Addon
  const wanted = process.env['ROWTINE_CPU']
  if (wanted !== undefined && wanted !== addon.cpu()) {
    throw new EngineError('invalid_parameter_value', {
      message: `ROWTINE_CPU is "${wanted}", which is none of baseline, avx2 and avx512, or more than this machine has (${addon.cpu()})`,
    })
  }
  return addon
}
