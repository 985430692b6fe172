// SQL/JSON constructors: json_object, json_array and their aggregates.
import type { Argument, Call, Expression, JsonEntry, TypeName } from '../ast.ts'
import { argument, filterClause, overClause } from './call.ts'
import type { Cursor } from './cursor.ts'
import { expression, expressionAfter } from './expression.ts'
import { label, typeName } from './name.ts'
import { continuesQuery, parenthesized, startsQuery } from './parentheses.ts'
import { query, queryAfter } from './query.ts'
import { sortItems } from './sort.ts'

/** json_object with entries, or with plain arguments, which is a function. */
function jsonObject(cursor: Cursor): Expression {
  const { start } = cursor.token
  const name = label(cursor)
  cursor.needPunctuation('(')
  const isEmpty = cursor.atPunctuation(')') || cursor.at('returning')
  const first = isEmpty ? undefined : entryOrArgument(cursor)
  if (first !== undefined && first.kind === 'argument')
    return plainCall(cursor, name.name, first.argument, start)
  const entries = first === undefined ? [] : [first.entry]
  while (entries.length > 0 && cursor.takePunctuation(',')) entries.push(jsonEntry(cursor))
  const absentOnNull = nullClause(cursor, false)
  const uniqueKeys = uniqueClause(cursor)
  const returning = returningClause(cursor)
  cursor.needPunctuation(')')
  return {
    kind: 'json_object',
    entries,
    absentOnNull,
    uniqueKeys,
    returning,
    span: cursor.spanFrom(start),
  }
}

type EntryOrArgument =
  | { readonly kind: 'entry'; readonly entry: JsonEntry }
  | { readonly kind: 'argument'; readonly argument: Argument }

function entryOrArgument(cursor: Cursor): EntryOrArgument {
  const given = argument(cursor)
  if (given.name !== undefined || !atValue(cursor)) return { kind: 'argument', argument: given }
  return { kind: 'entry', entry: entryAfter(cursor, given.value) }
}

function atValue(cursor: Cursor): boolean {
  return cursor.atPunctuation(':') || cursor.at('value')
}

/** `key: value` or `key value value`. */
function jsonEntry(cursor: Cursor): JsonEntry {
  const key = expression(cursor)
  if (!atValue(cursor)) throw cursor.unexpected()
  return entryAfter(cursor, key)
}

function entryAfter(cursor: Cursor, key: Expression): JsonEntry {
  cursor.advance()
  const value = jsonValue(cursor)
  return { key, value, span: cursor.spanFrom(key.span.start) }
}

function jsonValue(cursor: Cursor): Expression {
  const value = expression(cursor)
  if (cursor.at('format'))
    throw cursor.unsupported('format json is not supported', 'Write ::json after the value.')
  return value
}

function plainCall(cursor: Cursor, name: string, first: Argument, start: number): Call {
  const list = [first]
  while (cursor.takePunctuation(',')) list.push(argument(cursor))
  cursor.needPunctuation(')')
  const span = cursor.spanFrom(start)
  return {
    kind: 'call',
    function: { schema: undefined, name, span },
    arguments: list,
    star: false,
    distinct: false,
    variadic: false,
    order: [],
    withinGroup: [],
    filter: undefined,
    over: undefined,
    span,
  }
}

/** `null on null` or `absent on null`. */
function nullClause(cursor: Cursor, absentByDefault: boolean): boolean {
  if (cursor.takeAll('absent', 'on', 'null')) return true
  return cursor.takeAll('null', 'on', 'null') ? false : absentByDefault
}

function uniqueClause(cursor: Cursor): boolean {
  const unique = cursor.takeAll('with', 'unique')
  if (unique || cursor.takeAll('without', 'unique')) cursor.take('keys')
  return unique
}

function returningClause(cursor: Cursor): TypeName | undefined {
  if (!cursor.take('returning')) return undefined
  const type = typeName(cursor)
  if (cursor.at('format')) throw cursor.unsupported('format json is not supported')
  return type
}

function jsonArray(cursor: Cursor): Expression {
  const { start } = cursor.advance()
  cursor.needPunctuation('(')
  if (startsQuery(cursor)) return jsonArrayOf(cursor, start, query(cursor))
  const isEmpty = cursor.atPunctuation(')') || cursor.at('returning')
  const from = cursor.token.start
  if (cursor.atPunctuation('(')) {
    const first = parenthesized(cursor)
    if (first.kind === 'subquery' && continuesQuery(cursor))
      return jsonArrayOf(cursor, start, queryAfter(cursor, first.query, from))
    return jsonArrayItems(cursor, start, [expressionAfter(cursor, first, from)])
  }
  return jsonArrayItems(cursor, start, isEmpty ? [] : [jsonValue(cursor)])
}

function jsonArrayOf(cursor: Cursor, start: number, of: ReturnType<typeof query>): Expression {
  const returning = returningClause(cursor)
  cursor.needPunctuation(')')
  return { kind: 'json_array_query', query: of, returning, span: cursor.spanFrom(start) }
}

function jsonArrayItems(cursor: Cursor, start: number, first: readonly Expression[]): Expression {
  const items = [...first]
  while (items.length > 0 && cursor.takePunctuation(',')) items.push(jsonValue(cursor))
  const absentOnNull = nullClause(cursor, true)
  const returning = returningClause(cursor)
  cursor.needPunctuation(')')
  return { kind: 'json_array', items, absentOnNull, returning, span: cursor.spanFrom(start) }
}

function jsonObjectAggregate(cursor: Cursor): Expression {
  const { start } = cursor.advance()
  cursor.needPunctuation('(')
  const entry = jsonEntry(cursor)
  const absentOnNull = nullClause(cursor, false)
  const uniqueKeys = uniqueClause(cursor)
  const returning = returningClause(cursor)
  cursor.needPunctuation(')')
  const filter = filterClause(cursor)
  const over = overClause(cursor)
  return {
    kind: 'json_objectagg',
    entry,
    absentOnNull,
    uniqueKeys,
    returning,
    filter,
    over,
    span: cursor.spanFrom(start),
  }
}

function jsonArrayAggregate(cursor: Cursor): Expression {
  const { start } = cursor.advance()
  cursor.needPunctuation('(')
  const value = jsonValue(cursor)
  const order = sortItems(cursor)
  const absentOnNull = nullClause(cursor, true)
  const returning = returningClause(cursor)
  cursor.needPunctuation(')')
  const filter = filterClause(cursor)
  const over = overClause(cursor)
  return {
    kind: 'json_arrayagg',
    value,
    order,
    absentOnNull,
    returning,
    filter,
    over,
    span: cursor.spanFrom(start),
  }
}

/** json(…), json_scalar(…), json_serialize(…): functions whose names are keywords. */
function jsonCall(cursor: Cursor): Expression {
  const { start } = cursor.token
  const name = label(cursor)
  cursor.needPunctuation('(')
  return plainCall(cursor, name.name, argument(cursor), start)
}

export const jsonFunctions: ReadonlyMap<string, (cursor: Cursor) => Expression> = new Map([
  ['json_object', jsonObject],
  ['json_array', jsonArray],
  ['json_objectagg', jsonObjectAggregate],
  ['json_arrayagg', jsonArrayAggregate],
  ['json', jsonCall],
  ['json_scalar', jsonCall],
  ['json_serialize', jsonCall],
])
