// What people write with Kysely, run by Rowtine, and by SQLite where the SQL is the same: the same rows.
import SqliteDatabase from 'better-sqlite3'
import { Kysely, SqliteDialect, sql, type Generated } from 'kysely'
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from 'vitest'
import { open, type Database } from '../index.ts'
import { RowtineDialect } from './dialect.ts'

interface Schema {
  person: { id: Generated<number>, name: string, age: number | null, city: string | null }
  pet: { id: number, owner_id: number, name: string, species: string }
}

let db: Database
let kysely: Kysely<Schema>
let sqlite: Kysely<Schema>

async function fill(target: Kysely<Schema>): Promise<void> {
  await target.insertInto('person').values([
    { name: 'Ada', age: 36, city: 'London' }, { name: 'Brook', age: 51, city: 'Turin' },
    { name: 'Chandra', age: null, city: 'London' }, { name: 'Dana', age: 36, city: null },
  ]).execute()
  await target.insertInto('pet').values([
    { id: 1, owner_id: 1, name: 'Rex', species: 'dog' }, { id: 2, owner_id: 1, name: 'Tom', species: 'cat' },
    { id: 3, owner_id: 3, name: 'Kit', species: 'cat' },
  ]).execute()
}

beforeEach(async () => {
  db = await open({ workers: 1 })
  kysely = new Kysely<Schema>({ dialect: new RowtineDialect(db) })
  await kysely.schema.createTable('person')
    .addColumn('id', 'integer', (column) => column.generatedAlwaysAsIdentity().primaryKey())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('age', 'integer').addColumn('city', 'text').execute()
  await kysely.schema.createTable('pet')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('owner_id', 'integer', (column) => column.references('person.id').onDelete('cascade').notNull())
    .addColumn('name', 'text', (column) => column.notNull()).addColumn('species', 'text').execute()
  sqlite = new Kysely<Schema>({ dialect: new SqliteDialect({ database: new SqliteDatabase(':memory:') }) })
  await sqlite.schema.createTable('person').addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.unique()).addColumn('age', 'integer').addColumn('city', 'text').execute()
  await sqlite.schema.createTable('pet').addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('owner_id', 'integer').addColumn('name', 'text').addColumn('species', 'text').execute()
  await fill(kysely)
  await fill(sqlite)
})

afterEach(async () => {
  await kysely.destroy()
  await sqlite.destroy()
  await db.close()
})

/** Each is run by both and gives the same. */
const queries: Readonly<Record<string, (k: Kysely<Schema>) => { execute(): Promise<unknown> }>> = {
  'select all': (k) => k.selectFrom('person').selectAll().orderBy('id'),
  'where, or, in, like': (k) => k.selectFrom('person').select(['id', 'name']).where((e) => e.or([e('age', '>', 40), e('city', 'in', ['London', 'Oslo']), e('name', 'like', 'D%')])).orderBy('id'),
  'is null': (k) => k.selectFrom('person').select('name').where('age', 'is', null),
  'inner join': (k) => k.selectFrom('person').innerJoin('pet', 'pet.owner_id', 'person.id').select(['person.name as owner', 'pet.name as pet']).orderBy('pet.id'),
  'left join': (k) => k.selectFrom('person').leftJoin('pet', 'pet.owner_id', 'person.id').select(['person.name as owner', 'pet.name as pet']).orderBy('person.id').orderBy('pet.id'),
  'group by, having': (k) => k.selectFrom('person').leftJoin('pet', 'pet.owner_id', 'person.id').select((e) => ['person.name', e.fn.count<number>('pet.id').as('pets')]).groupBy('person.name').having((e) => e.fn.count('pet.id'), '>=', 1).orderBy('person.name'),
  'aggregates with filter and distinct': (k) => k.selectFrom('person').select((e) => [e.fn.countAll<number>().as('n'), e.fn.max('age').as('oldest'), e.fn.count<number>('city').distinct().as('cities'), e.fn.countAll<number>().filterWhere('age', '=', 36).as('same')]),
  'subquery': (k) => k.selectFrom('person').select('name').where('id', 'in', (e) => e.selectFrom('pet').select('owner_id').where('species', '=', 'cat')).orderBy('name'),
  'exists, correlated': (k) => k.selectFrom('person').select('name').where((e) => e.not(e.exists(e.selectFrom('pet').select('pet.id').whereRef('pet.owner_id', '=', 'person.id')))).orderBy('name'),
  'scalar subquery': (k) => k.selectFrom('person').select((e) => ['name', e.selectFrom('pet').select((f) => f.fn.countAll<number>().as('n')).whereRef('pet.owner_id', '=', 'person.id').as('pets')]).orderBy('name'),
  'with': (k) => k.with('londoners', (w) => w.selectFrom('person').select(['id', 'name']).where('city', '=', 'London')).selectFrom('londoners').innerJoin('pet', 'pet.owner_id', 'londoners.id').select(['londoners.name', 'pet.name as pet']).orderBy('pet'),
  'union': (k) => k.selectFrom('person').select('name').union(k.selectFrom('pet').select('name')).orderBy('name'),
  'case': (k) => k.selectFrom('person').select((e) => ['name', e.case().when('age', '>', 40).then('old').when('age', 'is', null).then('?').else('young').end().as('is')]).orderBy('name'),
  'limit and offset': (k) => k.selectFrom('person').select('name').orderBy('name').limit(2).offset(1),
  'distinct': (k) => k.selectFrom('pet').select('species').distinct().orderBy('species'),
  'insert returning': (k) => k.insertInto('person').values({ name: 'Eve', age: 1, city: null }).returning(['id', 'name']),
  'on conflict do update': (k) => k.insertInto('person').values({ name: 'Ada', age: 37, city: null }).onConflict((c) => c.column('name').doUpdateSet({ age: (e) => e.ref('excluded.age') })).returning(['id', 'age', 'city']),
  'on conflict do nothing': (k) => k.insertInto('person').values({ name: 'Ada', age: 37, city: null }).onConflict((c) => c.column('name').doNothing()),
  'update returning': (k) => k.updateTable('person').set((e) => ({ age: e('age', '+', 1) })).where('city', '=', 'London').returning(['name', 'age']),
  'update': (k) => k.updateTable('person').set({ city: 'Rome' }).where('id', '<', 3),
  'delete': (k) => k.deleteFrom('pet').where('species', '=', 'cat'),
  'sql tag': (k) => ({ execute: async () => (await sql<{ n: number }>`select count(*) as n from ${sql.table('pet')} where species = ${'cat'}`.execute(k)).rows }),
}

/** SQLite says which row was inserted last; nobody else does. */
function comparable(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer, (key, value: unknown) => (key === 'insertId' ? undefined : typeof value === 'bigint' ? Number(value) : value)))
}

describe('as SQLite answers', () => {
  test.each(Object.keys(queries))('%s', async (name) => {
    const query = queries[name] as (k: Kysely<Schema>) => { execute(): Promise<unknown> }
    expect(comparable(await query(kysely).execute())).toEqual(comparable(await query(sqlite).execute()))
  })
})

test('types follow the schema', async () => {
  const row = await kysely.selectFrom('person').select(['id', 'name', 'age']).where('name', '=', 'Ada').executeTakeFirstOrThrow()
  expectTypeOf(row).toEqualTypeOf<{ id: number, name: string, age: number | null }>()
  expect(row).toEqual({ id: 1, name: 'Ada', age: 36 })
})

test('rows come in chunks', async () => {
  const names: string[] = []
  for await (const { name } of kysely.selectFrom('person').select('name').orderBy('id').stream(3)) names.push(name)
  expect(names).toEqual(['Ada', 'Brook', 'Chandra', 'Dana'])
})

test('the catalog is told', async () => {
  await kysely.schema.createView('old').as(kysely.selectFrom('person').select(['name', 'age']).where('age', '>', sql.lit(40))).execute()
  const tables = await kysely.introspection.getTables()
  expect(tables.map(({ name, isView }) => [name, isView])).toEqual([['old', true], ['person', false], ['pet', false]])
  const person = tables.find(({ name }) => name === 'person')
  expect(person?.columns).toContainEqual({ name: 'id', dataType: 'integer', isNullable: false, isAutoIncrementing: true, hasDefaultValue: true })
  expect(person?.columns).toContainEqual({ name: 'city', dataType: 'text', isNullable: true, isAutoIncrementing: false, hasDefaultValue: false })
})

test('errors keep their SQLSTATE', async () => {
  await expect(kysely.insertInto('person').values({ name: 'Ada', age: null, city: null }).execute()).rejects.toMatchObject({ code: '23505' })
})

describe('transactions', () => {
  const names = async (from: Kysely<Schema> = kysely): Promise<string[]> => (await from.selectFrom('person').select('name').orderBy('name').execute()).map(({ name }) => name)
  const before = ['Ada', 'Brook', 'Chandra', 'Dana']

  test('commit, and are alone until then', async () => {
    await kysely.transaction().execute(async (trx) => {
      const { id } = await trx.insertInto('person').values({ name: 'Eve', age: 1, city: null }).returning('id').executeTakeFirstOrThrow()
      await trx.insertInto('pet').values({ id: 9, owner_id: id, name: 'Bo', species: 'dog' }).execute()
      expect(await names(trx)).toEqual([...before, 'Eve'])
      expect(await names()).toEqual(before)
    })
    expect(await names()).toEqual([...before, 'Eve'])
  })

  test('roll back when they reject', async () => {
    const failed = kysely.transaction().setIsolationLevel('read committed').execute(async (trx) => {
      await trx.deleteFrom('person').where('name', '=', 'Ada').execute()
      await trx.insertInto('person').values({ name: 'Brook', age: null, city: null }).execute()
    })
    await expect(failed).rejects.toMatchObject({ code: '23505' })
    expect(await names()).toEqual(before)
    await expect(kysely.transaction().setAccessMode('read only').execute((trx) => trx.deleteFrom('person').execute())).rejects.toMatchObject({ code: '25006' })
    expect(await names()).toEqual(before)
  })

  test('have savepoints', async () => {
    const trx = await kysely.startTransaction().execute()
    await trx.insertInto('person').values({ name: 'Eve', age: 1, city: null }).execute()
    const saved = await trx.savepoint('The "place"').execute()
    await expect(saved.insertInto('person').values({ name: 'Eve', age: 2, city: null }).execute()).rejects.toMatchObject({ code: '23505' })
    const back = await saved.rollbackToSavepoint('The "place"').execute()
    await back.insertInto('person').values({ name: 'Fay', age: 2, city: null }).execute()
    await (await back.releaseSavepoint('The "place"').execute()).commit().execute()
    expect(await names()).toEqual([...before, 'Eve', 'Fay'])
  })
})
