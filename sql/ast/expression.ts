// Expressions as they are written. Special forms of SQL that are only functions with unusual commas
// (substring … from, trim, overlay, position) arrive as plain calls.
import type { Node, QualifiedName, TypeName } from './name.ts'
import type { Query, SortItem, WindowSpecification } from './query.ts'

export type Expression =
  | NumberLiteral
  | StringLiteral
  | BitStringLiteral
  | BooleanLiteral
  | NullLiteral
  | TypedLiteral
  | ColumnRef
  | Star
  | Parameter
  | Unary
  | Binary
  | Logical
  | Not
  | Is
  | IsDistinct
  | Between
  | InList
  | InSubquery
  | PatternMatch
  | Quantified
  | Exists
  | Subquery
  | ArraySubquery
  | Row
  | ArrayConstructor
  | Subscript
  | FieldAccess
  | Cast
  | AtTimeZone
  | Collate
  | Case
  | Call
  | Niladic
  | Extract
  | JsonObject
  | JsonArray
  | JsonArrayQuery
  | JsonObjectAggregate
  | JsonArrayAggregate
  | Default

/** Digits as written, without underscores; hexadecimal, octal and binary are made decimal. */
export interface NumberLiteral extends Node {
  readonly kind: 'number'
  readonly text: string
}

export interface StringLiteral extends Node {
  readonly kind: 'string'
  readonly value: string
}

/** b'0101' or x'1F'. */
export interface BitStringLiteral extends Node {
  readonly kind: 'bit_string'
  readonly base: 'binary' | 'hexadecimal'
  readonly digits: string
}

export interface BooleanLiteral extends Node {
  readonly kind: 'boolean'
  readonly value: boolean
}

export interface NullLiteral extends Node {
  readonly kind: 'null'
}

/** `date '2026-01-01'`, `interval '1' day`: a constant, not a cast of an expression. */
export interface TypedLiteral extends Node {
  readonly kind: 'typed_literal'
  readonly type: TypeName
  readonly value: string
  /** Of the quoted part, for errors in it. */
  readonly valueSpan: Node['span']
}

/** `name`, `table.name` or `schema.table.name`. */
export interface ColumnRef extends Node {
  readonly kind: 'column'
  readonly schema: string | undefined
  readonly table: string | undefined
  readonly name: string
}

/**
 * `*` or `table.*`: only in select lists, returning, row(…) and as the argument of nothing else.
 */
export interface Star extends Node {
  readonly kind: 'star'
  readonly schema: string | undefined
  readonly table: string | undefined
}

/** `$1`: index 0. */
export interface Parameter extends Node {
  readonly kind: 'parameter'
  readonly index: number
}

export interface Unary extends Node {
  readonly kind: 'unary'
  /** `-`, `+`, `~` or any operator. */
  readonly operator: string
  readonly operand: Expression
  readonly operatorSpan: Node['span']
}

/** Comparison, arithmetic, `||`, regular expressions (`~`), JSON (`->>`) and any other operator. */
export interface Binary extends Node {
  readonly kind: 'binary'
  /** `!=` arrives as `<>`. */
  readonly operator: string
  readonly left: Expression
  readonly right: Expression
  readonly operatorSpan: Node['span']
}

/** Two or more operands: chains of the same connective are one node. */
export interface Logical extends Node {
  readonly kind: 'and' | 'or'
  readonly operands: readonly Expression[]
}

export interface Not extends Node {
  readonly kind: 'not'
  readonly operand: Expression
}

export interface Is extends Node {
  readonly kind: 'is'
  readonly test:
    | 'null'
    | 'true'
    | 'false'
    | 'unknown'
    | 'json'
    | 'json_object'
    | 'json_array'
    | 'json_scalar'
    | 'normalized'
    | 'document'
  readonly negated: boolean
  readonly operand: Expression
}

export interface IsDistinct extends Node {
  readonly kind: 'is_distinct'
  readonly negated: boolean
  readonly left: Expression
  readonly right: Expression
}

export interface Between extends Node {
  readonly kind: 'between'
  readonly operand: Expression
  readonly low: Expression
  readonly high: Expression
  readonly symmetric: boolean
  readonly negated: boolean
}

export interface InList extends Node {
  readonly kind: 'in_list'
  readonly operand: Expression
  readonly items: readonly Expression[]
  readonly negated: boolean
}

export interface InSubquery extends Node {
  readonly kind: 'in_subquery'
  readonly operand: Expression
  readonly query: Query
  readonly negated: boolean
}

export interface PatternMatch extends Node {
  readonly kind: 'pattern'
  readonly form: 'like' | 'ilike' | 'similar'
  readonly operand: Expression
  readonly pattern: Expression
  readonly escape: Expression | undefined
  readonly negated: boolean
}

/**
 * `left = any (query)`, `left <= all (array)`; `some` is `any`. like and ilike are `~~` and `~~*`.
 */
export interface Quantified extends Node {
  readonly kind: 'quantified'
  readonly quantifier: 'any' | 'all'
  readonly operator: string
  readonly left: Expression
  readonly right: Query | Expression
}

export interface Exists extends Node {
  readonly kind: 'exists'
  readonly query: Query
}

/** A query in parentheses, used as a value. */
export interface Subquery extends Node {
  readonly kind: 'subquery'
  readonly query: Query
}

/** `array(select …)`. */
export interface ArraySubquery extends Node {
  readonly kind: 'array_subquery'
  readonly query: Query
}

/** `(a, b)` or `row(a, b)`. */
export interface Row extends Node {
  readonly kind: 'row'
  readonly items: readonly Expression[]
}

export interface ArrayConstructor extends Node {
  readonly kind: 'array'
  readonly items: readonly Expression[]
}

/** `operand[index]`, or the slice `operand[lower:upper]` with either end open. */
export interface Subscript extends Node {
  readonly kind: 'subscript'
  readonly operand: Expression
  readonly slice: boolean
  /** The index, or the lower end of a slice. */
  readonly lower: Expression | undefined
  readonly upper: Expression | undefined
}

/** `(expression).field`; `*` for all of them. */
export interface FieldAccess extends Node {
  readonly kind: 'field'
  readonly operand: Expression
  readonly field: string
}

/** `cast(x as t)` and `x::t`. */
export interface Cast extends Node {
  readonly kind: 'cast'
  readonly operand: Expression
  readonly type: TypeName
}

/** `at local` has no zone. */
export interface AtTimeZone extends Node {
  readonly kind: 'at_time_zone'
  readonly operand: Expression
  readonly zone: Expression | undefined
}

export interface Collate extends Node {
  readonly kind: 'collate'
  readonly operand: Expression
  readonly collation: QualifiedName
}

export interface CaseBranch {
  readonly when: Expression
  readonly then: Expression
}

/** With an operand each `when` is a value to compare it with, else a condition. */
export interface Case extends Node {
  readonly kind: 'case'
  readonly operand: Expression | undefined
  readonly branches: readonly CaseBranch[]
  readonly otherwise: Expression | undefined
}

export interface Argument extends Node {
  /** `name => value`. */
  readonly name: string | undefined
  readonly value: Expression
}

/**
 * Functions, aggregates and window functions; coalesce, nullif, greatest, least and grouping too.
 */
export interface Call extends Node {
  readonly kind: 'call'
  readonly function: QualifiedName
  readonly arguments: readonly Argument[]
  /** `count(*)`. */
  readonly star: boolean
  readonly distinct: boolean
  /** The last argument is an array of arguments. */
  readonly variadic: boolean
  /** `order by` inside the parentheses. */
  readonly order: readonly SortItem[]
  readonly withinGroup: readonly SortItem[]
  readonly filter: Expression | undefined
  readonly over: WindowSpecification | undefined
}

/** SQL's functions without parentheses. */
export type NiladicName =
  | 'current_date'
  | 'current_time'
  | 'current_timestamp'
  | 'localtime'
  | 'localtimestamp'
  | 'current_user'
  | 'session_user'
  | 'system_user'
  | 'user'
  | 'current_role'
  | 'current_catalog'
  | 'current_schema'

export interface Niladic extends Node {
  readonly kind: 'niladic'
  readonly name: NiladicName
  /** Of the times: digits of the second kept. */
  readonly precision: number | undefined
}

export interface Extract extends Node {
  readonly kind: 'extract'
  /** Lower case: `year`, `epoch`, … */
  readonly field: string
  readonly source: Expression
}

export interface JsonEntry extends Node {
  readonly key: Expression
  readonly value: Expression
}

/** `json_object('a': 1)` and `json_object('a' value 1)`; with plain commas it is a call. */
export interface JsonObject extends Node {
  readonly kind: 'json_object'
  readonly entries: readonly JsonEntry[]
  readonly absentOnNull: boolean
  readonly uniqueKeys: boolean
  readonly returning: TypeName | undefined
}

export interface JsonArray extends Node {
  readonly kind: 'json_array'
  readonly items: readonly Expression[]
  readonly absentOnNull: boolean
  readonly returning: TypeName | undefined
}

/** `json_array(select …)`. */
export interface JsonArrayQuery extends Node {
  readonly kind: 'json_array_query'
  readonly query: Query
  readonly returning: TypeName | undefined
}

export interface JsonObjectAggregate extends Node {
  readonly kind: 'json_objectagg'
  readonly entry: JsonEntry
  readonly absentOnNull: boolean
  readonly uniqueKeys: boolean
  readonly returning: TypeName | undefined
  readonly filter: Expression | undefined
  readonly over: WindowSpecification | undefined
}

export interface JsonArrayAggregate extends Node {
  readonly kind: 'json_arrayagg'
  readonly value: Expression
  readonly order: readonly SortItem[]
  readonly absentOnNull: boolean
  readonly returning: TypeName | undefined
  readonly filter: Expression | undefined
  readonly over: WindowSpecification | undefined
}

/** `default` as a value of insert, update or merge. */
export interface Default extends Node {
  readonly kind: 'default'
}
