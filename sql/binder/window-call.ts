// Calls with `over`: aggregates over a frame and the functions that only windows have. Like an aggregate,
// each leaves a column behind, which a window node of the plan fills.
import { EngineError } from '#base/engine-error'
import { featureNotSupported } from '#base/errors'
import type { Span } from '#base/span'
import type * as ast from '#sql/ast'
import type { Expression, WindowCall, WindowCheck } from '#sql/bound'
import { aggregateOverloads } from '#sql/functions/aggregates'
import { columnExpression, literal } from '#sql/functions/build'
import { toJson } from '#sql/functions/json-functions'
import { types } from '#sql/functions/types'
import { windowOverloads, type WindowOverload } from '#sql/functions/window-functions'
import { bindOperator, chooseAggregate, chooseWindow } from './call.ts'
import { coerceCondition, settle } from './coercion.ts'
import { isOrderedSet } from './ordered-set.ts'
import type { Site } from './site.ts'
import { sortKey } from './sort-key.ts'
import { bindFrame } from './window-frame.ts'
import { windowingError } from './window-scope.ts'

export interface WindowParts {
  readonly name: string
  readonly arguments: readonly ast.Expression[]
  readonly distinct: boolean
  readonly filter: ast.Expression | undefined
  readonly order: readonly ast.SortItem[]
  readonly over: ast.WindowSpecification
  readonly span: Span
}

export function bindWindowCall(parts: WindowParts, site: Site): Expression {
  const { windows, context } = site
  const { name, span } = parts
  if (!windows) throw misplaced(site, span)
  refuseForms(parts)
  const inside = site.inside('window')
  const call = bindCall(parts, inside)
  const window = windows.resolve(parts.over)
  const partition = window.partition.map((one) => settle(inside.bind(one), context))
  const order = window.order.map((item) =>
    sortKey(item, settle(inside.bind(item.expression), context)),
  )
  const { frame, checks } = bindFrame(window.frame, order, inside)
  const column = context.column(name, call.type, call.nullable)
  windows.add({
    partition,
    order,
    frame,
    call: { function: call.function, arguments: call.arguments, filter: call.filter, span },
    checks: [...call.checks, ...checks],
    column,
  })
  return columnExpression(column, span)
}

function misplaced({ clause }: Site, span: Span): EngineError {
  const message =
    clause === 'window'
      ? 'window function calls cannot be nested'
      : clause === 'aggregate'
        ? 'aggregate function calls cannot contain window function calls'
        : `window functions are not allowed in ${clause}`
  return windowingError(message, span)
}

/** Aggregates of groups only. */
const groupsOnly = new Set(['covar_pop', 'covar_samp', 'corr', 'percentile_cont', 'percentile_disc', 'mode'])

function refuseForms({ name, distinct, order, filter, span }: WindowParts): void {
  if (groupsOnly.has(name)) throw notInWindows(name, span)
  if (distinct) throw featureNotSupported('DISTINCT in a window function is not supported', span)
  if (order.length > 0)
    throw featureNotSupported('ORDER BY inside a window function is not supported', order[0]?.span)
  if (filter && !aggregateOverloads(name)) {
    throw featureNotSupported(
      'FILTER of a window function that is not an aggregate is not supported',
      filter.span,
    )
  }
}

function notInWindows(name: string, span: Span): EngineError {
  return featureNotSupported(`${name} as a window function is not supported`, span)
}

interface BoundCall extends Omit<WindowCall, 'column' | 'frame' | 'span'> {
  readonly type: Expression['type']
  readonly nullable: boolean
  readonly checks: readonly WindowCheck[]
}

function bindCall(parts: WindowParts, inside: Site): BoundCall {
  const given = parts.arguments.map((argument) => inside.bind(argument))
  const windowOnly = windowOverloads(parts.name)
  if (windowOnly) return bindWindowOnly(parts, windowOnly, given, inside)
  const overloads = aggregateOverloads(parts.name)
  if (!overloads) {
    throw new EngineError('wrong_object_type', {
      message: `OVER specified, but ${parts.name} is not a window function nor an aggregate function`,
      span: parts.span,
    })
  }
  const { context } = inside
  const settled = given.map((argument) => settle(argument, context))
  const { overload, operands } = chooseAggregate(
    parts.name,
    overloads,
    settled,
    parts.span,
    context,
  )
  const { function: name } = overload
  if (isOrderedSet(name)) throw notInWindows(name, parts.span)
  return {
    function: name,
    arguments: operands.map((operand, index) =>
      overload.json.includes(index) ? toJson(operand) : operand,
    ),
    filter: parts.filter && coerceCondition(inside.bind(parts.filter), 'FILTER', context),
    type: overload.result(operands[0]?.type ?? types.bigint),
    nullable: overload.nullWhenEmpty,
    checks: [],
  }
}

function bindWindowOnly(
  { name, span }: WindowParts,
  overloads: readonly WindowOverload[],
  given: readonly Expression[],
  { context }: Site,
): BoundCall {
  const { overload, operands } = chooseWindow(name, overloads, given, span, context)
  const type = overload.result(operands[0]?.type ?? types.bigint)
  return {
    function: overload.function,
    arguments: withDefaults(overload, operands, span),
    filter: undefined,
    type,
    nullable: !overload.neverNull,
    checks: checksOf(overload, operands, span, (symbol, pair) =>
      bindOperator(symbol, pair, span, context),
    ),
  }
}

/** lag(x) is lag(x, 1, null). */
function withDefaults(
  { function: name }: WindowOverload,
  operands: readonly Expression[],
  span: Span,
): readonly Expression[] {
  const [value] = operands
  if ((name !== 'lag' && name !== 'lead') || !value) return operands
  const offset = operands[1] ?? literal(1, types.integer, span)
  return [value, offset, operands[2] ?? literal(null, value.type, span)]
}

const places = {
  ntile: { argument: 0, state: '22014' },
  nth_value: { argument: 1, state: '22016' },
} as const

function checksOf(
  { function: name }: WindowOverload,
  operands: readonly Expression[],
  span: Span,
  compare: (symbol: string, pair: readonly [Expression, Expression]) => Expression,
): readonly WindowCheck[] {
  const place = name === 'ntile' || name === 'nth_value' ? places[name] : undefined
  const operand = place && operands[place.argument]
  if (!place || !operand) return []
  const condition = compare('<=', [operand, literal(0, types.integer, span)])
  const message = `argument of ${name} must be greater than zero`
  return [{ condition, state: place.state, message, span }]
}
