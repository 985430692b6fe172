// Reads run beside the writer: a long one delays nobody and sees one moment, a short one sees what its
// session has written.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { open, type Database } from '#engine/index'

const rows = 20_000
/** Far too many pairs to finish during a test. */
const endless = 'select count(*) from t a, t b, t c where a.v * b.v % 7 = c.v'

let db: Database
let directory: string | undefined

async function fill(options: Parameters<typeof open>[0] = {}): Promise<void> {
  db = await open({ workers: 1, ...options })
  await db.exec(`create table t (k bigint primary key, v bigint); insert into t select g, g % 100 from generate_series(1, ${rows}) g`)
}

async function dataDirectory(): Promise<string> {
  directory = await mkdtemp(join(tmpdir(), 'rowtine-reads-'))
  return directory
}

afterEach(async () => {
  await db.close()
  if (directory !== undefined) await rm(directory, { recursive: true, force: true })
  directory = undefined
})

test('a read that would take hours delays no request, no write and no other read', async () => {
  await fill({ threads: 1 })
  const ports = new Promise<string>((resolve) => { db.onListening(({ address }) => { resolve(address) }) })
  await db.exec(`
    create coroutine get on http_requests r as insert into http_responses (request_id, body) select r.id, v::text from t where k = 7;
    insert into listeners (protocol, address) values ('http', '127.0.0.1:0')`)
  const cancel = new AbortController()
  const long = db.query(endless, [], { signal: cancel.signal })
  const ended = expect(long).rejects.toMatchObject({ code: '57014' })
  const response = await fetch(`http://${await ports}/`)
  expect(await response.text()).toBe('7')
  await db.query('insert into t values ($1, 1)', [-1n])
  expect((await db.query('select v from t where k = -1')).toArray()).toEqual([{ v: 1 }])
  cancel.abort()
  await ended
})

/** The sum of v after `rounds` rounds of the test below: every round adds, deletes and inserts. */
function total(rounds: number): number {
  const values = Array.from({ length: rows }, (_, i) => (i + 1) % 100)
  for (let i = 0; i < rounds; i++) {
    for (let k = 0; k < 100 + i; k++) values[k] = (values[k] ?? 0) + 1
    values[rows - i - 1] = 0
  }
  return values.reduce((sum, value) => sum + value)
}

test('a long read sees the moment at which it came', async () => {
  await fill()
  const sums = []
  for (let i = 0; i < 20; i++) {
    sums.push(db.query('select count(*) as n, sum(v) as s from t a where v >= 0'))
    await db.exec(`update t set v = v + 1 where k <= ${100 + i}; delete from t where k = ${rows - i}; insert into t values (${rows + 1000 + i}, 0)`)
  }
  for (const [i, sum] of sums.entries()) {
    expect((await sum).toArray()).toEqual([{ n: rows, s: String(total(i)) }])
  }
})

test.each([['memory', false], ['sqlite', true]])('statements that are not awaited keep their order (%s)', async (_name, stored) => {
  await fill(stored ? { data: await dataDirectory() } : {})
  const answers = []
  for (let i = 1; i <= 50; i++) {
    void db.query('insert into t values ($1, $2)', [-i, i])
    answers.push(db.query('select v from t where k = $1', [-i]))
  }
  for (const [i, answer] of answers.entries()) expect((await answer).toArray()).toEqual([{ v: i + 1 }])
})

test('closing ends a read that runs', async () => {
  await fill({ threads: 2 })
  const ended = expect(db.query(endless)).rejects.toMatchObject({ code: '57P01' })
  await db.close()
  await ended
})

test('a read that fans out beyond what it promised is moved to another thread', async () => {
  db = await open({ workers: 1 })
  await db.exec('create table few (a bigint); insert into few select 1 from generate_series(1, 4000) g')
  const [row] = (await db.query('select count(*) as n from few x join few y on x.a = y.a')).toArray<{ n: number }>()
  expect(row?.n).toBe(16_000_000)
})
