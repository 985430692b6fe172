// What `create` and `drop` say once it is bound: relations, indexes and views, as the catalog will have them.
import type { IndexSchema, RelationSchema } from '#base/schema'
import type { Span } from '#base/span'
import type { AlterTable, Rename } from '#sql/ast'

/** A relation before the catalog has numbered it. A foreign key whose parent is 0 names the relation itself. */
export type RelationDraft = Omit<RelationSchema, 'id'>

/** `with (…)` of an event table; undefined where the engine's default holds. */
export interface EventOptions {
  readonly retainMicroseconds: bigint | undefined
  readonly retainRows: bigint | undefined
  readonly retainBytes: bigint | undefined
  readonly capacity: bigint | undefined
  readonly onOverflow: 'block' | 'drop_oldest' | 'drop_new' | 'error' | 'disconnect' | undefined
}

/** create table, create event table. */
export interface BoundCreateRelation {
  readonly kind: 'create_relation'
  readonly relation: RelationDraft
  readonly ifNotExists: boolean
  /** Set for event tables. */
  readonly events: EventOptions | undefined
  readonly span: Span
}

export interface BoundCreateIndex {
  readonly kind: 'create_index'
  readonly relation: RelationSchema
  readonly index: IndexSchema
  readonly ifNotExists: boolean
  readonly span: Span
}

/** The catalog keeps it as a RelationSchema of kind view; the binder expands `query` where it is read. */
export interface BoundCreateView {
  readonly kind: 'create_view'
  readonly relation: RelationDraft
  readonly replace: boolean
  readonly span: Span
}

export interface BoundDrop {
  readonly kind: 'drop'
  readonly object: 'table' | 'index' | 'view' | 'coroutine'
  /** Checked to exist for tables and views; indexes and coroutines are the catalog's to find. */
  readonly names: readonly string[]
  readonly ifExists: boolean
  readonly cascade: boolean
  readonly span: Span
}

/** alter table, and rename of a table or a part of it: what it makes is the definition's to say (sql/alter). */
export interface BoundAlter {
  readonly kind: 'alter'
  readonly statement: AlterTable | Rename
  /** Undefined: it is not there, and `if exists` was said. */
  readonly relation: RelationSchema | undefined
  readonly span: Span
}

export type BoundDefinition = BoundCreateRelation | BoundCreateIndex | BoundCreateView | BoundDrop | BoundAlter
