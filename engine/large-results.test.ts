// Large results, whose memory native code hands over: every type in it, as long as somebody holds it, and no
// longer.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { open, type Database, type Result } from './index.ts'

/** Enough for buffers of their own for every column, and for a team. */
const rowCount = 300_000
/** A fifth of the rows are null, and each has all kinds of values. */
const query = `select k,
  case when k % 5 > 0 then k::double precision / 4 end as x,
  case when k % 5 > 1 then 'a text that is long enough for the heap ' || k end as long,
  'r' || k % 10 as short,
  (k::numeric(20,2) / 4)::numeric(20,2) as n,
  k % 2 = 0 as even,
  (k % 1000)::smallint as small
from t`

let db: Database
beforeEach(async () => {
  db = await open({ workers: 1, threads: 2, memoryLimitBytes: 512 * 1024 ** 2 })
  await db.exec(`create unlogged table t (k bigint primary key); insert into t select k from generate_series(1, ${String(rowCount)}) g(k)`)
})
afterEach(() => db.close())

function expectedRow(k: number): Record<string, unknown> {
  return {
    k, x: k % 5 > 0 ? k / 4 : null, long: k % 5 > 1 ? `a text that is long enough for the heap ${String(k)}` : null,
    short: `r${String(k % 10)}`, n: (Math.round(k * 25) / 100).toFixed(2), even: k % 2 === 0, small: k % 1000,
  }
}

function check(rows: readonly Record<string, unknown>[]): void {
  expect(rows.length).toBe(rowCount)
  const sorted = rows.toSorted((a, b) => Number(a['k']) - Number(b['k']))
  const wrong = sorted.find((row, i) => JSON.stringify(row) !== JSON.stringify(expectedRow(i + 1)))
  expect(wrong).toBeUndefined()
}

describe('a large result', () => {
  it('has every row as objects and as an Arrow table, also when the database is closed', async () => {
    const result = await db.query(query)
    const table = await result.toArrow()
    await db.close()
    check(result.toArray())
    expect(table.numRows).toBe(rowCount)
    const [k, x, long] = ['k', 'x', 'long'].map((name) => table.getChild(name))
    expect([x?.nullCount, long?.nullCount]).toEqual([rowCount / 5, (rowCount / 5) * 2])
    for (let row = 0; row < rowCount; row += 997) {
      const expected = expectedRow(Number(k?.get(row)))
      expect([x?.get(row), long?.get(row)]).toEqual([expected['x'], expected['long']])
    }
  })

  it('has typed arrays of its columns without a copy', async () => {
    const result = await db.query(`${query} order by k`)
    const sums = { k: 0n, small: 0, even: 0 }
    for (const chunk of result.columnArrays('k')) for (const value of chunk as BigInt64Array) sums.k += value
    for (const chunk of result.columnArrays('small')) for (const value of chunk as Int16Array) sums.small += value
    for (const chunk of result.columnArrays('even')) for (const value of chunk as Uint8Array) sums.even += value
    expect(sums).toEqual({ k: BigInt(rowCount) * BigInt(rowCount + 1) / 2n, small: 499_500 * (rowCount / 1000), even: rowCount / 2 })
    expect(result.columnArrays('k')[0]?.buffer).toBe(result.batches[0]?.columns[0]?.values.buffer)
    expect(result.columnArrays('n').reduce((sum, { length }) => sum + length, 0)).toBe(4 * rowCount)
    expect(() => result.columnArrays('long')).toThrow(expect.objectContaining({ code: '0A000' }))
    expect(() => result.columnArrays('nothing')).toThrow(expect.objectContaining({ code: '42703' }))
  })

  it('has typed arrays when it is small or empty', async () => {
    for (let i = 0; i < 2; i++) {
      expect((await db.query('select k from t where k in (1, 2) order by k')).columnArrays('k')).toEqual([BigInt64Array.of(1n, 2n)])
      expect((await db.query('select k from t where k < 0')).columnArrays('k')).toEqual([])
    }
  })

  it('is counted while it is held, and given back when it is not', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const bytes = rowCount * 8
    const external = async (): Promise<number> => {
      collect()
      await new Promise((resolve) => { setImmediate(resolve) })
      return process.memoryUsage().external
    }
    /** When what others have left is gone. */
    const settled = async (): Promise<number> => {
      let last = await external()
      for (let quiet = 0; quiet < 5;) {
        const next = await external()
        quiet = next < last ? 0 : quiet + 1
        last = next
      }
      return last
    }
    let held: Result[] = []
    const before = await settled()
    for (let i = 0; i < 8; i++) held.push(await db.query('select k from t'))
    const with8 = await settled()
    expect(with8 - before).toBeGreaterThan(8 * bytes * 0.9)
    expect(held.every((result) => result.rowCount === rowCount)).toBe(true)
    held = []
    let after = await external()
    for (let turn = 0; turn < 200 && after - before > bytes; turn++) after = await external()
    expect(after - before).toBeLessThan(bytes)
  })

  it('can be cancelled on its way, and others go on', async () => {
    const abort = new AbortController()
    const large = db.query('select a.k, b.k as other from t a, t b', [], { signal: abort.signal })
    setTimeout(() => { abort.abort() }, 20)
    await expect(large).rejects.toMatchObject({ code: expect.stringMatching(/^(57014|53200)$/) as unknown })
    check((await db.query(query)).toArray())
  })

  it.each([1, 2])('that outgrows the memory limit is refused while it is filled, and others go on, threads: %d', async (threads) => {
    const small = await open({ workers: 1, threads, memoryLimitBytes: 64 * 1024 ** 2 })
    try {
      await small.exec(`create unlogged table t (k bigint); insert into t select k from generate_series(1, ${String(rowCount)}) g(k)`)
      const wide = 'select t.k, t.k + n as other, \'a text that is long enough for the heap \' || t.k as long from t, generate_series(1, 8) s(n)'
      const counted = `select count(*) as n, sum(other) > 0 as summed, max(length(long)) as longest from (${wide}) w`
      expect((await small.query(counted)).first()).toEqual({ n: 8 * rowCount, summed: true, longest: 46 })
      await expect(small.query(wide)).rejects.toMatchObject({ code: '53200' })
      const result = await small.query('select k from t order by k')
      expect([result.rowCount, result.columnArrays('k')[0]?.[0]]).toEqual([rowCount, 1n])
    } finally {
      await small.close()
    }
  })
})
