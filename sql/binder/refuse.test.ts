// What LANGUAGE.md has and nothing runs yet is refused by name, with a caret: never a syntax error,
// never an answer.
import { describe, expect, it } from 'vitest'
import { EngineError } from '#base/engine-error'
import { bind } from '../../test/support/bind.ts'

const statements: readonly string[] = [
  'create table t as select 1 as a',
  'create schema s',
  "create type mood as enum ('sad')",
  'alter event table clicks add column x integer',
  "comment on table users is 'x'",
  "copy users from 'x.csv'",
  'begin',
  'commit',
  'prepare p as select 1',
  'execute p',
  "set timezone = 'UTC'",
  'show timezone',
  'subscribe select * from clicks',
  'merge into users u using orders o on true when matched then delete',
  'create materialized view v as select 1 as a',
  'explain (analyze, program) select 1',
  'explain analyze create coroutine c on clicks k as delete from users',
  'explain (format json) select 1',
  'explain (grid) select 1',
  'explain (rules) create coroutine c on clicks k as delete from users',
  'select count(distinct age) over () from users',
  'select string_agg(email, email order by id) over () from users',
  'select (with gone as (delete from users returning id) select id from gone)',
  'select rank(1) within group (order by age) from users',
  'select array[1, 2]',
  "select * from 'events.parquet'",
  'select * from users for update',
  'select generate_series(1, 3)',
  "select now() at time zone 'Europe/Berlin'",
  'select (users).email from users',
  'select * from frames.signup',
  'create index on users (lower(email))',
  'create index on users (email) where age > 1',
  'create table t (a integer[])',
  'create table t (a integer references users (id) on update cascade)',
  'create event table e (id integer primary key)',
  'create coroutine c on users u as delete from users',
  'create coroutine c on update to users u as delete from users',
  'create coroutine c instead of insert to http_responses r as delete from users',
  'create coroutine c (a integer) as delete from users',
  'create coroutine c on clicks k with (durable = true) as delete from users',
  'create coroutine c on clicks k as begin await select 1; end',
  "create coroutine c on clicks k as begin let x := await select 1 within interval '1 s'; end",
  'create coroutine c on clicks k as begin loop return; end loop; end',
  'create coroutine c on clicks k as begin for x in select 1 loop return; end loop; end',
  'create coroutine c on clicks k as begin yield (1); end',
  "create coroutine c on clicks k as begin raise notice 'x'; end",
  'from clicks |> call signup()',
]

describe('a statement outside what is built', () => {
  it.each(statements)('%s', (sql) => {
    let caught: unknown
    try {
      bind(sql)
    } catch (error) {
      caught = error
    }
    expect(caught).toBeInstanceOf(EngineError)
    const { code, parts } = caught as EngineError
    expect([code, parts.message]).toEqual(['0A000', expect.stringMatching(/ not supported$/)])
    expect((parts.span?.end ?? 0) - (parts.span?.start ?? 0)).toBeGreaterThan(0)
  })
})
