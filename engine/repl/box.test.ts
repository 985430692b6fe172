import { expect, it } from 'vitest'
import { boxTable, cells, lineWidth, type TableView } from './box.ts'

const view: TableView = {
  columns: [{ name: 'id', type: { kind: 'bigint' } }, { name: 'name', type: { kind: 'text' } }],
  rows: [['1', 'Ada'], ['20', undefined], ['300', '日本語 and more']],
  tag: 'SELECT 3',
}

it('puts numbers to the right and shows nulls', () => {
  expect(boxTable(view)).toBe(`┌─────┬─────────────────┐
│ id  │ name            │
├─────┼─────────────────┤
│   1 │ Ada             │
│  20 │ NULL            │
│ 300 │ 日本語 and more │
└─────┴─────────────────┘
(3 rows)`)
})

it('fits every line into the width it is given', () => {
  for (let width = 18; width < 40; width++) {
    for (const line of boxTable(view, width).split('\n')) expect(cells(line)).toBeLessThanOrEqual(Math.max(width, 17))
  }
})

it('keeps control characters from the terminal', () => {
  const hostile = { ...view, rows: [['1', 'a\u001b[2Jb\nc']] }
  expect(boxTable(hostile)).not.toContain('\u001b')
})

it('is as wide as the terminal, where it has a width', () => {
  expect([{ isTTY: true, columns: 120 }, { isTTY: true, columns: 0 }, { columns: 80 }].map(lineWidth)).toEqual([120, Infinity, Infinity])
})
