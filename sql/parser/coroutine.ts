// create coroutine: what starts it, and its body (the grammar of LANGUAGE §4).
import type {
  CallTrigger,
  CreateCoroutine,
  Identifier,
  InsteadTrigger,
  RowTrigger,
  Trigger,
} from '../ast.ts'
import type { Cursor } from './cursor.ts'
import { typedColumn } from './definition.ts'
import { expression } from './expression.ts'
import { identifier, optionalWithOptions, qualifiedName } from './name.ts'
import { step } from './step.ts'

/** After `create [or replace] coroutine`. */
export function createCoroutine(
  cursor: Cursor,
  start: number,
  orReplace: boolean,
): CreateCoroutine {
  const name = qualifiedName(cursor)
  const trigger = coroutineTrigger(cursor)
  const options = optionalWithOptions(cursor)
  cursor.need('as')
  cursor.inCoroutine = true
  const body = step(cursor)
  cursor.inCoroutine = false
  return {
    kind: 'create_coroutine',
    orReplace,
    name,
    trigger,
    options,
    body,
    span: cursor.spanFrom(start),
  }
}

function coroutineTrigger(cursor: Cursor): Trigger {
  const start = cursor.token.start
  if (cursor.take('on')) return rowTrigger(cursor, start)
  if (cursor.takeAll('instead', 'of', 'insert', 'to')) return insteadTrigger(cursor, start)
  if (!cursor.atPunctuation('(')) throw cursor.unexpected()
  return callTrigger(cursor, start)
}

const rowEvents = ['insert', 'update', 'delete'] as const

function rowTrigger(cursor: Cursor, start: number): RowTrigger {
  const event = rowEvents.find((word) => cursor.takeAll(word, 'to')) ?? 'insert'
  const relation = qualifiedName(cursor)
  const alias = triggerAlias(cursor)
  const where = cursor.take('where') ? expression(cursor) : undefined
  return { kind: 'rows', event, relation, alias, where, span: cursor.spanFrom(start) }
}

function insteadTrigger(cursor: Cursor, start: number): InsteadTrigger {
  const device = qualifiedName(cursor)
  const alias = triggerAlias(cursor)
  const where = cursor.take('where') ? expression(cursor) : undefined
  return { kind: 'instead', device, alias, where, span: cursor.spanFrom(start) }
}

/** Needed, because without one the `as` of the body could not be told from the alias's. */
function triggerAlias(cursor: Cursor): Identifier {
  const hasAs = cursor.take('as')
  const alias = identifier(cursor)
  const isFollowed = cursor.at('as') || cursor.at('where') || cursor.at('with')
  if (isFollowed || !hasAs || cursor.atEnd()) return alias
  throw cursor.invalid(
    'the relation of a coroutine needs an alias',
    alias.span,
    'Write it before "as": on connections c as …',
  )
}

function callTrigger(cursor: Cursor, start: number): CallTrigger {
  cursor.needPunctuation('(')
  const parameters = cursor.atPunctuation(')') ? [] : cursor.list(typedColumn)
  cursor.needPunctuation(')')
  const returns = cursor.takeAll('returns', 'table') ? cursor.parenthesized(typedColumn) : undefined
  return { kind: 'call', parameters, returns, span: cursor.spanFrom(start) }
}
