// What the binder hands to the planner: relational algebra over typed expressions. Every column has
// an id that is unique in the statement, so a reference needs no scope and a correlated subquery is
// simply a plan that reads ids it does not produce.
import type { DataType } from '#base/data-type'
import type { RelationSchema } from '#base/schema'
import type { Span } from '#base/span'
import type { BoundDefinition } from './bound-definition.ts'

export type * from './bound-definition.ts'

/** Unique within one bound statement or coroutine. */
export type ColumnId = number

/**
 * JavaScript form of a value: number for smallint, integer, real, double and date (days since
 * 1970-01-01); bigint for bigint and for time, timestamp, timestamptz (microseconds); text for
 * numeric (with exactly its type's scale), uuid, json and interval (sql/functions/interval.ts reads it).
 */
export type SqlValue = null | boolean | number | bigint | string | Uint8Array

export interface Column {
  readonly id: ColumnId
  readonly name: string
  readonly type: DataType
  readonly nullable: boolean
}

export type Expression =
  | {
      readonly kind: 'literal'
      readonly value: SqlValue
      readonly type: DataType
      readonly span: Span
      /** Written without a type and text for want of one: a set operation may still read it anew. */
      readonly untyped?: true
    }
  | {
      readonly kind: 'column'
      readonly column: Column
      readonly type: DataType
      readonly span: Span
    }
  /** $1 of a prepared statement; index is 0-based. */
  | {
      readonly kind: 'parameter'
      readonly index: number
      readonly type: DataType
      readonly span: Span
    }
  | Call
  /** Branches are tried in order; an error in a branch that is not taken does not happen. */
  | {
      readonly kind: 'case'
      readonly branches: readonly { readonly when: Expression; readonly then: Expression }[]
      readonly otherwise: Expression | undefined
      readonly type: DataType
      readonly span: Span
    }
  /** Three-valued; operands right of a deciding one are evaluated but their errors are dropped. */
  | {
      readonly kind: 'and' | 'or'
      readonly operands: readonly Expression[]
      readonly type: DataType
      readonly span: Span
    }
  | Subquery

/** One kernel over its arguments: operators, functions and casts alike (native-kernels opcodes.def). */
export interface Call {
  readonly kind: 'call'
  /** Name in opcodes.def. */
  readonly kernel: string
  readonly arguments: readonly Expression[]
  /** Constant operands of the kernel: scales, extract fields, SQLSTATEs. */
  readonly immediates: readonly number[]
  readonly type: DataType
  readonly volatility: 'immutable' | 'stable' | 'volatile'
  readonly span: Span
  /** What a person calls it, for explain: `+`, `lower`, `cast`. */
  readonly label: string
}

export interface Subquery {
  readonly kind: 'subquery'
  /** scalar: one column, at most one row (21000). in: operand = any(plan), null-aware; negation is a Not call. */
  readonly form: 'scalar' | 'exists' | 'in' | 'any' | 'all'
  readonly plan: Plan
  /** The left side of in/any/all (several for row values). */
  readonly operands: readonly Expression[]
  /** For any/all: the comparison kernel (Equal, Less, …). */
  readonly comparison?: string
  readonly type: DataType
  readonly span: Span
}

export type AggregateFunction =
  | 'count_star'
  | 'count'
  | 'sum'
  | 'min'
  | 'max'
  | 'avg'
  | 'bool_and'
  | 'bool_or'
  | 'string_agg'
  | 'array_agg'
  | 'json_agg'
  | 'json_object_agg'
  | 'stddev_samp'
  | 'stddev_pop'
  | 'var_samp'
  | 'var_pop'
  | 'covar_pop'
  | 'covar_samp'
  | 'corr'
  | 'percentile_cont'
  | 'any_value'

/** Aggregates of the catalogue that the binder itself makes of windows and others. */
export type OrderedSetFunction = 'percentile_disc' | 'mode'

export interface AggregateCall {
  readonly column: Column
  readonly function: AggregateFunction
  /** json_agg and json_object_agg arguments are already json (the binder inserts the conversions). */
  readonly arguments: readonly Expression[]
  readonly distinct: boolean
  readonly filter: Expression | undefined
  /** order by inside the call, for string_agg, json_agg … */
  readonly order: readonly SortKey[]
  readonly span: Span
}

/** Functions that only a window has. */
export type WindowOnlyFunction =
  | 'row_number'
  | 'rank'
  | 'dense_rank'
  | 'percent_rank'
  | 'cume_dist'
  | 'ntile'
  | 'lag'
  | 'lead'
  | 'first_value'
  | 'last_value'
  | 'nth_value'

export interface WindowCall {
  readonly column: Column
  /** first: the value of the first row that counts, null or not; the planner makes it of any_value. */
  readonly function: WindowOnlyFunction | AggregateFunction | 'first'
  /** lag and lead have three: value, offset (integer), default. */
  readonly arguments: readonly Expression[]
  readonly filter: Expression | undefined
  /** Position in the window's frames. */
  readonly frame: number
  readonly span: Span
}

/** How many rows or groups away (bigint); of a range, the value that is the bound. */
export type FrameEdge =
  | { readonly kind: 'unbounded_preceding' | 'current_row' | 'unbounded_following' }
  | { readonly kind: 'preceding' | 'following'; readonly value: Expression }

export interface WindowFrame {
  readonly mode: 'rows' | 'range' | 'groups'
  readonly start: FrameEdge
  readonly end: FrameEdge
  readonly exclude: 'no_others' | 'current_row' | 'group' | 'ties'
  /** Of a range with a value as bound: the order key, of the bound's type. */
  readonly key: Expression | undefined
}

/** Rows that a window refuses: an offset below zero, a place before the first. */
export interface WindowCheck {
  readonly condition: Expression
  readonly state: string
  readonly message: string
  readonly span: Span
}

/** The calls over windows of one partitioning and one order, and their frames. */
export interface Windows {
  readonly partition: readonly Expression[]
  readonly order: readonly SortKey[]
  readonly frames: readonly WindowFrame[]
  readonly calls: readonly WindowCall[]
  readonly checks: readonly WindowCheck[]
}

export interface SortKey {
  readonly expression: Expression
  readonly descending: boolean
  readonly nullsFirst: boolean
}

export interface ProjectItem {
  readonly column: Column
  readonly expression: Expression
}

export type JoinType = 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti'

/** Relational algebra. Children produce columns by id; `columnsOf(plan)` (sql/binder) lists them. */
export type Plan =
  /** Exactly one row, no columns: `select 1`. */
  | { readonly kind: 'dual' }
  | {
      readonly kind: 'scan'
      readonly relation: RelationSchema
      readonly alias: string
      readonly span: Span
      /** Stored columns only: a virtual column arrives as a project over the scan. */
      readonly columns: readonly { readonly column: Column; readonly position: number }[]
      /** Set when somebody (update, delete) needs the row's identity: a bigint. */
      readonly rowId?: Column
    }
  /** Literals or expressions, one array a row. */
  | {
      readonly kind: 'values'
      readonly rows: readonly (readonly Expression[])[]
      readonly columns: readonly Column[]
    }
  /** The rows a coroutine step runs for: one per instance, its event's columns and its locals. */
  | { readonly kind: 'instances'; readonly columns: readonly Column[] }
  | {
      readonly kind: 'series'
      readonly start: Expression
      readonly stop: Expression
      readonly step: Expression | undefined
      readonly column: Column
    }
  | { readonly kind: 'project'; readonly input: Plan; readonly items: readonly ProjectItem[] }
  | { readonly kind: 'filter'; readonly input: Plan; readonly predicate: Expression }
  /** lateral: the right side reads columns of the left. */
  | {
      readonly kind: 'join'
      readonly type: JoinType
      readonly left: Plan
      readonly right: Plan
      readonly condition: Expression | undefined
      readonly lateral: boolean
    }
  | {
      readonly kind: 'aggregate'
      readonly input: Plan
      readonly groups: readonly ProjectItem[]
      readonly aggregates: readonly AggregateCall[]
    }
  /** Its rows are the input's with a column per call, in no order that may be relied on. */
  | ({ readonly kind: 'window'; readonly input: Plan } & Windows)
  | {
      readonly kind: 'distinct'
      readonly input: Plan
      readonly on: readonly Expression[] | undefined
    }
  | { readonly kind: 'sort'; readonly input: Plan; readonly keys: readonly SortKey[] }
  | {
      readonly kind: 'limit'
      readonly input: Plan
      readonly limit: Expression | undefined
      readonly offset: Expression | undefined
    }
  /** Columns of left and right correspond by position (types already made equal). */
  | {
      readonly kind: 'set'
      readonly operator: 'union' | 'intersect' | 'except'
      readonly all: boolean
      readonly left: Plan
      readonly right: Plan
      readonly leftColumns: readonly Column[]
      readonly rightColumns: readonly Column[]
      readonly columns: readonly Column[]
    }
  /** `with`: definition is run once, its rows are read by every cte_scan of the same id. */
  | {
      readonly kind: 'with'
      readonly id: number
      readonly name: string
      readonly definition: Plan
      readonly definitionColumns: readonly Column[]
      readonly body: Plan
    }
  | { readonly kind: 'cte_scan'; readonly id: number; readonly columns: readonly Column[] }
  /**
   * The rows of base, then round by round those that step makes of the rows that the round before
   * found. Not all: a row that was found before, nulls being equal, is none.
   */
  | {
      readonly kind: 'recursion'
      readonly id: number
      readonly name: string
      readonly all: boolean
      readonly base: Plan
      readonly step: Plan
      readonly baseColumns: readonly Column[]
      readonly stepColumns: readonly Column[]
      readonly columns: readonly Column[]
    }
  /** In the step of the recursion of the same id: columns[i] is the round's sources[i]. */
  | { readonly kind: 'round_scan'; readonly id: number; readonly name: string
      readonly columns: readonly Column[]; readonly sources: readonly Column[] }
  | Insert
  | Update
  | Delete

/** Rows for a table, event table or device. Produces the returning items (none: no columns). */
export interface Insert {
  readonly kind: 'insert'
  readonly relation: RelationSchema
  readonly input: Plan
  /**
   * One per stored, non-system column of the relation, over the input's columns, already of the
   * column's type, defaults and generated columns filled in; 'identity' where the engine numbers it.
   */
  readonly values: readonly (Expression | 'identity')[]
  readonly conflict:
    | undefined
    | { readonly action: 'nothing'; readonly index: number | undefined }
    /** existing: columns of the row already there; excluded: of the row proposed; as rowColumns. */
    | {
        readonly action: 'update'
        readonly index: number
        readonly existing: readonly Column[]
        readonly excluded: readonly Column[]
        readonly set: readonly { readonly position: number; readonly value: Expression }[]
        readonly where: Expression | undefined
      }
  /**
   * The row as it is after the insert, for returning and check constraints: one per stored column
   * by position, hidden and system columns included.
   */
  readonly rowColumns: readonly Column[]
  /** Conditions over rowColumns that must not be false; raises 23514 naming the constraint. */
  readonly checks: readonly { readonly name: string; readonly condition: Expression }[]
  readonly returning: readonly ProjectItem[] | undefined
  readonly span: Span
}

/** `input` produces `rowId` of `relation` (a scan with rowId, joined with the from items, filtered). */
export interface Update {
  readonly kind: 'update'
  readonly relation: RelationSchema
  readonly input: Plan
  readonly rowId: Column
  readonly set: readonly { readonly position: number; readonly value: Expression }[]
  /** The row after the update, as Insert.rowColumns; returning may read columns of `input` too. */
  readonly rowColumns: readonly Column[]
  readonly checks: readonly { readonly name: string; readonly condition: Expression }[]
  readonly returning: readonly ProjectItem[] | undefined
  readonly span: Span
}

export interface Delete {
  readonly kind: 'delete'
  readonly relation: RelationSchema
  readonly input: Plan
  readonly rowId: Column
  /** What returning reads of the row that goes: columns of `input`, like all else it may read. */
  readonly rowColumns: readonly Column[]
  readonly returning: readonly ProjectItem[] | undefined
  readonly span: Span
  /** Rows that refer to these go in the same statement: none is looked for. */
  readonly unreferenced?: true
}

export interface BoundQuery {
  readonly kind: 'query'
  readonly plan: Plan
  /** What the client gets, in order; empty for DML without returning. */
  readonly output: readonly Column[]
  /** 'SELECT', 'INSERT', 'UPDATE', 'DELETE': the command tag. */
  readonly tag: string
  /** Types of $1…, inferred. */
  readonly parameters: readonly DataType[]
}

/** A coroutine without await: one step. */
export interface BoundCoroutine {
  readonly kind: 'coroutine'
  readonly name: string
  /** `create or replace`. */
  readonly replace: boolean
  readonly relation: RelationSchema
  /** The event's stored columns that guard or body read; virtual ones arrive as expressions over them. */
  readonly eventColumns: readonly { readonly column: Column; readonly position: number }[]
  /** The where clause, over event columns only. */
  readonly guard: Expression | undefined
  readonly locals: readonly Column[]
  readonly body: readonly Step[]
  readonly span: Span
}

export type Step =
  /**
   * plan reads event columns and locals as outer columns. `into` takes the plan's output of the
   * first row (null when none), in order and of the same types, and `found` says whether there was one
   * (set only where the body reads it).
   */
  | {
      readonly kind: 'run'
      readonly plan: Plan
      readonly output: readonly Column[]
      readonly into: readonly Column[] | undefined
      readonly found: Column | undefined
      readonly strict: boolean
      readonly span: Span
    }
  | {
      readonly kind: 'assign'
      readonly target: Column
      readonly value: Expression
      readonly span: Span
    }
  | {
      readonly kind: 'if'
      readonly branches: readonly {
        readonly condition: Expression
        readonly body: readonly Step[]
      }[]
      readonly otherwise: readonly Step[]
      readonly span: Span
    }
  | {
      readonly kind: 'raise'
      readonly state: string
      readonly message: Expression
      readonly span: Span
    }
  | { readonly kind: 'return'; readonly span: Span }
  | {
      readonly kind: 'block'
      readonly body: readonly Step[]
      readonly handlers: readonly {
        readonly states: readonly string[] | 'others'
        readonly body: readonly Step[]
      }[]
      /** sqlstate (text) and sqlerrm (text) inside the handlers; undefined where no handler reads it. */
      readonly errorState: Column | undefined
      readonly errorMessage: Column | undefined
      readonly span: Span
    }

/** Which numbers `explain analyze` shows beside the rows: estimates, times, batches with threads and memory. */
export interface ExplainAnalyze {
  readonly costs: boolean
  readonly timing: boolean
  readonly summary: boolean
}

export interface BoundExplain {
  readonly kind: 'explain'
  readonly mode: 'plan' | 'program' | 'rules'
  /** How to show what a run of it did; undefined: it is not run. */
  readonly analyze: ExplainAnalyze | undefined
  readonly statement: BoundQuery | BoundCoroutine
  readonly span: Span
}

export type BoundStatement = BoundQuery | BoundCoroutine | BoundExplain | BoundDefinition
