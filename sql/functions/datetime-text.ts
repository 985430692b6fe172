// Dates and times as PostgreSQL prints them, from the numbers that vectors hold. Proleptic Gregorian,
// UTC; years before 1 are printed with BC.

const microsecondsPerDay = 86_400_000_000n

/** Days since 1970-01-01 to year, month, day (Howard Hinnant's civil_from_days). */
export function civilFromDays(days: number): { year: number; month: number; day: number } {
  const z = days + 719_468
  const era = Math.floor(z / 146_097)
  const dayOfEra = z - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day }
}

/** Year, month, day to days since 1970-01-01. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0')

/** `2026-11-22`, `0044-03-15 BC`. */
export function dateText(days: number): string {
  const { year, month, day } = civilFromDays(days)
  const shown = year > 0 ? year : 1 - year
  return `${pad(shown, 4)}-${pad(month, 2)}-${pad(day, 2)}${year > 0 ? '' : ' BC'}`
}

/** `13:05:00`, `13:05:00.25`: microseconds since midnight. */
export function timeText(microseconds: bigint): string {
  const total = Number(microseconds)
  const seconds = Math.floor(total / 1_000_000)
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return clock.map((part) => pad(part, 2)).join(':') + fractionText(total % 1_000_000)
}

function fractionText(microseconds: number): string {
  return microseconds === 0 ? '' : '.' + pad(microseconds, 6).replace(/0+$/, '')
}

/** `2026-11-22 16:50:01.5`, with `+00` for timestamptz: microseconds since 1970. */
export function timestampText(microseconds: bigint, zone: '' | '+00'): string {
  let days = microseconds / microsecondsPerDay
  let rest = microseconds % microsecondsPerDay
  if (rest < 0n) {
    days -= 1n
    rest += microsecondsPerDay
  }
  const date = dateText(Number(days))
  if (!date.endsWith(' BC')) return `${date} ${timeText(rest)}${zone}`
  return `${date.slice(0, -3)} ${timeText(rest)}${zone} BC`
}
