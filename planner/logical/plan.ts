// The planner's algebra: sql/bound.ts after subqueries have become joins. Columns are never
// dropped by a node other than aggregate and union: an extend adds columns to its input's, and
// what nobody reads is never computed (planner/physical is driven by demand).
import type { RelationSchema } from '#base/schema'
import type { Span } from '#base/span'
import type {
  AggregateFunction,
  Column,
  Expression,
  ProjectItem,
  SortKey,
  Windows,
} from '#sql/bound'

/** mark: every left row once, with a boolean. single: left, but a second match is an error. */
export type LogicalJoinType = 'inner' | 'left' | 'full' | 'semi' | 'anti' | 'mark' | 'single'

export interface LogicalAggregate {
  readonly column: Column
  /** first: the value of the group's first row, null or not. */
  readonly function: AggregateFunction | 'first'
  readonly arguments: readonly Expression[]
  readonly distinct: boolean
  readonly filter: Expression | undefined
  readonly order: readonly SortKey[]
  readonly span: Span
}

/** The left side of IN and the one column that the right side offers; nulls follow NOT IN. */
export interface NullAwareKey {
  readonly left: Expression
  readonly right: Expression
}

export interface Scan {
  readonly kind: 'scan'
  readonly relation: RelationSchema
  readonly alias: string
  readonly columns: readonly { readonly column: Column; readonly position: number }[]
  readonly rowId: Column | undefined
}

/** One row per instance of a step. Each column copies an event column or a local. */
export interface Instances {
  readonly kind: 'instances'
  readonly columns: readonly { readonly column: Column; readonly origin: Column }[]
  readonly ordinal: Column
}

export interface Join {
  readonly kind: 'join'
  readonly type: LogicalJoinType
  readonly left: Logical
  readonly right: Logical
  readonly condition: Expression | undefined
  /** Only mark. */
  readonly mark: Column | undefined
  /** Only mark and anti, then without a condition. */
  readonly nullAware: NullAwareKey | undefined
}

export interface Union {
  readonly kind: 'union'
  readonly inputs: readonly UnionInput[]
  readonly columns: readonly Column[]
}

/** Rows of an input of a union or recursion; values[i] is what it has in column i. */
export interface UnionInput {
  readonly plan: Logical
  readonly values: readonly Expression[]
}

/**
 * The rows of base, then round by round those that step makes of what the round before found; if not
 * all, each once. Readers get them as they are found, so one that has enough ends the rounds.
 */
export interface Recursion {
  readonly kind: 'recursion'
  readonly id: number
  readonly name: string
  readonly all: boolean
  readonly base: UnionInput
  readonly step: UnionInput
  readonly columns: readonly Column[]
}

export interface Aggregate {
  readonly kind: 'aggregate'
  readonly input: Logical
  readonly groups: readonly ProjectItem[]
  readonly aggregates: readonly LogicalAggregate[]
}

/** The input's rows, each with a column per call, ordered by partition and order. */
export type Window = { readonly kind: 'window'; readonly input: Logical } & Windows

export interface Limit {
  readonly kind: 'limit'
  readonly input: Logical
  readonly limit: Expression | undefined
  readonly offset: Expression | undefined
  /** Counted per instance when set. */
  readonly ordinal: Column | undefined
}

export interface CheckedCondition {
  readonly name: string
  readonly condition: Expression
}

export interface PositionedValue {
  readonly position: number
  readonly value: Expression
}

export interface ConflictUpdate {
  readonly action: 'update'
  readonly index: number
  readonly existing: readonly Column[]
  readonly excluded: readonly Column[]
  readonly set: readonly PositionedValue[]
  readonly where: Expression | undefined
}

export interface ConflictNothing {
  readonly action: 'nothing'
  readonly index: number | undefined
}

/** Rows that an insert, update or delete has written go on with `rowColumns` added. */
export interface Insert {
  readonly kind: 'insert'
  readonly relation: RelationSchema
  readonly input: Logical
  readonly values: readonly (Expression | 'identity')[]
  readonly conflict: ConflictNothing | ConflictUpdate | undefined
  readonly rowColumns: readonly Column[]
  readonly checks: readonly CheckedCondition[]
  readonly ordinal: Column | undefined
  readonly span: Span
}

export interface Update {
  readonly kind: 'update'
  readonly relation: RelationSchema
  readonly input: Logical
  readonly rowId: Column
  readonly set: readonly PositionedValue[]
  readonly rowColumns: readonly Column[]
  readonly checks: readonly CheckedCondition[]
  readonly ordinal: Column | undefined
  readonly span: Span
}

export interface Delete {
  readonly kind: 'delete'
  readonly relation: RelationSchema
  readonly input: Logical
  readonly rowId: Column
  readonly rowColumns: readonly Column[]
  readonly ordinal: Column | undefined
  readonly span: Span
  /** Foreign keys are not looked at: what refers to the rows goes with them. */
  readonly unreferenced: boolean
}

export type Logical =
  | { readonly kind: 'dual' }
  | Scan
  /** Literals and parameters only. */
  | {
      readonly kind: 'constants'
      readonly rows: readonly (readonly Expression[])[]
      readonly columns: readonly Column[]
    }
  | Instances
  /** For every input row the integers from start to stop. */
  | {
      readonly kind: 'series'
      readonly input: Logical
      readonly start: Expression
      readonly stop: Expression
      readonly step: Expression | undefined
      readonly column: Column
    }
  | { readonly kind: 'extend'; readonly input: Logical; readonly items: readonly ProjectItem[] }
  | { readonly kind: 'filter'; readonly input: Logical; readonly predicate: Expression }
  | Join
  | Aggregate
  | Window
  | { readonly kind: 'sort'; readonly input: Logical; readonly keys: readonly SortKey[] }
  | Limit
  | Union
  | {
      readonly kind: 'with'
      readonly id: number
      readonly name: string
      readonly definition: Logical
      readonly columns: readonly Column[]
      readonly body: Logical
    }
  | Recursion
  /** In the step of the recursion of the same id: columns[i] is the round's sources[i]. */
  | {
      readonly kind: 'round_scan'
      readonly id: number
      readonly name: string
      readonly columns: readonly Column[]
      readonly sources: readonly Column[]
    }
  /** columns[i] is the definition's column sources[i] under a new id. */
  | {
      readonly kind: 'cte_scan'
      readonly id: number
      readonly name: string
      readonly columns: readonly Column[]
      readonly sources: readonly Column[]
      /** How many there are, about, where a rule has guessed. */
      readonly rows?: number
    }
  | Insert
  | Update
  | Delete

export const dual: Logical = { kind: 'dual' }

export function extend(input: Logical, items: readonly ProjectItem[]): Logical {
  const added = items.filter(({ column, expression }) => !isColumn(expression, column))
  if (added.length === 0) return input
  return { kind: 'extend', input, items: added }
}

function isColumn(expression: Expression, column: Column): boolean {
  return expression.kind === 'column' && expression.column.id === column.id
}

export function filter(input: Logical, predicate: Expression | undefined): Logical {
  return predicate ? { kind: 'filter', input, predicate } : input
}

export interface JoinParts {
  readonly type: LogicalJoinType
  readonly left: Logical
  readonly right: Logical
  readonly condition?: Expression | undefined
  readonly mark?: Column
  readonly nullAware?: NullAwareKey
}

export function join({ type, left, right, condition, mark, nullAware }: JoinParts): Logical {
  if (type === 'inner' && left.kind === 'dual') return filter(right, condition)
  if (type === 'inner' && right.kind === 'dual') return filter(left, condition)
  return { kind: 'join', type, left, right, condition, mark, nullAware }
}

export function crossJoin(left: Logical, right: Logical): Logical {
  return join({ type: 'inner', left, right })
}
