import { describe, expect, it } from 'vitest'
import type { Compute, Operator, Pipeline } from '../program.ts'
import { withKeepLists } from './liveness.ts'

function compute(opcode: Compute['opcode'], result: number, ...own: number[]): Compute {
  return {
    kind: 'Compute',
    opcode,
    result,
    active: -1,
    arguments: own,
    immediates: [],
    spanStart: 0,
    spanEnd: 0,
  }
}

function pipeline(operators: readonly Operator[], result: readonly number[]): Pipeline {
  return {
    registers: [],
    source: { kind: 'Dual' },
    operators,
    sink: { kind: 'Result', registers: result },
  }
}

function keepLists({ operators }: Pipeline): (readonly number[])[] {
  return operators.flatMap((operator) => ('keep' in operator ? [operator.keep] : []))
}

describe('keep lists', () => {
  it('hold what is read later and no more', () => {
    const built = withKeepLists(
      pipeline(
        [
          compute('Less', 2, 0, 1),
          { kind: 'Filter', register: 2, keep: [] },
          compute('Negate', 3, 1),
        ],
        [3, 0],
      ),
    )
    expect(keepLists(built)).toEqual([[0, 1]])
  })

  it('hold what a residual condition reads, but not what the probe makes', () => {
    const probe: Operator = {
      kind: 'HashProbe',
      state: 0,
      type: 'Left',
      keys: [0],
      outputs: [{ column: 1, register: 4 }],
      mark: -1,
      keep: [],
      residual: { instructions: [compute('Less', 5, 1, 4)], register: 5 },
      nullAware: false,
    }
    expect(keepLists(withKeepLists(pipeline([probe], [2, 4])))).toEqual([[1, 2]])
  })

  it('ask for row ids and request ids only where they are read', () => {
    const append: Operator = {
      kind: 'Append',
      relation: 1,
      values: [0],
      ordinal: -1,
      id: 1,
      spanStart: 0,
      spanEnd: 0,
    }
    const unread = withKeepLists(pipeline([append], []))
    const read = withKeepLists(pipeline([append], [1]))
    expect([unread.operators[0], read.operators[0]]).toMatchObject([{ id: -1 }, { id: 1 }])
  })
})
