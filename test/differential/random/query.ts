// Random queries over given tables, from a list of choices. `order by` with `limit` is always over all
// columns, and window functions that depend on an order have one over all columns too: the answer is one bag.
import { Choices } from './choices.ts'
import { ExpressionWriter, type Dialect, type Item, type Query, type Scope, type Subqueries } from './expression.ts'
import { typeNames, type Column, type Relation, type Type } from './schema.ts'

export interface QueryOptions {
  readonly dialect: Dialect
  /** Do joins always have an equality? For tables whose product would not end. */
  readonly isLarge: boolean
}

/** One statement. */
export function randomQuery(choices: Choices, tables: readonly Relation[], options: QueryOptions): string {
  return new QueryWriter(choices, tables, options).statement()
}

/** A `from` with its columns, and a predicate over them: what metamorphic tests are made of. */
export function randomFilter(choices: Choices, tables: readonly Relation[], options: QueryOptions): { from: string; predicate: string; items: readonly Item[] } {
  const writer = new QueryWriter(choices, tables, options)
  const { sql, items } = writer.from(1, [])
  return { from: sql, items, predicate: writer.expressions.predicate({ items, outer: [], queries: 2 }, 3) }
}

interface From {
  readonly sql: string
  readonly items: readonly Item[]
}

export class QueryWriter implements Subqueries {
  readonly choices: Choices
  readonly dialect: Dialect
  readonly expressions: ExpressionWriter
  readonly #isLarge: boolean
  #relations: readonly Relation[]
  #names = 0

  constructor(choices: Choices, tables: readonly Relation[], { dialect, isLarge }: QueryOptions) {
    this.choices = choices
    this.dialect = dialect
    this.#isLarge = isLarge
    this.#relations = tables
    this.expressions = new ExpressionWriter(this)
  }

  statement(): string {
    const all = this.#relations
    const shared: string[] = []
    while (shared.length < 2 && this.choices.once(5)) {
      const { sql, columns } = this.query(1, [])
      const name = this.#name('w')
      shared.push(`${name} as (${sql})`)
      this.#relations = [...this.#relations, { name, columns }]
    }
    const isRecursive = !this.#isLarge && this.choices.once(8)
    if (isRecursive) shared.push(this.#recursion())
    const { sql } = this.query(2, [])
    this.#relations = all
    return `${shared.length === 0 ? '' : `with ${isRecursive ? 'recursive ' : ''}${shared.join(', ')} `}${sql}`
  }

  /** Some rows, and what three rounds make of them. */
  #recursion(): string {
    const name = this.#name('w')
    const [round, number, word] = [this.#name('c'), this.#name('c'), this.#name('c')]
    const { sql, items } = this.#table() // one: rounds make more of it
    const scope: Scope = { items, outer: [], queries: 0 }
    const alias = this.#name('r')
    const own = itemsOf(alias, [{ name: round, type: 'integer' }, { name: number, type: 'integer' }, { name: word, type: 'text' }])
    const next: Scope = { items: own, outer: [], queries: 0 }
    const first = `select 0, ${this.expressions.of('integer', scope, 1)} % 50, ${this.expressions.leaf('text', scope)} from ${sql}${this.#where(scope)}`
    const again = `select ${alias}.${round} + 1, ${this.expressions.of('integer', next, 2)} % 50, ${this.expressions.of('text', next, 1)} from ${name} as ${alias}` +
      ` where ${alias}.${round} < ${String(1 + this.choices.below(3))} and ${this.expressions.predicate(next, 1)}`
    this.#relations = [...this.#relations, { name, columns: [{ name: round, type: 'integer' }, { name: number, type: 'integer' }, { name: word, type: 'text' }] }]
    return `${name} (${round}, ${number}, ${word}) as (${first} union ${this.choices.of(['', 'all '])}${again})`
  }

  column(type: Type, scope: Scope): string {
    return this.query(scope.queries - 1, [...scope.outer, ...scope.items], [type]).sql
  }

  rows(scope: Scope): string {
    return this.query(scope.queries - 1, [...scope.outer, ...scope.items]).sql
  }

  /** An aggregate of all rows, or the first row. */
  scalar(type: Type, scope: Scope): string {
    const outer = [...scope.outer, ...scope.items]
    const { sql, items } = this.from(scope.queries - 1, outer)
    const inner = { items, outer, queries: scope.queries - 1 }
    const where = this.#where(inner)
    const limited = this.choices.once(3) && !this.#isLarge
    if (!limited) return `select ${this.#aggregate(type, { ...inner, outer: [] })} from ${sql}${where}`
    return `select ${this.expressions.of(type, inner, 1)} as v from ${sql}${where} order by 1 ${this.#direction()} limit 1`
  }

  /** `depth` levels of queries may be inside. */
  query(depth: number, outer: readonly Item[], want?: readonly Type[]): Query {
    const kind = this.choices.below(8)
    const made = kind === 7 && depth > 0 ? this.#set(depth, outer, want) : kind >= 5 ? this.#grouped(depth, outer, want) : this.#plain(depth, outer, want)
    if (!this.choices.once(5)) return made
    if (this.dialect.isRich && this.choices.once(5)) return this.#distinctOn(made)
    const orders = made.columns.map((_, i) => `${String(i + 1)} ${this.#direction()}`)
    const offset = this.choices.once(3) ? ` offset ${String(this.choices.below(4))}` : ''
    return { ...made, sql: `${made.sql} order by ${orders.join(', ')} limit ${String(this.choices.below(12))}${offset}` }
  }

  /** The first row of each value of the first column, in an order of all columns. */
  #distinctOn({ sql, columns }: Query): Query {
    const names = columns.map(({ name }) => name)
    const orders = names.map((name) => `${name} ${this.#direction()}`)
    return { sql: `select distinct on (${names[0] ?? ''}) ${names.join(', ')} from (${sql}) as ${this.#name('s')} order by ${orders.join(', ')}`, columns }
  }

  from(depth: number, outer: readonly Item[]): From {
    let made = this.#source(depth, outer)
    const count = this.choices.below(this.#isLarge ? 3 : 4)
    for (let i = 0; i < count; i++) made = this.#join(made, depth, outer)
    return made
  }

  #name(prefix: string): string {
    return `${prefix}${String(this.#names++)}`
  }

  #direction(): string {
    return this.choices.of(['asc nulls last', 'desc nulls first', 'asc nulls first', 'desc nulls last'])
  }

  #plain(depth: number, outer: readonly Item[], want?: readonly Type[]): Query {
    const { sql, items } = this.from(depth, outer)
    const scope: Scope = { items, outer, queries: depth }
    const distinct = this.choices.once(5) ? 'distinct ' : ''
    const columns = this.#columns(scope, want)
    const selected = columns.map(({ name, type }) => `${this.#selected(type, scope)} as ${name}`)
    return { sql: `select ${distinct}${selected.join(', ')} from ${sql}${this.#where(scope)}`, columns }
  }

  #columns(scope: Scope, want?: readonly Type[]): readonly Column[] {
    const types = want ?? Array.from({ length: 1 + this.choices.below(3) }, () => this.expressions.type(scope))
    return types.map((type) => ({ name: this.#name('c'), type }))
  }

  #selected(type: Type, scope: Scope): string {
    const isWindow = scope.items.length > 0 && scope.outer.length === 0 && this.choices.once(8)
    return isWindow ? this.#window(type, scope) : this.expressions.of(type, scope, 3)
  }

  #where(scope: Scope): string {
    return this.choices.once(3) ? '' : ` where ${this.expressions.predicate(scope, 3)}`
  }

  #grouped(depth: number, outer: readonly Item[], want?: readonly Type[]): Query {
    const { sql, items } = this.from(depth, outer)
    const scope: Scope = { items, outer, queries: depth }
    const where = this.#where(scope)
    // Constants among the keys would be read as positions: keys are columns or name one.
    const keys = Array.from({ length: this.choices.below(3) }, () => this.#key(items))
    const values = Array.from({ length: 1 + this.choices.below(3) }, () => this.choices.of(this.dialect.types))
      .map((type) => ({ sql: this.#aggregate(type, { ...scope, outer: [] }), type }))
    // Correlated subqueries would meet aggregates of this level; they are left out here.
    const after: Scope = { items: [...keys, ...values], outer: [], queries: 0 }
    const columns = want === undefined ? after.items.map(({ type }) => ({ name: this.#name('c'), type })) : this.#columns(after, want)
    const selected = columns.map(({ name, type }, i) => `${want === undefined ? (after.items[i]?.sql ?? '') : this.expressions.of(type, after, 2)} as ${name}`)
    const group = keys.length === 0 ? '' : ` group by ${this.#sets(keys)}`
    const having = this.choices.once(4) ? ` having ${this.expressions.predicate(after, 2)}` : ''
    return { sql: `select ${selected.join(', ')} from ${sql}${where}${group}${having}`, columns }
  }

  /** The keys, or sets of them. */
  #sets(keys: readonly Item[]): string {
    const list = keys.map(({ sql }) => sql)
    const all = list.join(', ')
    if (!this.dialect.isRich || !this.choices.once(3)) return all
    const [first = ''] = list
    return this.choices.of([
      `rollup (${all})`, `cube (${all})`, `grouping sets ((${all}), (${first}))`, `grouping sets ((${all}), ())`,
      `${first}, rollup (${all})`, `grouping sets (rollup (${all}), (${first}), ())`,
    ])
  }

  #key(items: readonly Item[]): Item {
    const item = this.choices.of(items)
    if (!this.choices.once(4)) return item
    if (item.type === 'integer') return { sql: `(${item.sql} % 3)`, type: 'integer' }
    if (item.type === 'text') return { sql: `upper(${item.sql})`, type: 'text' }
    return { sql: `coalesce(${item.sql}, ${item.sql})`, type: item.type }
  }

  #aggregate(type: Type, scope: Scope): string {
    const inner: Scope = { ...scope, queries: 0 }
    const value = (of: Type): string => this.expressions.of(of, inner, 1)
    const filter = this.choices.once(6) ? ` filter (where ${this.expressions.predicate(inner, 1)})` : ''
    const distinct = this.choices.once(5) ? 'distinct ' : ''
    if (this.dialect.isRich && type !== 'boolean' && type !== 'bigint' && this.choices.once(6)) return this.#orderedSet(type, inner, filter)
    switch (type) {
      case 'integer':
        return this.choices.once(2) ? `cast(sum(${distinct}${value('integer')})${filter} as integer)` : `${this.choices.of(['min', 'max'])}(${value(type)})${filter}`
      case 'bigint':
        return this.choices.of([
          () => `count(*)${filter}`, () => `count(${distinct}${value(this.expressions.type(scope))})${filter}`,
          () => `cast(sum(${distinct}${value('integer')})${filter} as bigint)`, () => `cast(sum(${value('bigint')})${filter} as bigint)`,
        ])()
      case 'numeric':
        return this.choices.once(2) ? `cast(sum(${distinct}${value('numeric')})${filter} as numeric(18,2))` : `${this.choices.of(['min', 'max'])}(${value(type)})${filter}`
      case 'double':
        return this.choices.of(['avg', 'sum', 'min', 'max']) + `(${value('double')})${filter}`
      case 'boolean':
        return this.choices.of(['bool_and', 'bool_or']) + `(${value('boolean')})${filter}`
      case 'text':
        return this.dialect.isRich && this.choices.once(3) ? this.#stringAggregate(inner, filter) : `${this.choices.of(['min', 'max'])}(${value(type)})${filter}`
      case 'date':
      case 'timestamp':
        return `${this.choices.of(['min', 'max'])}(${value(type)})${filter}`
    }
  }

  /** The value at a place of the sorted ones. */
  #orderedSet(type: Type, scope: Scope, filter: string): string {
    const fraction = this.choices.of(['0', '0.25', '0.5', '0.9', '1'])
    return `percentile_disc(${fraction}) within group (order by ${this.expressions.of(type, scope, 1)})${filter}`
  }

  #stringAggregate(scope: Scope, filter: string): string {
    const value = this.expressions.of('text', scope, 1)
    return `string_agg(${value}, ',' order by ${value} ${this.#direction()})${filter}`
  }

  #window(type: Type, scope: Scope): string {
    const of = this.expressions
    const total = `order by ${[...scope.items.map(({ sql }) => sql)].map((sql) => `${sql} ${this.#direction()}`).join(', ')}`
    const part = this.choices.once(2) ? `partition by ${this.choices.of(scope.items).sql} ` : ''
    const inner = { ...scope, queries: 0 }
    const peers = `order by ${this.choices.of(scope.items).sql} ${this.#direction()}`
    if (type === 'bigint' || type === 'integer') {
      const value = this.choices.of([
        () => `row_number() over (${part}${total})`, () => `${this.choices.of(['rank', 'dense_rank'])}() over (${part}${peers})`,
        () => `count(*) over (${part}${this.choices.of([peers, ''])})`, () => `sum(${of.of('integer', inner, 1)}) over (${part}${this.#framed(total)})`,
        () => `sum(${of.of('integer', inner, 1)}) over (${part}${peers})`, () => `${this.choices.of(['sum', 'count', 'max'])}(${of.of('integer', inner, 1)}) over (${part}${this.#ranged(scope)})`,
        () => `count(*) filter (where ${of.predicate(inner, 1)}) over (${part}${this.#framed(total)})`, () => `count(${of.of('text', inner, 1)}) over (${part}${this.#framed(total)})`,
      ])()
      return `cast(${value} as ${typeNames[type]})`
    }
    const name = this.choices.of(type === 'boolean' ? ['lag', 'lead', 'first_value', 'last_value'] : ['lag', 'lead', 'first_value', 'last_value', 'min', 'max'])
    const window = name === 'lag' || name === 'lead' ? total : this.#framed(total)
    return `${name}(${of.of(type, inner, 1)}) over (${part}${window})`
  }

  /** An order of all columns: rows, groups and ranges of it are the same wherever equal rows stand. */
  #framed(order: string): string {
    return this.choices.once(4) ? order : `${order}${this.#frame(this.choices.of(['rows', 'groups', 'range']))}`
  }

  #frame(unit: string, hasOffsets = unit !== 'range'): string {
    const bounds = ['unbounded preceding', `${String(1 + this.choices.below(3))} preceding`, 'current row', `${String(1 + this.choices.below(3))} following`, 'unbounded following']
    const usable = hasOffsets ? [0, 1, 2, 3, 4] : [0, 2, 4]
    const from = this.choices.of(usable.filter((i) => i < 4))
    const to = this.choices.of(usable.filter((i) => i > 0 && i >= from))
    const exclusion = this.choices.of(['', '', ' exclude current row', ' exclude group', ' exclude ties', ' exclude no others'])
    return ` ${unit} between ${bounds[from] ?? ''} and ${bounds[to] ?? ''}${exclusion}`
  }

  /** By distances between the numbers of one column. */
  #ranged(scope: Scope): string {
    const numbers = scope.items.filter(({ type }) => type === 'integer')
    if (numbers.length === 0) return this.#framed(`order by ${this.choices.of(scope.items).sql}`).replace(/ rows .*/, '')
    return `order by ${this.choices.of(numbers).sql} ${this.#direction()}${this.#frame('range', true)}`
  }

  #set(depth: number, outer: readonly Item[], want?: readonly Type[]): Query {
    const left = this.query(depth - 1, outer, want)
    const right = this.query(depth - 1, outer, left.columns.map(({ type }) => type))
    const operators = this.dialect.isRich ? ['union all', 'union', 'intersect', 'except', 'intersect all', 'except all'] : ['union all', 'union', 'intersect', 'except']
    const side = ({ sql, columns }: Query): string => (this.dialect.isRich ? `(${sql})` : `select ${columns.map(({ name }) => name).join(', ')} from (${sql}) as ${this.#name('s')}`)
    return { sql: `${side(left)} ${this.choices.of(operators)} ${side(right)}`, columns: left.columns }
  }

  #source(depth: number, outer: readonly Item[]): From {
    if (depth > 0 && this.choices.once(5)) return this.#named(this.query(depth - 1, outer))
    if (depth > 0 && this.choices.once(10)) return this.#joinedByName()
    if (depth > 0 && this.choices.once(8)) {
      const inner = this.#join(this.#table(), 0, outer)
      return { ...inner, sql: `(${inner.sql})` }
    }
    return this.#table()
  }

  /** Two tables under a column's name that both have: it stands there once. */
  #joinedByName(): From {
    const shared = this.#name('u')
    const left = this.#sharing(shared)
    const right = this.#sharing(shared, left.type)
    if (right === undefined) return this.#table()
    const kind = this.choices.of(['join', 'left join', 'right join', 'full join'])
    const sql = this.choices.once(2) ? `${left.sql} natural ${kind} ${right.sql}` : `${left.sql} ${kind} ${right.sql} using (${shared})`
    return { sql: `(${sql})`, items: [{ sql: shared, type: left.type }, ...left.items, ...right.items] }
  }

  /** A table's first columns under new names, one of them the given. */
  #sharing(shared: string): From & { readonly type: Type }
  #sharing(shared: string, type: Type): (From & { readonly type: Type }) | undefined
  #sharing(shared: string, type?: Type): (From & { readonly type: Type }) | undefined {
    const table = this.choices.of(this.#relations)
    const keys = table.columns.filter((column) => type === undefined || column.type === type)
    if (keys.length === 0) return undefined
    const key = this.choices.of(keys)
    const alias = this.#name('d')
    const other = { name: this.#name('c'), column: this.choices.of(table.columns) }
    const sql = `(select ${key.name} as ${shared}, ${other.column.name} as ${other.name} from ${table.name}) as ${alias}`
    return { sql, type: key.type, items: [{ sql: `${alias}.${other.name}`, type: other.column.type }] }
  }

  #table(): From {
    const { name, columns } = this.choices.of(this.#relations)
    const alias = this.#name('r')
    return { sql: `${name} as ${alias}`, items: itemsOf(alias, columns) }
  }

  #named({ sql, columns }: Query, prefix = ''): From {
    const alias = this.#name('d')
    return { sql: `${prefix}(${sql}) as ${alias}`, items: itemsOf(alias, columns) }
  }

  #join(left: From, depth: number, outer: readonly Item[]): From {
    if (this.dialect.isRich && depth > 0 && this.choices.once(10)) return this.#lateral(left, depth, outer)
    const right = this.#source(depth, outer)
    const items = [...left.items, ...right.items]
    const kind = this.choices.of(['join', 'left join', 'right join', 'full join', 'cross join', 'join'])
    if (kind === 'cross join' && !this.#isLarge) return { sql: `${left.sql} cross join ${right.sql}`, items }
    const used = kind === 'cross join' ? 'join' : kind
    return { sql: `${left.sql} ${used} ${right.sql} on ${this.#condition(left, right, used)}`, items }
  }

  #lateral(left: From, depth: number, outer: readonly Item[]): From {
    const right = this.#named(this.query(depth - 1, [...outer, ...left.items]), 'lateral ')
    const joined = this.choices.of([`${left.sql} cross join ${right.sql}`, `${left.sql} left join ${right.sql} on true`])
    return { sql: joined, items: [...left.items, ...right.items] }
  }

  #condition(left: From, right: From, kind: string): string {
    const scope: Scope = { items: [...left.items, ...right.items], outer: [], queries: 0 }
    const equality = this.#equality(left, right)
    // DuckDB has no full join by anything but equalities.
    const isFree = kind !== 'full join' && !this.#isLarge
    if (equality === undefined) return isFree ? this.expressions.predicate(scope, 2) : '1 = 1'
    if (isFree && this.choices.once(6)) return this.expressions.predicate(scope, 2)
    const more = this.choices.once(4) ? this.#equality(left, right) : undefined
    const both = more === undefined ? equality : `${equality} and ${more}`
    return kind !== 'full join' && this.choices.once(4) ? `${both} and ${this.expressions.predicate(scope, 2)}` : both
  }

  #equality(left: From, right: From): string | undefined {
    const types = this.#isLarge ? ['integer', 'bigint'] : left.items.map(({ type }) => type)
    const pairs = left.items.flatMap((one) => right.items.filter(({ type }) => type === one.type && types.includes(type)).map((other) => `${one.sql} = ${other.sql}`))
    return pairs.length === 0 ? undefined : this.choices.of(pairs)
  }
}

function itemsOf(alias: string, columns: readonly Column[]): Item[] {
  return columns.map(({ name, type }) => ({ sql: `${alias}.${name}`, type }))
}
