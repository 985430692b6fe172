import { describe, expect, it } from 'vitest'
import { checkProgram } from './check-program.ts'
import type { Operator, Pipeline, Program } from './program.ts'

const scan: Pipeline['source'] = {
  kind: 'Scan',
  ranges: [],
  relation: 1,
  rowId: -1,
  columns: [
    { column: 0, register: 0 },
    { column: 1, register: 1 },
  ],
}
const less: Operator = {
  kind: 'Compute',
  opcode: 'Less',
  result: 2,
  active: -1,
  arguments: [0, 1],
  immediates: [],
  spanStart: 0,
  spanEnd: 0,
}

function program(
  operators: readonly Operator[],
  result: readonly number[],
  changes: Partial<Program> = {},
): Program {
  const pipeline: Pipeline = {
    registers: ['Int64', 'Int64', 'Bool', 'Int64'],
    source: scan,
    operators,
    sink: { kind: 'Result', registers: result },
  }
  return {
    parameters: 0,
    constants: [],
    event: -1,
    locals: [],
    states: [],
    pipelines: [pipeline],
    regions: [],
    vectorised: true,
    ...changes,
  }
}

const cases: readonly {
  readonly name: string
  readonly of: Program
  readonly problem: RegExp | undefined
}[] = [
  {
    name: 'a sound program',
    of: program([less, { kind: 'Filter', register: 2, keep: [0] }], [0]),
    problem: undefined,
  },
  {
    name: 'a register read before it is written',
    of: program([], [2]),
    problem: /r2 is read but not alive/,
  },
  {
    name: 'a register written twice',
    of: program([less, less], [2]),
    problem: /r2 is written twice/,
  },
  {
    name: 'a register read after a filter dropped it',
    of: program([less, { kind: 'Filter', register: 2, keep: [0] }], [1]),
    problem: /r1 is read but not alive/,
  },
  {
    name: 'a filter by a number',
    of: program([{ kind: 'Filter', register: 0, keep: [0] }], [0]),
    problem: /r0 is Int64, not Bool/,
  },
  {
    name: 'a keep list with a dead register',
    of: program([less, { kind: 'Filter', register: 2, keep: [3] }], []),
    problem: /keep: r3/,
  },
  {
    name: 'a probe of a state that nothing fills',
    of: program(
      [
        {
          kind: 'LoopProbe',
          state: 0,
          type: 'Semi',
          outputs: [],
          mark: -1,
          keep: [0],
          residual: { instructions: [], register: -1 },
        },
      ],
      [0],
      { states: [{ kind: 'Rows', payload: [] }] },
    ),
    problem: /state 0 is not filled/,
  },
  {
    name: 'a region out of bounds',
    of: program([], [0], {
      regions: [{ first: 0, last: 3, state: 0, message: -1, place: -1 }],
      locals: ['Int32'],
    }),
    problem: /out of bounds/,
  },
]

describe('check program', () => {
  for (const { name, of, problem } of cases) {
    it(name, () => {
      const problems = checkProgram(of).join('; ')
      if (problem) expect(problems).toMatch(problem)
      else expect(problems).toBe('')
    })
  }
})
