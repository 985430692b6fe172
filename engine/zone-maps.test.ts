// Scans pass over blocks that a comparison with a constant excludes, and guess how many rows a range holds
// from the values that are there.
import { expect, test } from 'vitest'
import { open, type Database } from './index.ts'

async function withRows(use: (db: Database) => Promise<void>): Promise<void> {
  const db = await open({ workers: 1, threads: 2, parallelRows: 1 })
  try {
    await db.exec(`create table t (at timestamp not null, n integer not null, skew numeric(12,2));
      insert into t select timestamp '2024-01-01' + i * interval '1 minute', i, case i % 100 when 0 then 1000000 else i % 10 end
      from generate_series(1, 100000) s(i)`)
    await use(db)
  } finally {
    await db.close()
  }
}

async function explained(db: Database, text: string, values: readonly number[] = []): Promise<string[]> {
  return (await db.query(`explain (analyze, timing off, summary off) ${text}`, [...values])).toText().map(([line]) => line ?? '')
}

const estimateOf = (lines: readonly string[], node: string): number =>
  Number(/estimated (\d+)/.exec(lines.find((line) => line.trim().startsWith(node)) ?? '')?.[1])

test('of rows in order, only the blocks of the range are read', async () => {
  await withRows(async (db) => {
    const shown = await explained(db, "select count(*) from t where at >= timestamp '2024-02-01' and at < timestamp '2024-02-02'")
    expect(shown.find((line) => line.includes('Filter'))).toMatch(/rows 1440, estimated/)
    const scan = shown.find((line) => line.trim().startsWith('Scan')) ?? ''
    const [, rows, skipped] = /\(rows (\d+), skipped (\d+)/.exec(scan) ?? []
    expect(Number(rows) + Number(skipped)).toBe(100_000)
    expect(Number(rows)).toBeLessThanOrEqual(3 * 1024)
  })
})

test('a parameter excludes blocks as a literal does', async () => {
  await withRows(async (db) => {
    const shown = await explained(db, 'select count(*) from t where n > $1', [99_990])
    expect(shown.find((line) => line.includes('Scan'))).toMatch(/skipped \d{5}/)
  })
})

test('what cannot be excluded is read whole', async () => {
  await withRows(async (db) => {
    for (const where of ['n % 7 = 3', 'n <> 5', 'skew < 5', 'n > 99990 or n < 10']) {
      expect((await explained(db, `select count(*) from t where ${where}`)).join()).not.toContain('skipped')
    }
  })
})

test('ranges are guessed from what lies in them', async () => {
  await withRows(async (db) => {
    const guess = async (where: string): Promise<number> => estimateOf(await explained(db, `select n from t where ${where}`), 'Filter')
    const quarter = await guess('n > 50000 and n <= 75000')
    expect(Math.abs(quarter - 25_000)).toBeLessThan(1_500)
    expect(await guess('n > 200000')).toBeLessThan(2)
    expect(await guess('n >= 1')).toBe(100_000)
    const few = await guess('skew >= 999999') // one in a hundred
    expect(few).toBeLessThan(15_000)
  })
})
