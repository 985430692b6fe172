// Random expressions that mean the same in Rowtine and DuckDB. Left out on purpose, because the engines differ:
// quotients of numerics and doubles, divisions that may be by zero (`nullif` guards them), regular
// expressions, case of letters beyond ASCII, escapes in `like`, comparisons of rows (in DuckDB null equals null
// there), and text of floats, dates and timestamps.
import type { Choices } from './choices.ts'
import { literal, usual, type Column, type Type } from './schema.ts'

/** Something that an expression may refer to. */
export interface Item {
  readonly sql: string
  readonly type: Type
}

export interface Scope {
  readonly items: readonly Item[]
  /** Columns of the queries around this one. */
  readonly outer: readonly Item[]
  /** How many levels of subqueries may still follow. */
  readonly queries: number
}

export interface Query {
  readonly sql: string
  readonly columns: readonly Column[]
}

/** What the statement language must be able to say: SQLite has less. */
export interface Dialect {
  readonly types: readonly Type[]
  /** `any`, `all`, boolean aggregates, greatest, functions of text by position, `lateral`, bag operations. */
  readonly isRich: boolean
}

/** Makes the subqueries that expressions contain. */
export interface Subqueries {
  readonly choices: Choices
  readonly dialect: Dialect
  /** One column of that type, any number of rows. */
  column(type: Type, scope: Scope): string
  /** One row of one column. */
  scalar(type: Type, scope: Scope): string
  /** Anything, for `exists`. */
  rows(scope: Scope): string
}

type Rule = (w: ExpressionWriter, scope: Scope, depth: number) => string

export class ExpressionWriter {
  readonly subqueries: Subqueries

  constructor(subqueries: Subqueries) {
    this.subqueries = subqueries
  }

  get choices(): Choices {
    return this.subqueries.choices
  }

  get isRich(): boolean {
    return this.subqueries.dialect.isRich
  }

  of(type: Type, scope: Scope, depth: number): string {
    if (depth <= 0 || !this.choices.once(2)) return this.leaf(type, scope)
    if (this.choices.once(5)) return this.#general(type, scope, depth - 1)
    return this.choices.of(rules[type])(this, scope, depth - 1)
  }

  leaf(type: Type, scope: Scope): string {
    const isOuter = scope.outer.length > 0 && this.choices.once(4)
    const fitting = (isOuter ? scope.outer : scope.items).filter((item) => item.type === type)
    if (fitting.length === 0 || this.choices.once(6)) return literal(type, this.choices.of(usual[type]))
    return this.choices.of(fitting).sql
  }

  /** A type that the scope has columns of, mostly. */
  type(scope: Scope): Type {
    if (scope.items.length === 0 || this.choices.once(8)) return this.choices.of(this.subqueries.dialect.types)
    return this.choices.of(scope.items).type
  }

  predicate(scope: Scope, depth: number): string {
    return this.choices.of(predicates)(this, scope, depth - 1)
  }

  /** What there is for every type. */
  #general(type: Type, scope: Scope, depth: number): string {
    const one = (): string => this.of(type, scope, depth)
    switch (this.choices.below(scope.queries > 0 ? 6 : 4)) {
      case 0: return `coalesce(${one()}, ${one()})`
      case 1: return `nullif(${one()}, ${one()})`
      case 2: return `case when ${this.predicate(scope, depth)} then ${one()} else ${one()} end`
      case 3: return this.#simpleCase(type, scope, depth)
      default: return `(${this.subqueries.scalar(type, scope)})`
    }
  }

  #simpleCase(type: Type, scope: Scope, depth: number): string {
    const compared = this.type(scope)
    const when = (): string => `when ${this.of(compared, scope, 0)} then ${this.of(type, scope, depth)}`
    return `case ${this.of(compared, scope, depth)} ${when()} ${when()} end`
  }
}

const binary = (type: Type, operator: string): Rule => (w, s, d) => `(${w.of(type, s, d)} ${operator} ${w.of(type, s, d)})`
const call = (type: Type, name: string): Rule => (w, s, d) => `${name}(${w.of(type, s, d)})`
const cast = (from: Type, to: string): Rule => (w, s, d) => `cast(${w.of(from, s, d)} as ${to})`
const several = (type: Type, name: string): Rule => (w, s, d) => (w.isRich ? `${name}(${w.of(type, s, d)}, ${w.of(type, s, d)})` : w.of(type, s, d))
const guarded = (operator: string): Rule => (w, s, d) => `(${w.of('integer', s, d)} ${operator} nullif(${w.of('integer', s, d)}, 0))`

const textRules: readonly Rule[] = [
  binary('text', '||'), call('text', 'upper'), call('text', 'lower'), call('text', 'trim'), cast('integer', 'text'),
  (w, s, d) => `replace(${w.of('text', s, d)}, 'a', ${w.leaf('text', s)})`,
  (w, s, d) => (w.isRich
    ? `substring(${w.of('text', s, d)} from ${String(1 + w.choices.below(3))} for ${String(w.choices.below(4))})`
    : `substr(${w.of('text', s, d)}, ${String(1 + w.choices.below(3))}, ${String(w.choices.below(4))})`),
  several('text', 'greatest'), several('text', 'least'),
  (w, s, d) => (w.isRich ? `left(${w.of('text', s, d)}, ${String(w.choices.below(4))})` : w.of('text', s, d)),
]

/** For types beyond SQLite's, where `isRich` is always so. */
const rules: Readonly<Record<Type, readonly Rule[]>> = {
  integer: [
    binary('integer', '+'), binary('integer', '-'), binary('integer', '*'), guarded('/'), guarded('%'), call('integer', 'abs'), call('integer', '-'),
    (w, s, d) => `cast(length(${w.of('text', s, d)}) as integer)`,
    several('integer', 'greatest'), several('integer', 'least'),
    (w, s, d) => (w.isRich ? `cast(extract(${w.choices.of(['year', 'month', 'day', 'quarter'])} from ${w.of(w.choices.of(['date', 'timestamp']), s, d)}) as integer)` : w.of('integer', s, d)),
    (w, s, d) => (w.isRich ? `cast((${w.of('date', s, d)} - ${w.of('date', s, d)}) as integer)` : w.of('integer', s, d)),
    (w, s, d) => (w.isRich ? `cast(${w.of('boolean', s, d)} as integer)` : w.of('integer', s, d)),
    (w, s, d) => (w.isRich ? `cast(${w.of(w.choices.of(['numeric', 'bigint']), s, d)} as integer)` : w.of('integer', s, d)),
    (w, s, d) => (w.isRich ? `cast(position(${w.leaf('text', s)} in ${w.of('text', s, d)}) as integer)` : w.of('integer', s, d)),
  ],
  bigint: [binary('bigint', '+'), binary('bigint', '-'), binary('bigint', '*'), cast('integer', 'bigint'), several('bigint', 'greatest'), call('bigint', 'abs')],
  numeric: [
    binary('numeric', '+'), binary('numeric', '-'), (w, s, d) => `cast(${binary('numeric', '*')(w, s, d)} as numeric(18,2))`,
    cast('integer', 'numeric(12,2)'), call('numeric', 'abs'), (w, s, d) => `round(${w.of('numeric', s, d)}, 1)`, several('numeric', 'least'),
  ],
  double: [binary('double', '+'), binary('double', '-'), cast('integer', 'double precision'), cast('numeric', 'double precision'), call('double', 'abs'), several('double', 'greatest')],
  text: textRules,
  boolean: [(w, s, d) => `(${w.predicate(s, d)})`],
  date: [
    (w, s, d) => `(${w.of('date', s, d)} + ${String(w.choices.below(40))})`, (w, s, d) => `(${w.of('date', s, d)} - ${String(w.choices.below(40))})`,
    cast('timestamp', 'date'), several('date', 'greatest'),
  ],
  timestamp: [
    cast('date', 'timestamp'), (w, s, d) => `date_trunc('${w.choices.of(['day', 'month', 'year', 'hour', 'quarter', 'week'])}', ${w.of('timestamp', s, d)})`,
    (w, s, d) => `(${w.of('timestamp', s, d)} + interval '${w.choices.of(['1 day', '1 month', '90 minutes', '1 year'])}')`, several('timestamp', 'least'),
  ],
}

const comparisons = ['=', '<', '<=', '>', '>=', '<>'] as const
const nested = (otherwise: Rule, rule: Rule): Rule => (w, s, d) => (s.queries > 0 ? rule(w, s, d) : otherwise(w, s, d))

const compare: Rule = (w, s, d) => {
  const type = w.type(s)
  return `${w.of(type, s, d)} ${w.choices.of(comparisons)} ${w.of(type, s, d)}`
}
const columnComparison: Rule = (w, s, d) => {
  const type = w.type(s)
  return `${w.leaf(type, s)} ${w.choices.of(comparisons)} ${d > 0 ? w.leaf(type, s) : literal(type, w.choices.of(usual[type]))}`
}
/** DuckDB takes nulls inside of rows for values: there, no field is null. */
const rowComparison: Rule = (w, s, d) => {
  const [first, second] = [w.type(s), w.type(s)]
  const field = (type: Type): string => {
    const value = w.of(type, s, d - 1)
    return w.isRich ? `coalesce(${value}, ${literal(type, w.choices.of(usual[type]))})` : value
  }
  const row = (): string => `(${field(first)}, ${field(second)})`
  return `${row()} ${w.choices.of(comparisons)} ${row()}`
}
const not = (w: ExpressionWriter): string => (w.choices.once(2) ? 'not ' : '')
/** Deep predicates end in comparisons. */
const deep = (rule: Rule): Rule => (w, s, d) => (d > 0 ? rule(w, s, d) : columnComparison(w, s, d))

const predicates: readonly Rule[] = [
  columnComparison, compare, compare, rowComparison,
  (w, s, d) => `${w.of(w.type(s), s, d)} is ${not(w)}null`,
  deep((w, s, d) => `(${w.predicate(s, d)} and ${w.predicate(s, d)})`),
  deep((w, s, d) => `(${w.predicate(s, d)} or ${w.predicate(s, d)})`),
  deep((w, s, d) => `not (${w.predicate(s, d)})`),
  deep((w, s, d) => `(${w.predicate(s, d)}) is ${not(w)}null`),
  deep((w, s, d) => (w.isRich ? `(${w.predicate(s, d)}) is ${not(w)}${w.choices.of(['true', 'false'])}` : w.predicate(s, d))),
  (w, s, d) => {
    const type = w.type(s)
    return `${w.of(type, s, d)} ${not(w)}between ${w.of(type, s, d)} and ${w.of(type, s, d)}`
  },
  (w, s, d) => {
    const type = w.type(s)
    return `${w.of(type, s, d)} ${not(w)}in (${Array.from({ length: 1 + w.choices.below(4) }, () => w.of(type, s, 0)).join(', ')})`
  },
  (w, s, d) => `${w.of('text', s, d)} ${not(w)}like ${w.choices.of(['\'a%\'', '\'%b%\'', '\'_\'', '\'%\'', '\'\'', '\'%c\'', '\'a_c\'', '\'%heap\'', '\'long%q\''])}`,
  (w, s, d) => {
    const type = w.type(s)
    return `${w.of(type, s, d)} is ${not(w)}distinct from ${w.of(type, s, d)}`
  },
  (w, s, d) => (w.subqueries.dialect.types.includes('boolean') ? w.of('boolean', s, d) : columnComparison(w, s, d)),
  nested(compare, (w, s) => `${not(w)}exists (${w.subqueries.rows(s)})`),
  nested(compare, (w, s, d) => {
    const type = w.type(s)
    return `${w.of(type, s, d)} ${not(w)}in (${w.subqueries.column(type, s)})`
  }),
  nested(compare, (w, s, d) => {
    if (!w.isRich) return `${not(w)}exists (${w.subqueries.rows(s)})`
    const type = w.type(s)
    return `${w.of(type, s, d)} ${w.choices.of(comparisons)} ${w.choices.of(['any', 'all'])} (${w.subqueries.column(type, s)})`
  }),
]
