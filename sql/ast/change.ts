// Statements that change rows: insert, update, delete, merge. Each may stand under `with` and
// `await`.
import type { Expression } from './expression.ts'
import type { Identifier, Node, QualifiedName } from './name.ts'
import type { FromItem, Query, SelectItem, With } from './query.ts'

export type Change = Insert | Update | Delete | Merge

export interface Insert extends Node {
  readonly kind: 'insert'
  readonly with: With | undefined
  readonly target: QualifiedName
  readonly alias: Identifier | undefined
  /** undefined: all of the relation's, in order. */
  readonly columns: readonly Identifier[] | undefined
  readonly overriding: 'system' | 'user' | undefined
  /** undefined: `default values`. */
  readonly source: Query | undefined
  readonly conflict: Conflict | undefined
  readonly returning: readonly SelectItem[] | undefined
}

export interface Conflict extends Node {
  readonly target: ConflictTarget | undefined
  readonly action:
    | { readonly kind: 'nothing' }
    | {
        readonly kind: 'update'
        readonly set: readonly SetClause[]
        readonly where: Expression | undefined
      }
}

export type ConflictTarget =
  | {
      readonly kind: 'columns'
      readonly elements: readonly IndexElement[]
      readonly where: Expression | undefined
      readonly span: Node['span']
    }
  | { readonly kind: 'constraint'; readonly name: string; readonly span: Node['span'] }

/** A column or an expression as an index has it. */
export interface IndexElement extends Node {
  readonly expression: Expression
  readonly collation: QualifiedName | undefined
  readonly operatorClass: QualifiedName | undefined
  readonly descending: boolean
  readonly nulls: 'first' | 'last' | undefined
}

/**
 * One column takes a value (or `default`); several take the parts of a row or of a subquery's row.
 */
export type SetClause =
  | {
      readonly kind: 'set_column'
      readonly column: Identifier
      readonly value: Expression
      readonly span: Node['span']
    }
  | {
      readonly kind: 'set_columns'
      readonly columns: readonly Identifier[]
      readonly value: Expression
      readonly span: Node['span']
    }

export interface Update extends Node {
  readonly kind: 'update'
  readonly with: With | undefined
  readonly target: QualifiedName
  readonly alias: Identifier | undefined
  readonly set: readonly SetClause[]
  readonly from: readonly FromItem[]
  readonly where: Expression | undefined
  readonly returning: readonly SelectItem[] | undefined
}

export interface Delete extends Node {
  readonly kind: 'delete'
  readonly with: With | undefined
  readonly target: QualifiedName
  readonly alias: Identifier | undefined
  readonly using: readonly FromItem[]
  readonly where: Expression | undefined
  readonly returning: readonly SelectItem[] | undefined
}

export interface Merge extends Node {
  readonly kind: 'merge'
  readonly with: With | undefined
  readonly target: QualifiedName
  readonly alias: Identifier | undefined
  readonly source: FromItem
  readonly on: Expression
  readonly branches: readonly MergeBranch[]
  readonly returning: readonly SelectItem[] | undefined
}

export interface MergeBranch extends Node {
  readonly when: 'matched' | 'not_matched_by_target' | 'not_matched_by_source'
  readonly condition: Expression | undefined
  readonly action: MergeAction
}

export type MergeAction =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'delete' }
  | { readonly kind: 'update'; readonly set: readonly SetClause[] }
  | {
      readonly kind: 'insert'
      readonly columns: readonly Identifier[] | undefined
      readonly overriding: 'system' | 'user' | undefined
      /** undefined: `default values`. */
      readonly values: readonly Expression[] | undefined
    }
