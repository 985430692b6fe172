// The steps of a coroutine's body.
import type {
  Await,
  AwaitAny,
  AwaitBranch,
  Block,
  CaseStep,
  Expression,
  For,
  Handler,
  HandlerCondition,
  Identifier,
  If,
  Let,
  Loop,
  LoopExit,
  Return,
  RowSource,
  StatementStep,
  Step,
  Yield,
} from '../ast.ts'
import type { Cursor } from './cursor.ts'
import { expression } from './expression.ts'
import { identifier, isName, stringLiteral, typeName } from './name.ts'
import { startsQuery } from './parentheses.ts'
import { query } from './query.ts'
import { raise } from './raise.ts'
import { rowSource } from './row-source.ts'

type StepRule = (cursor: Cursor, start: number) => Step

/** One step, without the semicolon after it. */
export function step(cursor: Cursor): Step {
  cursor.enter()
  const result = stepInside(cursor)
  cursor.leave()
  return result
}

function stepInside(cursor: Cursor): Step {
  const { kind, value, start } = cursor.token
  const isAssignment = cursor.peekIs(1, ':=') && isName(cursor.token)
  if (isAssignment) return assign(cursor, start)
  const rule = kind === 'keyword' ? stepRules.get(value) : undefined
  if (rule !== undefined) {
    cursor.advance()
    return rule(cursor, start)
  }
  if (startsRows(cursor)) return statementStep(cursor, start)
  throw cursor.unexpected(...stepRules.keys(), 'insert', 'update', 'delete', 'select')
}

const changeStarts: ReadonlySet<string> = new Set(['insert', 'update', 'delete', 'merge'])

/** Does a query or a change start here? Their words are names too, so a second one decides. */
function startsRows(cursor: Cursor): boolean {
  if (startsQuery(cursor)) return true
  const { kind, value } = cursor.token
  if (kind !== 'keyword' || !changeStarts.has(value)) return false
  if (value === 'delete') return cursor.peekIs(1, 'from')
  return value === 'update'
    ? isName(cursor.peek(1)) || cursor.peekIs(1, 'only')
    : cursor.peekIs(1, 'into')
}

/** Steps, each closed by a semicolon, up to one of the words that end them. */
function steps(cursor: Cursor, ends: readonly string[]): readonly Step[] {
  const list: Step[] = []
  while (!ends.some((word) => cursor.atWord(word))) {
    list.push(step(cursor))
    cursor.needPunctuation(';')
  }
  return list
}

/** A query or a change, and the names that an `into` inside or after it gives. */
function rowsInto(cursor: Cursor): {
  readonly rows: RowSource
  readonly into: readonly Identifier[] | undefined
} {
  const { into: outerInto, intoDepth: outerDepth } = cursor
  cursor.into = undefined
  cursor.intoDepth = cursor.depth + 1
  const rows = rowSource(cursor)
  const inside = cursor.into
  cursor.into = outerInto
  cursor.intoDepth = outerDepth
  const after = inside === undefined && cursor.take('into') ? cursor.list(identifier) : inside
  return { rows, into: after }
}

function statementStep(cursor: Cursor, start: number): StatementStep {
  const { rows, into } = rowsInto(cursor)
  return { kind: 'run', statement: rows, into, span: cursor.spanFrom(start) }
}

function withinClause(cursor: Cursor): Expression | undefined {
  return cursor.take('within') ? expression(cursor) : undefined
}

const letStep: StepRule = (cursor, start) => {
  const name = identifier(cursor)
  const type = cursor.atPunctuation(':=') ? undefined : typeName(cursor)
  cursor.needPunctuation(':=')
  const value = letValue(cursor)
  return { kind: 'let', name, type, value, span: cursor.spanFrom(start) }
}

function letValue(cursor: Cursor): Let['value'] {
  const awaits = cursor.takeWord('await')
  if (!awaits && !startsRows(cursor)) return { kind: 'expression', expression: expression(cursor) }
  const rows = rowSource(cursor)
  return { kind: 'rows', await: awaits, query: rows, within: withinClause(cursor) }
}

function assign(cursor: Cursor, start: number): Step {
  const name = identifier(cursor)
  cursor.needPunctuation(':=')
  const value = expression(cursor)
  return { kind: 'assign', name, value, span: cursor.spanFrom(start) }
}

const awaitStep: StepRule = (cursor, start) => {
  if (cursor.take('any')) return awaitAny(cursor, start)
  const strict = cursor.take('strict')
  const { rows, into } = rowsInto(cursor)
  const within = withinClause(cursor)
  const node: Await = {
    kind: 'await',
    strict,
    query: rows,
    into,
    within,
    span: cursor.spanFrom(start),
  }
  return node
}

const branchEnds = ['when', 'end'] as const

function awaitAny(cursor: Cursor, start: number): AwaitAny {
  const branches: AwaitBranch[] = []
  let timeout: AwaitAny['timeout']
  if (!cursor.at('when')) throw cursor.unexpected()
  while (timeout === undefined && cursor.take('when')) {
    if (branches.length > 0 && cursor.takeWord('timeout')) timeout = awaitTimeout(cursor)
    else branches.push(awaitBranch(cursor))
  }
  cursor.need('end')
  cursor.needWord('await')
  return { kind: 'await_any', branches, timeout, span: cursor.spanFrom(start) }
}

function awaitTimeout(cursor: Cursor): AwaitAny['timeout'] {
  const interval = expression(cursor)
  cursor.need('then')
  return { interval, steps: steps(cursor, ['end']) }
}

function awaitBranch(cursor: Cursor): AwaitBranch {
  const start = cursor.token.start
  cursor.needPunctuation('(')
  const { rows, into: inside } = rowsInto(cursor)
  cursor.needPunctuation(')')
  const into = inside ?? (cursor.take('into') ? cursor.list(identifier) : undefined)
  cursor.need('then')
  const body = steps(cursor, branchEnds)
  return { query: rows, into, steps: body, span: cursor.spanFrom(start) }
}

const forStep: StepRule = (cursor, start) => {
  const name = identifier(cursor)
  cursor.need('in')
  const awaits = cursor.takeWord('await')
  const rows = rowSource(cursor)
  const within = withinClause(cursor)
  const node: For = {
    kind: 'for',
    name,
    await: awaits,
    query: rows,
    within,
    steps: loopBody(cursor),
    span: cursor.spanFrom(start),
  }
  return { ...node, span: cursor.spanFrom(start) }
}

/** `loop … end loop`. */
function loopBody(cursor: Cursor): readonly Step[] {
  cursor.needWord('loop')
  const body = steps(cursor, ['end'])
  cursor.need('end')
  cursor.needWord('loop')
  return body
}

const whileStep: StepRule = (cursor, start) => {
  const condition = expression(cursor)
  const body = loopBody(cursor)
  const node: Loop = { kind: 'loop', condition, steps: body, span: cursor.spanFrom(start) }
  return node
}

/** `loop` is taken already. */
const loopStep: StepRule = (cursor, start) => {
  const body = steps(cursor, ['end'])
  cursor.need('end')
  cursor.needWord('loop')
  return { kind: 'loop', condition: undefined, steps: body, span: cursor.spanFrom(start) }
}

const ifStep: StepRule = (cursor, start) => {
  const branches = [ifBranch(cursor)]
  while (cursor.takeWord('elsif') || cursor.takeWord('elseif')) branches.push(ifBranch(cursor))
  const otherwise = cursor.take('else') ? steps(cursor, ['end']) : undefined
  cursor.needAll('end', 'if')
  const node: If = { kind: 'if', branches, otherwise, span: cursor.spanFrom(start) }
  return node
}

const ifEnds = ['elsif', 'elseif', 'else', 'end'] as const

function ifBranch(cursor: Cursor): If['branches'][number] {
  const condition = expression(cursor)
  cursor.need('then')
  return { condition, steps: steps(cursor, ifEnds) }
}

const caseStep: StepRule = (cursor, start) => {
  const operand = cursor.at('when') ? undefined : expression(cursor)
  const branches: CaseStep['branches'][number][] = []
  while (cursor.take('when')) {
    const when = operand === undefined ? [expression(cursor)] : cursor.list(expression)
    cursor.need('then')
    branches.push({ when, steps: steps(cursor, ['when', 'else', 'end']) })
  }
  if (branches.length === 0) throw cursor.unexpected()
  const otherwise = cursor.take('else') ? steps(cursor, ['end']) : undefined
  cursor.needAll('end', 'case')
  const node: CaseStep = {
    kind: 'case_step',
    operand,
    branches,
    otherwise,
    span: cursor.spanFrom(start),
  }
  return node
}

function loopExit(kind: LoopExit['kind']): StepRule {
  return (cursor, start) => {
    const when = cursor.take('when') ? expression(cursor) : undefined
    return { kind, when, span: cursor.spanFrom(start) }
  }
}

const yieldStep: StepRule = (cursor, start) => {
  const output: Yield['output'] = startsQuery(cursor)
    ? { kind: 'rows', query: query(cursor) }
    : { kind: 'row', values: cursor.list(expression) }
  return { kind: 'yield', output, span: cursor.spanFrom(start) }
}

const returnStep: StepRule = (cursor, start) => {
  const node: Return = { kind: 'return', span: cursor.spanFrom(start) }
  return node
}

/** `begin … [exception …] end`. */
const block: StepRule = (cursor, start) => {
  const body = steps(cursor, ['exception', 'end'])
  const handlers: Handler[] = []
  if (cursor.takeWord('exception')) {
    if (!cursor.at('when')) throw cursor.unexpected()
    while (cursor.at('when')) handlers.push(handler(cursor))
  }
  cursor.need('end')
  const node: Block = { kind: 'block', steps: body, handlers, span: cursor.spanFrom(start) }
  return node
}

function handler(cursor: Cursor): Handler {
  const { start } = cursor.advance()
  const conditions = [handlerCondition(cursor)]
  while (cursor.take('or')) conditions.push(handlerCondition(cursor))
  cursor.need('then')
  const body = steps(cursor, branchEnds)
  return { conditions, steps: body, span: cursor.spanFrom(start) }
}

/** A condition's name, or `sqlstate '23505'`. */
export function handlerCondition(cursor: Cursor): HandlerCondition {
  const start = cursor.token.start
  const { name } = identifier(cursor)
  if (name !== 'sqlstate' || cursor.token.kind !== 'string')
    return { kind: 'condition', name, span: cursor.spanFrom(start) }
  const state = stringLiteral(cursor)
  const span = cursor.spanFrom(start)
  if (!/^[0-9A-Z]{5}$/.test(state)) throw cursor.invalid(`invalid SQLSTATE code "${state}"`, span)
  return { kind: 'sqlstate', state, span }
}

const stepRules: ReadonlyMap<string, StepRule> = new Map<string, StepRule>([
  ['begin', block],
  ['let', letStep],
  ['await', awaitStep],
  ['for', forStep],
  ['if', ifStep],
  ['case', caseStep],
  ['while', whileStep],
  ['loop', loopStep],
  ['exit', loopExit('exit')],
  ['continue', loopExit('continue')],
  ['yield', yieldStep],
  ['raise', raise],
  ['return', returnStep],
])
