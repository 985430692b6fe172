// What sys.errors says of the place of a failure, whatever the text around it is.
import { expect, it } from 'vitest'
import { open } from './index.ts'

const places = async (coroutine: string): Promise<unknown> => {
  const db = await open()
  try {
    await db.exec(`create event table e (a integer); /* äöü 😀 */ ${coroutine}`)
    await db.query('insert into e values (0)')
    await db.settled()
    return await db.sql`select line, statement from sys.errors`
  } finally {
    await db.close()
  }
}

it.each([
  ['a statement alone', 'create coroutine c on e r as\n  insert into e select 1 / r.a', 2, 'insert into e select 1 / r.a'],
  ['the innermost step', `create coroutine c on e r as begin -- größer
  if r.a = 0 then
    let b := 1;
    b := 1
      / r.a;
  end if;
end`, 5, 'b := 1\n      / r.a'],
  ['a condition of its branches', 'create coroutine c on e r as begin if 1 / r.a = 1 then return; end if; end', 1, 'if 1 / r.a = 1 then return; end if'],
  ['a handler', `create coroutine c on e r as begin
  raise exception 'ü';
exception when others then
  insert into e values (1 / r.a);
end`, 4, 'insert into e values (1 / r.a)'],
  ['the guard', 'create coroutine c on e r where\n 1 / r.a > 0 as insert into e values (1)', 2, '1 / r.a > 0'],
])('is %s', async (_, coroutine, line, statement) => {
  expect(await places(coroutine)).toEqual([{ line, statement }])
})
