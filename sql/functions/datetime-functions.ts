// Operators and functions over dates, times and intervals. The session's time zone is UTC.
import { EngineError } from '#base/engine-error'
import type { Span } from '#base/span'
import type { Expression } from '#sql/bound'
import { kernelCall, literal } from './build.ts'
import { castExpression } from './casts.ts'
import { kernel, overload, type Build, type CallSite, type Overload } from './overload.ts'
import { numeric, types, type TypeKind } from './types.ts'
import { featureNotSupported } from '#base/errors'

/** In the order of DATE_FIELD in opcodes.def: the position is the kernel's immediate. */
const dateFields = [
  'microseconds',
  'milliseconds',
  'second',
  'minute',
  'hour',
  'day',
  'week',
  'month',
  'quarter',
  'year',
  'decade',
  'century',
  'millennium',
  'dow',
  'isodow',
  'doy',
  'isoyear',
  'epoch',
  'julian',
  'timezone',
  'timezone_hour',
  'timezone_minute',
] as const

/** Digits after the point of the fields that have some. */
const fieldScales: Partial<Record<string, number>> = {
  second: 6,
  epoch: 6,
  milliseconds: 3,
  julian: 10,
}

interface Field {
  readonly number: number
  readonly scale: number
}

/** The field that a constant names; `seconds` and `second` are the same. */
function fieldOf(name: Expression | undefined, span: Span): Field {
  if (name?.kind !== 'literal' || typeof name.value !== 'string') {
    throw featureNotSupported(
      'a date field that is no constant is not supported',
      name?.span ?? span,
    )
  }
  const spelled = name.value.toLowerCase()
  const singular =
    spelled === 'millennia'
      ? 'millennium'
      : spelled === 'centuries'
        ? 'century'
        : spelled.replace(/s$/, '')
  const number = dateFields.findIndex(
    (field) => field === spelled || field === singular || field === `${singular}s`,
  )
  if (number >= 0) return { number, scale: fieldScales[dateFields[number] ?? ''] ?? 0 }
  throw new EngineError('invalid_parameter_value', {
    message: `unit "${name.value}" not recognized`,
    span: name.span,
  })
}

const extractKernels: Partial<Record<TypeKind, string>> = {
  date: 'ExtractDate',
  time: 'ExtractTime',
  timestamp: 'ExtractTimestamp',
  timestamptz: 'ExtractTimestampTz',
  interval: 'ExtractInterval',
}

function extract(operands: readonly Expression[], { span, label }: CallSite): Expression {
  const [name, value] = operands
  const { number, scale } = fieldOf(name, span)
  const kernelName = extractKernels[value?.type.kind ?? 'date'] ?? 'ExtractDate'
  return kernelCall(kernelName, operands.slice(1), numeric(scale), span, {
    immediates: [number, scale],
    label,
  })
}

/** As extract, but double: what PostgreSQL's older function gives. */
function datePart(operands: readonly Expression[], site: CallSite): Expression {
  return castExpression(extract(operands, site), types.double, site.span)
}

function dateTrunc(operands: readonly Expression[], { span, label }: CallSite): Expression {
  const value = operands[1]
  const { number } = fieldOf(operands[0], span)
  const name = value?.type.kind === 'interval' ? 'TruncateInterval' : 'TruncateTimestamp'
  return kernelCall(name, operands.slice(1), value?.type ?? types.timestamp, span, {
    immediates: [number],
    label,
  })
}

const datetimes = ['date', 'time', 'timestamp', 'timestamptz', 'interval'] as const
const instants = ['timestamp', 'timestamptz'] as const

function reversed(build: Build): Build {
  return (operands, site) => build([...operands].reverse(), site)
}

/** A date plus an interval is a timestamp. */
function dateShift(name: string): Build {
  return (operands, { span, label }) => {
    const [date, interval] = operands
    if (!date || !interval) return literal(null, types.timestamp, span)
    const start = castExpression(date, types.timestamp, date.span)
    return kernelCall(name, [start, interval], types.timestamp, span, { label })
  }
}

const later = 'Later by an interval.'
const earlier = 'Earlier by an interval.'

const shifts: readonly Overload[] = [
  ...instants.flatMap((kind) => [
    overload('+', [kind, 'interval'], kernel('TimestampAdd', kind), later),
    overload('+', ['interval', kind], reversed(kernel('TimestampAdd', kind)), later),
    overload('-', [kind, 'interval'], kernel('TimestampSubtract', kind), earlier),
    overload(
      '-',
      [kind, kind],
      kernel('TimestampDifference', 'interval'),
      'How long from the second to the first.',
    ),
  ]),
  overload('+', ['date', 'interval'], dateShift('TimestampAdd'), later),
  overload('+', ['interval', 'date'], reversed(dateShift('TimestampAdd')), later),
  overload('-', ['date', 'interval'], dateShift('TimestampSubtract'), earlier),
  overload('+', ['date', 'integer'], kernel('DateAddDays', 'date'), 'So many days later.'),
  overload(
    '+',
    ['integer', 'date'],
    reversed(kernel('DateAddDays', 'date')),
    'So many days later.',
  ),
  overload('-', ['date', 'integer'], kernel('DateSubtractDays', 'date'), 'So many days earlier.'),
  overload('-', ['date', 'date'], kernel('DateDifference', 'integer'), 'Days between two dates.'),
  overload('+', ['time', 'interval'], kernel('TimeAdd', 'time'), later),
  overload('-', ['time', 'interval'], kernel('TimeSubtract', 'time'), earlier),
  overload(
    '-',
    ['time', 'time'],
    kernel('TimeDifference', 'interval'),
    'How long between two times.',
  ),
]

const intervals: readonly Overload[] = [
  overload('+', ['interval', 'interval'], kernel('IntervalAdd', 'interval'), 'Adds intervals.'),
  overload(
    '-',
    ['interval', 'interval'],
    kernel('IntervalSubtract', 'interval'),
    'Subtracts intervals.',
  ),
  overload('-', ['interval'], kernel('IntervalNegate', 'interval'), 'Negates an interval.'),
  overload(
    '*',
    ['interval', 'double'],
    kernel('IntervalMultiply', 'interval'),
    'An interval so many times.',
  ),
  overload(
    '*',
    ['double', 'interval'],
    reversed(kernel('IntervalMultiply', 'interval')),
    'An interval so many times.',
  ),
  overload(
    '/',
    ['interval', 'double'],
    kernel('IntervalDivide', 'interval'),
    'A part of an interval.',
  ),
]

export const datetimeOperators: readonly Overload[] = [...shifts, ...intervals]

const stable = { volatility: 'stable' } as const

const clocks: readonly Overload[] = [
  ...['now', 'current_timestamp', 'transaction_timestamp', 'statement_timestamp'].map((name) =>
    overload(
      name,
      [],
      kernel('Now', 'timestamptz', [], 'stable'),
      'When the statement or the event came.',
      stable,
    ),
  ),
  overload('localtimestamp', [], nowAs('timestamp'), 'As now(), without a time zone.', stable),
  overload('current_date', [], nowAs('date'), 'Today.', stable),
  ...['current_time', 'localtime'].map((name) =>
    overload(name, [], nowAs('time'), 'The time of day.', stable),
  ),
  overload(
    'clock_timestamp',
    [],
    kernel('ClockTimestamp', 'timestamptz', [], 'volatile'),
    'The time at this very moment.',
    { volatility: 'volatile' },
  ),
]

function nowAs(kind: 'timestamp' | 'date' | 'time'): Build {
  return (_, { span, label }) => {
    const now = kernelCall('Now', [], types.timestamptz, span, { volatility: 'stable', label })
    return castExpression(now, types[kind], span)
  }
}

const makers: readonly Overload[] = [
  overload(
    'make_date',
    ['integer', 'integer', 'integer'],
    kernel('MakeDate', 'date'),
    'Year, month, day.',
  ),
  overload(
    'make_time',
    ['integer', 'integer', 'double'],
    kernel('MakeTime', 'time'),
    'Hour, minute, second.',
  ),
  overload(
    'make_timestamp',
    ['integer', 'integer', 'integer', 'integer', 'integer', 'double'],
    kernel('MakeTimestamp', 'timestamp'),
    'Year to second.',
  ),
  overload('to_timestamp', ['double'], kernel('ToTimestamp', 'timestamptz'), 'Seconds since 1970.'),
]

const parts: readonly Overload[] = [
  ...datetimes.flatMap((kind) => [
    overload('extract', ['text', kind], extract, 'One field: extract(hour from t).'),
    overload('date_part', ['text', kind], datePart, 'One field, as double.'),
  ]),
  ...[...instants, 'interval' as const].map((kind) =>
    overload(
      'date_trunc',
      ['text', kind],
      dateTrunc,
      "Cut down to a field: date_trunc('hour', t).",
    ),
  ),
  ...instants.flatMap((kind) => [
    overload(
      'date_bin',
      ['interval', kind, kind],
      kernel('DateBin', kind),
      'The start of the bin that holds a time.',
    ),
    overload(
      'to_char',
      [kind, 'text'],
      kernel('TimestampToChar', 'text'),
      'Written by a pattern: YYYY-MM-DD HH24:MI.',
    ),
    overload(
      'age',
      [kind, kind],
      kernel('Age', 'interval'),
      'Years, months and days between two times.',
    ),
  ]),
  overload(
    'justify_days',
    ['interval'],
    kernel('JustifyDays', 'interval'),
    '30 days become a month.',
  ),
  overload(
    'justify_hours',
    ['interval'],
    kernel('JustifyHours', 'interval'),
    '24 hours become a day.',
  ),
  overload(
    'justify_interval',
    ['interval'],
    kernel('JustifyInterval', 'interval'),
    'Both, signs made equal.',
  ),
]

export const datetimeFunctions: readonly Overload[] = [...clocks, ...makers, ...parts]
