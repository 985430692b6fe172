// raise, in PL/pgSQL's forms.
import type { Expression, Raise } from '../ast.ts'
import type { Cursor } from './cursor.ts'
import { expression } from './expression.ts'
import { identifier, label } from './name.ts'
import { handlerCondition } from './step.ts'

const levels = ['exception', 'warning', 'notice', 'info', 'log', 'debug'] as const

/** After `raise`: `[level] ['format' {, value} | condition] [using option = value, …]`. */
export function raise(cursor: Cursor, start: number): Raise {
  const level = levels.find((word) => cursor.takeWord(word)) ?? 'exception'
  const format = cursor.token.kind === 'string' ? cursor.advance().value : undefined
  const isCondition =
    format === undefined && (cursor.token.kind === 'identifier' || cursor.token.kind === 'keyword')
  const condition = isCondition && !cursor.at('using') ? handlerCondition(cursor) : undefined
  const values: Expression[] = []
  while (format !== undefined && cursor.takePunctuation(',')) values.push(expression(cursor))
  const options = cursor.take('using') ? cursor.list(raiseOption) : []
  const span = cursor.spanFrom(start)
  if (format !== undefined) checkPlaceholders(cursor, format, values.length, span)
  return { kind: 'raise', level, condition, format, arguments: values, options, span }
}

const raiseOptions = [
  'message',
  'detail',
  'hint',
  'errcode',
  'column',
  'constraint',
  'table',
] as const

function raiseOption(cursor: Cursor): Raise['options'][number] {
  const { name, span } = cursor.token.kind === 'keyword' ? label(cursor) : identifier(cursor)
  if (!raiseOptions.some((option) => option === name)) {
    throw cursor.invalid(
      `unrecognized raise option "${name}"`,
      span,
      `Options are: ${raiseOptions.join(', ')}.`,
    )
  }
  if (!cursor.takePunctuation(':=')) cursor.needOperator('=')
  return { name, value: expression(cursor) }
}

/** Every `%` takes one value, as PL/pgSQL checks too. */
function checkPlaceholders(
  cursor: Cursor,
  format: string,
  count: number,
  span: Raise['span'],
): void {
  const wanted = format.replaceAll('%%', '').split('%').length - 1
  if (wanted === count) return
  throw cursor.invalid(
    count < wanted
      ? 'too few parameters specified for raise'
      : 'too many parameters specified for raise',
    span,
  )
}
