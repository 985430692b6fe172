// The same queries as sqlite.oracle.test.ts, through the whole engine at several batch sizes:
// native code and SQLite give the same rows whatever the batch.
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { open, type Database as Rowtine } from '#engine/index'
import { oracleQueries } from './oracle-queries.ts'

const contents = `
create table a (id bigint primary key, x bigint, y bigint, s text);
create table b (id bigint primary key, aid bigint, z bigint, s text);
create table c (k bigint, v bigint, w bigint);
insert into a values (1, 10, null, 'one'), (2, 20, 2, 'two'), (3, null, 3, null), (4, 10, 4, 'one'),
  (5, 50, null, 'five'), (6, null, null, null);
insert into b values (1, 1, 10, 'one'), (2, 1, null, 'x'), (3, 2, 20, null), (4, 4, 10, 'one'),
  (5, null, 50, 'five'), (6, 9, 4, 'two'), (7, 4, 7, 'two');
insert into c values (10, 1, 5), (10, 2, null), (20, null, 5), (null, 3, 6), (50, 3, 7), (10, 1, 5);
`

const reference = new Database(':memory:')
reference.exec(contents)

/** SQLite's truth values are numbers. */
const truths: Readonly<Record<string, string>> = { t: '1', f: '0' }

function printRow(row: readonly unknown[]): string {
  return row
    .map((one) =>
      one === null || one === undefined ? 'null' : (truths[String(one)] ?? String(one)),
    )
    .join('|')
}

for (const options of [{ batchRows: 1 }, { batchRows: 3, threads: 3, parallelRows: 0 }, { batchRows: 2048 }]) {
  describe(`batches of ${String(options.batchRows)}, ${String(options.threads ?? 1)} threads`, () => {
    let database: Rowtine
    beforeAll(async () => {
      database = await open(options)
      await database.exec(contents)
    })
    afterAll(() => database.close())

    for (const sql of oracleQueries) {
      it(sql, async () => {
        const own = (await database.query(sql)).toText().map(printRow)
        const other = (reference.prepare(sql).raw().all() as unknown[][]).map(printRow)
        const isOrdered = /order by [^)]*$/.test(sql)
        expect(isOrdered ? own : own.toSorted()).toEqual(isOrdered ? other : other.toSorted())
      })
    }
  })
}
