import { describe, expect, it } from 'vitest'
import type { Expression } from '#sql/bound'
import { and, booleanType, columnRef, literal, noSpan, or, test } from '../logical/expression.ts'
import { printExpression } from '../explain/expression.ts'
import { foldConstants } from './fold-constants.ts'

const p = columnRef({ id: 1, name: 'p', type: booleanType, nullable: true })
const q = columnRef({ id: 2, name: 'q', type: booleanType, nullable: true })
const [yes, no, unknown] = [true, false, null].map((value) => literal(value, booleanType)) as [
  Expression,
  Expression,
  Expression,
]
const caseOf = (when: Expression, otherwise: Expression): Expression => ({
  kind: 'case',
  branches: [{ when, then: p }],
  otherwise,
  type: booleanType,
  span: noSpan,
})

const cases: readonly {
  readonly name: string
  readonly from: Expression | undefined
  readonly to: string
}[] = [
  { name: 'true is neutral in and', from: and([yes, p]), to: 'p' },
  { name: 'false decides and', from: and([p, no, q]), to: 'false' },
  { name: 'null does not decide and', from: and([unknown, p]), to: '(null and p)' },
  { name: 'false is neutral in or', from: or([no, p, q]), to: '(p or q)' },
  { name: 'true decides or', from: or([p, yes]), to: 'true' },
  { name: 'all neutral', from: and([yes, yes]), to: 'true' },
  { name: 'not of a constant', from: test('Not', yes), to: 'false' },
  { name: 'not of null', from: test('Not', unknown), to: 'null' },
  { name: 'not not', from: test('Not', test('Not', p)), to: 'p' },
  {
    name: 'is true of what is never null',
    from: test('IsTrue', test('IsNull', p)),
    to: '(p is null)',
  },
  { name: 'is true of what may be null stays', from: test('IsTrue', p), to: '(p is true)' },
  { name: 'a branch that is never taken', from: caseOf(no, q), to: 'q' },
  { name: 'a branch that always is', from: caseOf(yes, q), to: 'p' },
  { name: 'inside out', from: or([and([p, no]) ?? p, q]), to: 'q' },
]

describe('fold constants', () => {
  for (const { name, from, to } of cases) {
    it(name, () => {
      expect(from && printExpression(foldConstants(from))).toBe(to)
    })
  }
})
