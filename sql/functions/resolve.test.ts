import { describe, expect, it } from 'vitest'
import { functions, operatorOverloads, functionOverloads, operators } from './index.ts'
import type { Overload } from './overload.ts'
import { resolveOverload } from './resolve.ts'
import type { TypeKind } from './types.ts'

const cases: readonly [name: string, given: readonly TypeKind[], expected: string][] = [
  ['+', ['integer', 'integer'], 'integer integer'],
  ['+', ['smallint', 'bigint'], 'bigint bigint'],
  ['+', ['integer', 'unknown'], 'integer integer'],
  ['+', ['integer', 'numeric'], 'numeric numeric'],
  ['+', ['date', 'integer'], 'date integer'],
  ['+', ['timestamptz', 'unknown'], 'timestamptz interval'],
  ['-', ['timestamptz', 'unknown'], 'timestamptz timestamptz'],
  ['=', ['unknown', 'unknown'], 'text text'],
  ['=', ['bigint', 'unknown'], 'bigint bigint'],
  ['=', ['date', 'timestamptz'], 'timestamptz timestamptz'],
  ['=', ['text', 'integer'], 'none'],
  ['||', ['text', 'unknown'], 'text text'],
  ['||', ['text', 'integer'], 'text any'],
  ['||', ['unknown', 'integer'], 'text any'],
  ['||', ['integer', 'integer'], 'none'],
  ['->>', ['bytea', 'unknown'], 'bytea text'],
  ['->', ['json', 'integer'], 'json integer'],
  ['-', ['unknown'], 'ambiguous'],
  ['lower', ['text'], 'text'],
  ['round', ['numeric'], 'numeric'],
  ['round', ['integer'], 'double'],
  ['abs', ['smallint'], 'smallint'],
  ['concat', ['integer', 'text', 'unknown'], 'any any any'],
  ['date_trunc', ['unknown', 'date'], 'text timestamptz'],
  ['nosuch', ['text'], 'none'],
]

describe('resolveOverload', () => {
  it.each(cases)('%s %j', (name, given, expected) => {
    const isOperator = !/^[a-z]/.test(name)
    const found = resolveOverload(
      isOperator ? operatorOverloads(name) : functionOverloads(name),
      given,
    )
    expect(found.kind === 'found' ? found.parameters.join(' ') : found.kind).toBe(expected)
  })
})

describe('the catalogue', () => {
  it('names every overload once', () => {
    const signatures = [...operators, ...functions].map(
      (one: Overload) => `${one.name}(${one.parameters.join()}) ${String(one.variadic)}`,
    )
    expect(signatures.filter((one, index) => signatures.indexOf(one) !== index)).toEqual([])
  })
})
