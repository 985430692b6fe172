// Names, and where PostgreSQL's keywords may be names; types; lists of options.
import type { Span } from '#base/span'
import type { Identifier, Option, OptionValue, QualifiedName, TypeName } from '../ast.ts'
import type { KeywordCategory } from '../keywords.ts'
import type { Token } from '../lexer.ts'
import type { Cursor } from './cursor.ts'

const kArgumentsMax = 2

/** May the token name a column or a table (PostgreSQL's ColId)? */
export function isName(token: Token): boolean {
  return token.kind === 'identifier' || isCategory(token, 'unreserved', 'column')
}

/** May the token name a function or a type (PostgreSQL's type_function_name)? */
export function isFunctionName(token: Token): boolean {
  return token.kind === 'identifier' || isCategory(token, 'unreserved', 'type')
}

/** May the token be a name after `as` or a dot (PostgreSQL's ColLabel)? */
export function isLabel(token: Token): boolean {
  return token.kind === 'identifier' || token.kind === 'keyword'
}

function isCategory(token: Token, first: KeywordCategory, second: KeywordCategory): boolean {
  const category = token.keyword?.category
  return category === first || category === second
}

/** Words that end a query inside a coroutine: not aliases there unless `as` says so. */
const coroutineWords: ReadonlySet<string> = new Set(['within', 'loop'])

/** May the token be an alias in `from` though no `as` stands before it? */
export function isBareAlias(cursor: Cursor): boolean {
  const token = cursor.token
  if (!isName(token)) return false
  if (token.kind !== 'keyword') return true
  if (cursor.inCoroutine && coroutineWords.has(token.value)) return false
  return token.value !== 'asof' || !joins.has(cursor.peek(1).value)
}

const joins: ReadonlySet<string> = new Set(['join', 'left', 'inner'])

/** May the token be a select item's alias though no `as` stands before it? */
export function isBareLabel(cursor: Cursor): boolean {
  const token = cursor.token
  if (token.kind === 'identifier') return true
  if (token.keyword?.bareLabel !== true) return false
  return !(cursor.inCoroutine && coroutineWords.has(token.value))
}

function taken(cursor: Cursor): Identifier {
  const { value, start, end } = cursor.advance()
  return { name: value, span: { start, end } }
}

export function identifier(cursor: Cursor): Identifier {
  if (isName(cursor.token)) return taken(cursor)
  throw cursor.unexpected('a name')
}

export function label(cursor: Cursor): Identifier {
  if (isLabel(cursor.token)) return taken(cursor)
  throw cursor.unexpected('a name')
}

/** `name` or `schema.name`. */
export function qualifiedName(cursor: Cursor): QualifiedName {
  return qualifiedFrom(cursor, identifier(cursor))
}

export function qualifiedFrom(cursor: Cursor, first: Identifier): QualifiedName {
  if (!cursor.takePunctuation('.')) return { schema: undefined, name: first.name, span: first.span }
  const second = label(cursor)
  const span = { start: first.span.start, end: second.span.end }
  if (cursor.atPunctuation('.')) throw cursor.unsupported('names of three parts are not supported')
  return { schema: first.name, name: second.name, span }
}

/** Any qualified name, also of a type or function. */
export function anyName(cursor: Cursor): QualifiedName {
  if (!isName(cursor.token) && !isFunctionName(cursor.token)) throw cursor.unexpected('a name')
  return qualifiedFrom(cursor, taken(cursor))
}

/** The names of `(a, b)`, or none without parentheses. */
export function optionalColumns(cursor: Cursor): readonly Identifier[] | undefined {
  return cursor.atPunctuation('(') ? cursor.parenthesized(identifier) : undefined
}

export function stringLiteral(cursor: Cursor): string {
  if (cursor.token.kind !== 'string') throw cursor.unexpected('a string')
  return cursor.advance().value
}

export function atInteger(cursor: Cursor): boolean {
  return cursor.token.kind === 'number' && /^\d+$/.test(cursor.token.value)
}

export function integer(cursor: Cursor): number {
  if (!atInteger(cursor)) throw cursor.unexpected('an integer')
  return Number(cursor.advance().value)
}

/** Types that SQL spells with keywords; the canonical name of each first word. */
const keywordTypes: ReadonlyMap<string, string> = new Map([
  ['int', 'integer'],
  ['integer', 'integer'],
  ['smallint', 'smallint'],
  ['bigint', 'bigint'],
  ['real', 'real'],
  ['float', 'float'],
  ['decimal', 'numeric'],
  ['dec', 'numeric'],
  ['numeric', 'numeric'],
  ['boolean', 'boolean'],
  ['bit', 'bit'],
  ['char', 'char'],
  ['character', 'char'],
  ['nchar', 'char'],
  ['national', 'char'],
  ['varchar', 'varchar'],
  ['time', 'time'],
  ['timestamp', 'timestamp'],
  ['interval', 'interval'],
  ['json', 'json'],
])

/** Is the keyword one that starts a type of SQL's own? */
export function isKeywordType(token: Token): boolean {
  return token.kind === 'keyword' && keywordTypes.has(token.value)
}

export function typeName(cursor: Cursor): TypeName {
  const start = cursor.token.start
  const base = baseType(cursor)
  const arrayDimensions = arrayBounds(cursor)
  return arrayDimensions === 0 ? base : { ...base, arrayDimensions, span: cursor.spanFrom(start) }
}

function arrayBounds(cursor: Cursor): number {
  if (cursor.take('array')) {
    if (cursor.takePunctuation('[')) {
      integer(cursor)
      cursor.needPunctuation(']')
    }
    return 1
  }
  let dimensions = 0
  while (cursor.takePunctuation('[')) {
    if (!cursor.atPunctuation(']')) integer(cursor)
    cursor.needPunctuation(']')
    dimensions += 1
  }
  return dimensions
}

/** A type without array bounds. */
export function baseType(cursor: Cursor): TypeName {
  const start = cursor.token.start
  const canonical =
    cursor.token.kind === 'keyword' ? keywordTypes.get(cursor.token.value) : undefined
  if (canonical !== undefined) return keywordType(cursor, canonical)
  if (!isFunctionName(cursor.token)) throw cursor.unexpected('a type')
  if (cursor.takeAll('double', 'precision')) return makeType(cursor, start, 'double precision')
  const name = anyName(cursor)
  return {
    ...makeType(cursor, start, name.name, typeModifiers(cursor)),
    schema: name.schema,
    span: cursor.spanFrom(start),
  }
}

function makeType(
  cursor: Cursor,
  start: number,
  name: string,
  modifiers: readonly number[] = [],
): TypeName {
  return {
    schema: undefined,
    name,
    modifiers,
    arrayDimensions: 0,
    intervalFields: undefined,
    span: cursor.spanFrom(start),
  }
}

function keywordType(cursor: Cursor, canonical: string): TypeName {
  const { start } = cursor.token
  const word = cursor.advance().value
  if (canonical === 'interval') return intervalType(cursor, start)
  if (canonical === 'time' || canonical === 'timestamp') return timeType(cursor, start, canonical)
  if (word === 'national' && !cursor.take('char')) cursor.need('character')
  const varying = (canonical === 'char' || canonical === 'bit') && cursor.take('varying')
  const name = varying ? (canonical === 'char' ? 'varchar' : 'varbit') : canonical
  if (name === 'float') return floatType(cursor, start)
  const modifiers = takesModifiers.has(name) ? typeModifiers(cursor) : []
  return makeType(cursor, start, name, modifiers)
}

const takesModifiers: ReadonlySet<string> = new Set(['numeric', 'char', 'varchar', 'bit', 'varbit'])

/** float(n) counts binary digits. */
function floatType(cursor: Cursor, start: number): TypeName {
  const [digits = 53] = typeModifiers(cursor)
  if (digits < 1 || digits > 53) {
    throw cursor.invalid(
      'precision for type float must be between 1 and 53 bits',
      cursor.spanFrom(start),
    )
  }
  return makeType(cursor, start, digits <= 24 ? 'real' : 'double precision')
}

function timeType(cursor: Cursor, start: number, name: string): TypeName {
  const modifiers = cursor.atPunctuation('(') ? cursor.parenthesized(integer) : []
  const zoned = cursor.takeAll('with', 'time', 'zone')
  if (!zoned) cursor.takeAll('without', 'time', 'zone')
  return makeType(cursor, start, zoned ? `${name}tz` : name, modifiers)
}

function intervalType(cursor: Cursor, start: number): TypeName {
  if (cursor.atPunctuation('('))
    return makeType(cursor, start, 'interval', cursor.parenthesized(integer))
  return intervalQualified(cursor, makeType(cursor, start, 'interval'), start)
}

const intervalFields = ['year', 'month', 'day', 'hour', 'minute', 'second'] as const
/** What may follow `to`, by what stands before it. */
const intervalEnds: Readonly<Record<string, readonly string[]>> = {
  year: ['month'],
  month: [],
  day: ['hour', 'minute', 'second'],
  hour: ['minute', 'second'],
  minute: ['second'],
  second: [],
}

/** `interval '1' year to month`: the fields after a type or a literal. */
export function intervalQualified(cursor: Cursor, type: TypeName, start: number): TypeName {
  const first = intervalFields.find((field) => cursor.take(field))
  if (first === undefined) return type
  let last: string = first
  if (cursor.token.value === 'to' && intervalEnds[first]?.includes(cursor.peek(1).value) === true) {
    cursor.advance()
    last = cursor.advance().value
  }
  const modifiers =
    last === 'second' && cursor.atPunctuation('(') ? cursor.parenthesized(integer) : type.modifiers
  const fields = last === first ? first : `${first} to ${last}`
  return { ...type, modifiers, intervalFields: fields, span: cursor.spanFrom(start) }
}

function typeModifiers(cursor: Cursor): readonly number[] {
  if (!cursor.atPunctuation('(')) return []
  const start = cursor.token.start
  const modifiers = cursor.parenthesized(signedInteger)
  if (modifiers.length > kArgumentsMax)
    throw cursor.invalid('a type has at most two modifiers', cursor.spanFrom(start))
  return modifiers
}

export function signedInteger(cursor: Cursor): number {
  if (cursor.takeOperator('-')) return -integer(cursor)
  cursor.takeOperator('+')
  return integer(cursor)
}

/** `with (name = value, …)`, or nothing. */
export function optionalWithOptions(cursor: Cursor): readonly Option[] {
  if (!cursor.at('with') || !cursor.peekIs(1, '(')) return []
  cursor.advance()
  return cursor.parenthesized(option)
}

function option(cursor: Cursor): Option {
  const start = cursor.token.start
  const parts = [label(cursor).name]
  while (cursor.takePunctuation('.')) parts.push(label(cursor).name)
  const value = cursor.takeOperator('=') ? optionValue(cursor) : undefined
  return { name: parts.join('.'), value, span: cursor.spanFrom(start) }
}

/** A string, a number, a truth value, or a bare word, which is a string. */
export function optionValue(cursor: Cursor): OptionValue {
  const { kind, value } = cursor.token
  if (kind === 'string') return cursor.advance().value
  if (kind === 'number') return Number(cursor.advance().value)
  if (kind === 'operator') return signedNumber(cursor)
  if (!isLabel(cursor.token)) throw cursor.unexpected('a value')
  cursor.advance()
  if (kind === 'keyword' && (value === 'true' || value === 'on')) return true
  return kind === 'keyword' && (value === 'false' || value === 'off') ? false : value
}

function signedNumber(cursor: Cursor): number {
  const negative = cursor.takeOperator('-')
  if (!negative) cursor.needOperator('+')
  if (cursor.token.kind !== 'number') throw cursor.unexpected('a number')
  const value = Number(cursor.advance().value)
  return negative ? -value : value
}

export function emptySpan(offset: number): Span {
  return { start: offset, end: offset }
}
