// `explain analyze` shows estimates and times beside the rows unless it is told not to, adds up what
// the threads of a team did, and knows the values of parameters.
import { expect, test } from 'vitest'
import { open, type Database } from './index.ts'

async function withRows(use: (db: Database) => Promise<void>): Promise<void> {
  const db = await open({ workers: 1, threads: 2, parallelRows: 1 })
  try {
    await db.exec(`create table t (id integer primary key, g integer not null);
      insert into t select i, i % 50 from generate_series(1, 100000) s(i)`)
    await use(db)
  } finally {
    await db.close()
  }
}

async function lines(db: Database, text: string, values: readonly number[] = []): Promise<string[]> {
  return (await db.query(text, [...values])).toText().map(([line]) => line ?? '')
}

const masked = (text: string): string => text.replaceAll(/[\d.]+ ms/g, '# ms').replaceAll(/\d+ KiB/g, '# KiB').replaceAll(/estimated \d+/g, 'estimated #').replaceAll(/\d+ batch(es)?/g, '# batches')

test('a team adds its rows up', async () => {
  await withRows(async (db) => {
    const shown = await lines(db, 'explain analyze select g, count(*) from t where g < 10 group by g')
    expect(shown.map((line) => masked(line).replace(/ \d threads,/, ''))).toEqual([
      'Extend g, count  (rows 10, estimated #, # ms)',
      '  Aggregate count(*), by g  (rows 10, estimated #, # ms)',
      '    Filter (g < 10)  (rows 20000, estimated #, # ms)',
      '      Scan t  (rows 100000, estimated #, # ms)',
      '',
      '0: Scan t (100000) → Filter (20000) → Aggregate 0  (# batches, # ms)',
      '1: Read Aggregate 0 (10) → Result  (# batches, # ms)',
      '',
      'Planned in # ms, ran in # ms with # KiB of memory.',
    ])
  })
})

test('parameters have their values', async () => {
  await withRows(async (db) => {
    const [first] = await lines(db, 'explain (analyze, timing off, costs off) select id from t where g < $1', [3])
    expect(first).toBe('Extend id  (rows 6000)')
  })
})

test('a change that is helped to read counts what all have read', async () => {
  await withRows(async (db) => {
    await db.exec('create table sums (g integer primary key, n bigint)')
    const shown = await lines(db, 'explain (analyze, timing off, costs off, summary off) insert into sums select g, count(*) from t group by g')
    expect(shown.slice(-2)).toEqual(['0: Scan t (100000) → Aggregate 0', '1: Read Aggregate 0 (50) → Insert sums (50) → Count'])
    expect((await db.query('select sum(n) from sums')).toText()).toEqual([['100000']])
  })
})

test('a join counts what it keeps, a limit what it lets through', async () => {
  await withRows(async (db) => {
    const shown = await lines(db, `explain (analyze, timing off, costs off, summary off)
      select a.id from t a join (values (1), (2)) v (g) on a.g = v.g order by 1 limit 7`)
    expect(shown.find((line) => line.includes('Join'))).toMatch(/\(rows 4000\)$/)
    expect(shown[0]).toMatch(/\(rows 7\)$/)
  })
})

test('a read-only transaction refuses what changes', async () => {
  await withRows(async (db) => {
    const session = db.session()
    await session.exec('begin read only')
    await expect(session.query('explain analyze delete from t')).rejects.toMatchObject({ code: '25006' })
    await session.exec('rollback')
    expect((await db.query('select count(*) as n from t')).toArray()).toEqual([{ n: 100000 }])
  })
})
