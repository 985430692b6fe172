// alter table: one action or several.
import type { AlterAction, AlterTable, Identifier, Rename } from '../ast.ts'
import type { Cursor } from './cursor.ts'
import { dropBehavior, renameAction } from './definition.ts'
import { expression } from './expression.ts'
import { identifier, optionalWithOptions, qualifiedName, typeName } from './name.ts'
import { columnDefinition, tableConstraint } from './table.ts'

/** After `alter table [if exists]`. */
export function alterTable(
  cursor: Cursor,
  start: number,
  object: AlterTable['object'],
  ifExists: boolean,
): AlterTable | Rename {
  cursor.take('only')
  const name = qualifiedName(cursor)
  cursor.takeOperator('*')
  const renamed = renameAction(cursor, { object, name, ifExists }, start)
  if (renamed !== undefined) return renamed
  const actions = cursor.list(alterAction)
  return { kind: 'alter_table', object, name, ifExists, actions, span: cursor.spanFrom(start) }
}

const constraintWords: ReadonlySet<string> = new Set([
  'constraint',
  'primary',
  'unique',
  'check',
  'foreign',
  'exclude',
])

function alterAction(cursor: Cursor): AlterAction {
  const start = cursor.token.start
  if (cursor.take('add')) return addAction(cursor, start)
  if (cursor.take('drop')) return dropAction(cursor, start)
  if (cursor.take('alter')) return alterColumn(cursor, start)
  if (cursor.at('set') && cursor.peekIs(1, '(')) {
    throw cursor.unsupported('set (…) is not supported', 'Write set with (name = value).')
  }
  if (cursor.at('set') && cursor.peekIs(1, 'with')) {
    cursor.advance()
    const options = optionalWithOptions(cursor)
    return { kind: 'set_options', options, span: cursor.spanFrom(start) }
  }
  const isForeign = foreignActions.has(cursor.token.value) && cursor.token.kind === 'keyword'
  throw isForeign
    ? cursor.unsupported(`alter table … ${cursor.token.value} is not supported`)
    : cursor.unexpected()
}

/** What PostgreSQL can do to a table and Rowtine cannot. */
const foreignActions: ReadonlySet<string> = new Set([
  'set',
  'reset',
  'owner',
  'enable',
  'disable',
  'inherit',
  'no',
  'cluster',
  'replica',
  'force',
  'validate',
  'attach',
  'detach',
  'of',
  'not',
])

function addAction(cursor: Cursor, start: number): AlterAction {
  if (cursor.token.kind === 'keyword' && constraintWords.has(cursor.token.value)) {
    const constraint = tableConstraint(cursor)
    return { kind: 'add_constraint', constraint, span: cursor.spanFrom(start) }
  }
  cursor.take('column')
  const ifNotExists = cursor.takeAll('if', 'not', 'exists')
  const column = columnDefinition(cursor)
  return { kind: 'add_column', column, ifNotExists, span: cursor.spanFrom(start) }
}

function dropAction(cursor: Cursor, start: number): AlterAction {
  const isConstraint = cursor.take('constraint')
  if (!isConstraint) cursor.take('column')
  const ifExists = cursor.takeAll('if', 'exists')
  const name = identifier(cursor)
  const behavior = dropBehavior(cursor)
  const span = cursor.spanFrom(start)
  if (isConstraint) return { kind: 'drop_constraint', constraint: name, ifExists, behavior, span }
  return { kind: 'drop_column', column: name, ifExists, behavior, span }
}

function alterColumn(cursor: Cursor, start: number): AlterAction {
  if (cursor.at('constraint')) throw cursor.unsupported('alter constraint is not supported')
  cursor.take('column')
  const column = identifier(cursor)
  if (cursor.takeAll('set', 'not', 'null'))
    return { kind: 'set_not_null', column, span: cursor.spanFrom(start) }
  if (cursor.takeAll('drop', 'not', 'null'))
    return { kind: 'drop_not_null', column, span: cursor.spanFrom(start) }
  if (cursor.takeAll('drop', 'default'))
    return { kind: 'drop_default', column, span: cursor.spanFrom(start) }
  if (cursor.takeAll('set', 'default')) {
    const value = expression(cursor)
    return { kind: 'set_default', column, expression: value, span: cursor.spanFrom(start) }
  }
  if (cursor.take('type') || cursor.takeAll('set', 'data', 'type'))
    return setType(cursor, start, column)
  const isForeign = ['set', 'reset', 'add', 'drop', 'restart'].includes(cursor.token.value)
  throw isForeign
    ? cursor.unsupported('this change of a column is not supported')
    : cursor.unexpected()
}

function setType(cursor: Cursor, start: number, column: Identifier): AlterAction {
  const type = typeName(cursor)
  if (cursor.at('collate')) throw cursor.unsupported('changing a collation is not supported')
  const using = cursor.take('using') ? expression(cursor) : undefined
  return { kind: 'set_type', column, type, using, span: cursor.spanFrom(start) }
}
