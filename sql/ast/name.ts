// Names and types as they are written, before anything is looked up.
import type { Span } from '#base/span'

/**
 * Every node of the syntax tree says where it came from. Nodes are plain data that nobody may
 * change: the types
 * say so; freezing each object would cost twice what parsing does.
 */
export interface Node {
  readonly span: Span
}

/** Folded to lower case unless it was quoted. */
export interface Identifier extends Node {
  readonly name: string
}

/** `users`, `sys.errors`, `frames.signup`. */
export interface QualifiedName extends Node {
  readonly schema: string | undefined
  readonly name: string
}

/**
 * A type as written. SQL's spellings of several words are made one: `double precision`,
 * `timestamptz`,
 * `timetz`, `varchar`, `char`; aliases like `int` and `decimal` are `integer` and `numeric`.
 */
export interface TypeName extends Node {
  readonly schema: string | undefined
  readonly name: string
  /** numeric(10, 2): [10, 2]. */
  readonly modifiers: readonly number[]
  /** integer[][]: 2; the sizes mean nothing to PostgreSQL either. */
  readonly arrayDimensions: number
  /** interval year to month: `year to month`. */
  readonly intervalFields: string | undefined
}

/** `name [AS] alias (columns)`; the columns rename the relation's first ones. */
export interface Alias extends Node {
  readonly name: string
  readonly columns: readonly Identifier[]
}

/** `name = value` of `with (…)`; a name alone has no value, and means true. */
export interface Option extends Node {
  readonly name: string
  readonly value: OptionValue | undefined
}

export type OptionValue = string | number | boolean

/** `restrict` is what holds when nothing is written. */
export type DropBehavior = 'restrict' | 'cascade'
