// Queries: with, select cores, values, set operations, order, limit and locking around them.
import type {
  CommonTable,
  Expression,
  GroupBy,
  GroupingElement,
  Limit,
  Locking,
  Query,
  QueryBody,
  Select,
  SelectItem,
  SetOperation,
  SortItem,
  Values,
  With,
} from '../ast.ts'
import type { Cursor } from './cursor.ts'
import { expression, restrictedExpression } from './expression.ts'
import { expressionOrDefault, primary } from './primary.ts'
import { fromItems } from './from.ts'
import { identifier, isBareLabel, label, optionalColumns, qualifiedName } from './name.ts'
import { parenthesizedQuery } from './parentheses.ts'
import { pipeSource, pipeline } from './pipe.ts'
import { rowSource } from './row-source.ts'
import { sortItems } from './sort.ts'
import { namedWindows } from './window.ts'

/** A whole query, parentheses around it not counted. */
export function query(cursor: Cursor): Query {
  const start = cursor.token.start
  return queryWith(cursor, withClause(cursor), start)
}

/** The query after its `with`. */
export function queryWith(cursor: Cursor, withTables: With | undefined, start: number): Query {
  cursor.enter()
  const siblings = cursor.height
  cursor.height = 0
  const bodyStart = cursor.token.start
  const result = finished(cursor, queryBody(cursor), withTables, start, bodyStart)
  cursor.height = Math.max(siblings, cursor.height)
  cursor.leave()
  return result
}

/** Goes on after a query whose parentheses have just been closed. */
export function queryAfter(cursor: Cursor, first: Query, start: number): Query {
  return finished(
    cursor,
    setOperations(cursor, unwrapped(first), start, kUnion),
    undefined,
    start,
    start,
  )
}

function finished(
  cursor: Cursor,
  body: QueryBody,
  withTables: With | undefined,
  start: number,
  bodyStart: number,
): Query {
  const order = sortItems(cursor)
  const tail = queryTail(cursor)
  if (tail.limit?.withTies === true && order.length === 0) {
    throw cursor.invalid('with ties needs an order by', tail.limit.span)
  }
  const plain = order.length === 0 && tail.limit === undefined && tail.locking.length === 0
  // Parentheses around the whole query change nothing, so they make no node.
  const isWrapped = body.kind === 'query' && plain
  const isPipe =
    cursor.token.kind === 'operator' && cursor.token.value === '|>' && !insertAhead(cursor)
  if (isWrapped && withTables === undefined && !isPipe)
    return { ...body, span: cursor.spanFrom(start) }
  if (body.kind === 'query') checkOnce(cursor, body, order, tail.limit, withTables)
  if (!isPipe)
    return { kind: 'query', with: withTables, body, order, ...tail, span: cursor.spanFrom(start) }
  const source: Query = isWrapped
    ? body
    : { kind: 'query', with: undefined, body, order, ...tail, span: cursor.spanFrom(bodyStart) }
  const whole = pipeline(cursor, source, bodyStart)
  return {
    kind: 'query',
    with: withTables,
    body: whole,
    order: [],
    limit: undefined,
    locking: [],
    span: cursor.spanFrom(start),
  }
}

/** `|> insert into` ends a statement, not a query. */
export function insertAhead(cursor: Cursor): boolean {
  return cursor.peekIs(1, 'insert')
}

/** A query in parentheses that has an order, a limit or a with cannot get a second one outside. */
function checkOnce(
  cursor: Cursor,
  inner: Query,
  order: readonly SortItem[],
  limit: Limit | undefined,
  withTables: With | undefined,
): void {
  const twice =
    inner.order.length > 0 && order.length > 0
      ? 'ORDER BY'
      : inner.limit?.count !== undefined && limit?.count !== undefined
        ? 'LIMIT'
        : inner.limit?.offset !== undefined && limit?.offset !== undefined
          ? 'OFFSET'
          : inner.with !== undefined && withTables !== undefined
            ? 'WITH'
            : undefined
  if (twice !== undefined)
    throw cursor.invalid(`multiple ${twice} clauses not allowed`, (limit ?? order[0] ?? inner).span)
}

function unwrapped(inner: Query): QueryBody {
  const bare =
    inner.with === undefined &&
    inner.order.length === 0 &&
    inner.limit === undefined &&
    inner.locking.length === 0
  return bare && inner.body.kind !== 'pipeline' ? inner.body : inner
}

export function withClause(cursor: Cursor): With | undefined {
  const start = cursor.token.start
  if (!cursor.take('with')) return undefined
  const recursive = cursor.take('recursive')
  const tables = cursor.list(commonTable)
  return { recursive, tables, span: cursor.spanFrom(start) }
}

function commonTable(cursor: Cursor): CommonTable {
  const start = cursor.token.start
  const { name } = identifier(cursor)
  const columns = optionalColumns(cursor) ?? []
  cursor.need('as')
  const not = cursor.takeAll('not', 'materialized')
  const materialized = not ? false : cursor.take('materialized') ? true : undefined
  cursor.needPunctuation('(')
  cursor.enter()
  const definition = rowSource(cursor)
  cursor.leave()
  cursor.needPunctuation(')')
  if (cursor.at('search') || cursor.at('cycle'))
    throw cursor.unsupported(`${cursor.token.value} clauses are not supported`)
  return { name, columns, materialized, definition, span: cursor.spanFrom(start) }
}

const kUnion = 1
const kIntersect = 2

function setLevel(cursor: Cursor): number {
  const { kind, value } = cursor.token
  if (kind !== 'keyword') return 0
  if (value === 'union' || value === 'except') return kUnion
  return value === 'intersect' ? kIntersect : 0
}

function queryBody(cursor: Cursor): QueryBody {
  const start = cursor.token.start
  return setOperations(cursor, queryOperand(cursor), start, kUnion)
}

/** intersect binds tighter than union and except; all associate to the left. */
function setOperations(
  cursor: Cursor,
  first: QueryBody,
  start: number,
  minimum: number,
): QueryBody {
  let left = first
  let height = cursor.height + 1
  for (let found = setLevel(cursor); found >= minimum; found = setLevel(cursor)) {
    const operator = cursor.advance().value as SetOperation['operator']
    const all = cursor.take('all')
    if (!all) cursor.take('distinct')
    const rightStart = cursor.token.start
    const right = setOperations(cursor, queryOperand(cursor), rightStart, found + 1)
    left = { kind: 'set_operation', operator, all, left, right, span: cursor.spanFrom(start) }
    height = Math.max(height, cursor.height) + 1
    cursor.grow(height)
  }
  return left
}

function queryOperand(cursor: Cursor): QueryBody {
  if (cursor.at('select')) return select(cursor)
  if (cursor.at('values')) return values(cursor)
  if (cursor.at('from')) return pipeline(cursor, pipeSource(cursor), cursor.token.start)
  if (cursor.at('table')) return tableQuery(cursor)
  if (cursor.atPunctuation('(')) return unwrapped(parenthesizedQuery(cursor))
  throw cursor.unexpected()
}

function tableQuery(cursor: Cursor): QueryBody {
  const { start } = cursor.advance()
  const name = qualifiedName(cursor)
  return { kind: 'table_query', name, span: cursor.spanFrom(start) }
}

function values(cursor: Cursor): Values {
  const { start } = cursor.advance()
  const rows = cursor.list((inner) => inner.parenthesized(expressionOrDefault))
  return { kind: 'values', rows, span: cursor.spanFrom(start) }
}

const emptySelectEnds: ReadonlySet<string> = new Set([
  'from',
  'where',
  'group',
  'having',
  'window',
  'union',
  'intersect',
  'except',
  'order',
  'limit',
  'offset',
  'fetch',
  'for',
  'into',
])

function select(cursor: Cursor): Select {
  const { start } = cursor.advance()
  const distinct = distinctClause(cursor)
  const items = hasNoItems(cursor) && distinct === 'all' ? [] : cursor.list(selectItem)
  intoClause(cursor)
  const from = cursor.take('from') ? fromItems(cursor) : []
  const where = cursor.take('where') ? expression(cursor) : undefined
  const group = groupClause(cursor)
  const having = cursor.take('having') ? expression(cursor) : undefined
  const windows = namedWindows(cursor)
  return {
    kind: 'select',
    distinct,
    items,
    from,
    where,
    group,
    having,
    windows,
    span: cursor.spanFrom(start),
  }
}

/** PostgreSQL permits `select from t`: rows without columns. */
function hasNoItems(cursor: Cursor): boolean {
  const { kind, value } = cursor.token
  if (kind === 'keyword') return emptySelectEnds.has(value)
  return kind === 'end' || (kind === 'punctuation' && (value === ')' || value === ';'))
}

function distinctClause(cursor: Cursor): Select['distinct'] {
  if (cursor.take('all')) return 'all'
  if (!cursor.take('distinct')) return 'all'
  return cursor.take('on') ? cursor.parenthesized(expression) : 'distinct'
}

/**
 * PL/pgSQL's place of `into`, after the select list; the step that holds the query takes the names.
 */
function intoClause(cursor: Cursor): void {
  if (!cursor.at('into')) return
  if (!cursor.inCoroutine) {
    throw cursor.unsupported('select … into is not supported here', 'Use create table … as.')
  }
  if (cursor.into !== undefined || cursor.depth !== cursor.intoDepth) throw cursor.unexpected()
  cursor.advance()
  cursor.into = cursor.list(identifier)
}

/** An expression with an optional alias, or `*`. */
export function selectItem(cursor: Cursor): SelectItem {
  const start = cursor.token.start
  if (cursor.takeOperator('*')) {
    const span = cursor.spanFrom(start)
    return {
      expression: { kind: 'star', schema: undefined, table: undefined, span },
      alias: undefined,
      span,
    }
  }
  const value = expression(cursor)
  const alias = cursor.take('as')
    ? label(cursor).name
    : isBareLabel(cursor)
      ? cursor.advance().value
      : undefined
  return { expression: value, alias, span: cursor.spanFrom(start) }
}

function groupClause(cursor: Cursor): GroupBy | undefined {
  const start = cursor.token.start
  if (!cursor.take('group')) return undefined
  cursor.need('by')
  const distinct = cursor.take('distinct')
  if (!distinct) cursor.take('all')
  const items = cursor.list(groupingElement)
  return { distinct, items, span: cursor.spanFrom(start) }
}

function groupingElement(cursor: Cursor): GroupingElement {
  const start = cursor.token.start
  if (cursor.token.value === '(' && cursor.peekIs(1, ')')) {
    cursor.advance()
    cursor.advance()
    return { kind: 'group_empty', span: cursor.spanFrom(start) }
  }
  for (const kind of ['rollup', 'cube'] as const) {
    if (cursor.takeAll(kind, '(')) {
      const items = cursor.list(expression)
      cursor.needPunctuation(')')
      return { kind, items, span: cursor.spanFrom(start) }
    }
  }
  if (cursor.takeAll('grouping', 'sets')) {
    cursor.enter()
    const items = cursor.parenthesized(groupingElement)
    cursor.leave()
    return { kind: 'grouping_sets', items, span: cursor.spanFrom(start) }
  }
  const value = expression(cursor)
  return { kind: 'group_expression', expression: value, span: cursor.spanFrom(start) }
}

interface QueryTail {
  readonly limit: Limit | undefined
  readonly locking: readonly Locking[]
}

const kNoTail: QueryTail = { limit: undefined, locking: [] }

/** limit, offset, fetch and locking, in PostgreSQL's either order. */
function queryTail(cursor: Cursor): QueryTail {
  if (cursor.token.kind !== 'keyword') return kNoTail
  const before = lockingClauses(cursor)
  const limit = limitClause(cursor)
  const after = before.length === 0 ? lockingClauses(cursor) : before
  return limit === undefined && after.length === 0 ? kNoTail : { limit, locking: after }
}

/** `limit`, `offset` and `fetch` in either order. */
export function limitClause(cursor: Cursor): Limit | undefined {
  const start = cursor.token.start
  let offset = offsetClause(cursor)
  const counted = countClause(cursor)
  if (offset === undefined && counted !== undefined) offset = offsetClause(cursor)
  if (offset === undefined && counted === undefined) return undefined
  return {
    count: counted?.count,
    offset,
    withTies: counted?.withTies ?? false,
    span: cursor.spanFrom(start),
  }
}

function offsetClause(cursor: Cursor): Expression | undefined {
  if (!cursor.take('offset')) return undefined
  const value = expression(cursor)
  if (!cursor.take('row')) cursor.take('rows')
  return value
}

interface Count {
  readonly count: Expression | undefined
  readonly withTies: boolean
}

function countClause(cursor: Cursor): Count | undefined {
  if (cursor.take('limit')) {
    const count = cursor.take('all') ? undefined : expression(cursor)
    if (cursor.atPunctuation(','))
      throw cursor.invalid(
        'LIMIT #,# syntax is not supported',
        cursor.token,
        'Use separate LIMIT and OFFSET clauses.',
      )
    return { count, withTies: false }
  }
  if (!cursor.take('fetch')) return undefined
  if (!cursor.take('first')) cursor.need('next')
  const start = cursor.token.start
  const isOne = cursor.at('row') || cursor.at('rows')
  const count: Expression = isOne
    ? { kind: 'number', text: '1', span: { start, end: start } }
    : fetchCount(cursor)
  if (!cursor.take('row')) cursor.need('rows')
  const withTies = cursor.takeAll('with', 'ties')
  if (!withTies) cursor.need('only')
  return { count, withTies }
}

/** PostgreSQL permits only operands without operators around them, and a sign. */
function fetchCount(cursor: Cursor): Expression {
  const isSigned = cursor.atOperator('-') || cursor.atOperator('+')
  return isSigned ? restrictedExpression(cursor) : primary(cursor)
}

function lockingClauses(cursor: Cursor): readonly Locking[] {
  const clauses: Locking[] = []
  while (cursor.at('for')) clauses.push(lockingClause(cursor))
  return clauses
}

const strengths = [['update'], ['no', 'key', 'update'], ['share'], ['key', 'share']] as const

function lockingClause(cursor: Cursor): Locking {
  const { start } = cursor.advance()
  const strength = strengths.find((words) => cursor.takeAll(...words))
  if (strength === undefined) throw cursor.unexpected()
  const tables = cursor.take('of') ? cursor.list(qualifiedName) : []
  const wait = cursor.take('nowait')
    ? 'nowait'
    : cursor.takeAll('skip', 'locked')
      ? 'skip locked'
      : 'wait'
  return {
    strength: strength.join(' ') as Locking['strength'],
    tables,
    wait,
    span: cursor.spanFrom(start),
  }
}
