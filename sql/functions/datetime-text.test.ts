import { describe, expect, it } from 'vitest'
import { civilFromDays, dateText, daysFromCivil, timestampText, timeText } from './datetime-text.ts'
import { formatInterval } from './interval.ts'

describe('dates', () => {
  it('go there and back for every day of 2,000 years', () => {
    for (let day = -400_000; day < 400_000; day += 97) {
      const { year, month, day: dayOfMonth } = civilFromDays(day)
      expect(daysFromCivil(year, month, dayOfMonth)).toBe(day)
    }
  })
  const dates: readonly [number, string][] = [[0, '1970-01-01'], [-1, '1969-12-31'], [19_782, '2024-02-29'], [-719_163, '0001-12-31 BC']]
  for (const [days, text] of dates) it(`prints ${text}`, () => { expect(dateText(days)).toBe(text) })
})

describe('times and intervals', () => {
  const times: readonly [bigint, string][] = [[0n, '00:00:00'], [86_399_999_999n, '23:59:59.999999'], [1_500_000n, '00:00:01.5']]
  for (const [value, text] of times) it(`prints ${text}`, () => { expect(timeText(value)).toBe(text) })
  it('prints moments before 1970', () => { expect(timestampText(-1n, '+00')).toBe('1969-12-31 23:59:59.999999+00') })
  const intervals: readonly [number, number, bigint, string][] = [
    [0, 0, 0n, '00:00:00'], [14, -3, 14_706_700_000n, '1 year 2 mons -3 days 04:05:06.7'], [0, 1, -3_600_000_000n, '1 day -01:00:00'],
    [0, 0, 10_800_000_000_000_001n, '3000000:00:00.000001'],
  ]
  for (const [months, days, microseconds, text] of intervals) {
    it(`prints ${text}`, () => { expect(formatInterval({ months, days, microseconds })).toBe(text) })
  }
})
