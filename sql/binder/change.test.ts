// insert, update and delete, and the plans they mean.
import { describe, expect, it } from 'vitest'
import { boundText } from '../../test/support/bind.ts'

interface Case {
  readonly name: string
  readonly sql: string
  readonly plan: string
}

const cases: readonly Case[] = [
  {
    name: 'fills the other columns with identity, default and null',
    sql: `insert into users (email) values ('a@b') returning id, created`,
    plan: `
INSERT → id#7 bigint, created#8 timestamptz
  insert users (identity, email#1, null::text, null::integer, Now()) check users_age_check (age#5 >= 0) returning id#2 as id#7, created#6 as created#8
    project 'a@b' as email#1
      dual`,
  },
  {
    name: 'keeps a list of rows as values, defaults in their places',
    sql: `insert into guestbook (author, message, at) values ('a', 'b', default), ('c', $1, '2026-01-01')`,
    plan: `
INSERT → 
  insert guestbook (identity, author#1, message#2, at#3)
    values (author#1, message#2, at#3) ('a', 'b', Now()) ('c', $1::text, 1767225600000000::timestamptz)`,
  },
  {
    name: 'gives untyped literals of a query the types of the columns they go to',
    sql: `insert into users (email, created) select 'x', '2026-01-01'`,
    plan: `
INSERT → 
  insert users (identity, ?column?#1, null::text, null::integer, ?column?#2) check users_age_check (age#6 >= 0)
    project 'x' as ?column?#1, 1767225600000000::timestamptz as ?column?#2
      dual`,
  },
  {
    name: 'computes generated columns from what is inserted',
    sql: `insert into orders (user_id, price, quantity) values (1, 2.5, 3) returning total`,
    plan: `
INSERT → total#14 numeric(12,2)
  insert orders (identity, user_id#4, price#5, quantity#6, (price#5 * quantity#6::numeric(38,0))::numeric(12,2), note#7) returning total#12 as total#14
    project user_id#1 as user_id#4, price#2 as price#5, quantity#3 as quantity#6, null::json as note#7
      project 1::bigint as user_id#1, '2.50'::numeric(10,2) as price#2, 3 as quantity#3
        dual`,
  },
  {
    name: 'updates the row already there, excluded being the one proposed',
    sql: `insert into users (email, age) values ('x', 3) on conflict (email) do update set age = excluded.age + users.age, name = default where users.age < 9 returning *`,
    plan: `
INSERT → id#18 bigint, email#19 text, name#20 text, age#21 integer, created#22 timestamptz
  insert users (identity, email#1, null::text, age#2, Now()) on conflict users_email_key do update set age = (age#16 + age#11), name = null::text where (age#11 < 9) check users_age_check (age#6 >= 0) returning id#3 as id#18, email#4 as email#19, name#5 as name#20, age#6 as age#21, created#7 as created#22
    project 'x' as email#1, 3 as age#2
      dual`,
  },
  {
    name: 'does nothing about any conflict when no key is named',
    sql: `insert into users (email) values ('x') on conflict do nothing`,
    plan: `
INSERT → 
  insert users (identity, email#1, null::text, null::integer, Now()) on conflict do nothing check users_age_check (age#5 >= 0)
    project 'x' as email#1
      dual`,
  },
  {
    name: 'takes an explicit number when told to override',
    sql: `insert into users (id, email) overriding system value values (7, 'x')`,
    plan: `
INSERT → 
  insert users (id#1, email#2, null::text, null::integer, Now()) check users_age_check (age#6 >= 0)
    project 7::bigint as id#1, 'x' as email#2
      dual`,
  },
  {
    name: 'leaves the number to the engine when told to ignore the given one',
    sql: `insert into orders (id, user_id) overriding user value values (7, 1)`,
    plan: `
INSERT → 
  insert orders (identity, user_id#2, price#3, quantity#4, (price#3 * quantity#4::numeric(38,0))::numeric(12,2), note#5)
    project user_id#1 as user_id#2, '0.00'::numeric(10,2) as price#3, 1 as quantity#4, null::json as note#5
      project 1::bigint as user_id#1
        dual`,
  },
  {
    name: 'assigns text to bytea as its bytes, json as its text, and defaults the status',
    sql: `insert into http_responses (request_id, body, headers) values (1, 'ü', '{"a":"b"}')`,
    plan: `
INSERT → 
  insert http_responses (identity, request_id#1, 200, headers#3, body#2)
    project 1::bigint as request_id#1, '\\xc3bc' as body#2, '{"a":"b"}'::json as headers#3
      dual`,
  },
  {
    name: 'appends to an event table without its system columns',
    sql: `insert into clicks select path, status from (select 'a' as path, 1 as status) s`,
    plan: `
INSERT → 
  insert clicks (path#3, status#4)
    project path#1 as path#3, status#2 as status#4
      project 'a' as path#1, 1 as status#2
        dual`,
  },
  {
    name: 'updates through a scan that knows its rows, joined with from',
    sql: `update orders set price = price * 2 from users u where u.id = user_id and u.age > 3 returning total, u.email`,
    plan: `
UPDATE → total#15 numeric(12,2), email#16 text
  update orders row rowid#1 set price = price#6, total = (price#6 * quantity#7::numeric(38,0))::numeric(12,2) returning total#12 as total#15, email#14 as email#16
    project user_id#4, price#2, quantity#7, rowid#1, id#3, email#14, age#5, (price#2 * '2'::numeric(38,0))::numeric(10,2) as price#6
      filter ((id#3 = user_id#4) and (age#5 > 3))
        join inner
          scan orders orders (user_id#4, price#2, quantity#7, row rowid#1)
          scan users u (id#3, email#14, age#5)`,
  },
  {
    name: 'sets several columns at once, to defaults too',
    sql: `update users set (name, age) = ('x', 1), created = default where id = 1`,
    plan: `
UPDATE → 
  update users row rowid#1 set name = 'x', age = 1, created = Now() check users_age_check (age#6 >= 0)
    filter (id#2 = 1::bigint)
      scan users users (id#2, row rowid#1)`,
  },
  {
    name: 'deletes by a subquery and returns what was there',
    sql: `delete from users where id in (select user_id from orders) returning email`,
    plan: `
DELETE → email#6 text
  delete users row rowid#1 returning email#5 as email#6
    filter id#2 in(…)
      in:
        project user_id#3 as user_id#4
          scan orders orders (user_id#3)
      scan users users (id#2, email#5, row rowid#1)`,
  },
  {
    name: 'deletes with using',
    sql: `delete from orders using users u where u.id = user_id and u.name is null`,
    plan: `
DELETE → 
  delete orders row rowid#1
    filter ((id#2 = user_id#3) and IsNull(name#4))
      join inner
        scan orders orders (user_id#3, row rowid#1)
        scan users u (id#2, name#4)`,
  },
  {
    name: 'hangs up a connection',
    sql: `delete from connections where id = 3`,
    plan: `
DELETE → 
  delete connections row rowid#1
    filter (id#2 = 3::bigint)
      scan connections connections (id#2, row rowid#1)`,
  },
  {
    name: 'runs with before a change',
    sql: `with old as (select id from users where age > 90) delete from orders where user_id in (select id from old)`,
    plan: `
DELETE → 
  with old@1 (id#3)
    project id#2 as id#3
      filter (age#1 > 90)
        scan users users (id#2, age#1)
    delete orders row rowid#4
      filter user_id#5 in(…)
        in:
          project id#6 as id#7
            cte_scan @1 (id#6)
        scan orders orders (user_id#5, row rowid#4)`,
  },
  {
    name: 'computes what generated columns repeat only once',
    sql: `update orders set price = (select max(price) from orders), quantity = quantity + 1 where id = 1 returning total`,
    plan: `
UPDATE → total#16 numeric(12,2)
  update orders row rowid#1 set price = price#7, quantity = quantity#8, total = (price#7 * quantity#8::numeric(38,0))::numeric(12,2) returning total#14 as total#16
    project id#6, price#9, quantity#5, rowid#1, scalar(…) as price#7, (quantity#5 + 1) as quantity#8
      scalar:
        project max#3 as max#4
          aggregate max(price#2) as max#3
            scan orders orders (price#2)
      filter (id#6 = 1::bigint)
        scan orders orders (id#6, price#9, quantity#5, row rowid#1)`,
  },
]

describe('a bound change', () => {
  it.each(cases)('$name', ({ sql, plan }) => {
    expect('\n' + boundText(sql)).toBe(plan)
  })
})
