// What a user is told about a recursive query that has no meaning: PostgreSQL's words, and what to write.
import { describe, expect, it } from 'vitest'
import { reportOf } from '../../test/support/bind.ts'

interface Case {
  readonly name: string
  readonly sql: string
  readonly report: string
}

const cases: readonly Case[] = [
  {
    name: 'a recursive query of one term',
    sql: `with recursive t(n) as (select n + 1 from t) select n from t`,
    report: `
error[42P19]: recursive query "t" does not have the form non-recursive-term UNION [ALL] recursive-term
 --> query:1:16
1 | with recursive t(n) as (select n + 1 from t) select n from t
  |                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: Write first the rows to start from, then UNION ALL, then the query that finds more of them.`,
  },
  {
    name: 'a recursive query of another form',
    sql: `with recursive t(n) as (select 1 intersect select n + 1 from t) select n from t`,
    report: `
error[42P19]: recursive query "t" does not have the form non-recursive-term UNION [ALL] recursive-term
 --> query:1:16
1 | with recursive t(n) as (select 1 intersect select n + 1 from t) select n from t
  |                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: Write first the rows to start from, then UNION ALL, then the query that finds more of them.`,
  },
  {
    name: 'a reference in the first term',
    sql: `with recursive t(n) as (select n from t union all select 1) select n from t`,
    report: `
error[42P19]: recursive reference to query "t" must not appear within its non-recursive term
 --> query:1:39
1 | with recursive t(n) as (select n from t union all select 1) select n from t
  |                                       ^
hint: Refer to the query only behind the last UNION.`,
  },
  {
    name: 'a second union before the reference',
    sql: `with recursive t(n) as (select 1 union all select n + 1 from t union all select 9) select n from t`,
    report: `
error[42P19]: recursive reference to query "t" must not appear within its non-recursive term
 --> query:1:62
1 | with recursive t(n) as (select 1 union all select n + 1 from t union all select 9) select n from t
  |                                                              ^
hint: Refer to the query only behind the last UNION.`,
  },
  {
    name: 'two references',
    sql: `with recursive t(n) as (select 1 union all select a.n + b.n from t a, t b) select n from t`,
    report: `
error[42P19]: recursive reference to query "t" must not appear more than once
 --> query:1:71
1 | with recursive t(n) as (select 1 union all select a.n + b.n from t a, t b) select n from t
  |                                                                       ^^^`,
  },
  {
    name: 'a reference in each of two terms',
    sql: `with recursive t(n) as (select 1 union all (select n + 1 from t union all select n * 2 from t)) select n from t`,
    report: `
error[42P19]: recursive reference to query "t" must not appear more than once
 --> query:1:93
1 | with recursive t(n) as (select 1 union all (select n + 1 from t union all select n * 2 from t)) select n from t
  |                                                                                             ^`,
  },
  {
    name: 'a reference in a condition',
    sql: `with recursive t(n) as (select 1 union all select id from users where id in (select n from t)) select n from t`,
    report: `
error[42P19]: recursive reference to query "t" must not appear within a subquery
 --> query:1:92
1 | with recursive t(n) as (select 1 union all select id from users where id in (select n from t)) select n from t
  |                                                                                            ^
hint: Join the query in FROM.`,
  },
  {
    name: 'a reference in a value',
    sql: `with recursive t(n) as (select 1 union all select (select n + 1 from t)) select n from t`,
    report: `
error[42P19]: recursive reference to query "t" must not appear within a subquery
 --> query:1:70
1 | with recursive t(n) as (select 1 union all select (select n + 1 from t)) select n from t
  |                                                                      ^
hint: Join the query in FROM.`,
  },
  {
    name: 'a reference on the optional side',
    sql: `with recursive t(n) as (select 1 union all select n from users left join t on id = n) select n from t`,
    report: `
error[42P19]: recursive reference to query "t" must not appear within an outer join
 --> query:1:74
1 | with recursive t(n) as (select 1 union all select n from users left join t on id = n) select n from t
  |                                                                          ^
hint: Let the query stand on the side of which every row is kept.`,
  },
  {
    name: 'a reference on the other optional side',
    sql: `with recursive t(n) as (select 1 union all select n from t right join users on id = n) select n from t`,
    report: `
error[42P19]: recursive reference to query "t" must not appear within an outer join
 --> query:1:58
1 | with recursive t(n) as (select 1 union all select n from t right join users on id = n) select n from t
  |                                                          ^
hint: Let the query stand on the side of which every row is kept.`,
  },
  {
    name: 'a reference in a full join',
    sql: `with recursive t(n) as (select 1 union all select n from t full join users on id = n) select n from t`,
    report: `
error[42P19]: recursive reference to query "t" must not appear within an outer join
 --> query:1:58
1 | with recursive t(n) as (select 1 union all select n from t full join users on id = n) select n from t
  |                                                          ^
hint: Let the query stand on the side of which every row is kept.`,
  },
  {
    name: 'a reference within intersect',
    sql: `with recursive t(n) as (select 1 union all (select id from users intersect all select n from t)) select n from t`,
    report: `
error[42P19]: recursive reference to query "t" must not appear within INTERSECT
 --> query:1:94
1 | with recursive t(n) as (select 1 union all (select id from users intersect all select n from t)) select n from t
  |                                                                                              ^
hint: Join the query in FROM.`,
  },
  {
    name: 'a reference behind except',
    sql: `with recursive t(n) as (select 1 union all (select id from users except select n from t)) select n from t`,
    report: `
error[42P19]: recursive reference to query "t" must not appear within EXCEPT
 --> query:1:87
1 | with recursive t(n) as (select 1 union all (select id from users except select n from t)) select n from t
  |                                                                                       ^
hint: Refer to the query left of EXCEPT, or keep out the rows by NOT EXISTS.`,
  },
  {
    name: 'an aggregate of the rows of a round',
    sql: `with recursive t(n) as (select 1 union all select max(n) + 1 from t) select n from t`,
    report: `
error[42P19]: aggregate functions are not allowed in a recursive query's recursive term
 --> query:1:51
1 | with recursive t(n) as (select 1 union all select max(n) + 1 from t) select n from t
  |                                                   ^^^^^^
hint: Aggregate in the query that reads the recursive one.`,
  },
  {
    name: 'an aggregate in having',
    sql: `with recursive t(n) as (select 1 union all select n from t group by n having count(*) = 1) select n from t`,
    report: `
error[42P19]: aggregate functions are not allowed in a recursive query's recursive term
 --> query:1:78
1 | with recursive t(n) as (select 1 union all select n from t group by n having count(*) = 1) select n from t
  |                                                                              ^^^^^^^^
hint: Aggregate in the query that reads the recursive one.`,
  },
  {
    name: 'an aggregate in the pipe form',
    sql: `with recursive t(n) as (select 1 union all (from t |> aggregate max(n) as n)) select n from t`,
    report: `
error[42P19]: aggregate functions are not allowed in a recursive query's recursive term
 --> query:1:65
1 | with recursive t(n) as (select 1 union all (from t |> aggregate max(n) as n)) select n from t
  |                                                                 ^^^^^^
hint: Aggregate in the query that reads the recursive one.`,
  },
  {
    name: 'a part of a part',
    sql: `with recursive t(n) as (with s as (select n from t) select n from s union all select 1) select n from t`,
    report: `
error[42P19]: recursive reference to query "t" must not appear within a subquery
 --> query:1:50
1 | with recursive t(n) as (with s as (select n from t) select n from s union all select 1) select n from t
  |                                                  ^
hint: Join the query in FROM.`,
  },
  {
    name: 'a reference in a part of a recursive query',
    sql: `with recursive t(n) as (with s as (select n from t) select 1 union all select n from s) select n from t`,
    report: `
error[42P19]: recursive reference to query "t" must not appear within a subquery
 --> query:1:50
1 | with recursive t(n) as (with s as (select n from t) select 1 union all select n from s) select n from t
  |                                                  ^
hint: Join the query in FROM.`,
  },
  {
    name: 'an order within',
    sql: `with recursive t(n) as (select 1 union all select n + 1 from t order by 1) select n from t`,
    report: `
error[0A000]: ORDER BY in a recursive query is not implemented
 --> query:1:73
1 | with recursive t(n) as (select 1 union all select n + 1 from t order by 1) select n from t
  |                                                                         ^
hint: Order and limit the query that reads it: a limit there ends the recursion.`,
  },
  {
    name: 'a limit within',
    sql: `with recursive t(n) as (select 1 union all select n + 1 from t limit 3) select n from t`,
    report: `
error[0A000]: LIMIT in a recursive query is not implemented
 --> query:1:70
1 | with recursive t(n) as (select 1 union all select n + 1 from t limit 3) select n from t
  |                                                                      ^
hint: Order and limit the query that reads it: a limit there ends the recursion.`,
  },
  {
    name: 'an offset within',
    sql: `with recursive t(n) as (select 1 union all select n + 1 from t offset 3) select n from t`,
    report: `
error[0A000]: OFFSET in a recursive query is not implemented
 --> query:1:71
1 | with recursive t(n) as (select 1 union all select n + 1 from t offset 3) select n from t
  |                                                                       ^
hint: Order and limit the query that reads it: a limit there ends the recursion.`,
  },
  {
    name: 'locking within',
    sql: `with recursive t(n) as (select 1 union all select n + 1 from t for update) select n from t`,
    report: `
error[0A000]: FOR UPDATE/SHARE in a recursive query is not implemented
 --> query:1:64
1 | with recursive t(n) as (select 1 union all select n + 1 from t for update) select n from t
  |                                                                ^^^^^^^^^^`,
  },
  {
    name: 'a change that reads its own part',
    sql: `with recursive t as (delete from users where id in (select id from t) returning id) select * from t`,
    report: `
error[42P19]: recursive query "t" must not contain data-modifying statements
 --> query:1:16
1 | with recursive t as (delete from users where id in (select id from t) returning id) select * from t
  |                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^`,
  },
  {
    name: 'parts that refer to each other',
    sql: `with recursive a(n) as (select 1 union all select n from b), b(n) as (select n from a) select n from a`,
    report: `
error[0A000]: mutual recursion between WITH items is not implemented
 --> query:1:16
1 | with recursive a(n) as (select 1 union all select n from b), b(n) as (select n from a) select n from a
  |                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: Write one query that is recursive alone, with a column that says which of the two a row is of.`,
  },
  {
    name: 'a type that the second term widens',
    sql: `with recursive t(n) as (select 1 union all select n + 1.5 from t) select n from t`,
    report: `
error[42804]: recursive query "t" column 1 has type integer in non-recursive term but type numeric(38,1) overall
 --> query:1:32
1 | with recursive t(n) as (select 1 union all select n + 1.5 from t) select n from t
  |                                ^
hint: Cast the output of the non-recursive term to the correct type: cast(… as numeric(38,1)).`,
  },
  {
    name: 'types that never meet',
    sql: `with recursive t(n) as (select 1 union all select n > 1 from t) select n from t`,
    report: `
error[42804]: UNION types integer and boolean cannot be matched
 --> query:1:32
1 | with recursive t(n) as (select 1 union all select n > 1 from t) select n from t
  |                                ^`,
  },
  {
    name: 'another number of columns',
    sql: `with recursive t(n) as (select 1 union all select n, n from t) select n from t`,
    report: `
error[42601]: each UNION query must have the same number of columns
 --> query:1:25
1 | with recursive t(n) as (select 1 union all select n, n from t) select n from t
  |                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^`,
  },
  {
    name: 'more names than columns',
    sql: `with recursive t(n, m) as (select 1 union all select n + 1 from t) select n from t`,
    report: `
error[42P10]: WITH query "t" has 1 columns available but 2 columns specified
 --> query:1:16
1 | with recursive t(n, m) as (select 1 union all select n + 1 from t) select n from t
  |                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^`,
  },
  {
    name: 'a reference that no with recursive makes',
    sql: `with t(n) as (select 1 union all select n + 1 from t) select n from t`,
    report: `
error[42P01]: relation "t" does not exist
 --> query:1:52
1 | with t(n) as (select 1 union all select n + 1 from t) select n from t
  |                                                    ^`,
  },
]

describe('the report of', () => {
  it.each(cases)('$name', ({ sql, report }) => {
    expect('\n' + reportOf(sql)).toBe(report)
  })
})
