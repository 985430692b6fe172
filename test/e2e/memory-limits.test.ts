// Every operator that keeps rows meets the memory limit: 53200, nothing is changed, and the next statement works.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { open, type Database } from '#engine/index'

const folder = mkdtempSync(join(tmpdir(), 'rowtine-memory-'))
const many = 'generate_series(1, 3000000) as s(i)'
const text = 'cast(i as text) || \' is not kept inline\''

const statements: readonly (readonly [name: string, sql: string])[] = [
  ['hash join', `select sum(i + length(t)) from ${many} join (select i as j, ${text} as t from ${many}) x on i = j`],
  ['nested loop join', `select count(*) from ${many} join (select i as j, ${text} as t from ${many}) x on i < j and t > '' limit 1`],
  ['group by', `select count(*) from (select i, count(*) from ${many} group by i) x`],
  ['group by text', `select count(*) from (select ${text}, count(*) from ${many} group by 1) x`],
  ['distinct', `select count(*) from (select distinct ${text} from ${many}) x`],
  ['distinct on', `select count(*) from (select distinct on (i) i, ${text} from ${many} order by i) x`],
  ['count distinct', `select count(distinct i) from ${many}`],
  ['sort', `select count(*) from (select ${text} as t from ${many} order by i % 7, t offset 1) x`],
  ['top n', `select ${text} from ${many} order by i % 7, i limit 2500000`],
  ['window', `select sum(r + length(t)) from (select row_number() over (order by i % 10, i) as r, ${text} as t from ${many}) x`],
  ['with', `with w as (select i, ${text} as t from ${many}) select count(*) from w a join w b on a.i < b.i and a.t > b.t limit 1`],
  ['string_agg', `select length(string_agg(${text}, ',')) from ${many}`],
  ['json_agg', `select json_agg(${text}) from ${many}`],
  ['union', `select count(*) from (select i from ${many} union select -i from ${many}) x`],
  ['intersect', `select count(*) from (select i from ${many} intersect select i from ${many}) x`],
  ['except', `select count(*) from (select i from ${many} except select -i from ${many}) x`],
  ['in', `select count(*) from ${many} where ${text} in (select ${text} from ${many})`],
  ['not in', `select count(*) from ${many} where ${text} not in (select ${text} from ${many})`],
  ['recursion', 'with recursive t(n) as (select 1 union select n + 1 from t) select n from t where n < 0'],
  ['recursion of growing rounds', "with recursive t(t) as (select 'not kept inline' union all select t || ', but longer' from t, generate_series(1, 8) s(i)) select count(*) from t where length(t) < 0"],
  ['result', `select i, ${text} from ${many}`],
  ['insert', `insert into kept select i, ${text} from ${many}`],
  ['create table as', `create table made as select i, ${text} as t from ${many}`],
  ['copy', `copy kept from '${join(folder, 'many.csv')}'`],
  ['long texts', `select max(length(repeat(${text}, 1000000))) from ${many}`],
]

beforeAll(() => {
  writeFileSync(join(folder, 'many.csv'), Array.from({ length: 150_000 }, (_, i) => `${String(i)},${'x'.repeat(400)}`).join('\n'))
})
afterAll(() => { rmSync(folder, { recursive: true, force: true }) })

describe.each([1, 2])('%i threads', (threads) => {
  let db: Database
  beforeAll(async () => {
    db = await open({ workers: 1, threads, parallelRows: 0, pin: false, memoryLimitBytes: 40 << 20 })
    await db.exec('create table kept (id bigint, name text); insert into kept values (1, \'one\')')
  })
  afterAll(() => db.close())

  it.each(statements)('%s', async (_, sql) => {
    await expect(db.query(sql)).rejects.toMatchObject({ code: '53200' })
    expect((await db.query('select id, name, count(*) from kept group by id, name order by id')).toText()).toEqual([['1', 'one', '1']])
  })
})
