// The syntax tree: what a statement says, before any name is looked up. Readonly discriminated
// unions by `kind`; every node carries its span, and a statement's span covers its whole text.
import type { Change } from './ast/change.ts'
import type { CreateCoroutine } from './ast/coroutine.ts'
import type { Definition } from './ast/definition.ts'
import type { Expression } from './ast/expression.ts'
import type { Identifier, Node, Option, QualifiedName, TypeName } from './ast/name.ts'
import type { Query } from './ast/query.ts'

export type * from './ast/change.ts'
export type * from './ast/coroutine.ts'
export type * from './ast/definition.ts'
export type * from './ast/expression.ts'
export type * from './ast/name.ts'
export type * from './ast/query.ts'

export type Statement =
  | Query
  | Change
  | Definition
  | CreateCoroutine
  | Truncate
  | Copy
  | Transaction
  | Prepare
  | Execute
  | Deallocate
  | SetVariable
  | ShowVariable
  | Explain
  | Subscribe

export interface Truncate extends Node {
  readonly kind: 'truncate'
  readonly tables: readonly QualifiedName[]
  readonly restartIdentity: boolean
  readonly cascade: boolean
}

export interface Copy extends Node {
  readonly kind: 'copy'
  readonly direction: 'from' | 'to'
  readonly source:
    | {
        readonly kind: 'table'
        readonly name: QualifiedName
        readonly columns: readonly Identifier[] | undefined
      }
    | { readonly kind: 'rows'; readonly query: Query | Change }
  readonly file:
    { readonly kind: 'path'; readonly path: string } | { readonly kind: 'stdin' | 'stdout' }
  readonly options: readonly Option[]
  readonly where: Expression | undefined
}

export interface Transaction extends Node {
  readonly kind: 'transaction'
  readonly action: 'begin' | 'commit' | 'rollback' | 'savepoint' | 'release' | 'rollback_to'
  /** Of begin. */
  readonly isolation:
    'serializable' | 'repeatable read' | 'read committed' | 'read uncommitted' | undefined
  readonly readOnly: boolean | undefined
  /** Of commit and rollback: a new transaction follows at once. */
  readonly chain: boolean
  readonly savepoint: Identifier | undefined
}

export interface Prepare extends Node {
  readonly kind: 'prepare'
  readonly name: Identifier
  readonly types: readonly TypeName[]
  readonly statement: Query | Change
}

export interface Execute extends Node {
  readonly kind: 'execute'
  readonly name: Identifier
  readonly arguments: readonly Expression[]
}

export interface Deallocate extends Node {
  readonly kind: 'deallocate'
  /** undefined: all. */
  readonly name: Identifier | undefined
}

export interface SetVariable extends Node {
  readonly kind: 'set'
  readonly scope: 'session' | 'local'
  /** `search_path`, `rowtine.batch_size`, `timezone`. */
  readonly name: string
  /** undefined: back to the default (`to default`, `reset`). Bare words are strings. */
  readonly values: readonly (string | number | boolean)[] | undefined
}

export interface ShowVariable extends Node {
  readonly kind: 'show'
  /** undefined: all. */
  readonly name: string | undefined
}

export interface Explain extends Node {
  readonly kind: 'explain'
  /** What is shown: the plans and pipelines, or what the option names. */
  readonly show: 'plan' | 'program' | 'rules' | 'grid'
  /** Run it and add rows, batches, waves, time and memory. */
  readonly analyze: boolean
  readonly options: readonly Option[]
  readonly statement: Statement
}

export interface Subscribe extends Node {
  readonly kind: 'subscribe'
  readonly query: Query
  readonly options: readonly Option[]
}
