// Dates and times as text → days and microseconds since 1970-01-01 UTC, PostgreSQL's ISO forms.
// The session's time zone is UTC, so a timestamp without an offset and one with differ only there.

import { daysFromCivil } from './datetime-text.ts'

export type DatetimeFailure = 'syntax' | 'range'

export const dayMicroseconds = 86_400_000_000n
const monthNames = [
  'jan',
  'feb',
  'mar',
  'apr',
  'may',
  'jun',
  'jul',
  'aug',
  'sep',
  'oct',
  'nov',
  'dec',
]

const datePattern = /^(\d{4,6})-(\d{1,2})-(\d{1,2})( bc)?$|^(\d{4})(\d{2})(\d{2})$/
const timePattern = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d*))?)?\s*(am|pm)?$/
const zonePattern = /\s*(z|utc|gmt|[+-]\d{1,2}(?::?\d{2})?(?::\d{2})?)$/

/** Days since 1970-01-01; the time in a timestamp's text is dropped. */
export function parseDate(text: string): number | DatetimeFailure {
  const days = civilDate(text.trim().toLowerCase())
  if (days !== 'syntax') return days
  const instant = parseTimestamp(text)
  return typeof instant === 'bigint' ? Number(floorDivide(instant, dayMicroseconds)) : instant
}

/** Days since 1970-01-01 in the proleptic Gregorian calendar, of a date alone. */
function civilDate(text: string): number | DatetimeFailure {
  if (text === 'epoch') return 0
  const match = datePattern.exec(withNumericMonth(text))
  if (!match) return 'syntax'
  const year = Number(match[1] ?? match[5])
  const [month, day] = [Number(match[2] ?? match[6]), Number(match[3] ?? match[7])]
  return daysOf(match[4] ? 1 - year : year, month, day)
}

/** `12 Jan 2026`, `Jan 12, 2026`, `12-Jan-2026` → `2026-01-12`; anything else unchanged. */
function withNumericMonth(text: string): string {
  const named =
    /^(?:(\d{1,2})[ -]([a-z]{3})[a-z]*[ -,]+(\d{4})|([a-z]{3})[a-z]* (\d{1,2}),? (\d{4}))$/.exec(
      text,
    )
  if (!named) return text
  const month = monthNames.indexOf(named[2] ?? named[4] ?? '') + 1
  return month === 0 ? text : `${named[3] ?? named[6]}-${month}-${named[1] ?? named[5]}`
}

function daysOf(year: number, month: number, day: number): number | DatetimeFailure {
  if (month < 1 || month > 12 || day < 1 || year < -4712 || year > 294_276) return 'range'
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  if (day > (lengths[month - 1] ?? 0)) return 'range'
  return daysFromCivil(year, month, day)
}

/** Microseconds since midnight. */
export function parseTime(text: string): bigint | DatetimeFailure {
  const match = timePattern.exec(text.trim().toLowerCase())
  if (!match) return 'syntax'
  const [, hourText, minuteText, secondText = '0', fraction = '', half] = match
  let hour = Number(hourText)
  if (half && (hour < 1 || hour > 12)) return 'range'
  if (half) hour = (hour % 12) + (half === 'pm' ? 12 : 0)
  const [minute, second] = [Number(minuteText), Number(secondText)]
  const micros = Math.round(Number(`0.${fraction}0`) * 1e6)
  const total = BigInt((hour * 60 + minute) * 60 + second) * 1_000_000n + BigInt(micros)
  if (minute > 59 || second > 60 || total > dayMicroseconds) return 'range'
  return total
}

/** Microseconds since 1970-01-01 00:00, the offset (if any) not applied. */
export function parseTimestamp(text: string): bigint | DatetimeFailure {
  const parts = split(text)
  return typeof parts === 'string' ? parts : parts.local
}

/** Microseconds since 1970-01-01 00:00 UTC; without an offset the text means UTC. */
export function parseTimestamptz(text: string): bigint | DatetimeFailure {
  const parts = split(text)
  return typeof parts === 'string' ? parts : parts.local - parts.offset
}

function split(text: string): { local: bigint; offset: bigint } | DatetimeFailure {
  const lower = text.trim().toLowerCase()
  if (lower === 'epoch') return { local: 0n, offset: 0n }
  const divided = /^(.*?\d)(?:\s*t\s*|\s+)(\d{1,2}:.*)$/.exec(lower)
  const days = civilDate(divided?.[1] ?? lower)
  if (typeof days === 'string') return days
  const rest = divided?.[2] ?? '00:00'
  const zone = zonePattern.exec(rest)
  const time = parseTime(zone ? rest.slice(0, zone.index) : rest)
  if (typeof time === 'string') return time
  return { local: BigInt(days) * dayMicroseconds + time, offset: offsetOf(zone?.[1]) }
}

function offsetOf(zone: string | undefined): bigint {
  const match = /^([+-])(\d{1,2}):?(\d{2})?(?::(\d{2}))?$/.exec(zone ?? '')
  if (!match) return 0n
  const seconds = Number(match[2]) * 3600 + Number(match[3] ?? 0) * 60 + Number(match[4] ?? 0)
  return BigInt(match[1] === '-' ? -seconds : seconds) * 1_000_000n
}

/** Towards the past, where the quotient of a negative number would be rounded towards zero. */
export function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by
  return value % by < 0n ? quotient - 1n : quotient
}
