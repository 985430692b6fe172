// Indexes that come to tables with rows: in the file and after a restart, beside coroutines that were
// planned before, and while others write and read.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterEach, describe, expect, it } from 'vitest'
import { open } from './index.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rowtine-index-'))
  folders.push(folder)
  return folder
}

const people = `create table people (id bigint primary key, email text, city text);
  insert into people select k, 'p' || k, 'city ' || k % 7 from generate_series(1, 1000) k;`

describe('indexes of durable tables', () => {
  it('are there after a restart, and in the file; what was dropped is not', async () => {
    const data = newFolder()
    const first = await open({ data, workers: 1 })
    await first.exec(people)
    await first.exec('create unique index people_email on people (email); create index people_city on people (city); create index gone on people (city, id)')
    await first.exec('drop index gone')
    await first.exec(`insert into people values (2000, 'last', null)`)
    await first.close()

    const file = new Sqlite(join(data, 'rowtine.db'), { readonly: true })
    const names = file.prepare(`select name from sqlite_schema where type = 'index' and sql is not null order by name`).pluck().all()
    file.close()
    expect(names).toEqual(['people_city', 'people_email'])

    const second = await open({ data, workers: 1 })
    await expect(second.exec(`insert into people values (2001, 'p7', null)`)).rejects.toMatchObject({
      code: '23505', message: 'duplicate key value violates unique constraint "people_email"',
    })
    expect((await second.query(`explain select * from people where city = 'city 3'`)).toText().flat().join()).toContain('people_city')
    expect((await second.query(`select count(*) from people where city = 'city 3'`)).toText()).toEqual([['143']])
    await second.exec('drop index people_email')
    await second.exec(`insert into people values (2001, 'p7', null)`)
    await second.close()

    const third = await open({ data, workers: 1 })
    expect((await third.query(`select count(*) from people where email = 'p7'`)).toText()).toEqual([['2']])
    await third.exec('drop table people')
    await third.close()
    await (await open({ data, workers: 1 })).close()
  })

  it('are refused with the place when rows share a key, and leave nothing', async () => {
    const data = newFolder()
    const db = await open({ data, workers: 1 })
    await db.exec(people)
    await expect(db.exec('create unique index people_city on people (city)')).rejects.toMatchObject({
      code: '23505', message: 'could not create unique index "people_city"', parts: { span: { start: 0 } },
    })
    await db.exec('create index people_city on people (city)')
    await db.close()
    const again = await open({ data, workers: 1 })
    expect((await again.query(`select count(*) from people where city = 'city 0'`)).toText()).toEqual([['142']])
    await again.close()
  })

  it('are the same when an application declares them again', async () => {
    const data = newFolder()
    const text = 'create table t (a integer, b text); create index on t (a); create unique index t_b on t (b);'
    for (let i = 0; i < 2; i++) {
      const db = await open({ data, workers: 1 })
      await db.exec(text, { declare: true })
      await db.exec(`insert into t values (${String(i)}, 'x${String(i)}')`)
      expect(db.catalog.relation('t')?.indexes.map(({ name }) => name)).toEqual(['t_a_idx', 't_b'])
      await db.close()
    }
  })
})

describe('indexes beside running work', () => {
  it('hold for what is written while they are made', async () => {
    const db = await open({ workers: 2 })
    await db.exec('create unlogged table t (k bigint primary key, v integer)')
    await db.exec('insert into t select k, k % 100 from generate_series(1, 20000) k')
    const work = Array.from({ length: 200 }, (_, i) => [
      db.query('insert into t values ($1, $2)', [100_000 + i, i % 100]),
      db.query('update t set v = 100 where k = $1', [i + 1]),
      db.query('select count(*) from t where v >= $1', [0]),
    ]).flat()
    const made = db.exec('create index t_v on t (v)')
    const later = Array.from({ length: 200 }, (_, i) => db.query('delete from t where k = $1', [1000 + i]))
    await Promise.all([...work, made, ...later])
    for (const v of [0, 1, 50, 99, 100]) {
      const [probed] = (await db.query('select count(*), coalesce(sum(k), 0) from t where v = $1', [v])).toText()
      const [scanned] = (await db.query('select count(*), coalesce(sum(k), 0) from t where v + 0 = $1', [v])).toText()
      expect(probed).toEqual(scanned)
    }
    await db.close()
  })

  it('guard what coroutines write that were planned before', async () => {
    const db = await open({ workers: 1 })
    await db.exec(`create unlogged table t (k bigint generated always as identity primary key, v text);
      create event table e (v text); create event table told (what text);
      create coroutine c on e r as begin
        insert into t (v) values (r.v);
      exception when unique_violation then insert into told values (r.v); end;`)
    await db.exec('create unique index t_v on t (v)')
    await db.exec(`insert into e values ('a'), ('b'), ('a'), ('c'), ('b')`)
    await db.settled()
    expect((await db.query('select v from t order by v')).toText()).toEqual([['a'], ['b'], ['c']])
    expect((await db.query('select what from told order by what')).toText()).toEqual([['a'], ['b']])
    await expect(db.exec('drop index t_v')).rejects.toMatchObject({ code: '2BP01' })
    await db.exec('drop coroutine c; drop index t_v')
    await db.exec(`insert into t (v) values ('a')`)
    await db.close()
  })

  it('have a limit per table', async () => {
    const db = await open({ workers: 1 })
    await db.exec('create unlogged table t (a integer)')
    for (let i = 0; i < 32; i++) await db.exec(`create index t_${String(i)} on t (a)`)
    await expect(db.exec('create index one_more on t (a)')).rejects.toMatchObject({ code: '54000' })
    await db.exec('insert into t select * from generate_series(1, 100)')
    expect((await db.query('select count(*) from t where a = 5')).toText()).toEqual([['1']])
    await db.close()
  })
})
