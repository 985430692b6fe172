// What a user is told about a statement that means nothing: the whole report, caret and hint.
import { describe, expect, it } from 'vitest'
import { reportOf } from '../../test/support/bind.ts'

interface Case {
  readonly name: string
  readonly sql: string
  readonly report: string
}

const cases: readonly Case[] = [
  {
    name: 'an unknown column gets the nearest name',
    sql: `select emai from users`,
    report: `
error[42703]: column "emai" does not exist
 --> query:1:8
1 | select emai from users
  |        ^^^^
hint: Did you mean "email"?`,
  },
  {
    name: 'an unknown qualified column',
    sql: `select users.idd from users`,
    report: `
error[42703]: column "users.idd" does not exist
 --> query:1:8
1 | select users.idd from users
  |        ^^^^^^^^^
hint: Did you mean "users.id"?`,
  },
  {
    name: 'an unknown table',
    sql: `select * from usrs`,
    report: `
error[42P01]: relation "usrs" does not exist
 --> query:1:15
1 | select * from usrs
  |               ^^^^
hint: Did you mean "users"?`,
  },
  {
    name: 'an alias that is not in from',
    sql: `select x.id from users u`,
    report: `
error[42P01]: missing FROM-clause entry for table "x"
 --> query:1:8
1 | select x.id from users u
  |        ^^^^
hint: Did you mean "u"?`,
  },
  {
    name: 'a name that two tables have',
    sql: `select id from users, orders`,
    report: `
error[42702]: column reference "id" is ambiguous
 --> query:1:8
1 | select id from users, orders
  |        ^^`,
  },
  {
    name: 'the same alias twice',
    sql: `select 1 from users, users`,
    report: `
error[42712]: table name "users" specified more than once
 --> query:1:22
1 | select 1 from users, users
  |                      ^^^^^`,
  },
  {
    name: 'an unknown function with a neighbour',
    sql: `select lowr('A')`,
    report: `
error[42883]: function lowr(unknown) does not exist
 --> query:1:8
1 | select lowr('A')
  |        ^^^^^^^^^
hint: Did you mean "lower"?`,
  },
  {
    name: 'a function of other arguments',
    sql: `select lower(1)`,
    report: `
error[42883]: function lower(integer) does not exist
 --> query:1:8
1 | select lower(1)
  |        ^^^^^^^^
hint: Known: lower(text). You might need to add explicit type casts.`,
  },
  {
    name: 'an operator of other arguments',
    sql: `select email + 1 from users`,
    report: `
error[42883]: operator does not exist: text + integer
 --> query:1:14
1 | select email + 1 from users
  |              ^
hint: No operator matches the given name and argument types. You might need to add explicit type casts.`,
  },
  {
    name: 'an operator that several overloads fit',
    sql: `select -'1'`,
    report: `
error[42725]: operator is not unique: - unknown
 --> query:1:8
1 | select -'1'
  |        ^^^^
detail: Candidates: -(smallint), -(integer), -(bigint), -(real), -(double precision), -(numeric), -(interval).
hint: You might need to add explicit type casts.`,
  },
  {
    name: 'a literal that is no value of its type',
    sql: `select 'abc'::integer`,
    report: `
error[22P02]: invalid input syntax for type integer: "abc"
 --> query:1:8
1 | select 'abc'::integer
  |        ^^^^^`,
  },
  {
    name: 'a literal beside an integer',
    sql: `select 1 + 'x'`,
    report: `
error[22P02]: invalid input syntax for type integer: "x"
 --> query:1:12
1 | select 1 + 'x'
  |            ^^^`,
  },
  {
    name: 'a cast that does not exist',
    sql: `select now()::integer`,
    report: `
error[42846]: cannot cast type timestamptz to integer
 --> query:1:8
1 | select now()::integer
  |        ^^^^^^^^^^^^^^`,
  },
  {
    name: 'a condition that is none',
    sql: `select 1 from users where age`,
    report: `
error[42804]: argument of WHERE must be type boolean, not type integer
 --> query:1:27
1 | select 1 from users where age
  |                           ^^^`,
  },
  {
    name: 'case branches of different types',
    sql: `select case when true then 1 else 'x' || 'y' end`,
    report: `
error[42804]: CASE types integer and text cannot be matched
 --> query:1:39
1 | select case when true then 1 else 'x' || 'y' end
  |                                       ^^`,
  },
  {
    name: 'a column neither grouped nor aggregated',
    sql: `select sum(age), name from users`,
    report: `
error[42803]: column "name" must appear in the GROUP BY clause or be used in an aggregate function
 --> query:1:18
1 | select sum(age), name from users
  |                  ^^^^`,
  },
  {
    name: 'an aggregate in where',
    sql: `select 1 from users where count(*) > 1`,
    report: `
error[42803]: aggregate functions are not allowed in WHERE
 --> query:1:27
1 | select 1 from users where count(*) > 1
  |                           ^^^^^^^^
detail: "count" is an aggregate function.`,
  },
  {
    name: 'an aggregate in an aggregate',
    sql: `select sum(sum(age)) from users`,
    report: `
error[42803]: aggregate function calls cannot be nested
 --> query:1:12
1 | select sum(sum(age)) from users
  |            ^^^^^^^^
detail: "sum" is an aggregate function.`,
  },
  {
    name: 'an order by position that is not there',
    sql: `select id from users order by 2`,
    report: `
error[42P10]: ORDER BY position 2 is not in select list
 --> query:1:31
1 | select id from users order by 2
  |                               ^`,
  },
  {
    name: 'an order by that distinct hides',
    sql: `select distinct id from users order by email`,
    report: `
error[42P10]: for SELECT DISTINCT, ORDER BY expressions must appear in select list
 --> query:1:40
1 | select distinct id from users order by email
  |                                        ^^^^^`,
  },
  {
    name: 'a union of different widths',
    sql: `select 1 union select 1, 2`,
    report: `
error[42601]: each UNION query must have the same number of columns
 --> query:1:1
1 | select 1 union select 1, 2
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^`,
  },
  {
    name: 'a union of different types',
    sql: `select 1 union select now()`,
    report: `
error[42804]: UNION types integer and timestamptz cannot be matched
 --> query:1:1
1 | select 1 union select now()
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^`,
  },
  {
    name: 'a scalar subquery of two columns',
    sql: `select (select 1, 2)`,
    report: `
error[42601]: subquery must return only one column
 --> query:1:8
1 | select (select 1, 2)
  |        ^^^^^^^^^^^^^`,
  },
  {
    name: 'too many values',
    sql: `insert into users (email) values ('a', 'b')`,
    report: `
error[42601]: INSERT has more expressions than target columns
 --> query:1:35
1 | insert into users (email) values ('a', 'b')
  |                                   ^^^`,
  },
  {
    name: 'an unknown target column',
    sql: `insert into users (nme) values ('a')`,
    report: `
error[42703]: column "nme" of relation "users" does not exist
 --> query:1:20
1 | insert into users (nme) values ('a')
  |                    ^^^
hint: Did you mean "name"?`,
  },
  {
    name: 'a value of the wrong type',
    sql: `insert into users (email, age) values ('a', now())`,
    report: `
error[42804]: column "age" is of type integer but expression is of type timestamptz
 --> query:1:45
1 | insert into users (email, age) values ('a', now())
  |                                             ^^^^^
hint: You will need to rewrite or cast the expression.`,
  },
  {
    name: 'a given identity',
    sql: `insert into users (id, email) values (1, 'a')`,
    report: `
error[428C9]: cannot write a non-DEFAULT value into column "id"
 --> query:1:39
1 | insert into users (id, email) values (1, 'a')
  |                                       ^
detail: Column "id" is an identity column defined as GENERATED ALWAYS.
hint: Leave the column out, or write OVERRIDING SYSTEM VALUE.`,
  },
  {
    name: 'a given generated column',
    sql: `update orders set total = 1`,
    report: `
error[428C9]: cannot write a non-DEFAULT value into column "total"
 --> query:1:27
1 | update orders set total = 1
  |                           ^
detail: Column "total" is a generated column.`,
  },
  {
    name: 'a given system column',
    sql: `insert into clicks (page, seq) values ('a', 1)`,
    report: `
error[428C9]: column "seq" of "clicks" is made by the engine and cannot be given
 --> query:1:27
1 | insert into clicks (page, seq) values ('a', 1)
  |                           ^^^`,
  },
  {
    name: 'a column set twice',
    sql: `update users set age = 1, age = 2`,
    report: `
error[42601]: multiple assignments to same column "age"
 --> query:1:27
1 | update users set age = 1, age = 2
  |                           ^^^`,
  },
  {
    name: 'a conflict target without a key',
    sql: `insert into users (email) values ('a') on conflict (name) do nothing`,
    report: `
error[42P10]: there is no unique or exclusion constraint matching the ON CONFLICT specification
 --> query:1:52
1 | insert into users (email) values ('a') on conflict (name) do nothing
  |                                                    ^^^^^^`,
  },
  {
    name: 'an update of an event table',
    sql: `update clicks set x = 1`,
    report: `
error[42809]: cannot update "clicks"
 --> query:1:8
1 | update clicks set x = 1
  |        ^^^^^^
detail: "clicks" is an event relation.
hint: Event tables are append-only: their retention removes old rows.`,
  },
  {
    name: 'an insert into what a device fills',
    sql: `insert into http_requests (id) values (1)`,
    report: `
error[42809]: cannot insert into "http_requests"
 --> query:1:13
1 | insert into http_requests (id) values (1)
  |             ^^^^^^^^^^^^^
detail: "http_requests" is a device relation: the device fills it.`,
  },
  {
    name: 'a variable that is also a column',
    sql: `create coroutine c on http_requests r as begin let email := 'x'; delete from users where email = email; end`,
    report: `
error[42702]: column reference "email" is ambiguous
 --> query:1:90
1 | create coroutine c on http_requests r as begin let email := 'x'; delete from users where email = email; end
  |                                                                                          ^^^^^
detail: It could refer to either a local variable or a column.`,
  },
  {
    name: 'a variable that was never declared',
    sql: `create coroutine c on clicks k as begin n := 1; end`,
    report: `
error[42703]: variable "n" does not exist
 --> query:1:41
1 | create coroutine c on clicks k as begin n := 1; end
  |                                         ^
hint: Declare it: let n := ….`,
  },
  {
    name: 'a coroutine on what has no events',
    sql: `create coroutine c on sys.workers w as insert into clicks (page) values ('x')`,
    report: `
error[42809]: "sys.workers" drives no coroutine
 --> query:1:23
1 | create coroutine c on sys.workers w as insert into clicks (page) values ('x')
  |                       ^^^^^^^^^^^
detail: "sys.workers" is a system relation without events.
hint: Coroutines run on event tables and on devices that produce events, like http_requests.`,
  },
  {
    name: 'an unknown condition',
    sql: `create coroutine c on clicks k as begin return; exception when uniq_violation then return; end`,
    report: `
error[42704]: condition "uniq_violation" does not exist
 --> query:1:64
1 | create coroutine c on clicks k as begin return; exception when uniq_violation then return; end
  |                                                                ^^^^^^^^^^^^^^
hint: Did you mean "unique_violation"?`,
  },
  {
    name: 'a change in with that another part meets',
    sql: `with x as (delete from users returning id) select * from users`,
    report: `
error[0A000]: a statement that changes table "users" in WITH and meets it elsewhere is not supported
 --> query:1:12
1 | with x as (delete from users returning id) select * from users
  |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: Use two statements, or read the rows by RETURNING.`,
  },
  {
    name: 'await',
    sql: `create coroutine c on clicks k as begin await select 1 from clicks; end`,
    report: `
error[0A000]: AWAIT is not supported
 --> query:1:41
1 | create coroutine c on clicks k as begin await select 1 from clicks; end
  |                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^`,
  },
  {
    name: 'a window function in where',
    sql: `select id from users where row_number() over () = 1`,
    report: `
error[42P20]: window functions are not allowed in WHERE
 --> query:1:28
1 | select id from users where row_number() over () = 1
  |                            ^^^^^^^^^^^^^^^^^^^^`,
  },
  {
    name: 'a window that is not there',
    sql: `select count(*) over w from users window v as (order by id)`,
    report: `
error[42704]: window "w" does not exist
 --> query:1:22
1 | select count(*) over w from users window v as (order by id)
  |                      ^
hint: Did you mean "v"?`,
  },
  {
    name: 'a default of the wrong type',
    sql: `create table t (a integer default 'x')`,
    report: `
error[22P02]: invalid input syntax for type integer: "x"
 --> query:1:35
1 | create table t (a integer default 'x')
  |                                   ^^^`,
  },
  {
    name: 'a check of a column that is not there',
    sql: `create table t (a integer check (b > 1))`,
    report: `
error[42703]: column "b" does not exist
 --> query:1:34
1 | create table t (a integer check (b > 1))
  |                                  ^
hint: Did you mean "a"?`,
  },
  {
    name: 'a durable table over a device',
    sql: `create table t (c bigint references connections)`,
    report: `
error[42P16]: constraints on durable tables may reference only durable tables
 --> query:1:37
1 | create table t (c bigint references connections)
  |                                     ^^^^^^^^^^^
detail: "connections" does not survive a restart.
hint: Make it: create unlogged table ….`,
  },
  {
    name: 'a foreign key of another type',
    sql: `create table t (u text references users)`,
    report: `
error[42804]: foreign key column "u" is of type text, and "users.id" of type bigint
 --> query:1:24
1 | create table t (u text references users)
  |                        ^^^^^^^^^^^^^^^^
hint: Declare "u" bigint.`,
  },
  {
    name: 'a relation that exists',
    sql: `create table users (id integer)`,
    report: `
error[42P07]: relation "users" already exists
 --> query:1:14
1 | create table users (id integer)
  |              ^^^^^`,
  },
  {
    name: 'an option that is not known',
    sql: `create event table e (a integer) with (retian = '1 day')`,
    report: `
error[22023]: unrecognized event-table option "retian"
 --> query:1:40
1 | create event table e (a integer) with (retian = '1 day')
  |                                        ^^^^^^^^^^^^^^^^
hint: Did you mean "retain"?`,
  },
  {
    name: 'a retention that is none',
    sql: `create event table e (a integer) with (retain = 'long')`,
    report: `
error[22023]: invalid value for option "retain"
 --> query:1:40
1 | create event table e (a integer) with (retain = 'long')
  |                                        ^^^^^^^^^^^^^^^
hint: It takes a time ('10 min'), a number of rows ('1000 rows') or a size ('64 MiB').`,
  },
]

describe('the report of', () => {
  it.each(cases)('$name', ({ sql, report }) => {
    expect('\n' + reportOf(sql)).toBe(report)
  })
})
