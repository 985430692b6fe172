// Texts to printed trees: precedence, special forms, pipes; spans; programs; limits.
import { describe, expect, it } from 'vitest'
import { EngineError } from '#base/engine-error'
import { printExpression, printStatement } from '../print.ts'
import { kNestingMax, parseExpression, parseProgram, parseStatement } from './index.ts'

function errorOf(run: () => unknown): EngineError {
  try {
    run()
  } catch (error) {
    if (error instanceof EngineError) return error
    throw error
  }
  throw new Error('no error')
}

describe('expressions', () => {
  const cases = [
    ['a + b * c', 'a + (b * c)'],
    ['a - b - c', '(a - b) - c'],
    ['2 ^ 3 ^ 2', '(2 ^ 3) ^ 2'],
    ['-2 ^ 2', '(- 2) ^ 2'],
    ['-a::int', '- (a::integer)'],
    ['not a = b and c or d', '((not (a = b)) and c) or d'],
    ['a and b and c', 'a and b and c'],
    ['a || b + c', 'a || (b + c)'],
    ['a < b is null', '(a < b) is null'],
    ["a->'b'->>'c' = 'd'", "((a -> 'b') ->> 'c') = 'd'"],
    ['a between 1 and 2 and b', '(a between 1 and 2) and b'],
    ["a like 'x' || y", "a like ('x' || y)"],
    ['a in (1, 2) = b', '(a in (1, 2)) = b'],
    ['a != b', 'a <> b'],
    ["a at time zone 'x' + b", "(a at time zone 'x') + b"],
    ['~a + b', '~ (a + b)'],
    ['((a))', 'a'],
    ['(a, b)', 'row(a, b)'],
    ['substring(a from 2 for 3)', 'substring(a, 2, 3)'],
    ["trim(leading 'x' from a)", "ltrim(a, 'x')"],
    ["position('x' in a)", "strpos(a, 'x')"],
    ['count(*) filter (where a)', 'count(*) filter (where a)'],
    ["json_object('id': uid)", "json_object('id': uid)"],
    ["json_object('id' value uid null on null)", "json_object('id': uid)"],
    ["int '5'", "integer '5'"],
    ["interval '1' year to month", "interval '1' year to month"],
    ['x is not json array', 'x is not json array'],
    ['0x1F', '31'],
  ] as const
  it.each(cases)('%s', (text, printed) => {
    expect(printExpression(parseExpression(text))).toBe(printed)
  })
})

describe('queries and statements', () => {
  const cases = [
    ['select 1 union select 2 intersect select 3', 'select 1 union (select 2 intersect select 3)'],
    [
      'select 1 except select 2 union all select 3',
      '(select 1 except select 2) union all select 3',
    ],
    ['((select 1))', 'select 1'],
    ['from t |> where a |> limit 3', 'from t |> where a |> limit 3'],
    ['select a from t order by a |> where a', 'select a from t order by a |> where a'],
    ['from t |> insert into u (a)', 'insert into u (a) from t'],
    ['select * from a left join b using (x), c', 'select * from a left join b using (x), c'],
    ['select a x, b as y', 'select a as x, b as y'],
    [
      'create table t (id bigint generated always as identity primary key)',
      'create table t (id bigint generated always as identity primary key)',
    ],
    ['begin', 'begin'],
    ['end', 'commit'],
  ] as const
  it.each(cases)('%s', (text, printed) => {
    expect(printStatement(parseStatement(text))).toBe(printed)
  })
})

describe('spans', () => {
  it('cover each statement of a program', () => {
    const text = '  select 1 ; -- one\n insert into t values (2);'
    expect(parseProgram(text).map(({ span }) => text.slice(span.start, span.end))).toEqual([
      'select 1',
      'insert into t values (2)',
    ])
  })

  it('cover parentheses at either end of an operator', () => {
    const text = '(a + b) * (c)'
    expect(parseExpression(text).span).toEqual({ start: 0, end: text.length })
  })

  it('cover a coroutine with its last end', () => {
    const text = 'create coroutine c on t x as begin select 1; end'
    expect(parseStatement(text).span).toEqual({ start: 0, end: text.length })
  })
})

describe('programs', () => {
  it('need a semicolon after every statement, unless told otherwise', () => {
    expect(errorOf(() => parseProgram('select 1')).parts.incomplete).toBe(true)
    expect(parseProgram('select 1', { terminated: false })).toHaveLength(1)
    expect(parseProgram(' ;; select 1;; -- end')).toHaveLength(1)
  })

  it('tell what merely ends too early from what is wrong', () => {
    const incomplete = [
      'select',
      'select (',
      "select 'a",
      'create coroutine c on t x as begin select 1;',
      'select 1 /*',
    ]
    expect(incomplete.map((text) => errorOf(() => parseProgram(text)).parts.incomplete)).toEqual(
      incomplete.map(() => true),
    )
    expect(errorOf(() => parseProgram('select select')).parts.incomplete).toBeUndefined()
  })

  it('parse one statement where one is asked for', () => {
    expect(errorOf(() => parseStatement('select 1; select 2')).code).toBe('42601')
  })
})

describe('limits', () => {
  const depth = 5000
  const texts = {
    parentheses: '('.repeat(depth) + '1' + ')'.repeat(depth),
    signs: '- '.repeat(depth) + '1',
    not: 'not '.repeat(depth) + 'a',
    sums: '1' + ' + 1'.repeat(depth),
    casts: 'a' + '::int'.repeat(depth),
    subscripts: 'a' + '[1]'.repeat(depth),
    calls: 'f('.repeat(depth),
    cases: 'case when '.repeat(depth),
    arrays: 'array' + '['.repeat(depth),
    subqueries: '(select '.repeat(depth),
    unions: '(select 1' + ' union select 1'.repeat(depth) + ')',
    joins: '(select * from t' + ' cross join t'.repeat(depth) + ')',
  }
  it.each(Object.entries(texts))('%s', (_, text) => {
    const error = errorOf(() => parseExpression(text))
    expect([error.code, error.message]).toEqual([
      '54001',
      `nesting of the statement exceeds the limit of ${String(kNestingMax)}`,
    ])
  })

  it('permit long lists and chains of and', () => {
    expect(() => parseExpression('a' + ' and a'.repeat(depth))).not.toThrow()
    expect(() => parseExpression('f(' + 'a, '.repeat(depth) + 'a)')).not.toThrow()
    expect(() =>
      parseExpression('('.repeat(kNestingMax - 2) + '1' + ')'.repeat(kNestingMax - 2)),
    ).not.toThrow()
  })
})
