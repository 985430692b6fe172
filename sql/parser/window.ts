// Windows: `over …`, the `window` clause and frames.
import { EngineError } from '#base/engine-error'
import type { Frame, FrameBound, NamedWindow, WindowSpecification } from '../ast.ts'
import type { Cursor } from './cursor.ts'
import { expression } from './expression.ts'
import { identifier, isName } from './name.ts'
import { sortItems } from './sort.ts'

/** After `over`: a name or a specification. */
export function windowReference(cursor: Cursor): WindowSpecification {
  if (cursor.atPunctuation('(')) return windowSpecification(cursor)
  const { name, span } = identifier(cursor)
  return { isReference: true, base: name, partition: [], order: [], frame: undefined, span }
}

/** `window name as (…), …`. */
export function namedWindows(cursor: Cursor): readonly NamedWindow[] {
  return cursor.take('window') ? cursor.list(namedWindow) : []
}

function namedWindow(cursor: Cursor): NamedWindow {
  const start = cursor.token.start
  const { name } = identifier(cursor)
  cursor.need('as')
  const specification = windowSpecification(cursor)
  return { name, specification, span: cursor.spanFrom(start) }
}

const frameUnits = ['rows', 'range', 'groups'] as const
/** Unreserved words that start a clause rather than name a window. */
const clauseWords: ReadonlySet<string> = new Set(['partition', ...frameUnits])

function windowSpecification(cursor: Cursor): WindowSpecification {
  const start = cursor.token.start
  cursor.needPunctuation('(')
  const hasBase = isName(cursor.token) && !clauseWords.has(cursor.token.value)
  const base = hasBase ? identifier(cursor).name : undefined
  const partition = cursor.take('partition') ? partitionKeys(cursor) : []
  const order = sortItems(cursor)
  const frame = frameClause(cursor)
  cursor.needPunctuation(')')
  return { isReference: false, base, partition, order, frame, span: cursor.spanFrom(start) }
}

function partitionKeys(cursor: Cursor): WindowSpecification['partition'] {
  cursor.need('by')
  return cursor.list(expression)
}

function frameClause(cursor: Cursor): Frame | undefined {
  const start = cursor.token.start
  const unit = frameUnits.find((word) => cursor.take(word))
  if (unit === undefined) return undefined
  const between = cursor.take('between')
  const from = frameBound(cursor)
  if (between) cursor.need('and')
  const to: FrameBound = between ? frameBound(cursor) : { kind: 'current_row' }
  const exclude = frameExclusion(cursor)
  const span = cursor.spanFrom(start)
  checkFrame({ unit, start: from, end: to, exclude, span })
  return { unit, start: from, end: to, exclude, span }
}

function frameBound(cursor: Cursor): FrameBound {
  if (cursor.takeAll('current', 'row')) return { kind: 'current_row' }
  if (cursor.take('unbounded')) {
    if (cursor.take('preceding')) return { kind: 'unbounded_preceding' }
    cursor.need('following')
    return { kind: 'unbounded_following' }
  }
  const offset = expression(cursor)
  if (cursor.take('preceding')) return { kind: 'preceding', offset }
  cursor.need('following')
  return { kind: 'following', offset }
}

function frameExclusion(cursor: Cursor): Frame['exclude'] {
  if (!cursor.take('exclude')) return 'no others'
  if (cursor.take('ties')) return 'ties'
  if (cursor.take('group')) return 'group'
  if (cursor.take('current')) {
    cursor.need('row')
    return 'current row'
  }
  cursor.needAll('no', 'others')
  return 'no others'
}

const boundOrder = [
  'unbounded_preceding',
  'preceding',
  'current_row',
  'following',
  'unbounded_following',
] as const

/** A frame cannot end before it starts. */
function checkFrame(frame: Frame): void {
  const from = frame.start.kind
  const to = frame.end.kind
  if (from === 'unbounded_following')
    throw windowing('frame start cannot be unbounded following', frame)
  if (to === 'unbounded_preceding')
    throw windowing('frame end cannot be unbounded preceding', frame)
  if (boundOrder.indexOf(from) <= boundOrder.indexOf(to)) return
  const words = (kind: string): string => kind.replace('_', ' ')
  throw windowing(`a frame starting with ${words(from)} cannot end with ${words(to)}`, frame)
}

function windowing(message: string, { span }: Frame): EngineError {
  return new EngineError('windowing_error', { message, span })
}
