// Random tables: columns of every type that the engines under comparison share, keys and indexes, and rows
// with nulls, duplicates, extremes and skew. Values are SQL literals, so that every engine reads the same.
import type { Choices } from './choices.ts'

export type Type = 'integer' | 'text' | 'bigint' | 'numeric' | 'double' | 'boolean' | 'date' | 'timestamp'

export interface Column {
  readonly name: string
  readonly type: Type
}

export interface Relation {
  readonly name: string
  readonly columns: readonly Column[]
}

export interface TableColumn extends Column {
  readonly isNotNull: boolean
}

export interface Table extends Relation {
  readonly columns: readonly TableColumn[]
  /** Columns with an index in Rowtine; the other engines answer without. */
  readonly indexed: readonly string[]
  /** Is `id` a primary key? */
  readonly hasKey: boolean
  readonly rows: readonly (readonly string[])[]
}

export const typeNames: Readonly<Record<Type, string>> = {
  integer: 'integer', text: 'text', bigint: 'bigint', numeric: 'numeric(12,2)',
  double: 'double precision', boolean: 'boolean', date: 'date', timestamp: 'timestamp',
}

/** Small domains, so that joins and groups meet. Doubles are short binary fractions: their sums are exact in any order. */
export const usual: Readonly<Record<Type, readonly string[]>> = {
  integer: ['0', '1', '2', '3', '4', '-1', '7', '10', '-3'],
  bigint: ['0', '1', '2', '3', '5', '-1', '10', '-20', '3000000000'],
  numeric: ['0.00', '1.00', '1.50', '2.00', '0.01', '-1.50', '-0.99', '10.25', '99.95'],
  double: ['0.0', '1.0', '0.5', '2.0', '-0.5', '2.25', '-3.75', '10.0', '1024.0'],
  text: ['a', '', 'b', 'A', 'ab', 'abc', 'ba', 'B', 'long enough for a heap', 'long enough for a heaq', ' a ', '日本', 'a%c', 'a_c'],
  boolean: ['false', 'true'],
  date: ['2020-01-01', '2020-01-02', '2020-02-29', '1999-12-31', '2020-03-01', '1970-01-01'],
  timestamp: ['2020-01-01 00:00:00', '2020-01-01 12:30:00', '2020-02-29 23:59:59.5', '1999-12-31 00:00:00', '1969-12-31 23:59:59.999999'],
}

const extremes: Readonly<Record<Type, readonly string[]>> = {
  integer: ['2147483647', '-2147483648', '65536'],
  bigint: ['9223372036854775807', '-9223372036854775808', '4294967296'],
  numeric: ['9999999999.99', '-9999999999.99'],
  double: ['1048576.5', '-8388608.25'],
  text: ['z'.repeat(40), '😀', '~'],
  boolean: ['true'],
  date: ['0001-01-01', '9999-12-31', '1900-02-28'],
  timestamp: ['0001-01-01 00:00:00', '9999-12-31 23:59:59.999999'],
}

/** A literal as an expression of exactly that type, in every engine. */
export function literal(type: Type, value: string): string {
  switch (type) {
    case 'integer':
    case 'boolean':
      return value.startsWith('-') ? `(${value})` : value
    case 'text':
      return quoted(value)
    case 'bigint':
    case 'numeric':
    case 'double':
      return `cast(${value} as ${typeNames[type]})`
    case 'date':
    case 'timestamp':
      return `${type} '${value}'`
  }
}

function quoted(value: string): string {
  return `'${value.replaceAll('\'', '\'\'')}'`
}

function stored(type: Type, value: string): string {
  return type === 'text' || type === 'date' || type === 'timestamp' ? quoted(value) : value
}

export interface SchemaOptions {
  readonly types: readonly Type[]
  /** Are there values at the ends of their types? */
  readonly hasExtremes: boolean
  /** Rows of a table, to choose from. */
  readonly rowCounts: readonly number[]
}

/** Two to four tables. */
export function randomTables(choices: Choices, options: SchemaOptions): Table[] {
  return Array.from({ length: 2 + choices.below(3) }, (_, i) => randomTable(choices, options, `t${i}`))
}

function randomTable(choices: Choices, options: SchemaOptions, name: string): Table {
  const columns: TableColumn[] = [{ name: 'id', type: 'integer', isNotNull: true }]
  const count = 2 + choices.below(5)
  for (let i = 0; i < count; i++) {
    const type = i === 0 ? 'integer' : choices.of(options.types)
    columns.push({ name: `${type.slice(0, 1)}${i}`, type, isNotNull: choices.once(4) })
  }
  const rowCount = choices.of(options.rowCounts)
  const fills = columns.slice(1).map((column) => filling(choices, options, column, rowCount))
  const rows = Array.from({ length: rowCount }, (_, row) => [String(row + 1), ...fills.map((fill) => fill())])
  const indexed = columns.slice(1).filter(() => choices.once(4)).map((column) => column.name)
  return { name, columns, indexed, hasKey: !choices.once(3), rows }
}

/** Makes the values of a column: some are nearly all the same, some nearly all different. */
function filling(choices: Choices, options: SchemaOptions, { type, isNotNull }: TableColumn, rowCount: number): () => string {
  const isSkewed = choices.once(4)
  const isWide = rowCount > 100 && (type === 'integer' || type === 'bigint')
  const nullsIn = isNotNull ? 0 : choices.of([6, 2, 20])
  return () => {
    if (nullsIn > 0 && choices.once(nullsIn)) return 'null'
    if (isWide) return String(choices.below(rowCount))
    if (options.hasExtremes && choices.once(15)) return stored(type, choices.of(extremes[type]))
    const values = isSkewed && !choices.once(4) ? usual[type].slice(0, 1) : usual[type]
    return stored(type, choices.of(values))
  }
}

/** The statements that make the tables; indexes only where they are wanted. */
export function definitions(tables: readonly Table[], withIndexes: boolean): string[] {
  return tables.flatMap((table) => {
    const columns = table.columns.map(({ name, type, isNotNull }) => `${name} ${typeNames[type]}${isNotNull ? ' not null' : ''}`)
    const key = withIndexes && table.hasKey ? ', primary key (id)' : ''
    const create = `create table ${table.name} (${columns.join(', ')}${key})`
    const indexes = withIndexes ? table.indexed.map((column) => `create index ${table.name}_${column} on ${table.name} (${column})`) : []
    const rows = table.rows.map((row) => `(${row.join(', ')})`).join(', ')
    return [create, ...indexes, ...(rows === '' ? [] : [`insert into ${table.name} values ${rows}`])]
  })
}
