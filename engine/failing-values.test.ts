// Errors of running statements name the value that could not be read, and the type that was too small.
import { expect, it } from 'vitest'
import { open } from './index.ts'

it.each([
  ['integer', 'a', 'invalid input syntax for type integer: "a"'],
  ['bigint', '9223372036854775808', 'value "9223372036854775808" is out of range for type bigint'],
  ['numeric(10, 2)', '1,5', 'invalid input syntax for type numeric: "1,5"'],
  ['double precision', '', 'invalid input syntax for type double precision: ""'],
  ['date', '2020-13-01', 'date/time field value out of range: "2020-13-01"'],
  ['timestamp', 'hello', 'invalid input syntax for type timestamp: "hello"'],
  ['uuid', '12', 'invalid input syntax for type uuid: "12"'],
  ['json', '{"a"', 'invalid input syntax for type json: "{"a""'],
  ['boolean', 'maybe', 'invalid input syntax for type boolean: "maybe"'],
  ['integer', 'ä'.repeat(80), `invalid input syntax for type integer: "${'ä'.repeat(50)}…"`],
])('names the text that is no %s: %s', async (type, text, message) => {
  const db = await open()
  await expect(db.query(`select a::${type} from (values ($1::text)) t(a)`, [text])).rejects.toMatchObject({ message })
  await db.close()
})

it.each([
  ['a + 2147483647', 'integer out of range'],
  ['(a * 40000)::smallint', 'smallint out of range'],
  ['a + 9223372036854775807', 'bigint out of range'],
  ['(a * 1000)::numeric(3, 1)', 'numeric field overflow'],
])('names the type that %s does not fit', async (expression, message) => {
  const db = await open()
  await expect(db.query(`select ${expression} from (values (1)) t(a)`)).rejects.toMatchObject({ message })
  await db.close()
})

it('is that of the first row, on every number of threads', async () => {
  for (const threads of [1, 3]) {
    const db = await open({ threads, parallelRows: 1_000 })
    await db.exec(`create table t (id integer, a text); insert into t select i, i::text || case when i > 70000 then 'x' else '' end from generate_series(1, 200000) g(i)`)
    await expect(db.query('select sum(a::integer) from t')).rejects.toMatchObject({ message: 'invalid input syntax for type integer: "70001x"' })
    await db.close()
  }
})

it('is what a handler and sys.errors are told', async () => {
  const db = await open()
  await db.exec(`
    create table seen (message text);
    create event table e (a text);
    create coroutine caught on e r as begin
      insert into seen values ((r.a::integer)::text);
    exception when others then
      insert into seen values (sqlerrm);
    end;
    create coroutine uncaught on e r as insert into seen values ((r.a::integer)::text)`)
  await db.query(`insert into e values ('1'), ('two'), ('3')`)
  await db.settled()
  const message = 'invalid input syntax for type integer: "two"'
  expect(await db.sql`select message from seen where message not in ('1', '3')`).toEqual([{ message }])
  expect(await db.sql`select coroutine, message from sys.errors`).toEqual([{ coroutine: 'uncaught', message }])
  await db.close()
})
