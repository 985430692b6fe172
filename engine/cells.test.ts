import { describe, expect, it } from 'vitest'
import { decimalOf } from '#sql/functions/decimal'
import { floatText } from './cells.ts'

describe('numbers', () => {
  const floats: readonly [number, string][] = [
    [0.1, '0.1'], [1e15, '1e+15'], [123456789012345, '123456789012345'], [1e-5, '1e-05'], [-0, '-0'], [NaN, 'NaN'], [-Infinity, '-Infinity'], [1.5e300, '1.5e+300'],
  ]
  for (const [value, text] of floats) it(`prints ${text}`, () => { expect(floatText(value, 'double')).toBe(text) })
  it('prints the shortest single', () => { expect(floatText(Math.fround(0.1), 'real')).toBe('0.1') })
  const decimals: readonly [bigint, number, string][] = [[5n, 2, '0.05'], [-5n, 2, '-0.05'], [12345n, 0, '12345'], [0n, 3, '0.000']]
  for (const [scaled, scale, text] of decimals) it(`prints ${text} of scale ${scale}`, () => { expect(decimalOf(scaled, scale)).toBe(text) })
})
