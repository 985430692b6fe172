// The chart in docs is the one that the recorded results give, shows slower queries as such, and has no figure
// that nobody measured.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { chartOf, chartPath, recordedResults } from './chart.ts'

it('is drawn from the results that are recorded: npm run bench -- chart', () => {
  expect(readFileSync(chartPath, 'utf8')).toBe(chartOf(recordedResults()))
})

const none = { joins: undefined, tpch: undefined, h2o: undefined, http: undefined }
const machine = { cpu: 'a <processor>', cores: 2 }

function tpch(ratio: number): string {
  return chartOf({ ...none, tpch: { title: 'TPC-H', at: '2026-01-02T00:00:00Z', machine, rows: [{ query: 'Q1', threads: 2, ratio }, { query: 'Q1', threads: 1, ratio: 7.7 }] } })
}

it('draws bars down from 1× for slower queries and up for faster ones', () => {
  expect(tpch(0.5)).toMatch(/class="slower"/)
  expect(tpch(0.5)).toContain('>0.50<')
  expect(tpch(3)).toMatch(/<rect[^>]*class="faster"/)
  expect(tpch(3)).not.toMatch(/<rect[^>]*class="slower"/)
})

it('cuts a bar that leaves the panel and says what it is', () => {
  expect(tpch(0.0006)).toMatch(/class="cut".*>0\.0006</s)
  expect(tpch(0.5)).not.toContain('class="cut"')
})

it('shows two threads, escapes text, and draws only what there is', () => {
  expect(tpch(3)).not.toContain('7.7')
  expect(tpch(3)).toContain('a &lt;processor&gt;')
  expect(tpch(3)).not.toContain('HTTP:')
})

it('marks a query that could not be measured', () => {
  const h2o = { title: 'H2O', at: '2026-01-02T00:00:00Z', machine, rows: [{ query: 'group q1', mode: 'agg', threads: 2, ratio: 2 }] }
  const drawn = chartOf({ ...none, h2o })
  expect(drawn.match(/>–</g)).toHaveLength(29)
  expect(drawn).toContain('–: not measured')
})
