// Rows in from files and Arrow tables and out again: every format, every type, and files that are damaged.
import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as arrow from 'apache-arrow'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest'
import { EngineError, open, type Database } from '../index.ts'

const folder = mkdtempSync(join(tmpdir(), 'rowtine-files-'))
afterAll(() => { rmSync(folder, { recursive: true, force: true }) })

let db: Database
beforeEach(async () => { db = await open() })
afterEach(() => db.close())

const at = (name: string): string => join(folder, name)
function file(name: string, content: string | Uint8Array): string {
  writeFileSync(at(name), content)
  return at(name)
}
async function rows(sql: string): Promise<string[]> {
  return (await db.query(sql)).toText().map((row) => row.map((cell) => cell ?? '~').join('|'))
}
async function refusal(run: Promise<unknown>): Promise<EngineError> {
  const error = await run.then(() => undefined, (thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(EngineError)
  return error as EngineError
}
async function duck(sql: string): Promise<void> {
  const connection = await (await DuckDBInstance.create()).connect()
  await connection.run(sql)
  connection.closeSync()
}

it('reads CSV with the columns that the statement wants, more than once', async () => {
  const path = file('a.csv', 'id,name,score\n1,x,1.5\n2,,2\n3,"a, b",\n')
  expect(await rows(`select * from '${path}'`)).toEqual(['1|x|1.5', '2|~|2', '3|a, b|~'])
  expect(await rows(`select count(*) from '${path}'`)).toEqual(['3'])
  expect(await rows(`select l.name, r.id from '${path}' l join '${path}' r on l.id = r.id + 1 order by 2`)).toEqual(['~|1', 'a, b|2'])
  expect(await rows(`select a.id from '${path}' where id > $1`.replace('$1', '2'))).toEqual(['3'])
  expect((await db.query(`select id from '${path}' where id < $1`, [2])).toText()).toEqual([['1']])
})

it('copies CSV into a table by the order of its columns', async () => {
  await db.exec('create table t (id integer primary key, name varchar(5) not null, day date, ok boolean default true)')
  const path = file('t.csv', 'id;name;day\n1;x;2024-02-29\n2;"NA";NA\n')
  const [done] = await db.exec(`copy t (id, name, day) from '${path}' (header match, delimiter ';', null 'NA') where id > 0`)
  expect(done?.tag).toBe('COPY 2')
  expect(await rows('select * from t order by id')).toEqual(['1|x|2024-02-29|t', '2|NA|~|t'])
})

it.each([
  ['a value that its type has not', 'x,y', '22P02', /row:1|t\.csv:1, column 1/],
  ['too few fields', '1', '22P04', /:1, column 2/],
  ['too many fields', '1,a,b', '22P04', /:1/],
  ['an open quote', '1,"a', '22P04', /:1/],
  ['bytes that are not UTF-8', new Uint8Array([49, 44, 255, 10]), '22021', /:1, column 2/],
  ['a row that a constraint refuses', '1,toolong', '22001', undefined],
  ['a key twice', '1,a\n1,b', '23505', undefined],
  ['a null where none may be', '1,', '23502', undefined],
  ['a check that fails', '-1,a', '23514', undefined],
])('refuses %s and keeps nothing', async (_, content, code, detail) => {
  await db.exec('create table t (id integer primary key check (id > 0), name varchar(5) not null)')
  const error = await refusal(db.exec(`copy t from '${file('t.csv', content)}'`))
  expect(error.code).toBe(code)
  if (detail !== undefined) expect(error.parts.detail).toMatch(detail)
  expect(error.parts.span).toBeDefined()
  expect(await rows('select count(*) from t')).toEqual(['0'])
})

it('checks foreign keys of what it copies', async () => {
  await db.exec('create table p (id integer primary key); create table c (p integer references p); insert into p values (1)')
  expect((await refusal(db.exec(`copy c from '${file('c.csv', '1\n2\n')}'`))).code).toBe('23503')
  expect(await rows('select count(*) from c')).toEqual(['0'])
})

it('numbers rows by identity where the file does not', async () => {
  await db.exec('create table t (id bigint generated always as identity primary key, name text)')
  await db.exec(`copy t (name) from '${file('n.csv', 'a\nb\n')}'; copy t from '${file('n2.csv', '10,c\n')}'; insert into t (name) values ('d')`)
  expect(await rows('select * from t order by id')).toEqual(['1|a', '2|b', '10|c', '11|d'])
})

const everyType = `(b boolean, s smallint, i integer, l bigint, r real, d double precision, n numeric(20,3), t text, y bytea,
  day date, at time, ts timestamp, tz timestamptz, v interval, u uuid, j json)`
const everyValue = `(true, -5, 70000, 9007199254740993, 1.5, -2.25, 12345678901234567.125, 'a "quoted", text', '\\x00ff', '2024-02-29',
  '12:34:56.789', '1999-12-31 23:59:59.999999', '2024-01-01 00:00:00+02', '1 year 2 days', '00112233-4455-6677-8899-aabbccddeeff', '{"a": [1, null]}')`

it('writes and reads every type as CSV', async () => {
  await db.exec(`create table a ${everyType}; create table b ${everyType}; insert into a values ${everyValue}; insert into a (i) values (1)`)
  await db.exec(`copy a to '${at('every.csv')}' (header, null 'NULL'); copy b from '${at('every.csv')}' (header, null 'NULL')`)
  expect(await rows('select * from b order by i')).toEqual(await rows('select * from a order by i'))
})

it('writes and reads every type that Arrow has as Arrow', async () => {
  const columns = 'b, s, i, l, r, d, n, t, y, day, at, ts, tz'
  await db.exec(`create table a ${everyType}; create table b ${everyType}; insert into a values ${everyValue}; insert into a (i) values (1)`)
  await db.exec(`copy (select ${columns} from a) to '${at('every.arrow')}'; copy b (${columns}) from '${at('every.arrow')}'`)
  expect(await rows(`select ${columns} from b order by i`)).toEqual(await rows(`select ${columns} from a order by i`))
  expect(await rows(`select ${columns} from '${at('every.arrow')}' order by i`)).toEqual(await rows(`select ${columns} from a order by i`))
})

it.each(['snappy', 'zstd', 'gzip', 'uncompressed'])('reads Parquet as DuckDB writes it: %s', async (codec) => {
  const path = at(`${codec}.parquet`)
  await duck(`copy (select i, i % 7 = 0 as b, (i * 3)::smallint as s, i::bigint * 5000000000 as l, i::utinyint as ub, i::uinteger as ui, i::ubigint as ul,
      i / 4.0::float as r, i / 3 as d, (i * 1.25)::decimal(9,2) as n9, (i * 1.25)::decimal(30,4) as n30, 'text ' || (i % 3) as t,
      case when i % 2 = 0 then null else 'long enough for memory ' || i end as o, ('\\xAA' || i)::blob as y, date '2024-01-01' + i::integer as day,
      time '01:02:03.000004' as at, timestamp '2024-01-01 00:00:00.000001' + interval (i) second as ts,
      timestamptz '2024-01-01 00:00:00+00' as tz, uuid '00112233-4455-6677-8899-aabbccddeeff' as u
    from range(100) r(i)) to '${path}' (format parquet, codec '${codec}', row_group_size 32)`)
  expect(await rows(`select count(*), sum(i), sum(s), sum(l), sum(ub), sum(ui), sum(ul), sum(n9), sum(n30), count(o), min(t), max(t) from '${path}'`))
    .toEqual(['100|4950|14850|24750000000000|4950|4950|4950|6187.50|6187.5000|50|text 0|text 2'])
  expect(await rows(`select b, o, r, d, n9, y, day, at, ts, tz, u from '${path}' where i in (7, 10) order by i`)).toEqual([
    't|long enough for memory 7|1.75|2.3333333333333335|8.75|\\xaa37|2024-01-08|01:02:03.000004|2024-01-01 00:00:07.000001|2024-01-01 00:00:00+00|00112233-4455-6677-8899-aabbccddeeff',
    'f|~|2.5|3.3333333333333335|12.50|\\xaa3130|2024-01-11|01:02:03.000004|2024-01-01 00:00:10.000001|2024-01-01 00:00:00+00|00112233-4455-6677-8899-aabbccddeeff',
  ])
})

it.each(['cut.parquet', 'cut.arrow', 'empty.parquet', 'empty.arrow', 'noise.parquet', 'noise.arrow'])('refuses the damaged file %s', async (name) => {
  await db.exec('create table t (i integer, s text); insert into t select i, repeat(\'x\', i) from generate_series(1, 100) i')
  if (name === 'cut.parquet') await duck(`copy (select i, 'x' || i as s from range(1000) r(i)) to '${at(name)}' (format parquet)`)
  if (name === 'cut.arrow') await db.exec(`copy t to '${at(name)}'`)
  if (name.startsWith('cut')) truncateSync(at(name), Math.floor(readFileSync(at(name)).length * 0.6))
  if (name.startsWith('empty')) file(name, '')
  if (name.startsWith('noise')) file(name, Uint8Array.from({ length: 4096 }, (_, i) => (i * 7919) % 251))
  const error = await refusal(db.query(`select count(*), max(s) from '${at(name)}'`))
  expect(error.code).toBe('22P04')
})

it('survives Parquet and Arrow files with any byte changed', async () => {
  await duck(`copy (select i, 'x' || i as s, i * 1.5 as d from range(50) r(i)) to '${at('whole.parquet')}' (format parquet)`)
  await db.exec(`create table t (i integer, s text); insert into t values (1, 'a'), (2, null); copy t to '${at('whole.arrow')}'`)
  for (const name of ['whole.parquet', 'whole.arrow']) {
    const whole = readFileSync(at(name))
    for (let i = 0; i < whole.length; i += Math.ceil(whole.length / 60)) {
      const changed = Uint8Array.from(whole)
      changed[i] = (changed[i] ?? 0) ^ 0x55
      const outcome = await db.query(`select * from '${file(`changed-${name}`, changed)}'`).then(() => undefined, (thrown: unknown) => thrown)
      if (outcome !== undefined) expect(outcome).toBeInstanceOf(EngineError)
    }
  }
})

it('ends with 53200 where a file does not fit, and harms nothing', async () => {
  await db.close()
  db = await open({ memoryLimitBytes: 4 << 20 })
  await db.exec('create table t (s text); insert into t values (\'here\')')
  const path = file('large.csv', `${'x'.repeat(100)}\n`.repeat(100_000))
  expect((await refusal(db.query(`select s.s from '${path}' s`.replace('s.s', 'count(*)')))).code).toBe('53200')
  expect((await refusal(db.exec(`copy t from '${path}'`))).code).toBe('53200')
  expect(await rows('select * from t')).toEqual(['here'])
})

it('takes Arrow tables of every type', async () => {
  const table = new arrow.Table({
    b: arrow.vectorFromArray([true, null, false], new arrow.Bool()),
    s: arrow.vectorFromArray([1, null, -3], new arrow.Int8()),
    i: arrow.vectorFromArray([1, null, 65535], new arrow.Uint16()),
    l: arrow.vectorFromArray([1n, null, 4294967295n].map((v) => (v === null ? null : Number(v))), new arrow.Uint32()),
    d: arrow.vectorFromArray([1.5, null, -0.25], new arrow.Float64()),
    t: arrow.vectorFromArray(['one', null, 'one'], new arrow.Dictionary(new arrow.Utf8(), new arrow.Int8())),
    u: arrow.vectorFromArray(['ä', null, 'a longer text, past twelve'], new arrow.Utf8()),
    y: arrow.vectorFromArray([new Uint8Array([1, 255]), null, new Uint8Array(0)], new arrow.Binary()),
    day: arrow.vectorFromArray([new Date('2024-02-29'), null, new Date('1970-01-01')], new arrow.DateMillisecond()),
    tz: arrow.vectorFromArray([new Date(1500), null, new Date(-1)], new arrow.TimestampMillisecond('UTC')),
    x: arrow.vectorFromArray([null, null, null], new arrow.Null()),
  })
  await db.exec('create table t (b boolean, s integer, i integer, l bigint, d double precision, t text, u text, y bytea, day date, tz timestamptz, x text)')
  expect((await db.insertArrow('t', table)).rowCount).toBe(3)
  expect((await db.insertArrow('t', table.slice(1, 3))).rowCount).toBe(2)
  const all = [
    't|1|1|1|1.5|one|ä|\\x01ff|2024-02-29|1970-01-01 00:00:01.5+00|~', '~|~|~|~|~|~|~|~|~|~|~',
    'f|-3|65535|4294967295|-0.25|one|a longer text, past twelve|\\x|1970-01-01|1969-12-31 23:59:59.999+00|~',
  ]
  expect(await rows('select * from t')).toEqual([...all, ...all.slice(1)])
})

it('reads Arrow files and streams with dictionaries, and refuses compressed or nested ones', async () => {
  const table = arrow.tableFromArrays({ t: ['a', 'b', 'a'], n: Int32Array.of(1, 2, 3) })
  for (const kind of ['file', 'stream'] as const) {
    const path = file(`dictionary-${kind}.arrow`, arrow.tableToIPC(table, kind))
    expect(await rows(`select * from '${path}' order by n desc`)).toEqual(['a|3', 'b|2', 'a|1'])
    expect(await rows(`select count(*) from '${path}'`)).toEqual(['3'])
  }
  const nested = arrow.tableFromJSON([{ a: { b: 1 } }])
  expect((await refusal(db.query(`select * from '${file('nested.arrow', arrow.tableToIPC(nested, 'file'))}'`))).code).toBe('0A000')
})

it('takes columns of values, and says what is wrong with them', async () => {
  await db.exec('create table t (id bigint generated always as identity, x double precision not null, name text default \'none\')')
  expect((await db.insertColumns('t', { x: Float64Array.from({ length: 70_000 }, (_, i) => i) })).rowCount).toBe(70_000)
  expect((await db.insertColumns('t', { x: [0.5], name: ['a'] })).rowCount).toBe(1)
  expect(await rows('select count(*), sum(x), max(id), min(name), max(name) from t')).toEqual(['70001|2449965000.5|70001|a|none'])
  expect((await refusal(db.insertColumns('t', { x: [1], name: ['a', 'b'] }))).code).toBe('22023')
  expect((await refusal(db.insertColumns('t', { y: [1] }))).code).toBe('42703')
  expect((await refusal(db.insertColumns('none', { y: [1] }))).code).toBe('42P01')
  expect((await refusal(db.insertColumns('t', { x: [null, 1] }))).code).toBe('23502')
  expect((await refusal(db.insertColumns('t', { x: ['a'] }))).code).toBe('42804')
  expect(await rows('select count(*) from t')).toEqual(['70001'])
})

it('keeps what it loads where tables are durable', async () => {
  const data = mkdtempSync(join(folder, 'data-'))
  let durable = await open({ data })
  await durable.exec(`create table t (id integer primary key, name text); copy t from '${file('kept.csv', '1,a\n2,\n')}'`)
  await durable.insertColumns('t', { id: Int32Array.of(3), name: ['c'] })
  await durable.close()
  durable = await open({ data })
  expect((await durable.query('select * from t order by id')).toText()).toEqual([['1', 'a'], ['2', undefined], ['3', 'c']])
  await durable.close()
})

it('touches no files but those that it may', async () => {
  const allowed = mkdtempSync(join(folder, 'allowed-'))
  const secret = file('secret.csv', '1\n')
  writeFileSync(join(allowed, 'fine.csv'), 'a\n1\n')
  symlinkSync(secret, join(allowed, 'link.csv'))
  const closed = await open({ files: false })
  expect((await refusal(closed.query(`select * from '${secret}'`))).code).toBe('42501')
  expect((await refusal(closed.exec(`copy (select 1) to '${at('out.csv')}'`))).code).toBe('42501')
  await closed.close()
  const server = await open({ files: allowed })
  expect((await server.query('select * from \'fine.csv\'')).rowCount).toBe(1)
  for (const name of [secret, '../secret.csv', 'link.csv', join(allowed, '..', 'secret.csv')]) {
    expect((await refusal(server.query(`select * from '${name}'`))).code).toBe('42501')
  }
  expect((await refusal(server.query('select * from \'none.csv\''))).code).toBe('58P01')
  expect((await refusal(server.exec('copy (select 1) to \'../out.csv\''))).code).toBe('42501')
  await server.exec('copy (select 2 as b) to \'link.csv\'')
  expect(readFileSync(secret, 'utf8')).toBe('1\n')
  expect(readFileSync(join(allowed, 'link.csv'), 'utf8')).toBe('2\n')
  await server.close()
})

it('leaves nothing behind when writing fails, and frees what it read', async () => {
  await refusal(db.exec(`copy (select 1 / 0) to '${at('never.csv')}'`))
  expect(readdirSync(folder).filter((name) => name.startsWith('never'))).toEqual([])
  const path = file('again.csv', 'a\n1\n')
  for (let i = 0; i < 100; i++) await db.query(`select * from '${path}'`)
  expect((await db.query('select count(*) from sys.relations where name like \'%again%\'')).toText()).toEqual([['0']])
})

it('tells how far it is, and stops when it is told to', async () => {
  const path = file('long.csv', 'abc,1\n'.repeat(1_000_000))
  const seen: number[] = []
  await db.query(`select count(*) from '${path}'`, [], { onProgress: (done) => { seen.push(done) } })
  expect(seen.at(-1)).toBe(1)
  expect([...seen].sort((a, b) => a - b)).toEqual(seen)
  const stop = new AbortController()
  const cancelled = db.query(`select count(*) from '${path}'`, [], { signal: stop.signal, onProgress: () => { stop.abort() } })
  expect((await refusal(cancelled)).code).toBe('57014')
})
