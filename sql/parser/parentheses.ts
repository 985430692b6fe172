// What may stand in parentheses: a query, an expression, or several. Which of them it is shows only
// after the inner parentheses, so they are parsed first and gone on with as what they turn out to
// be.
import type { Span } from '#base/span'
import type { Expression, Query, Subquery } from '../ast.ts'
import type { Cursor } from './cursor.ts'
import { expression, expressionAfter } from './expression.ts'
import { indirection } from './primary.ts'
import { query, queryAfter } from './query.ts'

export type ParenthesizedBody =
  | { readonly kind: 'query'; readonly query: Query; readonly span: Span }
  | { readonly kind: 'items'; readonly items: readonly Expression[]; readonly span: Span }

const queryStarts: ReadonlySet<string> = new Set(['select', 'with', 'table', 'from'])

/** Does a query start here, leaving parentheses aside? */
export function startsQuery(cursor: Cursor): boolean {
  const { kind, value } = cursor.token
  if (kind !== 'keyword') return false
  return queryStarts.has(value) || (value === 'values' && cursor.peekIs(1, '('))
}

const queryContinuations: ReadonlySet<string> = new Set([
  'union',
  'intersect',
  'except',
  'order',
  'limit',
  'offset',
  'fetch',
  'for',
])

/** Can what comes now only belong to a query whose parentheses have just been closed? */
export function continuesQuery(cursor: Cursor): boolean {
  const { kind, value } = cursor.token
  return kind === 'keyword' ? queryContinuations.has(value) : kind === 'operator' && value === '|>'
}

/** `( query )` or `( expression {, expression} )`, with the parentheses. */
export function parenthesizedBody(cursor: Cursor): ParenthesizedBody {
  const start = cursor.token.start
  cursor.needPunctuation('(')
  const body = bodyOf(cursor)
  cursor.needPunctuation(')')
  const span = cursor.spanFrom(start)
  return body.kind === 'query' ? { ...body, span } : { ...body, span }
}

type Body =
  | { readonly kind: 'query'; readonly query: Query }
  | { readonly kind: 'items'; readonly items: readonly Expression[] }

function bodyOf(cursor: Cursor): Body {
  if (startsQuery(cursor)) return { kind: 'query', query: query(cursor) }
  if (!cursor.atPunctuation('(')) return { kind: 'items', items: cursor.list(expression) }
  const start = cursor.token.start
  cursor.enter()
  const inner = parenthesized(cursor)
  if (inner.kind === 'subquery') {
    if (continuesQuery(cursor))
      return { kind: 'query', query: leaving(cursor, queryAfter(cursor, inner.query, start)) }
    if (cursor.atPunctuation(')')) return { kind: 'query', query: leaving(cursor, inner.query) }
  }
  const items = [leaving(cursor, expressionAfter(cursor, inner, start))]
  while (cursor.takePunctuation(',')) items.push(expression(cursor))
  return { kind: 'items', items }
}

function leaving<T>(cursor: Cursor, result: T): T {
  cursor.leave()
  return result
}

/** An expression, a row or a subquery in parentheses, with subscripts and fields after it. */
export function parenthesized(cursor: Cursor): Expression {
  const start = cursor.token.start
  const body = parenthesizedBody(cursor)
  const [first, second] = body.kind === 'items' ? body.items : []
  if (body.kind === 'items' && first !== undefined && second === undefined)
    return indirection(cursor, first, start)
  if (body.kind === 'items') return { kind: 'row', items: body.items, span: body.span }
  const subquery: Subquery = { kind: 'subquery', query: body.query, span: body.span }
  return indirection(cursor, subquery, start)
}

/** `( query )`. */
export function parenthesizedQuery(cursor: Cursor): Query {
  const body = parenthesizedBody(cursor)
  if (body.kind !== 'query') throw cursor.invalid('a query must stand here', body.span)
  return body.query
}
