// What the engine asks of a store: rows at start-up, definitions, and the changes of commit groups.
// Stores know tables and rows, never plans; they are the only folder that knows a database driver.
import type { DataType } from '#base/data-type'
import type { RelationSchema } from '#base/schema'
import type { NativeResultColumn } from '#native/binding'

/** A relation as the store keeps it: stored columns in order. */
export interface StoredRelation {
  readonly id: number
  readonly name: string
  readonly columns: readonly { readonly name: string; readonly type: DataType }[]
  /** Position of the column that identity numbers; -1: none. */
  readonly identity: number
}

/** One definition that has to be there again after a restart. */
export interface CatalogEntry {
  readonly kind: 'table' | 'index' | 'event_table' | 'view'
  readonly name: string
  /** The statement that makes it. */
  readonly sql: string
}

/** Rows of one relation, as many as fit one batch; columns as in native-kernels/binding.ts. */
export interface StoredRows {
  readonly keys: BigInt64Array
  readonly columns: readonly NativeResultColumn[]
}

/** What `alter table` puts in a table's place. */
export interface Replacement {
  /** The table's name until now. */
  readonly before: string
  /** As it was staged, under the name that it has from now on. */
  readonly schema: RelationSchema
  readonly entry: CatalogEntry
  /** Those that `create index` made, as they are now; the schema's last index is the one. */
  readonly indexes: readonly { readonly entry: CatalogEntry; readonly schema: RelationSchema }[]
  /** Their names until now. */
  readonly indexesBefore: readonly string[]
  /** Do later definitions name the table? Then it keeps its place before them. */
  readonly keepsPlace: boolean
}

export interface Store {
  /** Do rows survive a restart? Then commits wait for this store. */
  readonly isDurable: boolean
  /** Definitions in the order they were made. */
  entries(): readonly CatalogEntry[]
  /** Every row of a relation, before the engine runs. */
  load(relation: StoredRelation): Iterable<StoredRows>
  /** The highest number that identity has ever given in a relation; undefined: none yet. */
  lastIdentity(relation: StoredRelation): bigint | undefined
  /** Starts taking the engine's commits; `relations` are those that were loaded. */
  start(engine: number, relations: readonly StoredRelation[]): Promise<void>
  /** Adds a definition, and makes a place for a table or its newest index (`schema`). After start() only. */
  create(entry: CatalogEntry, schema: RelationSchema | undefined): Promise<void>
  drop(entry: Pick<CatalogEntry, 'kind' | 'name'>): Promise<void>
  /** Makes room for a table beside the one that it will replace: without replace() it is gone after a restart. */
  stage(schema: RelationSchema): Promise<void>
  /** Forgets what was staged. */
  unstage(schema: RelationSchema): Promise<void>
  /** Puts what was staged in its place, rows and definitions in one transaction. */
  replace(replacement: Replacement): Promise<void>
  /** Takes what is still committed, then lets go of everything. */
  close(): Promise<void>
}
