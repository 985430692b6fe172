// A statement that is cancelled at any stage ends with 57014, changes nothing, and the next statement works.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { open, type Database } from '#engine/index'

const folder = mkdtempSync(join(tmpdir(), 'rowtine-cancel-'))
const endless = 'generate_series(1, 1000000000000) as s(i)'
/** A billion rows from two scans. */
const product = 'numbers a cross join numbers b'

const stages: readonly (readonly [name: string, sql: string])[] = [
  ['series', `select count(*) from ${endless} where i < 0`],
  ['scan and loop', `select count(*) from ${product} where a.id + b.id < 0`],
  ['join build', `select count(*) from numbers join (select a.id from ${product} where a.id + b.id < 0) x on x.id = numbers.id`],
  ['hash probe', `select count(*) from ${endless} join numbers on numbers.id = i % 1000 where numbers.id < 0`],
  ['hash probe with many matches', 'select count(*) from numbers a join numbers b on a.same = b.same join numbers c on b.same = c.same where a.id + b.id + c.id < 0'],
  ['full join', `select count(*) from (select i % 1000 as i from ${endless}) x full join numbers on i = id`],
  ['group by', `select i % 10, count(*) from ${endless} group by 1`],
  ['count distinct', `select count(distinct i % 100) from ${endless}`],
  ['sort', `select * from (select i % 1000 as k from ${endless} where i % 100000 = 0) x order by k`],
  ['top n', `select i from ${endless} order by i % 1000 limit 5`],
  ['window', `select sum(id) over (order by id rows between unbounded preceding and unbounded following exclude current row) from (select a.id from ${product} where b.id < 50) x`],
  ['union', `select i % 10 from ${endless} union select 3`],
  ['not in', `select count(*) from ${endless} where i % 1000 + 1 not in (select id from numbers)`],
  ['correlated subquery', `select count(*) from ${product} where (select count(*) from numbers c where c.id < a.id + b.id) < 0`],
  ['long regular expressions', `select count(*) from ${endless} where cast(i as text) ~ '^(1|2)*[a-z]$'`],
  ['recursion', 'with recursive t(n) as (select 1 union all select (n + 1) % 1000 from t) select count(*) from t'],
  ['recursion that nobody hears of', 'with recursive t(n) as (select 1 union all select (n + 1) % 1000 from t) select n from t where n < 0'],
  ['recursion with a long round', `with recursive t(n) as (select 1 union all select 2 from t join ${endless} on i < n where i < 0) select n from t`],
  ['recursion within a recursion', 'with recursive t(n) as (select 1 union all (with recursive u(m) as (select n from t union all select m from u) select m from u where m < 0)) select n from t'],
  ['recursion into a table', 'insert into kept with recursive t(n) as (select 1 union all select n from t) select n from t where n < 0'],
  ['insert', `insert into kept select i from ${endless} where i < 0`],
  ['update', `update kept set id = 2 where (select count(*) from ${endless} where i < 0) = 0`],
  ['delete', `delete from kept where (select count(*) from ${product} where a.id + b.id < 0) = 0`],
  ['create table as', `create table made as select i from ${endless} where i < 0`],
  ['file write', `copy (select a.id from ${product}) to '${join(folder, 'out.csv')}'`],
]

afterAll(() => { rmSync(folder, { recursive: true, force: true }) })

describe.each([1, 2])('%i threads', (threads) => {
  let db: Database
  beforeAll(async () => {
    db = await open({ workers: 1, threads, parallelRows: 0, pin: false, memoryLimitBytes: 1 << 30 })
    await db.exec('create table kept (id bigint); insert into kept values (1)')
    await db.exec('create table numbers (id integer, same integer); insert into numbers select i, 1 from generate_series(1, 30000) as s(i)')
  })
  afterAll(() => db.close())

  it.each(stages)('%s', async (_, sql) => {
    const controller = new AbortController()
    const running = db.query(sql, [], { signal: controller.signal })
    const timer = setTimeout(() => { controller.abort() }, 60)
    await expect(running).rejects.toMatchObject({ code: '57014' })
    clearTimeout(timer)
    expect((await db.query('select id from kept')).toText()).toEqual([['1']])
    expect(existsSync(join(folder, 'out.csv'))).toBe(false)
    expect(readdirSync(folder)).toEqual([])
  })

  it('before it starts', async () => {
    await expect(db.query('delete from kept', [], { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: '57014' })
    expect((await db.query('select id from kept')).toText()).toEqual([['1']])
  })
})
