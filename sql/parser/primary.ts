// Expressions without operators around them: constants, columns, calls, case, row, array and the
// rest.
import type {
  Case,
  CaseBranch,
  Expression,
  Identifier,
  NiladicName,
  Row,
  TypedLiteral,
  TypeName,
} from '../ast.ts'
import { call, specialFunctions } from './call.ts'
import type { Cursor } from './cursor.ts'
import { expression } from './expression.ts'
import { jsonFunctions } from './json.ts'
import {
  baseType,
  integer,
  intervalQualified,
  isFunctionName,
  isKeywordType,
  isName,
  label,
  typeName,
} from './name.ts'
import { parenthesized, parenthesizedQuery } from './parentheses.ts'

/** PostgreSQL's c_expr. */
export function primary(cursor: Cursor): Expression {
  const { kind, value, start, end } = cursor.token
  switch (kind) {
    case 'number':
      cursor.advance()
      return { kind: 'number', text: value, span: { start, end } }
    case 'string':
      cursor.advance()
      return { kind: 'string', value, span: { start, end } }
    case 'bit_string':
      cursor.advance()
      return {
        kind: 'bit_string',
        base: value.startsWith('b') ? 'binary' : 'hexadecimal',
        digits: value.slice(1),
        span: { start, end },
      }
    case 'parameter':
      return parameter(cursor)
    case 'identifier':
      return named(cursor)
    case 'keyword':
      return keywordPrimary(cursor)
    default:
      if (cursor.atPunctuation('(')) return parenthesized(cursor)
      throw cursor.unexpected('an expression')
  }
}

function parameter(cursor: Cursor): Expression {
  const { value, start, end } = cursor.advance()
  const number = Number(value)
  if (number < 1 || number > 65535)
    throw cursor.invalid(`there is no parameter $${value}`, { start, end })
  return indirection(cursor, { kind: 'parameter', index: number - 1, span: { start, end } }, start)
}

function keywordPrimary(cursor: Cursor): Expression {
  const { value } = cursor.token
  const rule = keywordRules.get(value)
  if (rule !== undefined) return rule(cursor)
  const isCall = cursor.peekIs(1, '(')
  const special = isCall ? (specialFunctions.get(value) ?? jsonFunctions.get(value)) : undefined
  if (special !== undefined) return special(cursor)
  if (isKeywordType(cursor.token) && isTypedLiteralAhead(cursor)) return typedLiteral(cursor)
  return named(cursor)
}

/** Of `time`, `json` and the like, which are columns unless a constant follows. */
function isTypedLiteralAhead(cursor: Cursor): boolean {
  const next = cursor.peek(1)
  if (next.kind === 'string' || next.value === '(') return true
  const isTime = cursor.token.value === 'time' || cursor.token.value === 'timestamp'
  if (isTime && (next.value === 'with' || next.value === 'without')) return cursor.peekIs(2, 'time')
  return next.value === 'varying' || next.value === 'character' || next.value === 'char'
}

/** A column, a call, or a constant of a named type. */
function named(cursor: Cursor): Expression {
  const { token } = cursor
  const next = cursor.peek(1)
  if (isFunctionName(token)) {
    if (next.kind === 'punctuation' && next.value === '(') return callOrLiteral(cursor, token.start)
    if (next.kind === 'string') return typedLiteral(cursor)
    if (token.value === 'double' && next.value === 'precision' && cursor.peek(2).kind === 'string')
      return typedLiteral(cursor)
  }
  if (!isName(token)) throw cursor.unexpected('an expression')
  return path(cursor)
}

/** `f(1)`, and `timetz(3) '10:00'`: what a parenthesis opens shows only after it. */
function callOrLiteral(cursor: Cursor, start: number): Expression {
  const made = call(cursor, [label(cursor)], start)
  if (cursor.token.kind !== 'string') return made
  const modifiers = made.arguments.map(({ value }) =>
    value.kind === 'number' ? Number(value.text) : NaN,
  )
  if (!modifiers.every(Number.isInteger)) throw cursor.unexpected()
  const { name } = made.function
  return literalOf(
    cursor,
    {
      schema: undefined,
      name,
      modifiers,
      arrayDimensions: 0,
      intervalFields: undefined,
      span: made.span,
    },
    start,
  )
}

const kPathPartsMax = 3

/** `a.b.c`, `a.*`, `schema.function(…)`, and fields and subscripts after them. */
function path(cursor: Cursor): Expression {
  const start = cursor.token.start
  const parts: Identifier[] = [label(cursor)]
  while (cursor.atPunctuation('.') && parts.length < kPathPartsMax) {
    cursor.advance()
    if (cursor.takeOperator('*')) return star(cursor, parts, start)
    parts.push(label(cursor))
  }
  if (parts.length === 1) {
    const [only] = parts as [Identifier]
    const column: Expression = {
      kind: 'column',
      schema: undefined,
      table: undefined,
      name: only.name,
      span: only.span,
    }
    return cursor.atPunctuation('[') ? indirection(cursor, column, start) : column
  }
  if (cursor.atPunctuation('.'))
    throw cursor.unsupported('names of more than three parts are not supported')
  if (cursor.atPunctuation('(')) return call(cursor, parts, start)
  if (cursor.token.kind === 'string' && parts.length === 2)
    return qualifiedLiteral(cursor, parts, start)
  const [name, table, schema] = parts.toReversed().map((part) => part.name)
  const column: Expression = {
    kind: 'column',
    schema,
    table,
    name: name ?? '',
    span: cursor.spanFrom(start),
  }
  return indirection(cursor, column, start)
}

function star(cursor: Cursor, parts: readonly Identifier[], start: number): Expression {
  const [table, schema] = parts.toReversed().map((part) => part.name)
  if (parts.length > 2) throw cursor.invalid('too many names before "*"', cursor.spanFrom(start))
  return { kind: 'star', schema, table, span: cursor.spanFrom(start) }
}

/** Subscripts and fields after a column, a parameter or parentheses. */
export function indirection(cursor: Cursor, first: Expression, start: number): Expression {
  let result = first
  let height = cursor.height + 1
  for (;;) {
    if (cursor.atPunctuation('[')) result = subscript(cursor, result, start)
    else if (cursor.takePunctuation('.')) {
      const field = cursor.takeOperator('*') ? '*' : label(cursor).name
      result = { kind: 'field', operand: result, field, span: cursor.spanFrom(start) }
    } else break
    height += 1
    cursor.grow(height)
  }
  return result
}

function subscript(cursor: Cursor, operand: Expression, start: number): Expression {
  cursor.needPunctuation('[')
  const lower = cursor.atPunctuation(':') ? undefined : expression(cursor)
  const slice = cursor.takePunctuation(':')
  const upper = slice && !cursor.atPunctuation(']') ? expression(cursor) : undefined
  cursor.needPunctuation(']')
  return { kind: 'subscript', operand, slice, lower, upper, span: cursor.spanFrom(start) }
}

/** `date '2026-01-01'`, `interval '1' day`, `numeric(5, 2) '1.5'`. */
function typedLiteral(cursor: Cursor): Expression {
  const start = cursor.token.start
  return literalOf(cursor, baseType(cursor), start)
}

function qualifiedLiteral(cursor: Cursor, parts: readonly Identifier[], start: number): Expression {
  const [schema, name] = parts.map((part) => part.name)
  const span = cursor.spanFrom(start)
  return literalOf(
    cursor,
    {
      schema,
      name: name ?? '',
      modifiers: [],
      arrayDimensions: 0,
      intervalFields: undefined,
      span,
    },
    start,
  )
}

function literalOf(cursor: Cursor, type: TypeName, start: number): TypedLiteral {
  const { kind, value, start: from, end } = cursor.token
  if (kind !== 'string') throw cursor.unexpected('a string')
  cursor.advance()
  const isInterval =
    type.name === 'interval' && type.schema === undefined && type.intervalFields === undefined
  const qualified =
    isInterval && type.modifiers.length === 0 ? intervalQualified(cursor, type, start) : type
  return {
    kind: 'typed_literal',
    type: qualified,
    value,
    valueSpan: { start: from, end },
    span: cursor.spanFrom(start),
  }
}

function constant(kind: 'true' | 'false' | 'null'): (cursor: Cursor) => Expression {
  return (cursor) => {
    const { start, end } = cursor.advance()
    const span = { start, end }
    return kind === 'null'
      ? { kind: 'null', span }
      : { kind: 'boolean', value: kind === 'true', span }
  }
}

function cast(cursor: Cursor): Expression {
  const { start } = cursor.advance()
  cursor.needPunctuation('(')
  const operand = expression(cursor)
  cursor.need('as')
  const type = typeName(cursor)
  cursor.needPunctuation(')')
  return { kind: 'cast', operand, type, span: cursor.spanFrom(start) }
}

function caseExpression(cursor: Cursor): Case {
  const { start } = cursor.advance()
  const operand = cursor.at('when') ? undefined : expression(cursor)
  const branches = [caseBranch(cursor)]
  while (cursor.at('when')) branches.push(caseBranch(cursor))
  const otherwise = cursor.take('else') ? expression(cursor) : undefined
  cursor.need('end')
  return { kind: 'case', operand, branches, otherwise, span: cursor.spanFrom(start) }
}

function caseBranch(cursor: Cursor): CaseBranch {
  cursor.need('when')
  const when = expression(cursor)
  cursor.need('then')
  return { when, then: expression(cursor) }
}

/** `array[…]`, nested or not, or `array(select …)`. */
function array(cursor: Cursor): Expression {
  const { start } = cursor.advance()
  if (cursor.atPunctuation('(')) {
    const query = parenthesizedQuery(cursor)
    return { kind: 'array_subquery', query, span: cursor.spanFrom(start) }
  }
  if (!cursor.atPunctuation('[')) throw cursor.unexpected()
  return arrayItems(cursor, start)
}

function arrayItems(cursor: Cursor, start: number): Expression {
  cursor.enter()
  cursor.needPunctuation('[')
  const nested = (inner: Cursor): Expression => arrayItems(inner, inner.token.start)
  const items = cursor.atPunctuation(']')
    ? []
    : cursor.list(cursor.atPunctuation('[') ? nested : expression)
  cursor.needPunctuation(']')
  cursor.leave()
  return { kind: 'array', items, span: cursor.spanFrom(start) }
}

/** `row(…)`; without parentheses `row` is a column. */
function row(cursor: Cursor): Expression {
  if (!cursor.peekIs(1, '(')) return named(cursor)
  const { start } = cursor.advance()
  cursor.needPunctuation('(')
  const items = cursor.atPunctuation(')') ? [] : cursor.list(expression)
  cursor.needPunctuation(')')
  const node: Row = { kind: 'row', items, span: cursor.spanFrom(start) }
  return node
}

function exists(cursor: Cursor): Expression {
  if (!cursor.peekIs(1, '(')) return named(cursor)
  const { start } = cursor.advance()
  const query = parenthesizedQuery(cursor)
  return { kind: 'exists', query, span: cursor.spanFrom(start) }
}

function collationFor(cursor: Cursor): Expression {
  if (cursor.peekIs(1, 'for')) throw cursor.unsupported('collation for is not supported')
  return named(cursor)
}

const kPrecise: ReadonlySet<string> = new Set([
  'current_time',
  'current_timestamp',
  'localtime',
  'localtimestamp',
])

function niladic(cursor: Cursor): Expression {
  const { start, value } = cursor.advance()
  const [precision] =
    kPrecise.has(value) && cursor.atPunctuation('(') ? cursor.parenthesized(integer) : []
  return { kind: 'niladic', name: value as NiladicName, precision, span: cursor.spanFrom(start) }
}

const niladicNames: readonly NiladicName[] = [
  'current_date',
  'current_time',
  'current_timestamp',
  'localtime',
  'localtimestamp',
  'current_user',
  'session_user',
  'system_user',
  'user',
  'current_role',
  'current_catalog',
]

/** Reserved words that start an expression; default is judged by who reads it. */
const keywordRules: ReadonlyMap<string, (cursor: Cursor) => Expression> = new Map<
  string,
  (cursor: Cursor) => Expression
>([
  ['true', constant('true')],
  ['false', constant('false')],
  ['null', constant('null')],
  ['cast', cast],
  ['case', caseExpression],
  ['array', array],
  ['row', row],
  ['exists', exists],
  ['collation', collationFor],
  ['current_schema', (cursor) => (cursor.peekIs(1, '(') ? named(cursor) : niladic(cursor))],
  ...niladicNames.map((name) => [name, niladic] as const),
])

/** `default`, where a value of insert or update may be one. */
export function expressionOrDefault(cursor: Cursor): Expression {
  const { start, end } = cursor.token
  if (cursor.take('default')) return { kind: 'default', span: { start, end } }
  return expression(cursor)
}
