// What a relation is, for everybody who plans over it: binder, planner, engine. Plain frozen data,
// made by the engine's catalog; ids are never reused within a process.
import type { DataType } from './data-type.ts'
import type { Span } from './span.ts'

export type RelationKind = 'table' | 'event' | 'device' | 'system' | 'view'

export interface ColumnSchema {
  readonly name: string
  readonly type: DataType
  readonly notNull: boolean
  /** SQL text of the default expression. */
  readonly default?: string
  /** `generated always as identity` / `by default as identity`. */
  readonly identity?: 'always' | 'default'
  /** SQL text of `generated always as (…) stored`. */
  readonly generated?: string
  /** Named only when asked for: `*` leaves it out (seq, at, root, cause). */
  readonly hidden?: boolean
  /**
   * A device's column that no memory holds: this SQL expression over the relation's stored columns
   * computes it where it is read (headers, cookies, query, form of http_requests).
   */
  readonly virtual?: string
  /** A device's column that may not be given yet: what to say of who does. */
  readonly unsupported?: string
}

/** A key or index; `columns` are positions in RelationSchema.columns, in key order. */
export interface IndexSchema {
  readonly name: string
  readonly columns: readonly number[]
  readonly unique: boolean
  readonly primary: boolean
}

export interface CheckSchema {
  readonly name: string
  /** SQL text of a condition over the row's columns. */
  readonly condition: string
}

export interface ForeignKeySchema {
  readonly name: string
  readonly columns: readonly number[]
  /** RelationSchema.id of the parent: a table, or the device `connections`. */
  readonly parent: number
  readonly parentColumns: readonly number[]
  readonly onDelete: 'no_action' | 'restrict' | 'cascade' | 'set_null'
}

export interface RelationSchema {
  /** The number by which programs and native code name the relation. */
  readonly id: number
  readonly name: string
  readonly kind: RelationKind
  /** Rows survive a restart: durable tables and logged event tables. */
  readonly durable: boolean
  /**
   * Position is the native column number, except that virtual columns come last and have none.
   * Event relations end their stored columns with the hidden seq, at, root, cause (bigint,
   * timestamptz, bigint, bigint).
   */
  readonly columns: readonly ColumnSchema[]
  /** Position is the native index number. Referencing columns of foreign keys are indexed too. */
  readonly indexes: readonly IndexSchema[]
  readonly checks: readonly CheckSchema[]
  readonly foreignKeys: readonly ForeignKeySchema[]
  /** May rows be inserted by SQL (tables, event tables, request devices)? */
  readonly insertable: boolean
  /** May rows be deleted or updated by SQL (tables; `connections`: delete)? */
  readonly mutable: boolean
  /** A view's query text. */
  readonly view?: string
}

/** What binder and planner may ask of the catalog. */
export interface SchemaLookup {
  relation(name: string): RelationSchema | undefined
  relationById(id: number): RelationSchema | undefined
  /** Relations with a foreign key to `parent`: what a delete has to check or cascade to. */
  referencing(parent: number): readonly { relation: RelationSchema; key: ForeignKeySchema }[]
  /**
   * A file's columns as a relation, for `from 'file.csv'`; absent where files may not be read: in views and
   * coroutines. Errors: those of reading the file.
   */
  file?(path: string, span: Span): RelationSchema
  /** Rows of a relation now, about; where nobody knows, plans are made by rule. */
  rowCount?(relation: number): number | undefined
  /** Different values of a column, by its position, about; undefined where nobody knows. */
  distinctCount?(relation: number, position: number): number | undefined
  /** The part of the rows, 0 to 1, whose value of a column lies in low..high (dates as days, decimals unscaled), about. */
  shareWithin?(relation: number, position: number, low: bigint, high: bigint): number | undefined
  /** All names, for "did you mean" and completion. */
  relationNames(): readonly string[]
}
