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

it('makes a failing record of what is none, and goes on', () => {
  expect(parseSlt('statement ok\nselect 1\n\nnonsense here\n\nstatement count x\nselect 2\n\nstatement ok\nselect 3\n')).toEqual([
    { kind: 'statement', line: 1, sql: 'select 1', expect: { kind: 'ok' } },
    { kind: 'bad', line: 4, sql: '', message: 'not a record: nonsense here' },
    { kind: 'bad', line: 6, sql: 'select 2', message: 'statement count asks for a number' },
    { kind: 'statement', line: 9, sql: 'select 3', expect: { kind: 'ok' } },
  ])
})

it.each([
  ['a skipped block of any form', 'skipif rowtine\nwhatever this is\nx\n', []],
  ['names of the dialect', 'skipif postgresql\nstatement ok\na\n\nonlyif postgresql\nstatement ok\nb\n', ['b']],
  ['a comment after the name', 'onlyif mysql # as it says\nstatement ok\na\n', []],
  ['mode skip', 'mode skip\n\nstatement ok\na\n\nmode unskip\n\nstatement ok\nb\n', ['b']],
  ['loops in loops', 'foreach x p q\n\nloop i 0 2\n\nstatement ok\n${x}${i}\n\nendloop\n\nendloop\n', ['p0', 'p1', 'q0', 'q1']],
  ['an extension that is not here', 'require spatial\n\nstatement ok\na\n', ['halt']],
  ['an endless loop', 'statement ok\na\n\nloop i 0 2\n\nstatement ok\nb\n', ['bad', 'a']],
])('reads %s', (_, text, expected) => {
  expect(parseSlt(text).map((record) => ('sql' in record && record.sql !== '' ? record.sql : record.kind))).toEqual(expected)
})

it('tells options from the label, and no result from an empty one', () => {
  const [first, second] = parseSlt('query IT rowsort,colnames label-1 more # words\nselect\n----\na b\n1 x\n\nquery\nselect\n')
  expect(first).toMatchObject({ types: 'IT', sort: 'rowsort', label: 'label-1', expected: ['1 x'] })
  expect(second).toMatchObject({ types: '', label: undefined, expected: undefined })
})
