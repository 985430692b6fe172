// insert, update, delete and merge, with their conflict and returning clauses.
import type {
  Conflict,
  ConflictTarget,
  Delete,
  Expression,
  Identifier,
  IndexElement,
  Insert,
  Merge,
  MergeAction,
  MergeBranch,
  QualifiedName,
  SelectItem,
  SetClause,
  Update,
  With,
} from '../ast.ts'
import type { Cursor } from './cursor.ts'
import { expression } from './expression.ts'
import { fromItems, tableItem } from './from.ts'
import { anyName, identifier, isBareAlias, isFunctionName, isName, qualifiedName } from './name.ts'
import { parenthesized } from './parentheses.ts'
import { expressionOrDefault, primary } from './primary.ts'
import { query, selectItem } from './query.ts'
import { nullsOrder } from './sort.ts'

export function insertInto(cursor: Cursor, withTables: With | undefined, start: number): Insert {
  cursor.needAll('insert', 'into')
  const target = qualifiedName(cursor)
  const alias = cursor.take('as') ? identifier(cursor) : undefined
  const columns = insertColumns(cursor)
  const overriding = overridingClause(cursor)
  const noValues =
    overriding === undefined && columns === undefined && cursor.takeAll('default', 'values')
  const source = noValues ? undefined : query(cursor)
  return {
    kind: 'insert',
    with: withTables,
    target,
    alias,
    columns,
    overriding,
    source,
    ...insertTail(cursor),
    span: cursor.spanFrom(start),
  }
}

/** `(a, b)`; a parenthesis may also open a query. */
export function insertColumns(cursor: Cursor): readonly Identifier[] | undefined {
  if (!cursor.atPunctuation('(') || !isName(cursor.peek(1))) return undefined
  // `(values (1))` is a query; a column named values is followed by a comma or a parenthesis.
  if (cursor.peekIs(1, 'values') && cursor.peekIs(2, '(')) return undefined
  return cursor.parenthesized(identifier)
}

function overridingClause(cursor: Cursor): Insert['overriding'] {
  if (!cursor.take('overriding')) return undefined
  const who = cursor.take('user') ? 'user' : 'system'
  if (who === 'system') cursor.need('system')
  cursor.need('value')
  return who
}

export function insertTail(cursor: Cursor): Pick<Insert, 'conflict' | 'returning'> {
  return { conflict: conflictClause(cursor), returning: returningClause(cursor) }
}

function conflictClause(cursor: Cursor): Conflict | undefined {
  const start = cursor.token.start
  if (!cursor.takeAll('on', 'conflict')) return undefined
  const target = conflictTarget(cursor)
  cursor.need('do')
  if (cursor.take('nothing'))
    return { target, action: { kind: 'nothing' }, span: cursor.spanFrom(start) }
  cursor.needAll('update', 'set')
  const set = cursor.list(setClause)
  const where = whereClause(cursor)
  const span = cursor.spanFrom(start)
  if (target === undefined) {
    throw cursor.invalid(
      'on conflict do update needs a target',
      span,
      'Name the columns of a unique key: on conflict (id) do update …',
    )
  }
  return { target, action: { kind: 'update', set, where }, span }
}

function conflictTarget(cursor: Cursor): ConflictTarget | undefined {
  const start = cursor.token.start
  if (cursor.takeAll('on', 'constraint')) {
    const { name } = identifier(cursor)
    return { kind: 'constraint', name, span: cursor.spanFrom(start) }
  }
  if (!cursor.atPunctuation('(')) return undefined
  const elements = cursor.parenthesized(indexElement)
  const where = whereClause(cursor)
  return { kind: 'columns', elements, where, span: cursor.spanFrom(start) }
}

/** A column, a call, or any expression in parentheses, as keys and indexes have them. */
export function indexElement(cursor: Cursor): IndexElement {
  const start = cursor.token.start
  const value = indexExpression(cursor)
  const collation = cursor.take('collate') ? anyName(cursor) : undefined
  const operatorClass = isOperatorClass(cursor) ? anyName(cursor) : undefined
  const descending = cursor.take('desc')
  if (!descending) cursor.take('asc')
  return {
    expression: value,
    collation,
    operatorClass,
    descending,
    nulls: nullsOrder(cursor),
    span: cursor.spanFrom(start),
  }
}

function indexExpression(cursor: Cursor): Expression {
  if (cursor.atPunctuation('(')) return parenthesized(cursor)
  const { token } = cursor
  const isColumn = isName(token) && cursor.peek(1).value !== '(' && cursor.peek(1).value !== '.'
  if (!isColumn) return primary(cursor)
  const { name, span } = identifier(cursor)
  return { kind: 'column', schema: undefined, table: undefined, name, span }
}

function isOperatorClass(cursor: Cursor): boolean {
  if (cursor.token.value === 'nulls' && cursor.token.kind === 'keyword') return false
  return isName(cursor.token) || isFunctionName(cursor.token)
}

/** `column = value`, or `(a, b) = row or query`. */
export function setClause(cursor: Cursor): SetClause {
  const start = cursor.token.start
  if (cursor.atPunctuation('(')) {
    const columns = cursor.parenthesized(setTarget)
    cursor.needOperator('=')
    const value = rowValue(cursor)
    return { kind: 'set_columns', columns, value, span: cursor.spanFrom(start) }
  }
  const column = setTarget(cursor)
  cursor.needOperator('=')
  return {
    kind: 'set_column',
    column,
    value: expressionOrDefault(cursor),
    span: cursor.spanFrom(start),
  }
}

function setTarget(cursor: Cursor): Identifier {
  const target = identifier(cursor)
  const isPart = cursor.atPunctuation('[') || cursor.atPunctuation('.')
  if (isPart) throw cursor.unsupported('assigning to a part of a column is not supported')
  return target
}

/** The right side of `(a, b) =`: a row, whose items may be `default`, or a query. */
function rowValue(cursor: Cursor): Expression {
  if (!isRowOfDefaults(cursor)) return expression(cursor)
  const start = cursor.token.start
  cursor.take('row')
  const items = cursor.parenthesized(expressionOrDefault)
  return { kind: 'row', items, span: cursor.spanFrom(start) }
}

/** Looks for a `default` among the items before the closing parenthesis. */
function isRowOfDefaults(cursor: Cursor): boolean {
  let depth = 0
  for (let distance = cursor.token.value === 'row' ? 1 : 0; ; distance += 1) {
    const { kind, value } = cursor.peek(distance)
    if (kind === 'end') return false
    if (kind === 'keyword' && value === 'default' && depth === 1) return true
    if (kind !== 'punctuation') continue
    if (value === '(') depth += 1
    if (value === ')') depth -= 1
    if (depth === 0) return false
  }
}

export function whereClause(cursor: Cursor): Expression | undefined {
  if (!cursor.take('where')) return undefined
  if (cursor.at('current') && cursor.peekIs(1, 'of'))
    throw cursor.unsupported('where current of is not supported')
  return expression(cursor)
}

export function returningClause(cursor: Cursor): readonly SelectItem[] | undefined {
  if (!cursor.take('returning')) return undefined
  if (cursor.at('with') && cursor.peekIs(1, '('))
    throw cursor.unsupported('returning with (…) is not supported')
  return cursor.list(selectItem)
}

interface Target {
  readonly target: QualifiedName
  readonly alias: Identifier | undefined
}

/** `[only] table [*] [[as] alias]`; `set` is no alias unless `as` says so. */
function changeTarget(cursor: Cursor): Target {
  const only = cursor.take('only')
  const inParentheses = only && cursor.takePunctuation('(')
  const target = qualifiedName(cursor)
  if (inParentheses) cursor.needPunctuation(')')
  if (!only) cursor.takeOperator('*')
  const isAlias =
    cursor.take('as') ||
    (isBareAlias(cursor) && !(cursor.token.kind === 'keyword' && cursor.token.value === 'set'))
  return { target, alias: isAlias ? identifier(cursor) : undefined }
}

export function update(cursor: Cursor, withTables: With | undefined, start: number): Update {
  cursor.need('update')
  const target = changeTarget(cursor)
  cursor.need('set')
  const set = cursor.list(setClause)
  const from = cursor.take('from') ? fromItems(cursor) : []
  const where = whereClause(cursor)
  const returning = returningClause(cursor)
  return {
    kind: 'update',
    with: withTables,
    ...target,
    set,
    from,
    where,
    returning,
    span: cursor.spanFrom(start),
  }
}

export function deleteFrom(cursor: Cursor, withTables: With | undefined, start: number): Delete {
  cursor.needAll('delete', 'from')
  const target = changeTarget(cursor)
  const using = cursor.take('using') ? fromItems(cursor) : []
  const where = whereClause(cursor)
  const returning = returningClause(cursor)
  return {
    kind: 'delete',
    with: withTables,
    ...target,
    using,
    where,
    returning,
    span: cursor.spanFrom(start),
  }
}

export function merge(cursor: Cursor, withTables: With | undefined, start: number): Merge {
  cursor.needAll('merge', 'into')
  const target = changeTarget(cursor)
  cursor.need('using')
  const source = tableItem(cursor)
  cursor.need('on')
  const on = expression(cursor)
  const branches = [mergeBranch(cursor)]
  while (cursor.at('when')) branches.push(mergeBranch(cursor))
  const returning = returningClause(cursor)
  return {
    kind: 'merge',
    with: withTables,
    ...target,
    source,
    on,
    branches,
    returning,
    span: cursor.spanFrom(start),
  }
}

function mergeBranch(cursor: Cursor): MergeBranch {
  const start = cursor.token.start
  cursor.need('when')
  const not = cursor.take('not')
  cursor.need('matched')
  const bySource = not && cursor.takeAll('by', 'source')
  if (not && !bySource) cursor.takeAll('by', 'target')
  const when = bySource ? 'not_matched_by_source' : not ? 'not_matched_by_target' : 'matched'
  const condition = cursor.take('and') ? expression(cursor) : undefined
  cursor.need('then')
  const action = mergeAction(cursor, when)
  return { when, condition, action, span: cursor.spanFrom(start) }
}

/** Rows that the target lacks can only be inserted; the others only changed or deleted. */
function mergeAction(cursor: Cursor, when: MergeBranch['when']): MergeAction {
  if (cursor.takeAll('do', 'nothing')) return { kind: 'nothing' }
  if (when === 'not_matched_by_target') {
    cursor.need('insert')
    return mergeInsert(cursor)
  }
  if (cursor.take('delete')) return { kind: 'delete' }
  cursor.needAll('update', 'set')
  return { kind: 'update', set: cursor.list(setClause) }
}

function mergeInsert(cursor: Cursor): MergeAction {
  const columns = cursor.atPunctuation('(') ? cursor.parenthesized(identifier) : undefined
  const overriding = overridingClause(cursor)
  if (columns === undefined && overriding === undefined && cursor.takeAll('default', 'values')) {
    return { kind: 'insert', columns, overriding, values: undefined }
  }
  cursor.need('values')
  return { kind: 'insert', columns, overriding, values: cursor.parenthesized(expressionOrDefault) }
}
