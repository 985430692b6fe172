// Queries, both forms, and the plans they mean.
import { describe, expect, it } from 'vitest'
import { boundText } from '../../test/support/bind.ts'

interface Case {
  readonly name: string
  readonly sql: string
  readonly plan: string
}

const cases: readonly Case[] = [
  {
    name: 'reads only the columns that are used, sorts by the output, limits last',
    sql: `select id, email from users where age > 18 order by email limit 10 offset 2`,
    plan: `
SELECT → id#4 bigint, email#5 text
  limit 10::bigint offset 2::bigint
    sort email#5
      project id#2 as id#4, email#3 as email#5
        filter (age#1 > 18)
          scan users users (id#2, email#3, age#1)`,
  },
  {
    name: 'reads no column to count rows',
    sql: `select count(*) from http_requests`,
    plan: `
SELECT → count#2 bigint
  project count#1 as count#2
    aggregate count_star() as count#1
      scan http_requests http_requests ()`,
  },
  {
    name: 'keeps a qualified star in the order of the table',
    sql: `select u.*, o.total from users u left join orders o on o.user_id = u.id order by 2 desc nulls last`,
    plan: `
SELECT → id#8 bigint, email#9 text, name#10 text, age#11 integer, created#12 timestamptz, total#13 numeric(12,2)
  sort email#9 desc nulls last
    project id#2 as id#8, email#3 as email#9, name#4 as name#10, age#5 as age#11, created#6 as created#12, total#7 as total#13
      join left on (user_id#1 = id#2)
        scan users u (id#2, email#3, name#4, age#5, created#6)
        scan orders o (user_id#1, total#7)`,
  },
  {
    name: 'leaves hidden columns out of a star',
    sql: `select * from clicks where at > now() - interval '10 min'`,
    plan: `
SELECT → page#4 text, x#5 integer
  project page#2 as page#4, x#3 as x#5
    filter (at#1 > (Now() - '00:10:00'::interval))
      scan clicks clicks (page#2, x#3, at#1)`,
  },
  {
    name: 'computes a virtual column once, below everything that reads it',
    sql: `select headers->>'host', seq from http_requests r where r.body->>'a' = 'b' and query->>'q' is not null`,
    plan: `
SELECT → ?column?#7 text, seq#8 bigint
  project (headers#5 ->> 'host') as ?column?#7, seq#6 as seq#8
    filter (((body#1::json ->> 'a') = 'b') and IsNotNull((query#3 ->> 'q')))
      project query_raw#2, head_raw#4, body#1, seq#6, HttpQueryJson(query_raw#2) as query#3, HttpHeadersJson(head_raw#4) as headers#5
        scan http_requests r (query_raw#2, head_raw#4, body#1, seq#6)`,
  },
  {
    name: 'groups, filters groups, sorts by an aggregate',
    sql: `select age, count(*), avg(age), sum(id) as s from users group by age having count(*) > 1 order by s`,
    plan: `
SELECT → age#6 integer, count#7 bigint, avg#8 numeric(38,16), s#9 numeric(38,0)
  sort s#9
    project age#1 as age#6, count#2 as count#7, avg#3 as avg#8, sum#5 as s#9
      filter (count#2 > 1::bigint)
        aggregate count_star() as count#2, avg(age#1) as avg#3, sum(id#4) as sum#5 group by age#1
          scan users users (id#4, age#1)`,
  },
  {
    name: 'groups by an expression, filters and orders inside aggregates',
    sql: `select age % 2 as parity, count(*) filter (where name is null), json_agg(name order by id) from users group by 1`,
    plan: `
SELECT → parity#7 integer, count#8 bigint, json_agg#9 json
  project group#6 as parity#7, count#3 as count#8, json_agg#5 as json_agg#9
    aggregate count_star() filter IsNull(name#2) as count#3, json_agg(TextToJson(name#2) order by id#4) as json_agg#5 group by (age#1 % 2) as group#6
      scan users users (id#4, name#2, age#1)`,
  },
  {
    name: 'lets a group by primary key decide the other columns',
    sql: `select id, name from users group by id`,
    plan: `
SELECT → id#3 bigint, name#4 text
  project id#1 as id#3, name#2 as name#4
    aggregate group by id#1, name#2
      scan users users (id#1, name#2)`,
  },
  {
    name: 'makes one call of equal aggregates',
    sql: `select count(*), count(*) + 1 from users having count(*) > 0`,
    plan: `
SELECT → count#2 bigint, ?column?#3 bigint
  project count#1 as count#2, (count#1 + 1::bigint) as ?column?#3
    filter (count#1 > 0::bigint)
      aggregate count_star() as count#1
        scan users users ()`,
  },
  {
    name: 'correlates a scalar subquery by the column id alone',
    sql: `select max(id) from users where id = (select max(user_id) from orders where user_id = users.id)`,
    plan: `
SELECT → max#6 bigint
  project max#5 as max#6
    aggregate max(id#1) as max#5
      filter (id#1 = scalar(…))
        scalar:
          project max#3 as max#4
            aggregate max(user_id#2) as max#3
              filter (user_id#2 = id#1)
                scan orders orders (user_id#2)
        scan users users (id#1)`,
  },
  {
    name: 'compares with any and all of a query',
    sql: `select id = any(select user_id from orders), age >= all (select 1) from users`,
    plan: `
SELECT → ?column?#6 boolean, ?column?#7 boolean
  project id#1 Equal any(…) as ?column?#6, age#4 GreaterEqual all(…) as ?column?#7
    any:
      project user_id#2 as user_id#3
        scan orders orders (user_id#2)
    all:
      project 1 as ?column?#5
        dual
    scan users users (id#1, age#4)`,
  },
  {
    name: 'turns in over a few constants into comparisons',
    sql: `select id from users where age in (1, 2)`,
    plan: `
SELECT → id#3 bigint
  project id#2 as id#3
    filter ((age#1 = 1) or (age#1 = 2))
      scan users users (id#2, age#1)`,
  },
  {
    name: 'marks a join lateral when its right side reads the left',
    sql: `select u.name, t.n from users u, lateral (select count(*) as n from orders o where o.user_id = u.id) t`,
    plan: `
SELECT → name#6 text, n#7 bigint
  project name#5 as name#6, n#4 as n#7
    join inner lateral
      scan users u (id#2, name#5)
      project count#3 as n#4
        aggregate count_star() as count#3
          filter (user_id#1 = id#2)
            scan orders o (user_id#1)`,
  },
  {
    name: 'merges the columns of using, and lets full joins take either',
    sql: `select * from (select id, age from users) a full join (select id, total from orders) b using (id)`,
    plan: `
SELECT → id#9 bigint, age#10 integer, total#11 numeric(12,2)
  project Coalesce(id#3, id#7) as id#9, age#4 as age#10, total#8 as total#11
    join full on (id#3 = id#7)
      project id#1 as id#3, age#2 as age#4
        scan users users (id#1, age#2)
      project id#5 as id#7, total#6 as total#8
        scan orders orders (id#5, total#6)`,
  },
  {
    name: 'joins naturally by the names both sides have',
    sql: `select count(*) from users natural join (select id, 1 as one from users) b`,
    plan: `
SELECT → count#6 bigint
  project count#5 as count#6
    aggregate count_star() as count#5
      join inner on (id#4 = id#2)
        scan users users (id#4)
        project id#1 as id#2, 1 as one#3
          scan users users (id#1)`,
  },
  {
    name: 'runs a query named by with once, and drops one that nobody reads',
    sql: `with a as (select id from users), b as (select 1) select * from a x join a y using (id)`,
    plan: `
SELECT → id#6 bigint
  with a@1 (id#2)
    project id#1 as id#2
      scan users users (id#1)
    project id#4 as id#6
      join inner on (id#4 = id#5)
        cte_scan @1 (id#4)
        cte_scan @1 (id#5)`,
  },
  {
    name: 'gives both sides of a union the same type',
    sql: `select 1 as n union all select 2.5 order by n`,
    plan: `
SELECT → n#4 numeric(38,1)
  sort n#4
    union all (n#4) of (n#3), (?column?#2)
      project n#1::numeric(38,1) as n#3
        project 1 as n#1
          dual
      project '2.5'::numeric(38,1) as ?column?#2
        dual`,
  },
  {
    name: 'keeps the first row of each key with distinct on',
    sql: `select distinct on (age) age, name from users order by age, created desc`,
    plan: `
SELECT → age#4 integer, name#5 text
  project age#4, name#5
    distinct on (age#4)
      sort age#4, order#6 desc
        project age#1 as age#4, name#2 as name#5, created#3 as order#6
          scan users users (name#2, age#1, created#3)`,
  },
  {
    name: 'reads a series',
    sql: `select * from generate_series(1, 3) g where g > 1`,
    plan: `
SELECT → g#3 integer
  project g#2 as g#3
    filter (g#2 > 1)
      project g#1::integer as g#2
        series g#1 (1::bigint, 3::bigint)`,
  },
  {
    name: 'takes literals as what they stand beside',
    sql: `select 1 + '2', '2026-01-01'::date + 1, created > '2026-01-01', users.id = 5, price = 5 from users join orders on user_id = users.id`,
    plan: `
SELECT → ?column?#5 integer, ?column?#6 date, ?column?#7 boolean, ?column?#8 boolean, ?column?#9 boolean
  project (1 + 2) as ?column?#5, (20454::date + 1) as ?column?#6, (created#3 > 1767225600000000::timestamptz) as ?column?#7, (id#2 = 5::bigint) as ?column?#8, (price#4 = '5.00'::numeric(38,2)) as ?column?#9
    join inner on (user_id#1 = id#2)
      scan users users (id#2, created#3)
      scan orders orders (user_id#1, price#4)`,
  },
  {
    name: 'keeps numeric scales in the types',
    sql: `select price + 1, price * 1.5, price / 3, -price, round(price, 1), sum(price) from orders group by price`,
    plan: `
SELECT → ?column?#3 numeric(38,2), ?column?#4 numeric(38,3), ?column?#5 numeric(38,16), ?column?#6 numeric(10,2), round#7 numeric(38,1), sum#8 numeric(38,2)
  project (price#1 + '1.00'::numeric(38,2)) as ?column?#3, (price#1 * '1.5'::numeric(38,1)) as ?column?#4, (price#1 / '3'::numeric(38,0)) as ?column?#5, Negate(price#1) as ?column?#6, Round(price#1, 1; 2)::numeric(38,1) as round#7, sum#2 as sum#8
    aggregate sum(price#1) as sum#2 group by price#1
      scan orders orders (price#1)`,
  },
  {
    name: 'guards what coalesce may not reach',
    sql: `select coalesce(name, email), coalesce(age, 1 / 0) from users`,
    plan: `
SELECT → coalesce#4 text, coalesce#5 integer
  project Coalesce(name#1, email#2) as coalesce#4, case when IsNotNull(age#3) then age#3 else (1 / 0) end as coalesce#5
    scan users users (email#2, name#1, age#3)`,
  },
  {
    name: 'compares row values field by field',
    sql: `select id from users where (age, id) < (1, 2) and (name, email) = ('a', 'b')`,
    plan: `
SELECT → id#5 bigint
  project id#2 as id#5
    filter (((age#1 < 1) or ((age#1 = 1) and (id#2 < 2::bigint))) and (name#3 = 'a') and (email#4 = 'b'))
      scan users users (id#2, email#4, name#3, age#1)`,
  },
  {
    name: 'infers the types of parameters from their first use',
    sql: `select id from users where email = $1 and age between $2 and $2 + 1 limit $3`,
    plan: `
SELECT → id#4 bigint
  limit $3::bigint
    project id#3 as id#4
      filter ((email#1 = $1::text) and (age#2 >= $2::integer) and (age#2 <= ($2::integer + 1)))
        scan users users (id#3, email#1, age#2)`,
  },
  {
    name: 'makes values a table of one type a column',
    sql: `select * from (values (1, 'a'), (2.5, null)) as t (n, s)`,
    plan: `
SELECT → n#3 numeric(38,1), s#4 text
  project column1#1 as n#3, column2#2 as s#4
    values (column1#1, column2#2) ('1.0'::numeric(38,1), 'a') ('2.5'::numeric(38,1), null::text)`,
  },
  {
    name: 'reads the pipe form from top to bottom',
    sql: `from users |> where age > 1 |> extend age + 1 as next |> aggregate count(*) as n group by next |> order by n desc |> limit 3`,
    plan: `
SELECT → next#6 integer, n#7 bigint
  project next#4 as next#6, n#5 as n#7
    limit 3::bigint
      sort n#5 desc
        project next#2 as next#4, count#3 as n#5
          aggregate count_star() as count#3 group by next#2
            project age#1, (age#1 + 1) as next#2
              filter (age#1 > 1)
                scan users users (age#1)`,
  },
  {
    name: 'joins, renames and drops in the pipe form',
    sql: `from orders |> join users u on u.id = user_id |> select email, total |> rename email as mail |> as x |> where x.total > 3 |> drop total |> distinct`,
    plan: `
SELECT → mail#8 text
  project mail#7 as mail#8
    distinct
      project email#5 as mail#7
        filter (total#6 > '3.00'::numeric(38,2))
          project email#3 as email#5, total#4 as total#6
            join inner on (id#1 = user_id#2)
              scan orders orders (user_id#2, total#4)
              scan users u (id#1, email#3)`,
  },
  {
    name: 'sets columns and unites in the pipe form',
    sql: `from (select 1 as a, 2 as b) s |> set a = a + b |> union all (select 5, 6)`,
    plan: `
SELECT → a#10 integer, b#11 integer
  project a#8 as a#10, b#9 as b#11
    union all (a#8, b#9) of (a#4, b#5), (?column?#6, ?column?#7)
      project a#3 as a#4, b#2 as b#5
        project a#1, b#2, (a#1 + b#2) as a#3
          project 1 as a#1, 2 as b#2
            dual
      project 5 as ?column?#6, 6 as ?column?#7
        dual`,
  },
  {
    name: 'binds a subquery again for every place it stands in',
    sql: `select age between (select 1) and (select 2), (select 3) in (4, 5), case (select 6) when 7 then 8 end, coalesce((select 9), 1 / age) from users`,
    plan: `
SELECT → ?column?#9 boolean, ?column?#10 boolean, case#11 integer, coalesce#12 integer
  project ((age#1 >= scalar(…)) and (age#1 <= scalar(…))) as ?column?#9, ((scalar(…) = 4) or (scalar(…) = 5)) as ?column?#10, case when (scalar(…) = 7) then 8 end as case#11, case when IsNotNull(scalar(…)) then scalar(…) else (1 / age#1) end as coalesce#12
    scalar:
      project 1 as ?column?#2
        dual
    scalar:
      project 2 as ?column?#3
        dual
    scalar:
      project 3 as ?column?#4
        dual
    scalar:
      project 3 as ?column?#5
        dual
    scalar:
      project 6 as ?column?#6
        dual
    scalar:
      project 9 as ?column?#8
        dual
    scalar:
      project 9 as ?column?#7
        dual
    scan users users (age#1)`,
  },
  {
    name: 'names a relation of a schema with and without it',
    sql: `select errors.state, sys.errors.message from sys.errors`,
    plan: `
SELECT → state#3 text, message#4 text
  project state#1 as state#3, message#2 as message#4
    scan sys.errors errors (state#1, message#2)`,
  },
  {
    name: 'compares json by what it says',
    sql: `select id from orders where note->'a' = '{"x": 1}'`,
    plan: `
SELECT → id#3 bigint
  project id#2 as id#3
    filter (JsonNormalize((note#1 -> 'a')) = JsonNormalize('{"x": 1}'::json))
      scan orders orders (id#2, note#1)`,
  },
  {
    name: 'tells texts with quotes apart',
    sql: `select concat('a', 'b'), concat('a'', ''b'), count(*) from users group by concat('a', 'b')`,
    plan: `
SELECT → concat#3 text, concat#4 text, count#5 bigint
  project group#2 as concat#3, ConcatAll('a'', ''b') as concat#4, count#1 as count#5
    aggregate count_star() as count#1 group by ConcatAll('a', 'b') as group#2
      scan users users ()`,
  },
  {
    name: 'allows the same aggregate twice in the pipe form',
    sql: `from users |> aggregate count(*) as a, count(*) as b`,
    plan: `
SELECT → a#4 bigint, b#5 bigint
  project a#2 as a#4, b#3 as b#5
    project count#1 as a#2, count#1 as b#3
      aggregate count_star() as count#1
        scan users users ()`,
  },
]

describe('a bound query', () => {
  it.each(cases)('$name', ({ sql, plan }) => {
    expect('\n' + boundText(sql)).toBe(plan)
  })
})
