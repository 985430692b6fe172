// Statements that define, change and drop the objects of the catalog.
import type { IndexElement } from './change.ts'
import type { Expression } from './expression.ts'
import type { DropBehavior, Identifier, Node, Option, QualifiedName, TypeName } from './name.ts'
import type { Query } from './query.ts'

export type Definition =
  | CreateTable
  | CreateTableAs
  | CreateEventTable
  | CreateDevice
  | CreateIndex
  | CreateSchema
  | CreateEnum
  | CreateFunction
  | CreateView
  | Drop
  | AlterTable
  | Rename
  | Comment

export interface CreateTable extends Node {
  readonly kind: 'create_table'
  readonly name: QualifiedName
  readonly persistence: 'durable' | 'unlogged' | 'temporary'
  readonly ifNotExists: boolean
  readonly elements: readonly TableElement[]
  readonly options: readonly Option[]
}

export interface CreateTableAs extends Node {
  readonly kind: 'create_table_as'
  readonly name: QualifiedName
  readonly persistence: CreateTable['persistence']
  readonly ifNotExists: boolean
  readonly columns: readonly Identifier[]
  readonly options: readonly Option[]
  readonly query: Query
  readonly withData: boolean
}

export interface CreateEventTable extends Node {
  readonly kind: 'create_event_table'
  readonly name: QualifiedName
  readonly ifNotExists: boolean
  readonly elements: readonly TableElement[]
  /** retain, logged, capacity, on_overflow, watermark, idle. */
  readonly options: readonly Option[]
}

/** A device of the user's own: request columns, answered by a module. */
export interface CreateDevice extends Node {
  readonly kind: 'create_device'
  readonly name: QualifiedName
  readonly ifNotExists: boolean
  readonly elements: readonly TableElement[]
  readonly options: readonly Option[]
}

export type TableElement = ColumnDefinition | TableConstraint | LikeTable

export interface ColumnDefinition extends Node {
  readonly kind: 'column_definition'
  readonly name: Identifier
  readonly type: TypeName
  readonly collation: QualifiedName | undefined
  readonly constraints: readonly ColumnConstraint[]
}

/** `like other [including all]`. */
export interface LikeTable extends Node {
  readonly kind: 'like'
  readonly name: QualifiedName
  readonly options: readonly { readonly including: boolean; readonly what: string }[]
}

interface Constraint extends Node {
  /** Of `constraint <name> …`. */
  readonly name: string | undefined
}

export type ColumnConstraint =
  | NullConstraint
  | DefaultConstraint
  | CheckConstraint
  | KeyConstraint
  | ReferencesConstraint
  | IdentityConstraint
  | GeneratedConstraint

export interface NullConstraint extends Constraint {
  readonly kind: 'not_null' | 'null'
}

export interface DefaultConstraint extends Constraint {
  readonly kind: 'default_value'
  readonly expression: Expression
}

export interface CheckConstraint extends Constraint {
  readonly kind: 'check'
  readonly condition: Expression
}

export interface KeyConstraint extends Constraint {
  readonly kind: 'primary_key' | 'unique'
  readonly nullsNotDistinct: boolean
  readonly deferral: Deferral
}

export interface ReferencesConstraint extends Constraint, Reference {
  readonly kind: 'references'
}

export interface IdentityConstraint extends Constraint {
  readonly kind: 'identity'
  readonly when: 'always' | 'by_default'
  readonly options: readonly SequenceOption[]
}

export interface GeneratedConstraint extends Constraint {
  readonly kind: 'generated'
  readonly expression: Expression
  readonly stored: boolean
}

export interface SequenceOption extends Node {
  readonly name: 'start' | 'increment' | 'minvalue' | 'maxvalue' | 'cache' | 'cycle'
  /** Digits, with a sign when negative; undefined for `no minvalue`, `no maxvalue`. */
  readonly value: string | boolean | undefined
}

export interface Reference {
  readonly parent: QualifiedName
  /** undefined: the parent's primary key. */
  readonly parentColumns: readonly Identifier[] | undefined
  readonly match: 'simple' | 'full' | 'partial'
  readonly onDelete: ReferentialAction
  readonly onUpdate: ReferentialAction
  readonly deferral: Deferral
}

export type ReferentialAction = 'no_action' | 'restrict' | 'cascade' | 'set_null' | 'set_default'
export type Deferral = 'immediate' | 'deferrable' | 'deferred'

export type TableConstraint = CheckConstraint | TableKey | ForeignKey

export interface TableKey extends Constraint {
  readonly kind: 'table_key'
  readonly primary: boolean
  readonly columns: readonly Identifier[]
  readonly include: readonly Identifier[]
  readonly nullsNotDistinct: boolean
  readonly deferral: Deferral
}

export interface ForeignKey extends Constraint, Reference {
  readonly kind: 'foreign_key'
  readonly columns: readonly Identifier[]
}

export interface CreateIndex extends Node {
  readonly kind: 'create_index'
  readonly name: Identifier | undefined
  readonly table: QualifiedName
  readonly unique: boolean
  readonly concurrently: boolean
  readonly ifNotExists: boolean
  readonly method: string | undefined
  readonly elements: readonly IndexElement[]
  readonly include: readonly Identifier[]
  readonly nullsNotDistinct: boolean
  readonly options: readonly Option[]
  readonly where: Expression | undefined
}

export interface CreateSchema extends Node {
  readonly kind: 'create_schema'
  readonly name: Identifier
  readonly ifNotExists: boolean
}

export interface CreateEnum extends Node {
  readonly kind: 'create_enum'
  readonly name: QualifiedName
  readonly labels: readonly string[]
}

export interface CreateFunction extends Node {
  readonly kind: 'create_function'
  readonly name: QualifiedName
  readonly orReplace: boolean
  readonly parameters: readonly FunctionParameter[]
  readonly returns: FunctionReturns | undefined
  readonly language: string | undefined
  readonly volatility: 'immutable' | 'stable' | 'volatile' | undefined
  readonly strict: boolean
  /** The quoted text of `as '…'`, or the expression of `return …`. */
  readonly body:
    | { readonly kind: 'text'; readonly text: string; readonly span: Node['span'] }
    | { readonly kind: 'return'; readonly expression: Expression }
    | undefined
}

export interface FunctionParameter extends Node {
  readonly mode: 'in' | 'out' | 'inout' | 'variadic'
  readonly name: string | undefined
  readonly type: TypeName
  readonly default: Expression | undefined
}

export type FunctionReturns =
  | { readonly kind: 'type'; readonly type: TypeName; readonly setOf: boolean }
  | { readonly kind: 'table'; readonly columns: readonly TypedColumn[] }

export interface TypedColumn extends Node {
  readonly name: Identifier
  readonly type: TypeName
}

export interface CreateView extends Node {
  readonly kind: 'create_view'
  readonly name: QualifiedName
  readonly materialized: boolean
  readonly orReplace: boolean
  readonly ifNotExists: boolean
  readonly recursive: boolean
  readonly columns: readonly Identifier[]
  /** emit = 'final' on a materialized view. */
  readonly options: readonly Option[]
  readonly query: Query
  readonly withData: boolean
  readonly checkOption: 'local' | 'cascaded' | undefined
}

export type ObjectKind =
  | 'table'
  | 'event table'
  | 'view'
  | 'materialized view'
  | 'index'
  | 'schema'
  | 'type'
  | 'function'
  | 'coroutine'
  | 'device'
  | 'sequence'

export interface Drop extends Node {
  readonly kind: 'drop'
  readonly object: ObjectKind
  readonly ifExists: boolean
  readonly concurrently: boolean
  readonly targets: readonly DropTarget[]
  readonly behavior: DropBehavior
}

export interface DropTarget extends Node {
  readonly name: QualifiedName
  /** Of a function written with its argument types. */
  readonly argumentTypes: readonly TypeName[] | undefined
}

export interface AlterTable extends Node {
  readonly kind: 'alter_table'
  readonly object: 'table' | 'event table'
  readonly name: QualifiedName
  readonly ifExists: boolean
  readonly actions: readonly AlterAction[]
}

export type AlterAction =
  | {
      readonly kind: 'add_column'
      readonly column: ColumnDefinition
      readonly ifNotExists: boolean
      readonly span: Node['span']
    }
  | {
      readonly kind: 'drop_column'
      readonly column: Identifier
      readonly ifExists: boolean
      readonly behavior: DropBehavior
      readonly span: Node['span']
    }
  | {
      readonly kind: 'set_default'
      readonly column: Identifier
      readonly expression: Expression
      readonly span: Node['span']
    }
  | {
      readonly kind: 'drop_default' | 'set_not_null' | 'drop_not_null'
      readonly column: Identifier
      readonly span: Node['span']
    }
  | {
      readonly kind: 'set_type'
      readonly column: Identifier
      readonly type: TypeName
      readonly using: Expression | undefined
      readonly span: Node['span']
    }
  | {
      readonly kind: 'add_constraint'
      readonly constraint: TableConstraint
      readonly span: Node['span']
    }
  | {
      readonly kind: 'drop_constraint'
      readonly constraint: Identifier
      readonly ifExists: boolean
      readonly behavior: DropBehavior
      readonly span: Node['span']
    }
  | {
      readonly kind: 'set_options'
      readonly options: readonly Option[]
      readonly span: Node['span']
    }

/** `alter … rename …`: of the object itself, or of a column or constraint of it. */
export interface Rename extends Node {
  readonly kind: 'rename'
  readonly object: ObjectKind
  readonly name: QualifiedName
  readonly ifExists: boolean
  readonly part: { readonly kind: 'column' | 'constraint'; readonly name: Identifier } | undefined
  readonly to: Identifier
}

export interface Comment extends Node {
  readonly kind: 'comment'
  readonly object: ObjectKind | 'column'
  /** Of a column: its table. */
  readonly name: QualifiedName
  readonly column: Identifier | undefined
  /** undefined: `is null`, which removes it. */
  readonly text: string | undefined
}
