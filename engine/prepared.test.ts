// Statements that are planned once and run often: values of every type, what their places refuse, and
// plans that are made again when a relation changes.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { namedStatementsMax } from './named-statements.ts'
import { cachedStatementsMax } from './statements.ts'
import { open, type Database, type ParameterValue } from './index.ts'

let db: Database
beforeEach(async () => { db = await open({ workers: 1 }) })
afterEach(() => db.close())

const texts = async (sql: string, values: readonly ParameterValue[] = []): Promise<unknown> => (await db.query(sql, values)).toText()

describe('parameters', () => {
  it.each<[string, ParameterValue, string | undefined]>([
    ['boolean', true, 't'],
    ['smallint', -32768, '-32768'],
    ['integer', '17', '17'],
    ['bigint', 9223372036854775807n, '9223372036854775807'],
    ['real', 1.5, '1.5'],
    ['double precision', -0.1, '-0.1'],
    ['numeric(20,4)', '-1234567890123456.7891', '-1234567890123456.7891'],
    ['text', 'ünïcode, longer than a short string', 'ünïcode, longer than a short string'],
    ['text', '', ''],
    ['bytea', new Uint8Array([0, 255, 16]), '\\x00ff10'],
    ['date', '2024-02-29', '2024-02-29'],
    ['time', '23:59:59.999999', '23:59:59.999999'],
    ['timestamp', '1969-12-31 23:59:59.000001', '1969-12-31 23:59:59.000001'],
    ['timestamptz', new Date(0), '1970-01-01 00:00:00+00'],
    ['interval', '1 year -3 days', '1 year -3 days'],
    ['uuid', '0123e456-89ab-cdef-0123-456789abcdef', '0123e456-89ab-cdef-0123-456789abcdef'],
    ['json', { a: [1, null] }, '{"a":[1,null]}'],
    ['integer', null, undefined],
    ['text', undefined, undefined],
  ])('are %s: %s', async (type, value, text) => {
    const sql = `select $1::${type} as v`
    expect(await texts(sql, [value])).toEqual([[text]])
    expect(await texts(sql, [null])).toEqual([[undefined]])
    expect(await texts(sql, [value])).toEqual([[text]])
  })

  it('are looked up in indexes, limit, skip, and stand in lists', async () => {
    await db.exec(`create unlogged table t (k bigint primary key, v text); insert into t select k, 'v' || k from generate_series(1, 100) k`)
    for (const k of [7, 8, 1000]) expect(await texts('select v from t where k = $1', [k])).toEqual(k > 100 ? [] : [[`v${String(k)}`]])
    expect(await texts('select v from t where k = $1', [null])).toEqual([])
    const page = 'select k from t order by k limit $1 offset $2'
    expect(await texts(page, [2, 3])).toEqual([['4'], ['5']])
    expect(await texts(page, [null, 98])).toEqual([['99'], ['100']])
    expect(await texts(page, [0, null])).toEqual([])
    const list = 'select k from t where k in ($1, $2, $3) order by k'
    expect(await texts(list, [3, 3, 5])).toEqual([['3'], ['5']])
    expect(await texts(list, [1, null, 2])).toEqual([['1'], ['2']])
    expect(await texts('select count(*) from t where v like $1', ['v1%'])).toEqual([['12']])
    expect(await texts('select count(*) from t where v like $1', ['%'])).toEqual([['100']])
  })

  it('are written', async () => {
    await db.exec('create unlogged table t (k integer primary key, v text)')
    for (const k of [1, 2, 3]) expect((await db.query('insert into t values ($1, $2)', [k, k === 2 ? null : 'x'])).rowCount).toBe(1)
    await db.query('update t set v = $2 where k = $1', [3, 'y'])
    await db.query('delete from t where k = $1', [1])
    expect(await texts('select k, v from t order by k')).toEqual([['2', undefined], ['3', 'y']])
  })

  it.each([
    ['select $1::integer', ['x'], '22P02'],
    ['select $1::smallint', [40_000], '22003'],
    ['select $1::date', ['2024-02-30'], '22008'],
    ['select $1::integer', [], '42P02'],
    ['select 1', [1], '42P02'],
    ['select 1 limit $1', [-1], '2201W'],
    ['select 1 offset $1', [-1], '2201X'],
    ['select 1 order by 1 limit $1', [-1], '2201W'],
  ] as const)('refuse %s with %j', async (sql, values, code) => {
    await expect(db.query(sql, values)).rejects.toMatchObject({ code })
    await expect(db.query(sql, values)).rejects.toMatchObject({ code })
  })

  it('show the place of an error at every run', async () => {
    const sql = 'select 10 / $1::integer as share'
    expect(await texts(sql, [5])).toEqual([['2']])
    for (let i = 0; i < 2; i++) await expect(db.query(sql, [0])).rejects.toMatchObject({ code: '22012', parts: { span: { start: 10 } } })
    expect(await texts(sql, [2])).toEqual([['5']])
  })
})

describe('the cache of plans', () => {
  it('forgets plans when a relation changes', async () => {
    await db.exec('create unlogged table t (v integer)')
    await db.exec('insert into t values (1)')
    expect(await texts('select * from t')).toEqual([['1']])
    await db.exec('drop table t')
    await expect(db.query('select * from t')).rejects.toMatchObject({ code: '42P01' })
    await db.exec('create unlogged table t (a text, b text)')
    await db.exec(`insert into t values ('x', 'y')`)
    expect(await texts('select * from t')).toEqual([['x', 'y']])
  })

  it('forgets plans of a view that was replaced', async () => {
    await db.exec('create view v as select 1 as x')
    expect(await texts('select * from v')).toEqual([['1']])
    await db.exec('create or replace view v as select 2 as x')
    expect(await texts('select * from v')).toEqual([['2']])
  })

  it('keeps no more than its limit', async () => {
    for (let i = 0; i < cachedStatementsMax + 50; i++) await db.query(`select ${String(i)}`)
    expect(await texts('select 0')).toEqual([['0']])
  })

  it('tells apart values whose types differ by themselves', async () => {
    const sql = 'select $1 as v'
    expect(await texts(sql, [true])).toEqual([['t']])
    expect(await texts(sql, [7n])).toEqual([['7']])
    expect(await texts(sql, ['t'])).toEqual([['t']])
    expect((await db.query(sql, [7n])).toArray()).toEqual([{ v: 7 }])
    expect((await db.query(sql, [true])).toArray()).toEqual([{ v: true }])
  })

  it('runs one text many times at once', async () => {
    const results = await Promise.all(Array.from({ length: 200 }, (_, i) => texts('select $1::integer * 2', [i])))
    expect(results).toEqual(Array.from({ length: 200 }, (_, i) => [[String(2 * i)]]))
  })
})

describe('prepared statements', () => {
  it('say their types and run with values', async () => {
    await db.exec('create unlogged table t (k bigint generated always as identity primary key, name text, n numeric(10,2))')
    const add = db.prepare('insert into t (name, n) values ($1, $2) returning k')
    expect(add.parameterTypes).toEqual(['text', 'numeric(10,2)'])
    expect(add.columns).toMatchObject([{ name: 'k', type: { kind: 'bigint' } }])
    expect((await add.query(['Ada', 1.5])).toArray()).toEqual([{ k: 1 }])
    expect(await add.exec(['Bo', null])).toBe(1)
    expect(await texts('select * from t order by k')).toEqual([['1', 'Ada', '1.50'], ['2', 'Bo', undefined]])
    add.close()
    add.close()
    await expect(add.query(['C', 1])).rejects.toMatchObject({ code: '26000' })
  })

  it('plan again when a relation changes, and report what is gone in their own text', async () => {
    await db.exec('create unlogged table t (v integer); insert into t values (1)')
    using all = db.prepare('select * from t')
    expect((await all.query()).toText()).toEqual([['1']])
    await db.exec(`drop table t; create unlogged table t (a text, b text); insert into t values ('x', 'y')`)
    expect((await all.query()).toText()).toEqual([['x', 'y']])
    await db.exec('drop table t')
    await expect(all.query()).rejects.toMatchObject({ code: '42P01', source: { text: 'select * from t' } })
    await db.exec('create unlogged table t (a integer)')
    expect((await all.query()).toText()).toEqual([])
  })

  it.each([
    ['create table t (a int)', '0A000'], ['select 1; select 2', '42601'], ['', '42601'], ['select nothing', '42703'],
  ])('are not made of %s', (text, code) => {
    expect(() => db.prepare(text)).toThrow(expect.objectContaining({ code }))
  })

  it('report an error of an executed statement in the text that was prepared', async () => {
    const text = 'prepare share as select 10 / $1::integer'
    await db.exec(text)
    await expect(db.exec('execute share(0)')).rejects.toMatchObject({ code: '22012', source: { text } })
    await expect(db.exec(`execute share('x')`)).rejects.toMatchObject({ code: '22P02', source: { text: `execute share('x')` } })
  })

  it('are bounded by name and by handle', async () => {
    for (let i = 0; i < namedStatementsMax; i++) await db.exec(`prepare p${String(i)} as select ${String(i)}`)
    await expect(db.exec('prepare more as select 1')).rejects.toMatchObject({ code: '54000' })
    await db.exec('deallocate all; prepare more as select 1')
  })
})
