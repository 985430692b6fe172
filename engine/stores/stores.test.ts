// One table of behaviour for every store: what is written is there, under every type and kind of change.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, describe, expect, it } from 'vitest'
import { open, type Database as Rowtine } from '../index.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rowtine-store-'))
  folders.push(folder)
  return folder
}

const everyType = `create table every_type (
  id bigint primary key, flag boolean, small smallint, whole integer, big bigint, single real, twice double precision,
  exact numeric(20,4), words text, bytes bytea, day date, clock time, moment timestamp, instant timestamptz, span interval, tag uuid, doc json)`
const oneOfEach = `insert into every_type values (1, true, -32768, 2147483647, 9223372036854775807, 1.5, 0.1,
  '-1234567890123456.7891', 'ünïcode and ''quotes''', '\\x00ff10', '2024-02-29', '23:59:59.999999', '1969-12-31 23:59:59.000001',
  '2026-11-22 16:50:01.25+00', '1 year 2 mons -3 days 04:05:06.7', '0123e456-89ab-cdef-0123-456789abcdef', '{"a":[1,null]}')`
const nothing = `insert into every_type (id) values (2)`

interface Case {
  readonly name: string
  readonly sql: readonly string[]
  /** Statements that must fail, after the others. */
  readonly refused?: readonly string[]
  readonly query: string
  readonly rows: readonly (readonly (string | undefined)[])[]
}

const cases: Case[] = [
  {
    name: 'keeps every type, extremes and nulls',
    sql: [everyType, oneOfEach, nothing],
    query: 'select flag, small, big, twice, exact, words, bytes, day, clock, moment, instant, span, tag, doc from every_type order by id',
    rows: [
      ['t', '-32768', '9223372036854775807', '0.1', '-1234567890123456.7891', "ünïcode and 'quotes'", '\\x00ff10', '2024-02-29', '23:59:59.999999',
        '1969-12-31 23:59:59.000001', '2026-11-22 16:50:01.25+00', '1 year 2 mons -3 days 04:05:06.7', '0123e456-89ab-cdef-0123-456789abcdef', '{"a":[1,null]}'],
      Array(14).fill(undefined) as undefined[],
    ],
  },
  {
    name: 'keeps the first character of a text, whatever it is',
    sql: ['create table t (v text)', "insert into t values ('\uFEFFmarked')"],
    query: 'select v, char_length(v) from t',
    rows: [['\uFEFFmarked', '7']],
  },
  {
    name: 'keeps what updates and deletes left',
    sql: [
      'create table t (k integer primary key, v text)', `insert into t values (1, 'a'), (2, 'b'), (3, 'c')`,
      `update t set v = v || '!' where k > 1`, 'delete from t where k = 2', `update t set k = 9 where k = 1`,
    ],
    query: 'select k, v from t order by k',
    rows: [['3', 'c!'], ['9', 'a']],
  },
  {
    name: 'keeps times before year 1',
    sql: ['create table t (k integer primary key, v timestamp, w timestamptz)', `insert into t select 1, timestamp '0001-01-01 00:00:00.5' - interval '50 years', timestamptz '0001-01-01 00:00:00+00' - interval '1 day'`],
    query: 'select v, w from t',
    rows: [['0050-01-01 00:00:00.5 BC', '0001-12-31 00:00:00+00 BC']],
  },
  {
    name: 'lets keys change places in one statement',
    sql: ['create table t (k integer unique, v text)', `insert into t values (1, 'a'), (2, 'b')`, 'delete from t where k = 1', `insert into t values (1, 'again')`],
    query: 'select k, v from t order by k',
    rows: [['1', 'again'], ['2', 'b']],
  },
  {
    name: 'never gives a number of identity twice',
    sql: ['create table t (id bigint generated always as identity, v text)', `insert into t (v) values ('a'), ('b')`, 'delete from t'],
    query: `insert into t (v) values ('c') returning id`,
    rows: [['3']],
  },
  {
    name: 'keeps what alter table made of a table, its rows and its indexes',
    sql: [
      'create table t (id integer primary key, a text, b text)', 'create index by_a on t (a)', `insert into t values (1, 'x', 'y'), (2, 'z', null)`,
      'delete from t where id = 1', `alter table t drop column b, add column c integer default 5, add check (c > 0)`,
      'alter table t rename column a to aa', 'alter table t rename to u', `insert into u values (3, 'w', 6)`, 'update u set c = c + 1 where id = 2',
      'alter table u drop constraint t_c_check', 'alter table u alter c type text', 'create table t (other integer)', 'insert into t values (9)',
    ],
    query: 'select id, aa, c, (select max(other) from t) from u order by id',
    rows: [['2', 'z', '6', '9'], ['3', 'w', '6', '9']],
  },
  {
    name: 'keeps tables that refer to one that was altered, and the other way round',
    sql: [
      'create table parents (id integer primary key)', 'create table children (parent integer references parents)', 'insert into parents values (1), (2)',
      'insert into children values (1)', 'alter table parents add name text', 'create table later (id integer primary key)', 'insert into later values (1)',
      'alter table children add column later integer default 1 references later', 'insert into children values (2, 1)',
    ],
    query: 'delete from parents where id not in (select parent from children) returning id',
    rows: [],
  },
  {
    name: 'goes on with the numbers of identity after alter table',
    sql: [
      'create table t (id bigint generated always as identity, v text)', `insert into t (v) values ('a'), ('b')`, 'delete from t where id = 2',
      'alter table t add w integer', 'alter table t rename to u',
    ],
    query: `insert into u (v) values ('c') returning id`,
    rows: [['3']],
  },
  {
    name: 'keeps the table as it was where alter table was refused',
    sql: ['create table t (id integer primary key, v text)', `insert into t values (1, null)`],
    query: 'select id, v from t',
    rows: [['1', undefined]],
    refused: ['alter table t alter v set not null', 'alter table t add check (id > 1)', 'alter table t add w integer not null'],
  },
  {
    name: 'carries many rows',
    sql: ['create table t (k bigint primary key, v text)', `insert into t select k, 'row ' || k from generate_series(1, 5000) k`, 'delete from t where k % 2 = 0'],
    query: 'select count(*), min(k), max(k), max(length(v)) from t',
    rows: [['2500', '1', '4999', '8']],
  },
]

const edges: readonly (readonly [type: string, values: readonly string[]])[] = [
  ['bigint', ['9007199254740991', '-9007199254740991', '9007199254740993', '-9007199254740993', '9223372036854775807', '-9223372036854775808', '4294967296', '-4294967297', '-1', '0']],
  ['numeric(30,3)', ['0.001', '-0.001', '-0.500', '999999999999.999', '-999999999999.999', '1000000000000.000', '-123456789012345678901234567.891', '0.000']],
  ['numeric(38,0)', ['99999999999999999999999999999999999999', '-99999999999999999999999999999999999999', '-7', '123456789012345', '1234567890123456']],
  ['timestamptz', ['1969-12-31 23:59:59.999999+00', '1970-01-01 00:00:00+00', '2255-06-05 23:47:34.740992+00', '2255-06-06 00:00:00.5+00', '9999-12-31 23:59:59.999999+00', '0001-01-01 00:00:00+00', '12026-01-02 03:04:05+00', '2024-02-29 00:00:00.1+00', '1584-12-31 00:00:00.01+00']],
  ['timestamp', ['1900-01-01 01:02:03.000004', '2026-11-22 20:14:41.12345']],
  ['date', ['0001-01-01', '1970-01-01', '1969-12-31', '9999-12-31', '12026-05-06', '0044-03-15 BC']],
  ['uuid', ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '80000000-0000-4000-8000-000000000001', '0123e456-89ab-cdef-f123-456789abcdef']],
  ['text', ['', 'plain', 'ünïcode', '\u{1f600} wide', 'a text longer than twelve bytes']],
  ['bytea', ['\\x', '\\x00', '\\xff00fe']],
  ['smallint', ['-32768', '32767', '0']],
  ['boolean', ['t', 'f']],
]
for (const [type, values] of edges) {
  cases.push({
    name: `keeps the edges of ${type}, with nulls between`,
    sql: [`create table t (k integer primary key, v ${type})`, ...values.flatMap((value, i) => [`insert into t values (${String(2 * i)}, '${value}')`, `insert into t values (${String(2 * i + 1)}, null)`])],
    query: 'select v from t order by k',
    rows: values.flatMap((value) => [[value], [undefined]]),
  })
}

const stores: readonly { name: string; reopen: (run: (db: Rowtine) => Promise<void>, check: (db: Rowtine) => Promise<void>) => Promise<void> }[] = [
  {
    name: 'memory',
    reopen: async (run, check) => {
      const db = await open({ workers: 1 })
      await run(db)
      await check(db)
      await db.close()
    },
  },
  {
    name: 'sqlite',
    reopen: async (run, check) => {
      const data = newFolder()
      const first = await open({ data, workers: 1 })
      await run(first)
      await first.close()
      const second = await open({ data, workers: 1 })
      await check(second)
      await second.close()
    },
  },
]

for (const store of stores) {
  describe(`store: ${store.name}`, () => {
    for (const { name, sql, refused = [], query, rows } of cases) {
      it(name, () =>
        store.reopen(
          async (db) => {
            for (const statement of sql) await db.exec(statement)
            for (const statement of refused) await expect(db.exec(statement)).rejects.toThrow()
          },
          async (db) => { expect((await db.query(query)).toText()).toEqual(rows) },
        ))
    }
  })
}

describe('the SQLite file', () => {
  it('is an ordinary database with the user’s tables in it', async () => {
    const data = newFolder()
    const db = await open({ data, workers: 1 })
    await db.exec(`create table users (id bigint primary key, email text unique not null); insert into users values (7, 'ada@x')`)
    await db.close()
    const file = new Database(join(data, 'rowtine.db'), { readonly: true })
    expect(file.prepare('select id, email from users').all()).toEqual([{ id: 7, email: 'ada@x' }])
    expect(() => file.prepare('select 1 from rowtine_catalog').all()).not.toThrow()
    expect(file.pragma('integrity_check', { simple: true })).toBe('ok')
    file.close()
  })

  it('drops what a process left that ended before it replaced a table', async () => {
    const data = newFolder()
    const db = await open({ data, workers: 1 })
    await db.exec('create table t (a integer); insert into t values (1)')
    await db.close()
    const file = new Database(join(data, 'rowtine.db'))
    file.exec(`create table rowtine_staged_7 (a); insert into rowtine_staged_7 values (1); insert into rowtine_identity values ('rowtine_staged_7', 5)`)
    file.close()
    const again = await open({ data, workers: 1 })
    expect(await again.sql`select a from t`).toEqual([{ a: 1 }])
    await again.close()
    const left = new Database(join(data, 'rowtine.db'), { readonly: true })
    expect(left.prepare(`select name from sqlite_master where name like 'rowtine_staged%'`).all()).toEqual([])
    expect(left.prepare('select * from rowtine_identity').all()).toEqual([])
    left.close()
  })

  it('belongs to one process, or one open database, at a time', async () => {
    const data = newFolder()
    const db = await open({ data, workers: 1 })
    await expect(open({ data, workers: 1 })).rejects.toMatchObject({ code: '55006' })
    await db.close()
    await (await open({ data, workers: 1 })).close()
  })
})
