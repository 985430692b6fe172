// `explain` shows what was asked for; without rules a query has another plan and the same answer.
import { expect, test } from 'vitest'
import { open, type Database } from './index.ts'

const query = `select a.x, b.y from (values (1), (2), (3)) a (x), (values (1), (2), (3)) b (y)
  where (a.x = b.y and a.x < 2) or (a.x = b.y and b.y > 2)`

async function withDatabase<T>(optimise: boolean, use: (db: Database) => Promise<T>): Promise<T> {
  const db = await open({ workers: 1, optimise })
  try {
    return await use(db)
  } finally {
    await db.close()
  }
}

async function lines(db: Database, text: string): Promise<string[]> {
  return (await db.query(text)).toText().map(([line]) => line ?? '')
}

test('rules are shown by their names, in their order', async () => {
  const shown = await withDatabase(true, (db) => lines(db, `explain (rules) ${query}`))
  const names = shown.filter((line) => line.endsWith(':') && !line.startsWith(' '))
  expect(names).toEqual(['unnest_subqueries:', 'factor_or:', 'push_filters_and_order_joins:'])
})

test('the rules of a coroutine are refused, and so is what is not there', async () => {
  await withDatabase(true, async (db) => {
    const coroutine = 'create coroutine c on http_requests r as insert into notes values (1)'
    await db.exec('create table notes (id integer)')
    await expect(db.query(`explain (rules) ${coroutine}`)).rejects.toMatchObject({ code: '0A000' })
    await expect(db.query('explain (grid) select 1')).rejects.toMatchObject({ code: '0A000' })
  })
})

test('without rules the plan is another, the answer the same', async () => {
  const run = (optimise: boolean): Promise<{ plan: string; rows: unknown }> =>
    withDatabase(optimise, async (db) => ({
      plan: (await lines(db, `explain ${query}`)).join('\n'),
      rows: (await db.query(`${query} order by 1`)).toArray(),
    }))
  const [withRules, without] = [await run(true), await run(false)]
  expect(withRules.plan).toContain('HashProbe')
  expect(without.plan).not.toContain('HashProbe')
  expect(withRules.rows).toEqual([{ x: 1, y: 1 }, { x: 3, y: 3 }])
  expect(without.rows).toEqual(withRules.rows)
})

test('dates and times are shown as they are written', async () => {
  await withDatabase(true, async (db) => {
    await db.exec('create table t (d date, c time, s timestamp, z timestamptz)')
    const shown = await lines(db, `explain select * from t where d > '1994-12-31' and d < date '2024-01-01' + 59
      and s > date '0001-01-01' - interval '1 day' and c < '13:05:00.25' and s < date '2000-01-01' + interval '30 minutes' and z = '2026-11-23 06:00:00+02'`)
    const filter = shown.find((line) => line.includes('Filter'))
    expect(filter).toContain("(d > date '1994-12-31')")
    expect(filter).toContain("(d < date '2024-02-29')")
    expect(filter).toContain("(c < time '13:05:00.25')")
    expect(filter).toContain("(s < timestamp '2000-01-01 00:30:00')")
    expect(filter).toContain("(s > (date '0001-01-01'::timestamp - interval '1 day'))") // before year 1 kernels compute
    expect(filter).toContain("(z = timestamptz '2026-11-23 04:00:00+00')")
  })
})
