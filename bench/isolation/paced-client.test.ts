// The paced client's percentiles are the usual ones: the smallest value that so many are not above.
import { expect, it } from 'vitest'
import { percentile } from './paced-client.ts'

it('takes percentiles by nearest rank', () => {
  const hundred = Float64Array.from({ length: 100 }, (_, i) => i + 1)
  expect([0, 0.5, 0.99, 0.999, 1].map((share) => percentile(hundred, share))).toEqual([1, 50, 99, 100, 100])
  expect(percentile(Float64Array.of(7), 0.99)).toBe(7)
  expect(percentile(new Float64Array(0), 0.5)).toBeNaN()
})
