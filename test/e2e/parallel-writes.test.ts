// A statement whose reading is shared by several threads changes tables as one thread does: the same
// rows, numbers and counts, and nothing at all when a row fails, whichever thread met it.
import { expect, test } from 'vitest'
import type { Database } from '#engine/index'
import { describeSeveral, rows } from './one-and-several.ts'

const changes = [
  'insert into copy (k, s) select k, s from t order by v, k',
  'insert into copy (k, s) select v, min(s) from t group by v order by v',
  'insert into copy (k, s) select a.k, b.s from t a join t b on a.k = b.v order by 1, 2',
  'insert into copy (k, s) select k, s from t order by 1000 / (k - 4000), k',
  'insert into copy (k, s) select k, s from t order by k limit 300 returning n, k',
  "insert into copy (k, s) select k, case when k = 7000 then null else s end from t order by s",
  'update copy set s = (select max(s) from t) where k < 50',
  'delete from copy where k in (select v from t)',
  'insert into keyed select v, count(*) from t group by v',
  'insert into keyed select k % 3000, v from t order by v, k',
  'with added as (insert into copy (k, s) select k, s from t order by s limit 10 returning k) select sum(k), (select count(*) from copy) from added',
]

async function outcome(db: Database, change: string): Promise<unknown> {
  const said = await db.query(change).then(
    (result) => [result.rowCount, result.toArray()],
    (error: unknown) => (error instanceof Error ? error.message : error),
  )
  const left = [(await db.query('select * from copy order by n')).toArray(), (await db.query('select * from keyed order by k')).toArray()]
  return [said, left]
}

const schema = `
  create table t (k int, v int, s text);
  create table copy (n bigint generated always as identity, k int, s text not null);
  create table keyed (k int primary key, v bigint);
  insert into t select g, (g::bigint * 7919 % 101)::int, 'row number ' || g from generate_series(1, ${String(rows)}) g`

describeSeveral(schema, (one, several) => {
  test.each(changes)('%s', async (change) => {
    expect(await outcome(several(), change)).toEqual(await outcome(one(), change))
  })
  test('beside reads that take the same threads', async () => {
    const reads = Array.from({ length: 6 }, () => several().query('select sum(k) from t where k > 0'))
    await several().query('insert into copy (k, s) select k, s from t order by v desc, k')
    for (const read of reads) expect((await read).toText()).toEqual([[String(rows * (rows + 1) / 2)]])
    expect((await several().query('select count(*) from t')).toText()).toEqual([[String(rows)]])
  })
})
