// Small reads that are answered where they are asked, and statements that block until they have ended: the
// same answers as by the long way, for every type, and in the order of what was asked before.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { open, type Database, type ParameterValue, type PreparedStatement } from './index.ts'

let db: Database
beforeEach(async () => { db = await open({ workers: 1 }) })
afterEach(() => db.close())

/** The rows by every way that there is. */
async function everyWay(statement: PreparedStatement, values: readonly ParameterValue[]): Promise<unknown[][]> {
  const result = await statement.query(values)
  return [
    result.toArray(), await statement.all(values), statement.allSync(values), statement.querySync(values).toArray(),
  ]
}

describe('small reads', () => {
  it.each<[string, ParameterValue, unknown]>([
    ['boolean', true, true],
    ['boolean', false, false],
    ['smallint', -32768, -32768],
    ['integer', 2147483647, 2147483647],
    ['integer', -0, 0],
    ['bigint', -1, -1],
    ['bigint', 2 ** 53 - 1, 2 ** 53 - 1],
    ['bigint', -(2 ** 53) + 1, -(2 ** 53) + 1],
    ['bigint', -(2n ** 63n), -(2n ** 63n)],
    ['bigint', 2n ** 53n, 2n ** 53n],
    ['bigint', 2n ** 40n + 5n, 2 ** 40 + 5],
    ['real', 1.5, 1.5],
    ['double precision', -0.1, -0.1],
    ['double precision', -0, 0],
    ['double precision', Infinity, Infinity],
    ['double precision', NaN, NaN],
    ['numeric(20,4)', '-1234567890123456.7891', '-1234567890123456.7891'],
    ['text', 'ünïcode, longer than a short string', 'ünïcode, longer than a short string'],
    ['text', '\u{feff}', '\u{feff}'],
    ['text', '\ud800', '\ufffd'],
    ['text', '', ''],
    ['bytea', new Uint8Array([0, 255, 16]), new Uint8Array([0, 255, 16])],
    ['date', '2024-02-29', '2024-02-29'],
    ['time', '23:59:59.999999', '23:59:59.999999'],
    ['timestamptz', new Date(5), new Date(5)],
    ['interval', '1 year -3 days', '1 year -3 days'],
    ['uuid', '0123e456-89ab-cdef-0123-456789abcdef', '0123e456-89ab-cdef-0123-456789abcdef'],
    ['json', { a: [1, null] }, { a: [1, null] }],
  ])('give %s: %s', async (type, value, expected) => {
    using statement = db.prepare(`select $1::${type} as v, k, null::${type} as nothing from (values (1), (2)) t(k) order by k`)
    const rows = [1, 2].map((k) => ({ v: expected, k, nothing: null }))
    for (const way of await everyWay(statement, [value])) expect(way).toEqual(rows)
    expect(await statement.get([value])).toEqual(rows[0])
    expect(statement.getSync([value])).toEqual(rows[0])
    for (const way of await everyWay(statement, [null])) expect(way).toEqual(rows.map((row) => ({ ...row, v: null })))
  })

  it('keep what they gave when others have run', async () => {
    using bytes = db.prepare('select $1::bytea as b, $2::text as t')
    const first = await bytes.query([new Uint8Array([1, 2, 3]), 'first'])
    const row = bytes.getSync([new Uint8Array([4, 5, 6]), 'second'])
    bytes.getSync([new Uint8Array([7, 8, 9]), 'third'])
    expect(first.toArray()).toEqual([{ b: new Uint8Array([1, 2, 3]), t: 'first' }])
    expect(row).toEqual({ b: new Uint8Array([4, 5, 6]), t: 'second' })
  })

  it.each([0, 1, 7, 8, 9, 2048, 5000])('give %i rows with nulls among them', async (count) => {
    using statement = db.prepare(`select nullif(k % 3, 0) as n, case when k % 5 > 0 then 'row ' || k end as t from generate_series(1, $1::bigint) g(k) order by k`)
    const rows = Array.from({ length: count }, (_, i) => ({ n: (i + 1) % 3 || null, t: (i + 1) % 5 ? `row ${String(i + 1)}` : null }))
    await db.exec('create unlogged table kept (n bigint, t text)')
    for (const way of await everyWay(statement, [count])) expect(way).toEqual(rows)
    expect(await statement.get([count])).toEqual(rows[0])
  })

  it('give rows that are larger than the memory shared with native code, and take such values', async () => {
    using statement = db.prepare('select $1::text as a, $1::text as b')
    for (const length of [10_000, 21_000, 40_000, 70_000, 1_000_000]) {
      const text = 'é'.repeat(length)
      for (const way of await everyWay(statement, [text])) expect(way).toEqual([{ a: text, b: text }])
      expect(statement.getSync([text])).toEqual({ a: text, b: text })
    }
  })

  it('say nothing of what is not there', async () => {
    await db.exec('create unlogged table t (k bigint primary key, v text)')
    using find = db.prepare('select v from t where k = $1')
    for (const way of await everyWay(find, [1])) expect(way).toEqual([])
    expect(await find.get([1])).toBeUndefined()
    expect(find.getSync([1])).toBeUndefined()
    await db.exec('insert into t values (1, null)')
    expect(find.getSync([1])).toEqual({ v: null })
    expect(find.getSync([2])).toBeUndefined()
  })

  it('make properties of any name', () => {
    using statement = db.prepare('select 1 as "__proto__", 2 as "a b"')
    const row = statement.getSync() ?? {}
    expect(Object.keys(row)).toEqual(['__proto__', 'a b'])
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype)
  })

  it.each<[string, ParameterValue[], string]>([
    ['select 10 / $1::integer as share', [0], '22012'],
    ['select $1::integer', [2 ** 31], '22003'],
    ['select $1::bigint', [2n ** 63n], '22003'],
    ['select $1::integer', ['x'], '22P02'],
    ['select $1::integer', [], '42P02'],
    ['select $1::integer', [1, 2], '42P02'],
    ['select (select k from (values (1), (2)) t(k) where k < $1)', [3], '21000'],
  ])('refuse %s with %s in every way', async (text, values, code) => {
    using statement = db.prepare(text)
    const expected = { code, source: expect.objectContaining({ text }) as unknown }
    await expect(statement.query(values)).rejects.toMatchObject(expected)
    await expect(statement.all(values)).rejects.toMatchObject(expected)
    await expect(statement.get(values)).rejects.toMatchObject(expected)
    for (const run of [() => statement.querySync(values), () => statement.allSync(values), () => statement.getSync(values), () => statement.execSync(values)]) {
      expect(run).toThrow(expect.objectContaining(expected))
    }
    for (let i = 0; i < 2; i++) await expect(db.query(text, values)).rejects.toMatchObject(expected)
  })

  it('are refused when they are cancelled before, closed, or their session has ended', async () => {
    const statement = db.prepare('select 1 as one')
    await expect(statement.query([], { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: '57014' })
    await expect(statement.get([], { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: '57014' })
    statement.close()
    expect(() => statement.getSync()).toThrow(expect.objectContaining({ code: '26000' }))
    await expect(statement.get()).rejects.toMatchObject({ code: '26000' })
    const session = db.session()
    const inSession = session.prepare('select 1 as one')
    expect(inSession.getSync()).toEqual({ one: 1 })
    await session.close()
    await expect(inSession.get()).rejects.toMatchObject({ code: '25P01' })
    await expect(session.query('select 1')).rejects.toMatchObject({ code: '25P01' })
    expect(() => inSession.getSync()).toThrow(expect.objectContaining({ code: '25P01' }))
  })

  it('see a relation that was made again', async () => {
    await db.exec('create unlogged table t (v integer); insert into t values (1)')
    using all = db.prepare('select * from t')
    expect(all.allSync()).toEqual([{ v: 1 }])
    await db.exec(`drop table t; create unlogged table t (a text, b boolean); insert into t values ('x', true)`)
    expect(all.allSync()).toEqual([{ a: 'x', b: true }])
    await db.exec('drop table t')
    expect(() => all.allSync()).toThrow(expect.objectContaining({ code: '42P01' }))
  })

  it('see what was asked before them, awaited or not', async () => {
    await db.exec('create unlogged table t (k integer primary key)')
    using add = db.prepare('insert into t values ($1)')
    using count = db.prepare('select count(*) as n from t')
    for (let k = 1; k <= 50; k++) {
      const added = add.query([k])
      const read = k % 2 === 0 ? Promise.resolve(count.getSync()) : count.get()
      expect(await read).toEqual({ n: k })
      await added
    }
  })

  it('are answered while a large result is under way', async () => {
    using one = db.prepare('select $1::integer as v')
    const large = db.query('select count(*) as n from generate_series(1, 300000) a(k) where k % 7 = 0')
    expect(one.getSync([5])).toEqual({ v: 5 })
    expect((await large).toArray()).toEqual([{ n: Math.floor(300_000 / 7) }])
  })

  it('of two databases do not meet', async () => {
    await using other = await open({ workers: 1 })
    using ours = db.prepare('select $1::text as v')
    using theirs = other.prepare('select $1::text as v')
    const [a, b] = [await ours.query(['ours']), await theirs.query(['theirs'])]
    expect([a.first(), b.first(), ours.getSync(['x']), theirs.getSync(['y'])]).toEqual([{ v: 'ours' }, { v: 'theirs' }, { v: 'x' }, { v: 'y' }])
  })

  it('outlive their database', async () => {
    const own = await open({ workers: 1 })
    const statement = own.prepare(`select 'kept' as v`)
    const result = await statement.query()
    await own.close()
    expect(result.toArray()).toEqual([{ v: 'kept' }])
    expect(() => statement.getSync()).toThrow(expect.objectContaining({ code: '57P01' }))
  })
})

describe('statements that block', () => {
  it('change, return and count', async () => {
    await db.exec('create unlogged table t (k bigint generated always as identity primary key, v text)')
    using add = db.prepare('insert into t (v) values ($1) returning k')
    expect(add.getSync(['a'])).toEqual({ k: 1 })
    expect(add.execSync(['b'])).toBe(1)
    using change = db.prepare('update t set v = v || $1')
    expect(change.execSync(['!'])).toBe(2)
    expect((await db.query('select v from t order by k')).toArray()).toEqual([{ v: 'a!' }, { v: 'b!' }])
    using wrong = db.prepare('insert into t (k, v) overriding system value values (1, null)')
    expect(() => wrong.execSync()).toThrow(expect.objectContaining({ code: '23505' }))
  })

  it('are durable when they return', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rowtine-sync-'))
    try {
      const stored = await open({ data: folder, workers: 1 })
      await stored.exec('create table t (k integer primary key)')
      const add = stored.prepare('insert into t values ($1)')
      const count = stored.prepare('select count(*) as n from t')
      for (let k = 0; k < 20; k++) {
        expect(add.execSync([k])).toBe(1)
        expect(count.getSync()).toEqual({ n: k + 1 })
      }
      await stored.close()
      await using again = await open({ data: folder, workers: 1 })
      expect(await again.sql`select count(*) as n from t`).toEqual([{ n: 20 }])
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('read what is large', async () => {
    using large = db.prepare('select k, k * 2 as twice from generate_series(1, $1::bigint) g(k)')
    const rows = large.allSync([200_000])
    expect(rows.length).toBe(200_000)
    expect(rows.at(-1)).toEqual({ k: 200_000, twice: 400_000 })
  })

  it('leave to others what is theirs', async () => {
    await db.exec('create unlogged table t (k integer primary key); create event table e (v integer)')
    const seen: unknown[] = []
    const stop = db.follow('e', (_, batch) => { seen.push(batch.rowCount) })
    using add = db.prepare('insert into t values ($1)')
    const before = [1, 2, 3].map((k) => add.exec([k]))
    const event = db.exec('insert into e values (1)')
    expect(add.execSync([4])).toBe(1)
    expect(await Promise.all(before)).toEqual([1, 1, 1])
    await event
    await db.settled()
    while (seen.length === 0) await new Promise((resolve) => { setTimeout(resolve, 5) })
    expect(seen).toEqual([1])
    stop()
  })

  it('are refused in a transaction of their session', async () => {
    await db.exec('create unlogged table t (k integer)')
    await db.transaction(async (tx) => {
      using add = tx.prepare('insert into t values (1)')
      expect(await add.exec()).toBe(1)
      expect(() => add.execSync()).toThrow(expect.objectContaining({ code: '0A000' }))
      using count = tx.prepare('select count(*) as n from t')
      expect(await count.get()).toEqual({ n: 1 })
      expect(() => count.getSync()).toThrow(expect.objectContaining({ code: '0A000' }))
    })
    expect(await db.sql`select count(*) as n from t`).toEqual([{ n: 1 }])
  })

  it('end when a transaction that has the writer is timed out', async () => {
    await using own = await open({ workers: 1, transactionTimeoutMs: 50 })
    await own.exec('create unlogged table t (k integer)')
    const session = own.session()
    await session.exec('begin; insert into t values (1)')
    using add = own.prepare('insert into t values (2)')
    expect(add.execSync()).toBe(1)
    await expect(session.exec('commit')).rejects.toMatchObject({ code: '25P04' })
    expect(await own.sql`select k from t`).toEqual([{ k: 2 }])
    await session.close()
  })
})
