// Statements that are far too long, deep or wide: answers, or errors that say which limit was met, in little
// time; and the next statement works.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { EngineError, open, type Database } from '#engine/index'

const folder = mkdtempSync(join(tmpdir(), 'rowtine-hostile-'))
let db: Database

beforeAll(async () => {
  db = await open({ workers: 1, threads: 2, pin: false })
  await db.exec('create table few (y integer not null); insert into few values (1), (2)')
  await db.exec('create table big (id integer, x integer); insert into big select i, i % 1000 from generate_series(1, 1000000) as s(i)')
}, 60_000)
afterEach(async () => {
  expect((await db.query('select count(*) from few')).toText()).toEqual([['2']])
})
afterAll(async () => {
  await db.close()
  rmSync(folder, { recursive: true, force: true })
})

const depth = 5000
const list = (count: number, each: (i: number) => string, between = ', '): string => Array.from({ length: count }, (_, i) => each(i)).join(between)
const cell = async (sql: string): Promise<string | undefined> => (await db.query(sql)).toText()[0]?.[0]

async function refusal(sql: string): Promise<EngineError> {
  const error = await db.query(sql).then(() => undefined, (thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(EngineError)
  return error as EngineError
}

describe('nested too deeply', () => {
  it.each([
    ['parentheses', '(', ')'], ['signs', '- ', ''], ['not', 'not ', ''], ['functions', 'abs(', ')'], ['sums', '1 + ', ''], ['sums to the right', '(1 + ', ')'],
    ['case', 'case when true then ', ' end'], ['case in else', 'case when false then 1 else ', ' end'], ['scalar subqueries', '(select ', ')'],
    ['casts', 'cast(', ' as integer)'], ['exists', 'exists (select ', ')'], ['in', '1 in (select ', ')'],
  ])('%s are refused', async (_, before, after) => {
    const error = await refusal(`select ${before.repeat(depth)}1${after.repeat(depth)}`)
    expect([error.code, error.parts.span !== undefined]).toEqual(['54001', true])
    expect(error.message).toMatch(/^nesting of the statement exceeds the limit of \d+$/)
  })

  it.each([
    ['derived tables', `select * from ${'(select * from '.repeat(depth)}few${') x'.repeat(depth)}`],
    ['joins', `select 1 from few t${list(depth, (i) => ` join few t${String(i)} on true`, '')}`],
    ['joins in parentheses', `select 1 from ${'(few cross join '.repeat(depth)}few${')'.repeat(depth)}`],
    ['unions', `${'select 1 union all '.repeat(depth)}select 1`],
    ['unions in parentheses', `${'(select 1 union all '.repeat(depth)}select 1${')'.repeat(depth)}`],
    ['with in with', `${'with a as ('.repeat(depth)}select 1${') select * from a'.repeat(depth)}`],
    ['with after with', `with a0 as (select 1), ${list(depth, (i) => `a${String(i + 1)} as (select * from a${String(i)})`)} select * from a${String(depth)}`],
    ['parentheses that nobody closes', `select ${'('.repeat(depth)}`],
    ['paths into json', `select '{}'::json${'->\'a\''.repeat(depth)}`],
  ])('%s are refused', async (_, sql) => {
    const error = await refusal(sql)
    expect(error.code).toBe('54001')
    expect(error.message).not.toContain('call stack')
  })

  it('json and regular expressions have limits of their own', async () => {
    expect((await refusal(`select '${'['.repeat(depth)}${']'.repeat(depth)}'::json`)).code).toBe('54000')
    expect((await refusal(`select 'a' ~ '${'('.repeat(depth)}a${')'.repeat(depth)}'`)).code).toBe('54000')
  })
})

describe('long', () => {
  it.each([
    ['and', `select count(*) from few where ${'y > 0 and '.repeat(depth)}true`, '2'],
    ['or', `select count(*) from few where ${'y = 1 or '.repeat(depth)}false`, '1'],
    ['in', `select count(*) from few where y in (${list(depth, (i) => String(i + 2))})`, '1'],
    ['values', `select count(*) from (values ${list(depth, (i) => `(${String(i)})`)}) v`, '5000'],
    ['group by', `select count(*) from few group by ${'y, '.repeat(depth)}y limit 1`, '1'],
    ['like', `select '${'a'.repeat(depth)}' like '${'%a'.repeat(depth)}b'`, 'f'],
  ])('%s works with 5,000 parts', async (_, sql, answer) => {
    expect(await cell(sql)).toBe(answer)
  })

  it('statements of ten megabytes work', async () => {
    expect(await cell(`select length('${'x'.repeat(10_000_000)}')`)).toBe('10000000')
    expect(await cell(`select /* ${'x'.repeat(10_000_000)} */ 1`)).toBe('1')
    expect(await cell(`select ${' '.repeat(10_000_000)} 1`)).toBe('1')
  })

  it('lists of 100,000 values work', async () => {
    expect(await cell(`select sum(a) from (values ${list(100_000, (i) => `(${String(i)}, 'a${String(i)}')`)}) v (a, b)`)).toBe('4999950000')
    expect(await cell(`select count(*) from few where y in (${list(100_000, (i) => String(i * 2))})`)).toBe('1')
  })

  it.each([
    ['a case of constants', `select sum(case y ${list(depth, (i) => `when ${String(i)} then ${String(i)}`, ' ')} end) from few`, '3'],
    ['a case of conditions', `select max(case ${list(depth, (i) => `when y = ${String(i)} then 'a${String(i)}'`, ' ')} end) from few`, 'a2'],
    ['a conjunction', `select count(*) from few where ${list(8_000, (i) => `y <> ${String(i + 2)}`, ' and ')}`, '1'],
  ])('%s of thousands of parts works', async (_, sql, answer) => {
    expect(await cell(sql)).toBe(answer)
  })

  it.each([
    ['a case', `select case y ${list(depth, (i) => `when ${String(i)} then 10 / (y - ${String(i)})`, ' ')} end from few`],
    ['a conjunction', `select 1 from few where ${list(50_000, (i) => `y <> ${String(i)}`, ' and ')}`],
  ])('%s of more parts than there are registers is refused', async (_, sql) => {
    const error = await refusal(sql)
    expect(error.code).toBe('54001')
    expect(error.message).toMatch(/^the statement is too complex: its plan needs \d+ intermediate values, more than 32768$/)
  })

  it.each([
    ['arguments of coalesce', `select coalesce(${'null, '.repeat(depth)}y) from few`, '54023'],
    ['arguments of concat', `select concat(${'y, '.repeat(depth)}y) from few`, '54023'],
    ['columns of a select list', `select ${'1, '.repeat(1_000_000)}1`, '54011'],
    ['columns of a row', `values (${'1, '.repeat(1_000_000)}1)`, '54011'],
    ['relations', `select 1 from ${list(100_000, (i) => `few t${String(i)}`)}`, '54001'],
    ['with queries', `with ${list(20_000, (i) => `a${String(i)} as (select 1)`)} select 1`, '54001'],
    ['tokens', `values ${'(1), '.repeat(1_300_000)}(1)`, '54001'],
  ])('too many %s are refused', async (_, sql, code) => {
    const error = await refusal(sql)
    expect([error.code, error.parts.span !== undefined]).toEqual([code, true])
    expect(error.message).toMatch(/\d+/)
  })

  it('a mistake is found before the rest of ten megabytes is read', async () => {
    expect((await refusal(`select ${'a b '.repeat(2_500_000)}`)).code).toBe('42601')
    expect((await refusal(`select ${'('.repeat(10_000_000)}`)).code).toBe('54001')
  })

  it('a million operators are refused', async () => {
    expect((await refusal(`select ${'1+'.repeat(1_000_000)}1`)).code).toBe('54001')
  })

  it('more order by than rows can keep is refused', async () => {
    expect((await refusal(`select y from few order by ${list(9000, (i) => `y + ${String(i)}`)}`)).code).toBe('54011')
  })
})

describe('wide', () => {
  const count = 2000
  const values = list(count, (i) => (i % 3 === 1 ? `'t${String(i)}'` : String(i)))

  it('tables have 2,000 columns', async () => {
    await db.exec(`create table wide (${list(count, (i) => `c${String(i)} ${['integer', 'text', 'double precision'][i % 3] ?? ''}`)})`)
    await db.exec(`insert into wide values (${values}), (${list(count, () => 'null')})`)
    expect((await db.query('select * from wide')).toText()[0]?.join(', ')).toBe(values.replaceAll('\'', ''))
    expect((await db.query('select * from wide a join wide b on a.c0 = b.c0')).columns).toHaveLength(2 * count)
    expect(await cell('select count(*) from (select distinct * from wide) d')).toBe('2')
    expect(await cell(`select ${list(count, (i) => `max(c${String(i)})`)} from wide`)).toBe('0')
    const path = join(folder, 'wide.csv')
    await db.exec(`copy wide to '${path}' (header); copy wide from '${path}' (header)`)
    expect(await cell('select count(*) from wide where c1998 = 1998')).toBe('2')
    expect((await db.query(`select * from wide order by ${list(count, (i) => `c${String(i)}`)}`)).rowCount).toBe(4)
    expect((await db.query('select * from wide a join wide b on a.c0 = b.c0 join wide c on b.c0 = c.c0')).columns).toHaveLength(3 * count)
    expect((await db.query('select *, row_number() over (order by c0) from wide union select *, 1 from wide')).columns).toHaveLength(count + 1)
  })

  it('no table has more, but a file may', async () => {
    const error = await refusal(`create table wider (${list(count + 1, (i) => `c${String(i)} integer`)})`)
    expect([error.code, error.message]).toEqual(['54011', 'tables can have at most 2000 columns'])
    const path = join(folder, 'wider.csv')
    writeFileSync(path, `${list(3000, (i) => `c${String(i)}`, ',')}\n${list(3000, String, ',')}\n`)
    expect((await db.query(`select * from '${path}'`)).toText()[0]).toEqual(Array.from({ length: 3000 }, (_, i) => String(i)))
    expect(await cell(`select c2999 from '${path}'`)).toBe('2999')
  })
})

describe('many joins', () => {
  const joined = (word: string): string => list(59, (i) => ` ${word} few t${String(i + 1)} on t${String(i + 1)}.y = t${String(i)}.y`, '')
  const names = list(60, (i) => `few t${String(i)}`)
  it.each([
    ['a chain', `few t0${joined('join')}`], ['outer joins', `few t0${joined('left join')}`],
    ['a star', `${names} where ${list(59, (i) => `t0.y = t${String(i + 1)}.y`, ' and ')}`],
    ['all with all', `${names} where ${list(59, (i) => list(i + 1, (j) => `t${String(j)}.y = t${String(i + 1)}.y`, ' and '), ' and ')}`],
  ])('%s of sixty tables is planned and answered', async (_, from) => {
    expect(await cell(`select count(*) from ${from}`)).toBe('2')
  })

  it('a product of millions of rows ends with its limit', async () => {
    expect((await db.query('select a.id, b.id from big a cross join big b limit 1')).rowCount).toBe(1)
    expect((await db.query('select 1 from big a, big b, big c limit 3')).rowCount).toBe(3)
    expect((await db.query('select 1 from big a, big b where a.x < b.x limit 1')).rowCount).toBe(1)
    expect((await db.query('select * from (select a.id from big a cross join big b limit 5) d join few on y = y limit 7')).rowCount).toBe(7)
  })
})
