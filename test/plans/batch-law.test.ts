// The batch law for plans: a step run for all events at once leaves the same tables and effects as
// run for one event after the other, and both are what the program says.
import { describe, expect, it } from 'vitest'
import type { RelationSchema } from '#base/schema'
import { bindStatement } from '#sql/binder/index'
import { parseStatement } from '#sql/parser/index'
import { checkProgram, planCoroutine, type PlannedCoroutine } from '#planner/index'
import { lookupOf } from '../support/schemas.ts'
import { Interpreter, type Storage } from './interpret.ts'
import type { Value } from './interpret-kernels.ts'
import { stepCases, stepEvents } from './step-cases.ts'

const column = (name: string, kind: 'bigint' | 'text' | 'timestamptz') => ({
  name,
  type: { kind },
  notNull: false,
})
const system = [
  column('seq', 'bigint'),
  column('at', 'timestamptz'),
  column('root', 'bigint'),
  column('cause', 'bigint'),
].map((one) => ({ ...one, hidden: true }))
const plain = {
  durable: false,
  checks: [],
  foreignKeys: [],
  insertable: true,
  mutable: true,
  indexes: [],
}

const relations: readonly RelationSchema[] = [
  {
    ...plain,
    id: 1,
    name: 'e',
    kind: 'event',
    columns: [column('n', 'bigint'), column('s', 'text'), ...system],
  },
  {
    ...plain,
    id: 2,
    name: 'out',
    kind: 'event',
    columns: [column('n', 'bigint'), column('s', 'text'), ...system],
  },
  {
    ...plain,
    id: 3,
    name: 't',
    kind: 'table',
    columns: [{ ...column('id', 'bigint'), notNull: true }, column('v', 'bigint')],
    indexes: [{ name: 't_pkey', columns: [0], unique: true, primary: true }],
  },
  {
    ...plain,
    id: 4,
    name: 'log',
    kind: 'table',
    columns: [column('n', 'bigint'), column('s', 'text')],
  },
]
const schemas = lookupOf(relations)

const events: readonly Value[][] = stepEvents.map(([n, s], index) => [
  n,
  s,
  BigInt(index),
  0n,
  null,
  null,
])

function storage(): Storage {
  const rows: readonly Value[][] = [
    [1n, 10n],
    [2n, null],
    [3n, 30n],
    [4n, 10n],
  ]
  return new Map([
    [3, rows.map((values) => ({ values: [...values], dead: false }))],
    [4, []],
  ])
}

interface State {
  readonly tables: string[]
  readonly effects: string[]
}

function runBatches({ program, matchedLocal }: PlannedCoroutine, size: number): State {
  const stored = storage()
  const effects: string[] = []
  for (let first = 0; first < events.length; first += size) {
    const batch = events.slice(first, first + size)
    const outcome = new Interpreter(program, schemas, stored, batch).run()
    expect(matchedLocal).toBeLessThan(program.locals.length)
    // Effects leave in the order of their instances.
    effects.push(
      ...outcome.appended
        .toSorted((left, right) => left.ordinal - right.ordinal)
        .map(({ relation, values }) => `${String(relation)}: ${values.join(', ')}`),
    )
  }
  const tables = [...stored].flatMap(([id, rows]) =>
    rows.filter(({ dead }) => !dead).map(({ values }) => `${String(id)}: ${values.join(', ')}`),
  )
  return { tables: tables.toSorted(), effects }
}

describe('steps', () => {
  for (const { name, sql, effects } of stepCases) {
    it(name, () => {
      const bound = bindStatement(
        parseStatement(`create coroutine c on e e as ${sql}`),
        schemas,
        {},
      )
      if (bound.kind !== 'coroutine') throw new Error('a coroutine is expected')
      const planned = planCoroutine(bound, schemas)
      expect(checkProgram(planned.program)).toEqual([])
      const serial = runBatches(planned, 1)
      expect(serial.effects).toEqual(effects)
      if (!planned.program.vectorised) return
      for (const size of [2, 4, events.length]) expect(runBatches(planned, size)).toEqual(serial)
    })
  }
})
