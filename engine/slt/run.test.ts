// What passes and what fails when sqllogictest records run: sorting, hashing, rendering, labels and errors.
import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { open } from '../index.ts'
import { parseSlt } from './parse.ts'
import { runSlt } from './run.ts'

const threeSorted = createHash('md5').update('1\n10\n2\n').digest('hex')

it.each([
  ['integers cut from reals', 'query III\nselect -1.9::float8, 1e20::float8, true\n----\n-1\n9223372036854775807\n1\n', 1, 0],
  ['reals with three digits', 'query RR\nselect 2, 1.5\n----\n2.000 1.5\n', 1, 0],
  ['empty text, nulls and control characters', "query TTT\nselect '', null::text, e'a\\tb'\n----\n(empty)\nNULL\na@b\n", 1, 0],
  ['the numbers that texts begin with', "query III\nselect 'abc', '12 men', ''\n----\n0\n12\n0\n", 1, 0],
  ['values as they are', 'query IIT\nselect 1.5, null::text, true\n----\n1.5\tNULL\t1\n', 1, 0],
  ['a value that is another', 'query I\nselect 1.5\n----\n1.6\n', 0, 1],
  ['connections, each with its own transaction', 'connection a\nstatement ok\nbegin read only\n\nstatement ok con1\nprepare one as select 1\n\nquery I con1\nexecute one\n----\n1\n\nconnection a\nstatement ok\nrollback\n\nstatement error no transaction\nrollback\n', 5, 0],
  ['names that are of one connection', 'statement ok con1\nprepare one as select 1\n\nstatement error con2\nexecute one\n\nstatement error 26000\nexecute one\n', 3, 0],
  ['a hash over sorted values', `query I valuesort\nvalues (10), (2), (1)\n----\n3 values hashing to ${threeSorted}\n`, 1, 0],
  ['a wrong hash', `query I valuesort\nvalues (10), (3), (1)\n----\n3 values hashing to ${threeSorted}\n`, 0, 1],
  ['rows sorted value by value', "query TT rowsort\nvalues ('a b', 'c'), ('a', 'z')\n----\na\nz\na b\nc\n", 1, 0],
  ['order where none is forgiven', 'query I nosort\nvalues (2), (1)\n----\n1\n2\n', 0, 1],
  ['one label, two results', 'query I nosort l\nselect 1\n----\n1\n\nquery I nosort l\nselect 2\n----\n2\n', 1, 1],
  ['a query without a result', 'query I\nselect 5\n', 1, 0],
  ['an empty result', 'query I\nselect 5\n----\n', 0, 1],
  ['a pattern that is no regular expression', 'statement error (((\nselect nope\n\nquery I\nselect 1\n----\n1\n', 1, 1],
  ['either outcome', 'statement maybe\nselect nope\n', 1, 0],
  ['another error than asked for', 'query error pgcode 22012 any words\nselect nope\n', 0, 1],
])('judges %s', async (_, text, passed, failed) => {
  const database = await open({ pin: false })
  try {
    const outcome = await runSlt(database, parseSlt(text))
    expect([outcome.passed, outcome.failures.length]).toEqual([passed, failed])
  } finally {
    await database.close()
  }
})
