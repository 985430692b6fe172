import { describe, expect, it } from 'vitest'
import { tableLines } from './harness.ts'

describe('table of a benchmark', () => {
  it('aligns text to the left and numbers to the right, rounded to four digits', () => {
    const lines = tableLines([
      { candidate: 'by hand', rate: 1234.5678 },
      { candidate: 'ours', rate: 0.98765 },
    ])
    expect(lines).toEqual([
      'candidate    rate',
      '---------  ------',
      'by hand     1,235',
      'ours       0.9877',
    ])
  })

  it('says so when there is nothing to show', () => {
    expect(tableLines([])).toEqual(['(no rows)'])
  })
})
