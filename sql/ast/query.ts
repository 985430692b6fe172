// Queries as they are written: select cores, values, set operations and the pipe form.
import type { Argument, Call, Expression } from './expression.ts'
import type { Alias, Identifier, Node, QualifiedName } from './name.ts'
import type { Change } from './change.ts'

/**
 * A body and what may stand around it. A pipeline has its order and limit among its steps, so there
 * they are empty here.
 */
export interface Query extends Node {
  readonly kind: 'query'
  readonly with: With | undefined
  readonly body: QueryBody
  readonly order: readonly SortItem[]
  readonly limit: Limit | undefined
  readonly locking: readonly Locking[]
}

/** `Query` stands for one in parentheses, with clauses of its own. */
export type QueryBody = Select | Values | TableQuery | SetOperation | Pipeline | Query

export interface With extends Node {
  readonly recursive: boolean
  readonly tables: readonly CommonTable[]
}

export interface CommonTable extends Node {
  readonly name: string
  readonly columns: readonly Identifier[]
  readonly materialized: boolean | undefined
  readonly definition: Query | Change
}

export interface Select extends Node {
  readonly kind: 'select'
  /** `all`: keep duplicates; a list: `distinct on (…)`. */
  readonly distinct: 'all' | 'distinct' | readonly Expression[]
  /** May be empty, as in PostgreSQL. */
  readonly items: readonly SelectItem[]
  readonly from: readonly FromItem[]
  readonly where: Expression | undefined
  readonly group: GroupBy | undefined
  readonly having: Expression | undefined
  readonly windows: readonly NamedWindow[]
}

export interface SelectItem extends Node {
  readonly expression: Expression
  readonly alias: string | undefined
}

/** Rows of one length; an item is `default` only directly under an insert. */
export interface Values extends Node {
  readonly kind: 'values'
  readonly rows: readonly (readonly Expression[])[]
}

/** `table users`. */
export interface TableQuery extends Node {
  readonly kind: 'table_query'
  readonly name: QualifiedName
}

export interface SetOperation extends Node {
  readonly kind: 'set_operation'
  readonly operator: 'union' | 'intersect' | 'except'
  readonly all: boolean
  readonly left: QueryBody
  readonly right: QueryBody
}

export interface GroupBy extends Node {
  readonly distinct: boolean
  readonly items: readonly GroupingElement[]
}

export type GroupingElement =
  | {
      readonly kind: 'group_expression'
      readonly expression: Expression
      readonly span: Node['span']
    }
  /** `()`: the grand total. */
  | { readonly kind: 'group_empty'; readonly span: Node['span'] }
  /** An element of several columns is a row expression. */
  | {
      readonly kind: 'rollup' | 'cube'
      readonly items: readonly Expression[]
      readonly span: Node['span']
    }
  | {
      readonly kind: 'grouping_sets'
      readonly items: readonly GroupingElement[]
      readonly span: Node['span']
    }

export interface SortItem extends Node {
  readonly expression: Expression
  readonly descending: boolean
  /** undefined: last when ascending, first when descending. */
  readonly nulls: 'first' | 'last' | undefined
}

export interface Limit extends Node {
  /** undefined: `limit all`, or only an offset. */
  readonly count: Expression | undefined
  readonly offset: Expression | undefined
  readonly withTies: boolean
}

export interface Locking extends Node {
  readonly strength: 'update' | 'no key update' | 'share' | 'key share'
  readonly tables: readonly QualifiedName[]
  readonly wait: 'wait' | 'nowait' | 'skip locked'
}

export interface NamedWindow extends Node {
  readonly name: string
  readonly specification: WindowSpecification
}

/** `over w` is a specification with a base and nothing else, and isReference. */
export interface WindowSpecification extends Node {
  readonly isReference: boolean
  readonly base: string | undefined
  readonly partition: readonly Expression[]
  readonly order: readonly SortItem[]
  readonly frame: Frame | undefined
}

export interface Frame extends Node {
  readonly unit: 'rows' | 'range' | 'groups'
  readonly start: FrameBound
  /** Written or not: without `between` it is `current row`. */
  readonly end: FrameBound
  readonly exclude: 'no others' | 'current row' | 'group' | 'ties'
}

export type FrameBound =
  | { readonly kind: 'unbounded_preceding' | 'current_row' | 'unbounded_following' }
  | { readonly kind: 'preceding' | 'following'; readonly offset: Expression }

export type FromItem = TableRef | FileRef | DerivedTable | FunctionTable | Join

export interface TableRef extends Node {
  readonly kind: 'table'
  readonly name: QualifiedName
  readonly only: boolean
  readonly alias: Alias | undefined
}

/** `from 'events.parquet'`. */
export interface FileRef extends Node {
  readonly kind: 'file'
  readonly path: string
  readonly alias: Alias | undefined
}

export interface DerivedTable extends Node {
  readonly kind: 'derived'
  readonly query: Query
  readonly lateral: boolean
  readonly alias: Alias | undefined
}

/** A function or a coroutine with parameters. */
export interface FunctionTable extends Node {
  readonly kind: 'function_table'
  readonly call: Call
  readonly lateral: boolean
  readonly ordinality: boolean
  readonly alias: Alias | undefined
}

export interface Join extends Node {
  readonly kind: 'join'
  readonly type: 'inner' | 'left' | 'right' | 'full' | 'cross'
  /** Of the rows that meet, only the nearest by the inequality in `on`. */
  readonly asof: boolean
  readonly natural: boolean
  readonly left: FromItem
  readonly right: FromItem
  readonly on: Expression | undefined
  readonly using: readonly Identifier[] | undefined
  /** `(a join b using (id)) as j`, or `using (id) as j`: see aliasOf. */
  readonly alias: Alias | undefined
  /** The alias names only the columns of `using`. */
  readonly aliasOf: 'join' | 'using'
}

/** The pipe form: a source, then steps in the order in which data flows. */
export interface Pipeline extends Node {
  readonly kind: 'pipeline'
  /** `from t |> …` or a whole query before the first `|>`. */
  readonly source: PipelineFrom | Query
  readonly steps: readonly PipeStep[]
}

export interface PipelineFrom extends Node {
  readonly kind: 'from'
  readonly items: readonly FromItem[]
}

/**
 * A final `insert into` is not a step: the statement is then an Insert whose source is the
 * pipeline.
 */
export type PipeStep =
  | PipeSelect
  | PipeSet
  | PipeDrop
  | PipeRename
  | PipeAs
  | PipeWhere
  | PipeAggregate
  | PipeJoin
  | PipeOrder
  | PipeLimit
  | PipeDistinct
  | PipeSetOperation
  | PipeCall

/** `select` replaces the columns, `extend` adds to them. */
export interface PipeSelect extends Node {
  readonly kind: 'pipe_select' | 'pipe_extend'
  readonly distinct: boolean
  readonly items: readonly SelectItem[]
}

/** Replaces the values of existing columns. */
export interface PipeSet extends Node {
  readonly kind: 'pipe_set'
  readonly items: readonly { readonly column: Identifier; readonly value: Expression }[]
}

export interface PipeDrop extends Node {
  readonly kind: 'pipe_drop'
  readonly columns: readonly Identifier[]
}

export interface PipeRename extends Node {
  readonly kind: 'pipe_rename'
  readonly items: readonly { readonly from: Identifier; readonly to: Identifier }[]
}

export interface PipeAs extends Node {
  readonly kind: 'pipe_as'
  readonly alias: Identifier
}

export interface PipeWhere extends Node {
  readonly kind: 'pipe_where'
  readonly condition: Expression
}

/** Gives the group columns first, then the aggregates. */
export interface PipeAggregate extends Node {
  readonly kind: 'pipe_aggregate'
  readonly items: readonly SelectItem[]
  readonly group: readonly SelectItem[]
}

/** The pipeline so far is the left side. */
export interface PipeJoin extends Node {
  readonly kind: 'pipe_join'
  readonly type: Join['type']
  readonly asof: boolean
  readonly natural: boolean
  readonly right: FromItem
  readonly on: Expression | undefined
  readonly using: readonly Identifier[] | undefined
}

export interface PipeOrder extends Node {
  readonly kind: 'pipe_order'
  readonly items: readonly SortItem[]
}

export interface PipeLimit extends Node {
  readonly kind: 'pipe_limit'
  readonly limit: Limit
}

export interface PipeDistinct extends Node {
  readonly kind: 'pipe_distinct'
}

export interface PipeSetOperation extends Node {
  readonly kind: 'pipe_set_operation'
  readonly operator: SetOperation['operator']
  readonly all: boolean
  /** Each in parentheses, one or more. */
  readonly queries: readonly Query[]
}

/** Passes the rows through a coroutine or table function. */
export interface PipeCall extends Node {
  readonly kind: 'pipe_call'
  readonly function: QualifiedName
  readonly arguments: readonly Argument[]
  readonly alias: Alias | undefined
}
