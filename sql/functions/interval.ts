// Intervals as text: PostgreSQL's input forms, and the one output form that literals carry.
// Months, days and microseconds are kept apart because none is a fixed number of another.

export interface IntervalParts {
  readonly months: number
  readonly days: number
  readonly microseconds: bigint
}

const kMicrosecondsPerSecond = 1_000_000n
const int32Max = 2_147_483_647

/** Months, days and microseconds in one of each unit. */
const units: Record<string, readonly [months: number, days: number, microseconds: number]> = {
  microsecond: [0, 0, 1],
  millisecond: [0, 0, 1_000],
  second: [0, 0, 1_000_000],
  minute: [0, 0, 60_000_000],
  hour: [0, 0, 3_600_000_000],
  day: [0, 1, 0],
  week: [0, 7, 0],
  month: [1, 0, 0],
  year: [12, 0, 0],
  decade: [120, 0, 0],
  century: [1_200, 0, 0],
  millennium: [12_000, 0, 0],
}

const spellings: Record<string, string> = {
  us: 'microsecond',
  usec: 'microsecond',
  usecs: 'microsecond',
  microseconds: 'microsecond',
  ms: 'millisecond',
  msec: 'millisecond',
  msecs: 'millisecond',
  milliseconds: 'millisecond',
  s: 'second',
  sec: 'second',
  secs: 'second',
  seconds: 'second',
  m: 'minute',
  min: 'minute',
  mins: 'minute',
  minutes: 'minute',
  h: 'hour',
  hr: 'hour',
  hrs: 'hour',
  hours: 'hour',
  d: 'day',
  days: 'day',
  w: 'week',
  weeks: 'week',
  mon: 'month',
  mons: 'month',
  months: 'month',
  y: 'year',
  yr: 'year',
  yrs: 'year',
  years: 'year',
  decades: 'decade',
  centuries: 'century',
  millenniums: 'millennium',
  millennia: 'millennium',
}

interface Sum {
  months: number
  days: number
  microseconds: number
}

/**
 * Reads `1 day 02:03:04.5`, `10 min`, `-3 hours ago`, `1:30`, `P1DT2H`; a bare number counts
 * seconds. Returns undefined when the text is no interval or does not fit.
 */
export function parseInterval(text: string): IntervalParts | undefined {
  const trimmed = text.trim().toLowerCase()
  if (trimmed === '') return undefined
  const sum = /^[+-]?p/.test(trimmed) ? isoSum(trimmed) : phraseSum(trimmed)
  return sum && fitted(sum)
}

function phraseSum(text: string): Sum | undefined {
  const ago = /\s+ago$/.test(text)
  const tokens = text
    .replace(/\s+ago$/, '')
    .match(/[+-]?\d+:\d+(?::\d+(?:\.\d*)?)?|[+-]?(?:\d+\.?\d*|\.\d+)|[a-z]+|\S/g)
  const sum: Sum = { months: 0, days: 0, microseconds: 0 }
  let position = 0
  while (tokens && position < tokens.length) {
    const used = addToken(sum, tokens[position] ?? '', tokens[position + 1])
    if (used === 0) return undefined
    position += used
  }
  const sign = ago ? -1 : 1
  return { months: sum.months * sign, days: sum.days * sign, microseconds: sum.microseconds * sign }
}

/** Adds one quantity; returns how many tokens it took, 0 when it is none. */
function addToken(sum: Sum, token: string, next: string | undefined): number {
  if (token.includes(':')) return addClock(sum, token) ? 1 : 0
  const amount = Number(token)
  if (!/^[+-]?[\d.]/.test(token) || Number.isNaN(amount)) return 0
  const isUnit = next !== undefined && /^[a-z]/.test(next)
  const added = addUnit(sum, amount, isUnit ? next : 'second')
  if (!added) return 0
  return isUnit ? 2 : 1
}

function addClock(sum: Sum, token: string): boolean {
  const match = /^([+-]?)(\d+):(\d+)(?::(\d+(?:\.\d*)?))?$/.exec(token)
  if (!match) return false
  const [, sign, hours, minutes, seconds = '0'] = match
  if (Number(minutes) > 59 || Number(seconds) >= 60) return false
  const micros = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1e6
  sum.microseconds += Math.round(sign === '-' ? -micros : micros)
  return true
}

/** Fractions spill downwards as PostgreSQL's do: a month has 30 days, a day 24 hours. */
function addUnit(sum: Sum, amount: number, name: string): boolean {
  const unit = units[spellings[name] ?? name]
  if (!unit) return false
  const [months, days, microseconds] = unit
  const wholeMonths = Math.trunc(amount * months)
  const dayAmount = (months === 0 ? 0 : (amount * months - wholeMonths) * 30) + amount * days
  const wholeDays = Math.trunc(dayAmount)
  sum.months += wholeMonths
  sum.days += wholeDays
  sum.microseconds += Math.round((dayAmount - wholeDays) * 86_400e6 + amount * microseconds)
  return true
}

function isoSum(text: string): Sum | undefined {
  const match = /^([+-]?)p((?:-?[\d.]+[ymwd])*)(?:t((?:-?[\d.]+[hms])*))?$/.exec(text)
  if (!match || (!match[2] && !match[3])) return undefined
  const sum: Sum = { months: 0, days: 0, microseconds: 0 }
  const dateUnits: Record<string, string> = { y: 'year', m: 'month', w: 'week', d: 'day' }
  const timeUnits: Record<string, string> = { h: 'hour', m: 'minute', s: 'second' }
  const sign = match[1] === '-' ? -1 : 1
  for (const [part, names] of [
    [match[2], dateUnits],
    [match[3], timeUnits],
  ] as const) {
    for (const [, amount, unit] of (part ?? '').matchAll(/(-?[\d.]+)([a-z])/g)) {
      if (!addUnit(sum, Number(amount) * sign, names[unit ?? ''] ?? '')) return undefined
    }
  }
  return sum
}

function fitted({ months, days, microseconds }: Sum): IntervalParts | undefined {
  if (Math.abs(months) > int32Max || Math.abs(days) > int32Max) return undefined
  if (!Number.isFinite(microseconds) || Math.abs(microseconds) > 9.2e18) return undefined
  return { months: months + 0, days: days + 0, microseconds: BigInt(Math.round(microseconds)) }
}

/** PostgreSQL's output: `1 year 2 mons 3 days 04:05:06.7`. `parseInterval` reads it back. */
export function formatInterval({ months, days, microseconds }: IntervalParts): string {
  const parts: string[] = []
  const years = Math.trunc(months / 12)
  const rest = months % 12
  if (years !== 0) parts.push(`${years} year${years === 1 ? '' : 's'}`)
  if (rest !== 0) parts.push(`${rest} mon${rest === 1 ? '' : 's'}`)
  if (days !== 0) parts.push(`${days} day${days === 1 ? '' : 's'}`)
  if (microseconds !== 0n || parts.length === 0) parts.push(clock(microseconds))
  return parts.join(' ')
}

function clock(microseconds: bigint): string {
  const magnitude = microseconds < 0n ? -microseconds : microseconds
  const seconds = magnitude / kMicrosecondsPerSecond
  const fraction = (magnitude % kMicrosecondsPerSecond)
    .toString()
    .padStart(6, '0')
    .replace(/0+$/, '')
  const two = (value: bigint): string => value.toString().padStart(2, '0')
  const whole = `${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}`
  return (microseconds < 0n ? '-' : '') + whole + (fraction === '' ? '' : `.${fraction}`)
}
