// Twins of the date, time and interval kernels. Dates by JavaScript's Date, so years -9999 to 200000.
import { floorDivide } from './numbers.ts'
import {
  big,
  fail,
  immediate,
  interval,
  num,
  strict,
  type Family,
  type IntervalValue,
  type RowFunction,
  type SqlValue,
} from './sql-value.ts'

const second = 1_000_000n
const hour = 3600n * second
const day = 24n * hour

interface Civil {
  readonly year: number
  readonly month: number
  readonly day: number
}

function civil(days: bigint): Civil {
  const date = new Date(Number(days) * 86_400_000)
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
}

function daysOf({ year, month, day: dayOfMonth }: Civil): bigint {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, dayOfMonth)
  return BigInt(Math.round(date.getTime() / 86_400_000))
}

function daysInMonth(year: number, month: number): number {
  const date = new Date(0)
  date.setUTCFullYear(year, month, 0)
  return date.getUTCDate()
}

function dayOf(timestamp: bigint): bigint {
  return floorDivide(timestamp, day)
}
function timeOf(timestamp: bigint): bigint {
  return timestamp - dayOf(timestamp) * day
}

function addMonths(days: bigint, months: number): bigint {
  const date = civil(days)
  const index = date.year * 12 + date.month - 1 + months
  const [year, month] = [Math.floor(index / 12), (((index % 12) + 12) % 12) + 1]
  return daysOf({ year, month, day: Math.min(date.day, daysInMonth(year, month)) })
}

const timestampMin = -210_866_803_200_000_000n
const timestampMax = 9_223_339_708_799_999_999n

function timestampOf(value: bigint): bigint {
  return value < timestampMin || value > timestampMax ? fail('22008') : value
}

function shift(
  timestamp: bigint,
  { months, days, microseconds }: IntervalValue,
  sign: number,
): bigint {
  const moved = months === 0 ? dayOf(timestamp) : addMonths(dayOf(timestamp), months * sign)
  return timestampOf(
    (moved + BigInt(days * sign)) * day + timeOf(timestamp) + microseconds * BigInt(sign),
  )
}

function pad(value: number | bigint, width: number): string {
  return String(value).padStart(width, '0')
}

export function dateText(days: bigint): string {
  const { year, month, day: dayOfMonth } = civil(days)
  const shown = year > 0 ? year : 1 - year
  return `${pad(shown, 4)}-${pad(month, 2)}-${pad(dayOfMonth, 2)}${year > 0 ? '' : ' BC'}`
}

export function timeText(time: bigint): string {
  const fraction = time % second === 0n ? '' : `.${pad(time % second, 6).replace(/0+$/, '')}`
  return `${pad(time / hour, 2)}:${pad((time / (60n * second)) % 60n, 2)}:${pad((time / second) % 60n, 2)}${fraction}`
}

function timestampText(timestamp: bigint, separator: string, zone: string): string {
  const date = dateText(dayOf(timestamp))
  const suffix = date.endsWith(' BC') ? ' BC' : ''
  return `${date.replace(' BC', '')}${separator}${timeText(timeOf(timestamp))}${zone}${suffix}`
}

export function intervalText({ months, days, microseconds }: IntervalValue): string {
  const units: readonly (readonly [number, string])[] = [
    [Math.trunc(months / 12), 'year'],
    [months % 12, 'mon'],
    [days, 'day'],
  ]
  let text = ''
  let negative = false
  for (const [value, unit] of units) {
    if (value === 0) continue
    text += `${text && ' '}${negative && value > 0 ? '+' : ''}${value} ${unit}${value === 1 ? '' : 's'}`
    negative = value < 0
  }
  if (text !== '' && microseconds === 0n) return text
  const sign = microseconds < 0n ? '-' : negative ? '+' : ''
  return `${text}${text && ' '}${sign}${timeText(microseconds < 0n ? -microseconds : microseconds)}`
}

function difference(left: bigint, right: bigint): IntervalValue {
  return { months: 0, days: Number((left - right) / day), microseconds: (left - right) % day }
}

function age(left: bigint, right: bigint): IntervalValue {
  if (left < right) {
    const { months, days, microseconds } = age(right, left)
    return { months: -months || 0, days: -days || 0, microseconds: -microseconds }
  }
  const [later, earlier] = [civil(dayOf(left)), civil(dayOf(right))]
  let microseconds = timeOf(left) - timeOf(right)
  let days = later.day - earlier.day
  let months = (later.year - earlier.year) * 12 + later.month - earlier.month
  if (microseconds < 0n) [microseconds, days] = [microseconds + day, days - 1]
  if (days < 0) [days, months] = [days + daysInMonth(earlier.year, earlier.month), months - 1]
  return { months, days, microseconds }
}

function checkInterval(value: IntervalValue): IntervalValue {
  const fits = value.months === (value.months | 0) && value.days === (value.days | 0)
  return fits && BigInt.asIntN(64, value.microseconds) === value.microseconds
    ? value
    : fail('22008')
}

function sum(sign: 1 | -1): RowFunction {
  return strict((row) => {
    const [left, right] = [interval(row, 0), interval(row, 1)]
    return checkInterval({
      months: left.months + sign * right.months,
      days: left.days + sign * right.days,
      microseconds: left.microseconds + BigInt(sign) * right.microseconds,
    })
  })
}

/** Where PostgreSQL's century or millennium begins: there is no year 0. */
function periodStart(year: number, length: number): number {
  return Math.floor((year - 1) / length) * length + 1
}

const truncations: Readonly<Record<number, (timestamp: bigint) => bigint>> = {
  0: (timestamp) => timestamp,
  1: (timestamp) => floorDivide(timestamp, 1000n) * 1000n,
  2: (timestamp) => floorDivide(timestamp, second) * second,
  3: (timestamp) => floorDivide(timestamp, 60n * second) * 60n * second,
  4: (timestamp) => floorDivide(timestamp, hour) * hour,
  5: (timestamp) => dayOf(timestamp) * day,
  6: (timestamp) =>
    (dayOf(timestamp) -
      BigInt((new Date(Number(dayOf(timestamp)) * 86_400_000).getUTCDay() + 6) % 7)) *
    day,
  7: (timestamp) => toDate(timestamp, ({ year, month }) => ({ year, month, day: 1 })),
  8: (timestamp) =>
    toDate(timestamp, ({ year, month }) => ({ year, month: month - ((month - 1) % 3), day: 1 })),
  9: (timestamp) => toDate(timestamp, ({ year }) => ({ year, month: 1, day: 1 })),
  10: (timestamp) =>
    toDate(timestamp, ({ year }) => ({ year: Math.floor(year / 10) * 10, month: 1, day: 1 })),
  11: (timestamp) =>
    toDate(timestamp, ({ year }) => ({ year: periodStart(year, 100), month: 1, day: 1 })),
  12: (timestamp) =>
    toDate(timestamp, ({ year }) => ({ year: periodStart(year, 1000), month: 1, day: 1 })),
}

function toDate(timestamp: bigint, change: (date: Civil) => Civil): bigint {
  return daysOf(change(civil(dayOf(timestamp)))) * day
}

function truncate(row: readonly SqlValue[], field: number): bigint {
  const cut = truncations[field] ?? fail('0A000')
  return cut(big(row, 0))
}

export const datetime: Family = {
  DateToText: strict((row) => dateText(BigInt(num(row, 0)))),
  TimeToText: strict((row) => timeText(big(row, 0))),
  TimestampToText: strict((row) => timestampText(big(row, 0), ' ', '')),
  TimestampTzToText: strict((row) => timestampText(big(row, 0), ' ', '+00')),
  IntervalToText: strict((row) => intervalText(interval(row, 0))),
  TimestampTzToJson: strict((row) => `"${timestampText(big(row, 0), 'T', '+00:00')}"`),
  DateToTimestamp: strict((row) => timestampOf(BigInt(num(row, 0)) * day)),
  TimestampToDate: strict((row) => Number(dayOf(big(row, 0)))),
  TimestampToTime: strict((row) => timeOf(big(row, 0))),
  TimestampAdd: strict((row) => shift(big(row, 0), interval(row, 1), 1)),
  TimestampSubtract: strict((row) => shift(big(row, 0), interval(row, 1), -1)),
  TimestampDifference: strict((row) => difference(big(row, 0), big(row, 1))),
  Age: strict((row) => age(big(row, 0), big(row, 1))),
  IntervalAdd: sum(1),
  IntervalSubtract: sum(-1),
  TruncateTimestamp: strict((row, call) => truncate(row, immediate(call, 0))),
}
