// Every suite of benchmarks runs, small: its answers are right and its table has its rows. Says nothing
// about speed, and needs no program that may be missing.
import { expect, it } from 'vitest'
import { run as runHttp } from './http/http.bench.ts'
import { run as runJoins } from './joins/joins.bench.ts'
import { run as runIsolation } from './isolation/isolation.bench.ts'
import { run as runH2o } from './queries/h2o.bench.ts'
import { run as runResults } from './queries/results.bench.ts'
import { run as runScans } from './queries/scans.bench.ts'
import { run as runTpch } from './queries/tpch.bench.ts'
import { run as runStores } from './stores/stores.bench.ts'

const generous = 120_000

it('http: every workload is answered without errors', async () => {
  const { rows } = await runHttp({ smoke: true })
  const ours = rows.filter((row) => row['server'] === 'rowtine')
  expect(ours.map((row) => row['workload'])).toEqual(['plaintext', 'plaintext, pipelined 16', 'json', 'row by key', 'durable insert'])
  for (const row of rows) {
    expect(row, JSON.stringify(row)).toMatchObject({ errors: 0 })
    expect(row['requests/s']).toBeGreaterThan(0)
  }
}, generous)

it('stores: every store keeps what it was given', async () => {
  const { rows } = await runStores({ smoke: true })
  expect(rows.map((row) => row['work'])).toContain('start-up')
  for (const row of rows) expect(row['rows/s']).toBeGreaterThan(0)
}, generous)

it('joins: every join gives what DuckDB gives', async () => {
  const { rows } = await runJoins({ smoke: true })
  expect(rows).toHaveLength(20)
  for (const row of rows) expect(row['ratio']).toBeGreaterThan(0)
}, generous)

const areTimed = (rows: readonly Record<string, string | number>[]): void => {
  for (const row of rows) expect(row['ratio'], JSON.stringify(row)).toBeGreaterThan(0)
}

it('tpch: every query gives what DuckDB gives, at both numbers of threads', async () => {
  const { rows } = await runTpch({ smoke: true })
  expect(rows).toHaveLength(2 * 22)
  areTimed(rows)
}, generous)

it('h2o: every query gives what DuckDB gives, or says why it cannot', async () => {
  const { rows, notes } = await runH2o({ smoke: true })
  const refused = notes.filter((note) => note.includes('not measured')).length
  expect(rows).toHaveLength(2 * (2 * 15 - refused))
  expect(refused).toBeLessThanOrEqual(4)
  areTimed(rows)
}, generous)

it('scans and sorts: every query gives what DuckDB gives', async () => {
  const { rows } = await runScans({ smoke: true })
  expect(rows).toHaveLength(2 * 7)
  areTimed(rows)
}, generous)

it('results: all candidates hand out the same rows', async () => {
  const { rows } = await runResults({ smoke: true })
  expect(rows.map((row) => row['candidate'])).toEqual([
    'rowtine', 'duckdb', 'rowtine', 'duckdb', 'rowtine, getSync()', 'rowtine, await get()', 'rowtine, await query()', 'better-sqlite3', 'duckdb',
  ])
  areTimed(rows)
}, generous)

it('isolation: requests are answered while queries run', async () => {
  const { rows } = await runIsolation({ smoke: true })
  expect(rows.map((row) => row['beside'])).toEqual(['idle', 'TPC-H', 'idle', 'TPC-H'])
  for (const row of rows) {
    expect(row, JSON.stringify(row)).toMatchObject({ errors: 0 })
    expect(row['p99 us']).toBeGreaterThan(0)
    if (row['beside'] === 'TPC-H') expect(row['queries ended']).toBeGreaterThan(0)
  }
}, generous)
