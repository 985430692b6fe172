// Names, types, strings and options as text.
import type { Alias, Identifier, Option, OptionValue, QualifiedName, TypeName } from '../ast.ts'
import { keywords } from '../keywords.ts'

const kPlainName = /^[a-z_][a-z0-9_$]*$/

/** Quoted unless the text alone is the name. */
export function printIdentifier(name: string): string {
  const keyword = keywords.get(name)
  const isPlain =
    kPlainName.test(name) && (keyword === undefined || keyword.category === 'unreserved')
  return isPlain ? name : quoted(name)
}

/** Of a function or a type, which may be named by other keywords than a column. */
export function printFunctionName(name: string): string {
  return keywords.get(name)?.category === 'type' ? name : printIdentifier(name)
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function printString(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

export function printName(name: QualifiedName): string {
  return (
    (name.schema === undefined ? '' : `${printIdentifier(name.schema)}.`) +
    printIdentifier(name.name)
  )
}

export function names(list: readonly Identifier[]): string {
  return list.map(({ name }) => printIdentifier(name)).join(', ')
}

/** ` (a, b)`, or nothing for no names. */
export function columnList(list: readonly Identifier[] | undefined): string {
  return list === undefined || list.length === 0 ? '' : ` (${names(list)})`
}

/** ` as name (columns)`. */
export function printAlias(alias: Alias | undefined): string {
  if (alias === undefined) return ''
  return ` as ${printIdentifier(alias.name)}${columnList(alias.columns)}`
}

const sqlTypes: ReadonlySet<string> = new Set([
  'integer',
  'smallint',
  'bigint',
  'real',
  'double precision',
  'numeric',
  'boolean',
  'bit',
  'char',
  'varchar',
  'time',
  'timestamp',
  'interval',
  'json',
])

export function printType(type: TypeName): string {
  const { schema, name, modifiers, intervalFields } = type
  const isSql = schema === undefined && sqlTypes.has(name)
  const written = isSql
    ? name
    : (schema === undefined ? '' : `${printIdentifier(schema)}.`) + printFunctionName(name)
  const list = modifiers.length === 0 ? '' : `(${modifiers.join(', ')})`
  const fields = intervalFields === undefined ? '' : ` ${intervalFields}`
  return written + fields + list + '[]'.repeat(type.arrayDimensions)
}

export function printOptionValue(value: OptionValue): string {
  return typeof value === 'string' ? printString(value) : String(value)
}

/** ` with (name = value, …)`, or nothing. */
export function printWithOptions(options: readonly Option[]): string {
  if (options.length === 0) return ''
  return ` with (${options.map(printOption).join(', ')})`
}

function printOption({ name, value }: Option): string {
  const written = name.split('.').map(printIdentifier).join('.')
  return value === undefined ? written : `${written} = ${printOptionValue(value)}`
}
