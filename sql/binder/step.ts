// The steps of a coroutine's body: statements with into, let, assignments, if, raise, return, and
// blocks with exception handlers.
import { EngineError } from '#base/engine-error'
import { featureNotSupported } from '#base/errors'
import type { DataType } from '#base/data-type'
import type { Span } from '#base/span'
import type * as ast from '#sql/ast'
import type { Column, Plan, Step } from '#sql/bound'
import { columnExpression } from '#sql/functions/build'
import { types } from '#sql/functions/types'
import { bindCaseStep } from './case-step.ts'
import { coerceForAssignment, settle } from './coercion.ts'
import { statesOf } from './condition.ts'
import type { BindContext } from './context.ts'
import { bindCondition, siteOf } from './expression.ts'
import type { Locals } from './locals.ts'
import { bindTopRows } from './rows.ts'
import { bindRaise } from './raise.ts'
import type { Scope } from './scope.ts'
import type { Rows } from './site.ts'
import { bindType } from './type-name.ts'

/** Where a step stands. */
export interface StepScope {
  readonly context: BindContext
  readonly locals: Locals
  /** Locals, event, and inside a handler sqlstate and sqlerrm. */
  readonly scope: Scope
}

export function bindSteps(place: StepScope, steps: readonly ast.Step[]): readonly Step[] {
  return steps.map((step) => bindStep(place, step))
}

function bindStep(place: StepScope, step: ast.Step): Step {
  switch (step.kind) {
    case 'run':
      return bindRun(place, step)
    case 'let':
      return bindLet(place, step)
    case 'assign':
      return bindAssign(place, place.locals.existing(step.name), step.value, step.span)
    case 'if':
      return bindIf(place, step)
    case 'raise':
      return bindRaise(place, step)
    case 'return':
      return { kind: 'return', span: step.span }
    case 'block':
      return bindBlock(place, step)
    case 'await':
    case 'await_any':
      throw awaitRefused(step.span)
    case 'for':
    case 'loop':
    case 'exit':
    case 'continue':
      throw featureNotSupported('loops are not supported', step.span)
    case 'case_step':
      return bindCaseStep(place, step)
    case 'yield':
      throw featureNotSupported('YIELD is not supported', step.span)
  }
}

function awaitRefused(span: Span): EngineError {
  return featureNotSupported('AWAIT is not supported', span)
}

function bindRun(place: StepScope, { statement, into, span }: ast.StatementStep): Step {
  const rows = bindTopRows(place.context, statement, place.scope)
  if (!into) return run(rows, undefined, span)
  if (into.length !== rows.columns.length) {
    throw new EngineError('syntax_error', {
      message: `INTO names ${into.length} variables but the statement gives ${rows.columns.length} columns`,
      span: into[0]?.span ?? span,
    })
  }
  const targets = into.map(
    (name, index) =>
      place.locals.find(name.name) ??
      place.locals.declare(name, rows.columns[index]?.type ?? types.text),
  )
  return run(assignedTo(place.context, rows, targets, span), targets, span)
}

function run({ plan, columns }: Rows, into: readonly Column[] | undefined, span: Span): Step {
  return { kind: 'run', plan, output: columns, into, found: undefined, strict: false, span }
}

/** The rows with their columns cast to the types of the variables that take them. */
function assignedTo(
  context: BindContext,
  rows: Rows,
  targets: readonly Column[],
  span: Span,
): Rows {
  const items = rows.columns.map((column, index) => {
    const target = targets[index] ?? column
    const expression = coerceForAssignment(columnExpression(column, span), target, context)
    return { column: context.column(column.name, expression.type, column.nullable), expression }
  })
  if (items.every(({ expression }) => expression.kind === 'column')) return rows
  const plan: Plan = { kind: 'project', input: rows.plan, items }
  return { plan, columns: items.map(({ column }) => column) }
}

function bindLet(place: StepScope, { name, type, value, span }: ast.Let): Step {
  const declared = type && bindType(type)
  if (value.kind === 'rows') return bindLetRows(place, name, declared, value, span)
  const site = siteOf(place.context, place.scope, 'LET')
  const bound = settleAs(site.bind(value.expression), name.name, declared, place.context)
  const target = place.locals.declare(name, declared ?? bound.type)
  return { kind: 'assign', target, value: bound, span }
}

function settleAs(
  value: ReturnType<typeof settle>,
  name: string,
  type: DataType | undefined,
  context: BindContext,
): ReturnType<typeof settle> {
  return type ? coerceForAssignment(value, { name, type }, context) : settle(value, context)
}

function bindLetRows(
  place: StepScope,
  name: ast.Identifier,
  declared: DataType | undefined,
  value: Extract<ast.Let['value'], { kind: 'rows' }>,
  span: Span,
): Step {
  if (value.await || value.within) throw awaitRefused(value.query.span)
  const rows = bindTopRows(place.context, value.query, place.scope)
  const [column, second] = rows.columns
  if (!column || second) {
    throw new EngineError('syntax_error', {
      message: 'LET takes a query of one column',
      span: value.query.span,
    })
  }
  const target = place.locals.declare(name, declared ?? column.type)
  return run(assignedTo(place.context, rows, [target], span), [target], span)
}

function bindAssign(place: StepScope, target: Column, value: ast.Expression, span: Span): Step {
  const site = siteOf(place.context, place.scope, 'assignment')
  return {
    kind: 'assign',
    target,
    value: coerceForAssignment(site.bind(value), target, place.context),
    span,
  }
}

function bindIf(place: StepScope, { branches, otherwise, span }: ast.If): Step {
  const site = siteOf(place.context, place.scope, 'IF')
  const bound = branches.map(({ condition, steps }) => ({
    condition: bindCondition(condition, site),
    body: bindSteps(place, steps),
  }))
  return { kind: 'if', branches: bound, otherwise: bindSteps(place, otherwise ?? []), span }
}

function bindBlock(place: StepScope, { steps, handlers, span }: ast.Block): Step {
  const body = bindSteps(place, steps)
  const error = new HandledError(place)
  const inside: StepScope = { ...place, scope: error.scope }
  const bound = handlers.map((handler) => ({
    states: statesOf(handler.conditions),
    body: bindSteps(inside, handler.steps),
  }))
  const { state: errorState, message: errorMessage } = error
  return { kind: 'block', body, handlers: bound, errorState, errorMessage, span }
}

/** sqlstate and sqlerrm inside handlers; columns only if something reads them. */
class HandledError {
  readonly scope: Scope
  state: Column | undefined
  message: Column | undefined

  constructor({ context, scope }: StepScope) {
    const state = (span: Span): ReturnType<typeof columnExpression> => {
      this.state ??= context.column('sqlstate', types.text, false)
      return columnExpression(this.state, span)
    }
    const message = (span: Span): ReturnType<typeof columnExpression> => {
      this.message ??= context.column('sqlerrm', types.text, false)
      return columnExpression(this.message, span)
    }
    const visible = [
      { name: 'sqlstate', hidden: true, reference: state },
      { name: 'sqlerrm', hidden: true, reference: message },
    ]
    this.scope = { kind: 'event', parent: scope, tables: [], visible }
  }
}
