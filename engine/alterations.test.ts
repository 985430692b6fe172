// What runs beside `alter table`: nothing is lost, and nobody sees a table by half.
import { expect, it } from 'vitest'
import { open } from './index.ts'

it('lets statements of others wait, and loses none of them', async () => {
  await using db = await open({ workers: 1, pin: false })
  await db.exec('create table t (id integer primary key, v integer); insert into t select i, i from generate_series(1, 20000) i')
  await db.query('insert into t (id, v) values ($1, 2)', [0]) // is planned when it comes again
  await db.exec('delete from t where id = 0')
  const inserts = Array.from({ length: 50 }, (_, i) => db.query('insert into t (id, v) values ($1, 1)', [30_000 + i]))
  const altering = db.exec('alter table t add column w integer default 3')
  const find = db.prepare('insert into t (id, v) values ($1, 3)')
  const prepared = find.query([50_000])
  const later = Array.from({ length: 50 }, (_, i) => db.query('insert into t (id, v) values ($1, 2)', [40_000 + i]))
  await Promise.all([...inserts, altering, prepared, ...later])
  expect(await db.sql`select count(*)::int n, sum(w)::int w from t`).toEqual([{ n: 20_101, w: 60_303 }])
})

it('makes one definition after the other', async () => {
  await using db = await open({ workers: 1, pin: false })
  await db.exec('create table t (id integer primary key); insert into t values (1)')
  const outcomes = await Promise.allSettled([
    db.exec('alter table t add a integer default 1'), db.exec('alter table t add b integer default 2'), db.exec('create view v as select * from t'),
    db.exec('alter table t add c integer'),
  ])
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected'])
  expect(await db.sql`select * from v`).toEqual([{ id: 1, a: 1, b: 2 }])
})

it('is planned anew by what was prepared before', async () => {
  await using db = await open({ workers: 1, pin: false })
  await db.exec('create table t (id integer primary key, v integer); insert into t values (1, 5)')
  const find = db.prepare('select v from t where id = $1')
  expect((await find.query([1])).toArray()).toEqual([{ v: 5 }])
  await db.exec('alter table t alter v type text')
  expect((await find.query([1])).toArray()).toEqual([{ v: '5' }])
  find.close()
})

it('waits for a transaction, and refuses inside of one', async () => {
  await using db = await open({ workers: 1, pin: false })
  await db.exec('create table t (id integer primary key)')
  const session = db.session()
  await session.exec('begin; insert into t values (1)')
  await expect(session.exec('alter table t add v integer')).rejects.toMatchObject({ code: '0A000' })
  await session.exec('rollback; begin; insert into t values (2)')
  const altering = db.exec('alter table t add v integer default 4')
  await session.exec('insert into t values (3); commit')
  await altering
  expect(await db.sql`select id, v from t order by id`).toEqual([{ id: 2, v: 4 }, { id: 3, v: 4 }])
  await session.close()
})

it.each([
  ['a coroutine', 'create coroutine c on e x as begin insert into t values (x.n); end', 'drop coroutine c'],
  ['a view', 'create view v as select id from t', 'drop view v'],
])('refuses under %s', async (_, make, drop) => {
  await using db = await open({ workers: 1, pin: false })
  await db.exec(`create table t (id integer); create event table e (n integer); ${make}`)
  await expect(db.exec('alter table t add v integer')).rejects.toMatchObject({ code: '2BP01' })
  await db.exec(`${drop}; alter table t add v integer`)
  expect(await db.sql`select * from t`).toEqual([])
})

it('shows the place of a mistake in what is added', async () => {
  await using db = await open({ workers: 1, pin: false })
  await db.exec('create table t (id integer)')
  const text = 'alter table t add a integer, add b nosuchtype'
  const error: unknown = await db.exec(text).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: '42704', parts: { span: { start: text.indexOf('nosuchtype'), end: text.length } } })
})

it('keeps a definition as an application would declare it', async () => {
  await using db = await open({ workers: 1, pin: false })
  await db.exec('create table t (id int primary key, b text, check (id > 0))')
  await db.exec(`alter table t drop column b`)
  await db.exec(`alter table t add column c text default 'x'`)
  await db.exec(`create table t (id int primary key, check (id > 0), c text default 'x')`, { declare: true })
  await expect(db.exec('alter table t add d int', { declare: true })).rejects.toMatchObject({ code: '0A000' })
})
