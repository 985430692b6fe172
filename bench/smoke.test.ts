// Every suite of benchmarks runs, small: its answers are right and its table has its rows. Says nothing
// about speed, and needs no program that may be missing.
import { expect, it } from 'vitest'
import { run as runHttp } from './http/http.bench.ts'
import { run as runJoins } from './joins/joins.bench.ts'
import { run as runStores } from './stores/stores.bench.ts'

const generous = 120_000

/** Where a server's processor time can be read: docs/decisions/0016-bring-our-own-load.md. */
const hasProcessorTimes = process.platform === 'linux'

it.skipIf(!hasProcessorTimes)('http: every workload is answered without errors', async () => {
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
