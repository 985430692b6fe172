// begin … exception … end: the body's pipelines form a region; instances that fail in it go on in
// the handler of their SQLSTATE, or fail again where none is.
import type { DataType } from '#base/data-type'
import type { Span } from '#base/span'
import type { Column, Expression, Step } from '#sql/bound'
import {
  and,
  bigintType,
  booleanType,
  call,
  columnRef,
  integerType,
  literal,
  noSpan,
  or,
  test,
} from '../logical/expression.ts'
import { dual, extend } from '../logical/plan.ts'
import { everywhere } from '../physical/pipeline-builder.ts'
import type { Region } from '../program.ts'
import { packSqlState } from '../sql-state.ts'
import { compileSteps, mergePaths, type Guard, type Path, type Reached } from './compile-steps.ts'
import type { StepProgram } from './step-program.ts'

const textType: DataType = { kind: 'text' }

type Block = Extract<Step, { kind: 'block' }>

export function compileBlock(step: Block, guard: Guard, to: StepProgram): Reached {
  if (step.handlers.length === 0) return compileSteps(step.body, guard, to)
  const { pipelines, regions } = to.program
  const state = to.newLocal('sqlstate', integerType)
  const message = step.errorMessage ? to.localOf(step.errorMessage) : -1
  const first = pipelines.length
  const end = compileSteps(step.body, guard, to)
  if (pipelines.length === first) return end
  const isTotal = step.handlers.some(({ states }) => states === 'others')
  const place = isTotal ? undefined : to.newLocal('place', bigintType)
  const region: Region = {
    first,
    last: pipelines.length - 1,
    state: state.local,
    message,
    place: place?.local ?? -1,
  }
  regions.push(region)
  const failure = { state: columnRef(state.column), place: place && columnRef(place.column) }
  return compileHandlers(step, { guard, end, ...failure }, to)
}

interface BlockEnd {
  readonly guard: Guard
  readonly end: Reached
  readonly state: Expression
  /** Where the instance failed; undefined where handlers take everything. */
  readonly place: Expression | undefined
}

function compileHandlers(step: Block, block: BlockEnd, to: StepProgram): Reached {
  const { guard, end, state, place } = block
  const failed = test('IsNotNull', state)
  const handled = step.handlers.map(({ states }) => matches(states, state))
  const entries = step.handlers.map(() => to.newLocal('handler'))
  const completed = to.newLocal('completed')
  const reachedEnd =
    end?.column && end.local !== guard.local ? [test('IsTrue', columnRef(end.column))] : []
  const isCompleted = end
    ? (and([test('IsNull', state), ...reachedEnd]) ?? failed)
    : literal(false, failed.type)
  to.assignTruths(
    [
      { local: completed.local, value: isCompleted },
      ...entries.map(({ local }, index) => ({
        local,
        value: handlerCondition(handled, index, failed),
      })),
    ],
    guard.local,
  )
  if (place) raiseAgain(handled, { failed, state, place, span: step.span }, guard, to)
  if (step.errorState) assignStateText(step.errorState, state, guard, to)
  const paths = step.handlers.map(({ body }, index): Path => {
    const entry = entries[index] ?? completed
    return { entry, end: compileSteps(body, entry, to) }
  })
  // Where the body has returns, those who completed are fewer than those who entered.
  const isWhole = end?.local === guard.local
  const body: Path = { entry: isWhole ? completed : guard, end: end ? completed : undefined }
  return mergePaths([body, ...paths], guard, to)
}

/** Does a handler take this SQLSTATE? */
function matches(states: readonly string[] | 'others', state: Expression): Expression {
  if (states === 'others') return test('IsNotNull', state)
  const equalities = states.map((name) =>
    test('Equal', state, literal(packSqlState(name), integerType)),
  )
  return or(equalities) ?? test('IsNull', state)
}

/** The first handler that matches takes the instance. */
function handlerCondition(
  handled: readonly Expression[],
  index: number,
  failed: Expression,
): Expression {
  const earlier = handled.slice(0, index).map((condition) => test('Not', condition))
  const own = handled[index] ?? failed
  return and([failed, ...earlier, own]) ?? failed
}

/** What no handler takes fails the instance once more, outside the region, for the reason it had. */
function raiseAgain(
  handled: readonly Expression[],
  { failed, state, place, span }: Failed,
  guard: Guard,
  to: StepProgram,
): void {
  const isUnhandled = and([failed, ...handled.map((condition) => test('Not', condition))]) ?? failed
  const unhandled = to.newColumn('unhandled', booleanType)
  const packed = to.newColumn('sqlstate', integerType)
  const origin = to.newColumn('place', bigintType)
  const items = [
    { column: unhandled, expression: test('IsTrue', isUnhandled) },
    { column: packed, expression: state },
    { column: origin, expression: place },
  ]
  const columns = items.map(({ column }) => column)
  const { builder } = to.open(extend(dual, items), columns, guard.local)
  builder.compute({
    opcode: 'RaiseState',
    arguments: columns.map((column) => builder.column(column)),
    type: 'Bool',
    active: everywhere,
    span,
    isVolatile: true,
  })
  builder.finish({ kind: 'Discard', counted: false })
}

interface Failed {
  readonly failed: Expression
  readonly state: Expression
  readonly place: Expression
  readonly span: Span
}

function assignStateText(target: Column, state: Expression, guard: Guard, to: StepProgram): void {
  const text = call({
    kernel: 'ConcatAll',
    arguments: [4, 3, 2, 1, 0].map((place) => digitText(state, place)),
    type: textType,
  })
  const value: Expression = {
    kind: 'case',
    branches: [{ when: test('IsNotNull', state), then: text }],
    otherwise: undefined,
    type: textType,
    span: noSpan,
  }
  to.assign([{ local: to.localOf(target), value }], guard.local)
}

/** One of the five digits of six bits: 0-9, then A-Z. */
function digitText(state: Expression, place: number): Expression {
  const number = (value: number): Expression => literal(value, integerType)
  const of = (kernel: string, ...operands: readonly Expression[]): Expression =>
    call({ kernel, arguments: operands, type: integerType })
  const digit = of('Modulo', of('Divide', state, number(64 ** place)), number(64))
  const letter = call({ kernel: 'Chr', arguments: [of('Add', digit, number(55))], type: textType })
  const branches = [
    {
      when: test('Less', digit, number(10)),
      then: call({ kernel: 'IntToText', arguments: [digit], type: textType }),
    },
  ]
  return { kind: 'case', branches, otherwise: letter, type: textType, span: noSpan }
}
