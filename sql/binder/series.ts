// generate_series in from: over integers the plan's own series; over numeric and time a series of
// steps from 0, and a value computed of each.
import { EngineError } from '#base/engine-error'
import type { Span } from '#base/span'
import type * as ast from '#sql/ast'
import type { Expression, Plan } from '#sql/bound'
import { caseOf, columnExpression, disjunction, conjunction, literal } from '#sql/functions/build'
import { numeric, scaleOf, types } from '#sql/functions/types'
import { bindOperator } from './call.ts'
import { coerceExplicitly, coerceImplicitly, unifyAll } from './coercion.ts'
import type { BindContext } from './context.ts'
import { derivedItem, type FromItem } from './relation.ts'
import { endsOf, noSuchSeries, signature, zeroStep, type SeriesPlan } from './series-parts.ts'
import { bindTimeSeries, isTime } from './time-series.ts'

export interface SeriesCall {
  readonly given: readonly Expression[]
  readonly alias: ast.Alias | undefined
  readonly span: Span
}

/**
 * The item of `generate_series(start, stop[, step])`.
 *
 * Nulls: no rows for a null argument. Errors: 42883, 42725; 22023 for a step of zero.
 */
export function bindSeries(context: BindContext, { given, alias, span }: SeriesCall): FromItem {
  // A single column of a function takes the table's alias as its name.
  const name = alias?.columns[0]?.name ?? alias?.name ?? 'generate_series'
  const { plan, column } = seriesOf(context, given, name, span)
  return derivedItem(alias?.name ?? 'generate_series', [column], [], () => plan)
}

function seriesOf(
  context: BindContext,
  given: readonly Expression[],
  name: string,
  span: Span,
): SeriesPlan {
  if (given.length < 2 || given.length > 3) {
    throw new EngineError('undefined_function', {
      message: `function generate_series with ${given.length} arguments does not exist`,
      span,
      hint: 'Write generate_series(start, stop) or generate_series(start, stop, step).',
    })
  }
  if (given.every(({ type }) => type.kind === 'unknown')) throw notUnique(given, span)
  if (given.some(isTime)) return bindTimeSeries(context, given, name, span)
  const numbers = unifyAll(given, 'generate_series', context)
  switch (numbers[0]?.type.kind) {
    case 'smallint':
    case 'integer':
    case 'bigint':
      return integerSeries(context, numbers, name, span)
    case 'numeric':
      return numericSeries(context, numbers, name, span)
    default:
      throw noSuchSeries(given, span)
  }
}

function notUnique(given: readonly Expression[], span: Span): EngineError {
  return new EngineError('ambiguous_function', {
    message: `function ${signature(given)} is not unique`,
    span,
    hint: 'Could not choose a best candidate function. You might need to add explicit type casts.',
  })
}

function integerSeries(
  context: BindContext,
  numbers: readonly Expression[],
  name: string,
  span: Span,
): SeriesPlan {
  const isWide = numbers[0]?.type.kind === 'bigint'
  const [start, stop, step] = numbers.map((one) => coerceImplicitly(one, types.bigint, context))
  if (!start || !stop) throw new TypeError('a series has two ends')
  if (step?.kind === 'literal' && step.value === 0n) throw zeroStep(step.span)
  const counted = context.column(name, types.bigint, false)
  const series: Plan = { kind: 'series', start, stop, step, column: counted }
  if (isWide) return { plan: series, column: counted }
  // Counting is in bigint; between two integers there are only integers.
  const column = context.column(name, types.integer, false)
  const value = coerceExplicitly(columnExpression(counted, span), types.integer, span, context)
  return {
    plan: { kind: 'project', input: series, items: [{ column, expression: value }] },
    column,
  }
}

/** start + i * step, for as many i as fit: counting is exact, which adding up would be too. */
function numericSeries(
  context: BindContext,
  numbers: readonly Expression[],
  name: string,
  span: Span,
): SeriesPlan {
  const [from, to, by] = numbers
  if (!from || !to) throw new TypeError('a series has two ends')
  const operator = (symbol: string, left: Expression, right: Expression): Expression =>
    bindOperator(symbol, [left, right], span, context)
  const zero = literal(0, types.integer, span)
  const one = literal(1, types.integer, span)
  const ends = endsOf(context, [from, to, by ?? coerceImplicitly(one, from.type, context)], span)
  const [start, stop, step] = ends.columns
  if (!start || !stop || !step) throw new TypeError('a series has three numbers')
  const distance = operator('-', stop, start)
  const whole = operator('-', distance, operator('%', distance, step))
  const count = coerceExplicitly(operator('/', whole, step), types.bigint, span, context)
  const isUp = operator('>', step, zero)
  const isPast = disjunction(
    [
      conjunction([isUp, operator('<', distance, zero)], span),
      conjunction([operator('<', step, zero), operator('>', distance, zero)], span),
    ],
    span,
  )
  const big = (value: bigint): Expression => literal(value, types.bigint, span)
  const isZero = operator('=', step, zero)
  const branches = [
    { when: isZero, then: big(0n) },
    { when: isPast, then: big(-1n) },
  ]
  const last = caseOf(branches, count, types.bigint, span)
  // The series itself reports a step of zero.
  const unit = caseOf([{ when: isZero, then: big(0n) }], big(1n), types.bigint, span)
  const type = numeric(scaleOf(from.type))
  return ends.over({ start: big(0n), stop: last, step: unit }, (number) => {
    const value = operator('+', start, operator('*', step, number))
    const column = context.column(name, type, false)
    return { column, expression: coerceExplicitly(value, type, span, context) }
  })
}
