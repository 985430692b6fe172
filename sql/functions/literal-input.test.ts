import { describe, expect, it } from 'vitest'
import type { DataType } from '#base/data-type'
import { EngineError } from '#base/engine-error'
import type { SqlValue } from '#sql/bound'
import { parseLiteral } from './literal-input.ts'

const span = { start: 0, end: 1 }
const day = 86_400_000_000n

const values: readonly [type: DataType | DataType['kind'], text: string, value: SqlValue][] = [
  ['boolean', ' Yes ', true],
  ['boolean', 'off', false],
  ['smallint', '-32768', -32768],
  ['integer', ' 42 ', 42],
  ['bigint', '9223372036854775807', 9223372036854775807n],
  ['real', '0.1', Math.fround(0.1)],
  ['double', '1e300', 1e300],
  ['double', '-Infinity', -Infinity],
  [{ kind: 'numeric', precision: 5, scale: 2 }, '1.005', '1.01'],
  [{ kind: 'numeric', precision: 5, scale: 2 }, '-12', '-12.00'],
  [{ kind: 'numeric', precision: 5, scale: 0 }, '0.4', '0'],
  [{ kind: 'numeric', precision: 5, scale: 1 }, '1.5e2', '150.0'],
  ['bytea', '\\x00ff', Uint8Array.of(0, 255)],
  ['bytea', 'ü', Uint8Array.of(0xc3, 0xbc)],
  ['date', '2024-02-29', 19_782],
  ['date', 'Jan 12, 2026', 20_465],
  ['date', '2024-02-29 10:00', 19_782],
  ['date', '1969-12-31', -1],
  ['time', '12:34:56.5', 45_296_500_000n],
  ['time', '12:00 am', 0n],
  ['timestamp', '1970-01-02 00:00:01', day + 1_000_000n],
  ['timestamptz', '1970-01-02T02:00:00+02', day],
  ['timestamptz', '1970-01-01 00:00:00Z', 0n],
  ['interval', '10 min', '00:10:00'],
  ['interval', '1 year 2 months -3 days 04:05:06.7', '1 year 2 mons -3 days 04:05:06.7'],
  ['interval', 'P1DT2H', '1 day 02:00:00'],
  ['interval', '1.5 days', '1 day 12:00:00'],
  ['interval', '2 hours ago', '-02:00:00'],
  ['uuid', '{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
  ['json', '{"a": [1]}', '{"a": [1]}'],
  [{ kind: 'text', length: 3 }, 'abc  ', 'abc'],
]

const mistakes: readonly [type: DataType | DataType['kind'], text: string, code: string][] = [
  ['boolean', 'maybe', '22P02'],
  ['integer', '1.5', '22P02'],
  ['integer', '2147483648', '22003'],
  ['real', '1e60', '22003'],
  [{ kind: 'numeric', precision: 3, scale: 2 }, '10', '22003'],
  ['date', 'yesterday', '22007'],
  ['date', '2023-02-29', '22008'],
  ['time', '25:00', '22008'],
  ['timestamp', '2024-01-01 nonsense', '22007'],
  ['interval', '10 parsecs', '22007'],
  ['uuid', 'abc', '22P02'],
  ['json', '{a:1}', '22P02'],
  ['json', '['.repeat(600) + ']'.repeat(600), '54000'],
  ['bytea', '\\xabc', '22P02'],
  [{ kind: 'text', length: 2 }, 'abc', '22001'],
]

function typed(type: DataType | DataType['kind']): DataType {
  return typeof type === 'string' ? ({ kind: type } as DataType) : type
}

describe('parseLiteral', () => {
  it.each(values)('%j %j', (type, text, value) => {
    expect(parseLiteral(text, typed(type), span)).toEqual(value)
  })
  it.each(mistakes)('%j %j is refused with %s', (type, text, code) => {
    let caught: unknown
    try {
      parseLiteral(text, typed(type), span)
    } catch (error) {
      caught = error
    }
    expect(caught).toBeInstanceOf(EngineError)
    expect((caught as EngineError).code).toBe(code)
  })
})
