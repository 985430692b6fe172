import { expect, it } from 'vitest'
import { parseSlt } from './parse.ts'

it('reads statements, queries, options and skips', () => {
  const records = parseSlt(`# a comment
statement ok
create table t (a integer,
  b integer)

statement error (42703)
select nope from t

statement count 3
insert into t values (1, 1), (2, 2), (3, 3)

skipif rowtine
statement ok
never run

onlyif sqlite
query I
select 9
----
9

hash-threshold 8

query IT rowsort label-1 +plan:Filter
select a, 'x' from t where a > 1
----
2 x
3 x

halt
`)
  expect(records).toEqual([
    { kind: 'statement', line: 2, sql: 'create table t (a integer,\n  b integer)', expect: { kind: 'ok' } },
    { kind: 'statement', line: 6, sql: 'select nope from t', expect: { kind: 'error', pattern: '42703' } },
    { kind: 'statement', line: 9, sql: 'insert into t values (1, 1), (2, 2), (3, 3)', expect: { kind: 'count', rows: 3 } },
    { kind: 'hash-threshold', line: 22, values: 8 },
    {
      kind: 'query', line: 24, sql: `select a, 'x' from t where a > 1`, types: 'IT', sort: 'rowsort', label: 'label-1', plan: ['Filter'],
      expected: ['2 x', '3 x'],
    },
    { kind: 'halt', line: 30 },
  ])
})

it('names the line of what is no record', () => {
  expect(() => parseSlt('statement ok\nselect 1\n\nnonsense here\n')).toThrow('line 4')
})
