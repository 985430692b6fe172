// The statements of a coroutine's body, one after the other, each under the guard that control flow
// has led to.
import type { Column, Expression, Step } from '#sql/bound'
import { columnRef, or, test, trueLiteral } from '../logical/expression.ts'
import { dual } from '../logical/plan.ts'
import { everywhere } from '../physical/pipeline-builder.ts'
import { raiseWhere } from '../physical/constraints.ts'
import type { LocalIndex } from '../program.ts'
import { compileBlock } from './compile-block.ts'
import type { StepProgram } from './step-program.ts'

/** The Bool local that is true for the instances that get here; no column: all of them. */
export interface Guard {
  readonly local: LocalIndex
  readonly column: Column | undefined
}

/** undefined: nobody gets here. */
export type Reached = Guard | undefined

export function compileSteps(steps: readonly Step[], guard: Guard, to: StepProgram): Reached {
  let reached: Reached = guard
  for (const step of steps) {
    if (!reached) return undefined
    reached = compileStep(step, reached, to)
  }
  return reached
}

function compileStep(step: Step, guard: Guard, to: StepProgram): Reached {
  switch (step.kind) {
    case 'run':
      compileRun(step, guard, to)
      return guard
    case 'assign':
      to.assign([{ local: to.localOf(step.target), value: step.value }], guard.local)
      return guard
    case 'if':
      return compileIf(step, guard, to)
    case 'raise':
      compileRaise(step, guard, to)
      return undefined
    case 'return':
      return undefined
    case 'block':
      return compileBlock(step, guard, to)
  }
}

type Run = Extract<Step, { kind: 'run' }>

function compileRun(step: Run, guard: Guard, to: StepProgram): void {
  const plan = to.translate(step.plan)
  const targets = step.into ?? []
  const { builder, ordinal } = to.open(plan, step.output, guard.local)
  if (targets.length === 0 && !step.found)
    return builder.finish({ kind: 'Discard', counted: false })
  // Locals are emptied before the pipeline runs, so a query over its own targets goes by way of
  // others.
  const isOverlapping = to.reads(plan, targets)
  const stand = targets.map((target) =>
    isOverlapping
      ? to.newLocal(target.name, target.type)
      : { column: target, local: to.localOf(target) },
  )
  const assign = stand.flatMap(({ local }, index) => {
    const column = step.output[index]
    return column ? [{ local, register: builder.column(column) }] : []
  })
  const found = step.found ? to.localOf(step.found) : -1
  builder.finish({ kind: 'Locals', ordinal, assign, found, reset: true, strict: step.strict })
  if (!isOverlapping) return
  to.assign(
    stand.map(({ column }, index) => ({
      local: to.localOf(targets[index] ?? column),
      value: columnRef(column),
    })),
    guard.local,
  )
}

type If = Extract<Step, { kind: 'if' }>

/** A path of control flow: those that entered it, and those that came out at its end. */
export interface Path {
  readonly entry: Guard
  readonly end: Reached
}

function compileIf(step: If, guard: Guard, to: StepProgram): Reached {
  const paths: Path[] = []
  let rest = guard
  for (const { condition, body } of step.branches) {
    const taken = to.newLocal('if')
    const others = to.newLocal('else')
    const values = [
      { local: taken.local, value: condition },
      { local: others.local, value: test('Not', test('IsTrue', condition)) },
    ]
    to.assignTruths(values, rest.local)
    paths.push({ entry: taken, end: compileSteps(body, taken, to) })
    rest = others
  }
  paths.push({ entry: rest, end: compileSteps(step.otherwise, rest, to) })
  return mergePaths(paths, guard, to)
}

/** Where paths that together took all guarded instances meet again. */
export function mergePaths(paths: readonly Path[], guard: Guard, to: StepProgram): Reached {
  if (paths.every(({ entry, end }) => end?.local === entry.local)) return guard
  const open = paths.flatMap(({ end }) => (end ? [end] : []))
  if (open.length === 1) return open[0]
  const ends = open.flatMap(({ column }) => (column ? [column] : []))
  const reached = or(ends.map((column): Expression => test('IsTrue', columnRef(column))))
  if (!reached) return undefined
  const merged = to.newLocal('reached')
  to.assignTruths([{ local: merged.local, value: reached }], guard.local)
  return merged
}

function compileRaise(step: Extract<Step, { kind: 'raise' }>, guard: Guard, to: StepProgram): void {
  const { message, state, span } = step
  // A computed message waits in a local for whoever reports the failure.
  const computed = message.kind === 'literal' ? undefined : to.newLocal('message', message.type)
  if (computed) to.assign([{ local: computed.local, value: message }], guard.local)
  const { builder } = to.open(dual, [], guard.local)
  const always = builder.compile(trueLiteral, everywhere)
  raiseWhere(builder, always, {
    state,
    message: knownText(message),
    span,
    ...(computed && { messageLocal: computed.local }),
  })
  builder.finish({ kind: 'Discard', counted: false })
}

/** The message with an ellipsis for what only running it would tell. */
function knownText(message: Expression): string {
  if (message.kind === 'literal') return message.value === null ? '' : String(message.value)
  const isText = message.kind === 'call' && /^(Concat|ConcatAll|Coalesce)$/.test(message.kernel)
  if (!isText) return '…'
  const parts = message.kernel === 'Coalesce' ? message.arguments.slice(0, 1) : message.arguments
  return parts.map(knownText).join('')
}
