// `from`: tables, files, subqueries, functions, and the joins between them.
import { featureNotSupported } from '#base/errors'
import type { Alias, FromItem, Identifier, Join, Query } from '../ast.ts'
import { call } from './call.ts'
import type { Cursor } from './cursor.ts'
import { expression } from './expression.ts'
import {
  identifier,
  isBareAlias,
  isFunctionName,
  isName,
  label,
  optionalColumns,
  qualifiedFrom,
} from './name.ts'
import { continuesQuery, startsQuery } from './parentheses.ts'
import { primary } from './primary.ts'
import { query, queryAfter } from './query.ts'

export function fromItems(cursor: Cursor): readonly FromItem[] {
  return cursor.list(fromItem)
}

/** One item with all the joins that follow it. */
export function fromItem(cursor: Cursor): FromItem {
  cursor.enter()
  const start = cursor.token.start
  const result = joins(cursor, tableItem(cursor), start)
  cursor.leave()
  return result
}

function joins(cursor: Cursor, first: FromItem, start: number): FromItem {
  let left = first
  let height = cursor.height + 1
  for (let head = joinHead(cursor); head !== undefined; head = joinHead(cursor)) {
    const right = joinOperand(cursor, head)
    left = {
      kind: 'join',
      ...head,
      left,
      right,
      ...joinCondition(cursor, head),
      alias: undefined,
      aliasOf: 'join',
      span: cursor.spanFrom(start),
    }
    if (left.using !== undefined && cursor.take('as')) {
      const alias = identifier(cursor)
      left = {
        ...left,
        alias: { name: alias.name, columns: [], span: alias.span },
        aliasOf: 'using',
        span: cursor.spanFrom(start),
      }
    }
    height = Math.max(height, cursor.height) + 1
    cursor.grow(height)
  }
  return left
}

/**
 * The right side of a join. Where a condition is needed, another join may come first and its
 * condition
 * then belongs to it: a join b join c on … on ….
 */
function joinOperand(cursor: Cursor, head: JoinHead): FromItem {
  const start = cursor.token.start
  const right = tableItem(cursor)
  if (head.natural || head.type === 'cross' || !startsJoin(cursor)) return right
  cursor.enter()
  const nested = joins(cursor, right, start)
  cursor.leave()
  return nested
}

export interface JoinHead {
  readonly type: Join['type']
  readonly asof: boolean
  readonly natural: boolean
}

const outerTypes = ['left', 'right', 'full'] as const

function startsJoin(cursor: Cursor): boolean {
  const { kind, value } = cursor.token
  return kind === 'keyword' && joinStarts.has(value)
}

const joinStarts: ReadonlySet<string> = new Set([
  'join',
  'inner',
  'left',
  'right',
  'full',
  'cross',
  'natural',
  'asof',
])

/** `[asof|natural] [inner|left [outer]|…] join`; undefined where no join starts. */
export function joinHead(cursor: Cursor): JoinHead | undefined {
  if (!startsJoin(cursor)) {
    cursor.expect('join')
    return undefined
  }
  const asof = cursor.take('asof')
  const natural = !asof && cursor.take('natural')
  if (!asof && !natural && cursor.take('cross')) {
    cursor.need('join')
    return { type: 'cross', asof, natural }
  }
  const outer = outerTypes.find((word) => cursor.take(word))
  if (outer !== undefined) cursor.take('outer')
  else cursor.take('inner')
  cursor.need('join')
  return { type: outer ?? 'inner', asof, natural }
}

type JoinCondition = Pick<Join, 'on' | 'using'>

const kNoCondition: JoinCondition = { on: undefined, using: undefined }

export function joinCondition(cursor: Cursor, head: JoinHead): JoinCondition {
  if (head.type === 'cross' || head.natural) return kNoCondition
  if (cursor.take('on')) return { on: expression(cursor), using: undefined }
  if (!cursor.take('using')) throw cursor.unexpected()
  return { on: undefined, using: cursor.parenthesized(identifier) }
}

/** An item without joins. */
export function tableItem(cursor: Cursor): FromItem {
  const start = cursor.token.start
  if (cursor.token.kind === 'string') return fileItem(cursor)
  if (cursor.atPunctuation('(')) return parenthesizedItem(cursor)
  const lateral = cursor.take('lateral')
  if (lateral && cursor.atPunctuation('(')) {
    cursor.advance()
    const inner = query(cursor)
    cursor.needPunctuation(')')
    return derived(cursor, inner, start, true)
  }
  if (cursor.at('rows') && cursor.peekIs(1, 'from'))
    throw cursor.unsupported('rows from (…) is not supported')
  if (cursor.take('only')) return onlyItem(cursor, start)
  return namedItem(cursor, start, lateral)
}

function fileItem(cursor: Cursor): FromItem {
  const { value, start } = cursor.advance()
  const alias = optionalAlias(cursor)
  return { kind: 'file', path: value, alias, span: cursor.spanFrom(start) }
}

/** `only t` and `only (t)`: without the tables that inherit from it. */
function onlyItem(cursor: Cursor, start: number): FromItem {
  const inParentheses = cursor.takePunctuation('(')
  const name = qualifiedFrom(cursor, identifier(cursor))
  if (inParentheses) cursor.needPunctuation(')')
  const alias = optionalAlias(cursor)
  return { kind: 'table', name, only: true, alias, span: cursor.spanFrom(start) }
}

/** A table, or a function where a parenthesis follows the name. */
function namedItem(cursor: Cursor, start: number, lateral: boolean): FromItem {
  const { token } = cursor
  const isKeywordCall = token.keyword?.category === 'column' && cursor.peekIs(1, '(')
  if (isKeywordCall || token.keyword?.category === 'reserved')
    return keywordFunction(cursor, start, lateral)
  if (!isName(token) && !isFunctionName(token)) throw cursor.unexpected('a table')
  const first = label(cursor)
  if (isFunctionName(token) && cursor.atPunctuation('('))
    return functionItem(cursor, [first], start, lateral)
  if (!isName(token)) throw cursor.unexpected('a table')
  const name = qualifiedFrom(cursor, first)
  if (name.schema !== undefined && cursor.atPunctuation('(')) {
    return functionItem(cursor, [first, { name: name.name, span: name.span }], start, lateral)
  }
  if (lateral) throw cursor.unexpected()
  cursor.takeOperator('*')
  const alias = optionalAlias(cursor)
  if (cursor.at('tablesample')) throw cursor.unsupported('tablesample is not supported')
  return { kind: 'table', name, only: false, alias, span: cursor.spanFrom(start) }
}

/** Functions with names that are keywords may stand in `from` as well. */
function keywordFunction(cursor: Cursor, start: number, lateral: boolean): FromItem {
  const { value: word, keyword } = cursor.token
  const isFunction =
    keyword?.category === 'column' ||
    word.startsWith('current_') ||
    word.startsWith('local') ||
    word.endsWith('user')
  if (!isFunction) throw cursor.unexpected('a table')
  const found = primary(cursor)
  if (found.kind === 'call') return functionTail(cursor, found, start, lateral)
  throw featureNotSupported(`${word} in from is not supported`, found.span)
}

function functionItem(
  cursor: Cursor,
  parts: readonly Identifier[],
  start: number,
  lateral: boolean,
): FromItem {
  return functionTail(cursor, call(cursor, parts, start), start, lateral)
}

function functionTail(
  cursor: Cursor,
  inner: ReturnType<typeof call>,
  start: number,
  lateral: boolean,
): FromItem {
  const ordinality = cursor.takeAll('with', 'ordinality')
  if (cursor.at('as') && cursor.peekIs(1, '('))
    throw cursor.unsupported('column definitions after a function are not supported')
  const alias = optionalAlias(cursor)
  return {
    kind: 'function_table',
    call: inner,
    lateral,
    ordinality,
    alias,
    span: cursor.spanFrom(start),
  }
}

/** `[as] name [(columns)]`, or nothing. */
export function optionalAlias(cursor: Cursor): Alias | undefined {
  const start = cursor.token.start
  if (!cursor.take('as') && !isBareAlias(cursor)) return undefined
  const { name } = identifier(cursor)
  if (!cursor.atPunctuation('(')) return { name, columns: [], span: cursor.spanFrom(start) }
  return { name, columns: optionalColumns(cursor) ?? [], span: cursor.spanFrom(start) }
}

function derived(cursor: Cursor, inner: Query, start: number, lateral: boolean): FromItem {
  const alias = optionalAlias(cursor)
  return { kind: 'derived', query: inner, lateral, alias, span: cursor.spanFrom(start) }
}

type ItemBody =
  | { readonly kind: 'query'; readonly query: Query }
  | { readonly kind: 'item'; readonly item: FromItem }

/** `(query) alias`, or `(a join b …) [alias]`. */
function parenthesizedItem(cursor: Cursor): FromItem {
  const start = cursor.token.start
  const body = itemBody(cursor)
  if (body.kind === 'query') return derived(cursor, body.query, start, false)
  return aliasedJoin(cursor, body.item, start)
}

function aliasedJoin(cursor: Cursor, item: FromItem, start: number): FromItem {
  if (item.kind !== 'join') throw cursor.unexpected('join')
  const alias = optionalAlias(cursor)
  if (alias === undefined) return item
  return { ...item, alias, aliasOf: 'join', span: cursor.spanFrom(start) }
}

/** As with expressions, inner parentheses are parsed first and show what the outer ones hold. */
function itemBody(cursor: Cursor): ItemBody {
  cursor.enter()
  cursor.needPunctuation('(')
  const body = itemInside(cursor)
  cursor.needPunctuation(')')
  cursor.leave()
  return body
}

function itemInside(cursor: Cursor): ItemBody {
  if (startsQuery(cursor)) return { kind: 'query', query: query(cursor) }
  const start = cursor.token.start
  if (!cursor.atPunctuation('(')) return { kind: 'item', item: fromItem(cursor) }
  const inner = itemBody(cursor)
  if (inner.kind === 'query') {
    if (continuesQuery(cursor))
      return { kind: 'query', query: queryAfter(cursor, inner.query, start) }
    if (cursor.atPunctuation(')')) return inner
    return { kind: 'item', item: joins(cursor, derived(cursor, inner.query, start, false), start) }
  }
  return { kind: 'item', item: joins(cursor, aliasedJoin(cursor, inner.item, start), start) }
}
