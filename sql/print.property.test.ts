// parse(print(tree)) = tree: for every statement of the corpora, and for trees that fast-check
// makes.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EngineError } from '#base/engine-error'
import { withoutSpans } from '../test/support/without-spans.ts'
import type { Expression, Statement } from './ast.ts'
import { parseExpression, parseProgram, parseStatement } from './parser/index.ts'
import { printExpression, printStatement } from './print.ts'

function parsed(sql: string): Statement | undefined {
  try {
    return parseStatement(sql)
  } catch (error) {
    if (error instanceof EngineError) return undefined
    throw error
  }
}

const lines = readFileSync(new URL('./parser/oracle-corpus.sql', import.meta.url), 'utf8').split(
  '\n',
)
const accepted = lines.filter(
  (line) => !line.startsWith('--') && line !== '' && parsed(line) !== undefined,
)
const coroutines = readFileSync(new URL('./parser/coroutine-corpus.sql', import.meta.url), 'utf8')

describe('parse(print(tree)) = tree', () => {
  it.each(accepted)('%s', (sql) => {
    const tree = parseStatement(sql)
    expect(withoutSpans(parseStatement(printStatement(tree)))).toEqual(withoutSpans(tree))
  })

  it.each(parseProgram(coroutines))('coroutine $name.name', (tree) => {
    expect(withoutSpans(parseStatement(printStatement(tree)))).toEqual(withoutSpans(tree))
  })

  it('any expression', () => {
    fc.assert(
      fc.property(expressions, (tree) => {
        expect(withoutSpans(parseExpression(printExpression(tree)))).toEqual(withoutSpans(tree))
      }),
      { numRuns: 500 },
    )
  })

  it('any text is parsed or refused with a report, never anything else', () => {
    const pieces = accepted.flatMap((line) => line.split(/\b/))
    const texts = fc.array(fc.constantFrom(...pieces, "'", '"', '$$', '(', ')', ';', '/*'), {
      maxLength: 30,
    })
    fc.assert(
      fc.property(texts, (parts) => {
        parsed(parts.join(''))
      }),
      { numRuns: 2000 },
    )
  })
})

const span = { start: 0, end: 0 }
const names = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'at',
    'name',
    'select',
    'left',
    'interval',
    'Mixed',
    'two words',
    'qu"ote',
    'é',
  ),
  fc.string({ minLength: 1, maxLength: 4 }).filter((name) => !name.includes('\0')),
)

/** Trees as the parser makes them: no node that only another text could give. */
const expressions: fc.Arbitrary<Expression> = fc.letrec<{ tree: Expression }>((tie) => {
  const tree = tie('tree')
  const list = fc
    .array(tree, { minLength: 1, maxLength: 3 })
    .filter((items) => items.length > 1 || items[0]?.kind !== 'subquery')
  const node = <T extends object>(shape: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
    fc.record(shape) as unknown as fc.Arbitrary<T>
  const of = <T>(value: T): fc.Arbitrary<T> => fc.constant(value)
  const leaf = fc.oneof(
    node({
      kind: of('number'),
      text: fc.constantFrom('0', '42', '1.5', '.5', '1e9'),
      span: of(span),
    }),
    node({
      kind: of('string'),
      value: fc.string().filter((text) => !text.includes('\0')),
      span: of(span),
    }),
    node({ kind: of('boolean'), value: fc.boolean(), span: of(span) }),
    node({ kind: of('null'), span: of(span) }),
    node({
      kind: of('column'),
      schema: of(undefined),
      table: fc.option(names, { nil: undefined }),
      name: names,
      span: of(span),
    }),
    node({ kind: of('parameter'), index: fc.nat(100), span: of(span) }),
  )
  const inner = fc.oneof(
    node({
      kind: of('unary'),
      operator: fc.constantFrom('-', '+', '~', '@'),
      operand: tree,
      operatorSpan: of(span),
      span: of(span),
    }),
    node({
      kind: of('binary'),
      operator: fc.constantFrom(
        '+',
        '-',
        '*',
        '/',
        '%',
        '^',
        '=',
        '<',
        '<>',
        '||',
        '->>',
        '~',
        '@>',
      ),
      left: tree,
      right: tree,
      operatorSpan: of(span),
      span: of(span),
    }),
    node({
      kind: fc.constantFrom('and', 'or'),
      operands: fc.array(tree, { minLength: 2, maxLength: 4 }),
      span: of(span),
    }),
    node({ kind: of('not'), operand: tree, span: of(span) }),
    node({
      kind: of('is'),
      test: fc.constantFrom('null', 'true', 'false', 'unknown', 'json', 'json_object'),
      negated: fc.boolean(),
      operand: tree,
      span: of(span),
    }),
    node({
      kind: of('is_distinct'),
      negated: fc.boolean(),
      left: tree,
      right: tree,
      span: of(span),
    }),
    node({
      kind: of('between'),
      operand: tree,
      low: tree,
      high: tree,
      symmetric: fc.boolean(),
      negated: fc.boolean(),
      span: of(span),
    }),
    node({
      kind: of('in_list'),
      operand: tree,
      items: list,
      negated: fc.boolean(),
      span: of(span),
    }),
    node({
      kind: of('pattern'),
      form: fc.constantFrom('like', 'ilike', 'similar'),
      operand: tree,
      pattern: tree,
      escape: fc.option(tree, { nil: undefined }),
      negated: fc.boolean(),
      span: of(span),
    }),
    node({ kind: of('row'), items: fc.array(tree, { maxLength: 3 }), span: of(span) }),
    node({ kind: of('array'), items: fc.array(tree, { maxLength: 3 }), span: of(span) }),
    node({
      kind: of('cast'),
      operand: tree,
      type: of({
        schema: undefined,
        name: 'numeric',
        modifiers: [10, 2],
        arrayDimensions: 1,
        intervalFields: undefined,
        span,
      }),
      span: of(span),
    }),
    node({
      kind: of('at_time_zone'),
      operand: tree,
      zone: fc.option(tree, { nil: undefined }),
      span: of(span),
    }),
    node({
      kind: of('case'),
      operand: fc.option(tree, { nil: undefined }),
      branches: fc.array(fc.record({ when: tree, then: tree }), { minLength: 1, maxLength: 2 }),
      otherwise: fc.option(tree, { nil: undefined }),
      span: of(span),
    }),
    node({
      kind: of('subscript'),
      operand: tree,
      slice: of(true),
      lower: fc.option(tree, { nil: undefined }),
      upper: fc.option(tree, { nil: undefined }),
      span: of(span),
    }),
    node({ kind: of('field'), operand: tree, field: names, span: of(span) }),
  )
  return {
    tree: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'tree' },
      leaf,
      inner,
    ) as unknown as fc.Arbitrary<Expression>,
  }
}).tree
