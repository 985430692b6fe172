// One read on several threads gives what one thread gives: the same rows in the same order, and the
// error of the first row that fails.
import { expect, test } from 'vitest'
import type { Database } from '#engine/index'
import { describeSeveral, rows } from './one-and-several.ts'

const queries = [
  'select k, v, s from t',
  'select k from t where v % 7 = 3',
  'select k, 100000 / (v - 77) from t',
  "select k, case when k = 9000 then 1 / (k - 9000) when k = 5000 then ('x' || k)::int else 0 end from t",
  'select k, s from t where k > 100 limit 17',
  'select k, s from t order by v, k',
  'select v, count(*), sum(k), min(s), string_agg(s, \',\' order by k) from t where k < 3000 group by v order by v',
  'select a.k, b.k from t a join t b on a.k = b.v where a.k < 20 order by 1, 2',
  'select a.k, b.k from t a full join t b on a.k = b.v + 9990 order by 1, 2',
  'select k from t where k not in (select v from t) and v < 3 order by 1',
  'select a.k, b.k from (select k from t where k < 60) a, (select k from t where k > 9950) b where a.k * b.k % 7 = 1 order by 1, 2',
  'select count(distinct v), count(*), sum(v) from t',
  'select v from t union select k from t order by 1 limit 20',
]

async function answer(db: Database, query: string): Promise<unknown> {
  try {
    return (await db.query(query)).toArray()
  } catch (error) {
    return error instanceof Error ? error.message : error
  }
}

const schema = `
  create table t (k int primary key, v int, s text);
  insert into t select g, (g::bigint * 7919 % 101)::int, 'row number ' || g from generate_series(1, ${rows}) g;
  update t set v = null where k % 50 = 0;
  delete from t where k % 97 = 0`

describeSeveral(schema, (one, several) => {
  test.each(queries)('%s', async (query) => {
    const expected = await answer(one(), query)
    for (let i = 0; i < 3; i++) expect(await answer(several(), query)).toEqual(expected)
  })
})
