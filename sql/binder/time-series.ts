// generate_series over timestamps, a constant interval apart. Days and time are a number of
// microseconds, since every day has 24 hours in UTC. Months are counted, and clipped as adding them
// one by one does: the 31st, then the 29th of February, then the 29th of March.
import { featureNotSupported } from '#base/errors'
import type { DataType } from '#base/data-type'
import type { Span } from '#base/span'
import type { Expression, Plan } from '#sql/bound'
import { columnExpression, kernelCall, literal, textLiteral } from '#sql/functions/build'
import { parseInterval, type IntervalParts } from '#sql/functions/interval'
import { types } from '#sql/functions/types'
import { bindFunction, bindOperator } from './call.ts'
import { coerceExplicitly, coerceImplicitly } from './coercion.ts'
import type { BindContext } from './context.ts'
import { columnsOf } from './plan-columns.ts'
import { passThrough } from './relation.ts'
import { endsOf, noSuchSeries, zeroStep, type SeriesPlan } from './series-parts.ts'

const kDay = 86_400_000_000n

export function isTime({ type }: Expression): boolean {
  return ['date', 'timestamp', 'timestamptz', 'interval'].includes(type.kind)
}

interface TimeSeries {
  readonly context: BindContext
  readonly ends: readonly [Expression, Expression]
  readonly step: IntervalParts
  readonly type: DataType
  readonly name: string
  readonly span: Span
}

/**
 * Errors: 42883; 22023 for a step of zero; 0A000 for one that is not constant, or mixes months with
 * others.
 */
export function bindTimeSeries(
  context: BindContext,
  given: readonly Expression[],
  name: string,
  span: Span,
): SeriesPlan {
  const [start, stop, by] = given
  if (!start || !stop || !by || [start, stop].some(({ type }) => type.kind === 'interval'))
    throw noSuchSeries(given, span)
  if (by.type.kind !== 'interval' && by.type.kind !== 'unknown') throw noSuchSeries(given, span)
  const type = typeOf(start, stop)
  const ends = [start, stop].map((one) => coerceImplicitly(one, type, context))
  const [first, last] = ends
  if (!first || !last) throw new TypeError('a series has two ends')
  const interval = coerceImplicitly(by, types.interval, context)
  const step = constantStep(interval)
  const series: TimeSeries = { context, ends: [first, last], step, type, name, span }
  if (interval.kind === 'literal' && interval.value === null) return noRows(series)
  if (step.months === 0 && step.days === 0 && step.microseconds === 0n) throw zeroStep(by.span)
  if (step.months === 0) return timeSteps(series)
  if (step.days === 0 && step.microseconds === 0n) return monthSteps(series)
  throw featureNotSupported(
    'generate_series by months and days or time at once is not supported',
    by.span,
  )
}

/** The type of one that is exact; timestamptz is the preferred one of several. */
function typeOf(...ends: readonly Expression[]): DataType {
  const kinds = ends.map(({ type }) => type.kind)
  const isPlain = kinds.includes('timestamp') && !kinds.includes('timestamptz')
  return isPlain ? types.timestamp : types.timestamptz
}

function constantStep(interval: Expression): IntervalParts {
  const value = interval.kind === 'literal' ? interval.value : undefined
  if (value === null) return { months: 0, days: 0, microseconds: 0n }
  const parts = typeof value === 'string' ? parseInterval(value) : undefined
  if (parts) return parts
  throw featureNotSupported(
    'generate_series with a step that is not a constant interval is not supported',
    interval.span,
    'Multiply instead: select start + i * step from generate_series(0, n) as s (i).',
  )
}

function noRows({ context, type, name, span }: TimeSeries): SeriesPlan {
  const column = context.column(name, type, true)
  const items = [{ column, expression: literal(null, type, span) }]
  const project: Plan = { kind: 'project', input: { kind: 'dual' }, items }
  return {
    plan: { kind: 'filter', input: project, predicate: literal(false, types.boolean, span) },
    column,
  }
}

class TimeFormulas {
  readonly #series: TimeSeries
  constructor(series: TimeSeries) {
    this.#series = series
  }

  operator(symbol: string, left: Expression, right: Expression): Expression {
    const { span, context } = this.#series
    return bindOperator(symbol, [left, right], span, context)
  }

  big(value: bigint): Expression {
    return literal(value, types.bigint, this.#series.span)
  }

  extract(field: string, time: Expression): Expression {
    const { span, context } = this.#series
    return bindFunction('extract', [textLiteral(field, span), time], span, context)
  }

  asBigint(value: Expression): Expression {
    const { span, context } = this.#series
    return coerceExplicitly(value, types.bigint, span, context)
  }

  interval(text: string): Expression {
    return literal(text, types.interval, this.#series.span)
  }

  microseconds(time: Expression): Expression {
    const million = literal(1_000_000, types.integer, this.#series.span)
    return this.asBigint(this.operator('*', this.extract('epoch', time), million))
  }

  /** Days and the rest apart: as doubles, which intervals are multiplied by, both are exact. */
  fromMicroseconds(number: Expression): Expression {
    const { type, span } = this.#series
    const days = this.operator(
      '*',
      this.interval('1 day'),
      this.operator('/', number, this.big(kDay)),
    )
    const rest = this.operator(
      '*',
      this.interval('00:00:00.000001'),
      this.operator('%', number, this.big(kDay)),
    )
    const epoch = literal(0n, type, span)
    return this.operator('+', this.operator('+', epoch, days), rest)
  }

  /** Months since year 0. */
  months(time: Expression): Expression {
    const twelve = literal(12, types.integer, this.#series.span)
    const years = this.operator('*', this.extract('year', time), twelve)
    return this.asBigint(this.operator('+', years, this.extract('month', time)))
  }
}

function timeSteps(series: TimeSeries): SeriesPlan {
  const { context, ends, step, type, name, span } = series
  const formulas = new TimeFormulas(series)
  const [start, stop] = ends.map((end) => formulas.microseconds(end))
  if (!start || !stop) throw new TypeError('a series has two ends')
  const by = formulas.big(BigInt(step.days) * kDay + step.microseconds)
  const number = context.column('number', types.bigint, false)
  const column = context.column(name, type, false)
  const expression = formulas.fromMicroseconds(columnExpression(number, span))
  const input: Plan = { kind: 'series', start, stop, step: by, column: number }
  return { plan: { kind: 'project', input, items: [{ column, expression }] }, column }
}

function monthSteps(series: TimeSeries): SeriesPlan {
  const { context, ends, step, type, name, span } = series
  const formulas = new TimeFormulas(series)
  const row = endsOf(context, ends, span)
  const [start, stop] = row.columns
  if (!start || !stop) throw new TypeError('a series has two ends')
  const distance = formulas.operator('-', formulas.months(stop), formulas.months(start))
  const count = formulas.operator('/', distance, formulas.big(BigInt(step.months)))
  const numbers = { start: formulas.big(0n), stop: count, step: formulas.big(1n) }
  const plain = row.over(numbers, (number) => {
    const passed = formulas.operator('*', formulas.interval(`${String(step.months)} mons`), number)
    const expression = formulas.operator('+', start, passed)
    return { column: context.column('plain', type, false), expression }
  })
  const clipped = clipDays(series, formulas, plain)
  const column = context.column(name, type, false)
  const value = columnExpression(clipped.column, span)
  const inside = formulas.operator(step.months > 0 ? '<=' : '>=', value, stop)
  const filtered: Plan = { kind: 'filter', input: clipped.plan, predicate: inside }
  return {
    plan: { kind: 'project', input: filtered, items: [{ column, expression: value }] },
    column,
  }
}

/** The day of the month is the least so far: once cut short by a month, it stays so. */
function clipDays(
  { context, type, span }: TimeSeries,
  formulas: TimeFormulas,
  { plan, column: plain }: SeriesPlan,
): SeriesPlan {
  const day = context.column('day', types.bigint, false)
  const least = context.column('least', types.bigint, false)
  const value = columnExpression(plain, span)
  const items = [
    ...columnsOf(plan).map((column) => passThrough(column, span)),
    { column: day, expression: formulas.asBigint(formulas.extract('day', value)) },
  ]
  const number = columnsOf(plan).find(({ name }) => name === 'number')
  if (!number) throw new TypeError('a series has numbers')
  const windowed: Plan = {
    kind: 'window',
    input: { kind: 'project', input: plan, items },
    partition: [],
    order: [{ expression: columnExpression(number, span), descending: false, nullsFirst: false }],
    frames: [
      {
        mode: 'rows',
        start: { kind: 'unbounded_preceding' },
        end: { kind: 'current_row' },
        exclude: 'no_others',
        key: undefined,
      },
    ],
    calls: [
      {
        column: least,
        function: 'min',
        arguments: [columnExpression(day, span)],
        filter: undefined,
        frame: 0,
        span,
      },
    ],
    checks: [],
  }
  const over = formulas.operator('-', columnExpression(day, span), columnExpression(least, span))
  const days = formulas.operator('*', formulas.interval('1 day'), over)
  const column = context.column('clipped', type, false)
  const expression = kernelCall('TimestampSubtract', [value, days], type, span, { label: '-' })
  const passed = columnsOf(windowed).map((one) => passThrough(one, span))
  return {
    plan: { kind: 'project', input: windowed, items: [...passed, { column, expression }] },
    column,
  }
}
