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

const events: readonly Value[][] = [
  [1n, 'a'],
  [2n, 'b'],
  [1n, null],
  [7n, 'a'],
  [null, 'c'],
  [3n, 'b'],
].map(([n = null, s = null], index) => [n, s, BigInt(index), 0n, null, null])

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

const cases: readonly {
  readonly name: string
  readonly sql: string
  readonly effects: readonly string[]
}[] = [
  {
    name: 'a row for each event',
    sql: 'insert into out values (e.n + 1, e.s)',
    effects: ['2: 2, a', '2: 3, b', '2: 2, ', '2: 8, a', '2: , c', '2: 4, b'],
  },
  {
    name: 'several rows of an event stay together',
    sql: "insert into out values (e.n, 'x'), (e.n * 2, e.s)",
    effects: [
      '2: 1, x',
      '2: 2, a',
      '2: 2, x',
      '2: 4, b',
      '2: 1, x',
      '2: 2, ',
      '2: 7, x',
      '2: 14, a',
      '2: , x',
      '2: , c',
      '2: 3, x',
      '2: 6, b',
    ],
  },
  {
    name: 'a lookup drops events without a row',
    sql: 'insert into out select t.v, e.s from t where t.id = e.n',
    effects: ['2: 10, a', '2: , b', '2: 10, ', '2: 30, b'],
  },
  {
    name: 'an aggregate has a row for every event',
    sql: 'insert into out select count(*), e.s from t where t.v > e.n * 5',
    effects: ['2: 3, a', '2: 1, b', '2: 3, ', '2: 0, a', '2: 0, c', '2: 1, b'],
  },
  {
    name: 'an uncorrelated aggregate',
    sql: 'insert into out select sum(id)::bigint + e.n, e.s from t group by e.n, e.s',
    effects: ['2: 11, a', '2: 12, b', '2: 11, ', '2: 17, a', '2: , c', '2: 13, b'],
  },
  {
    name: 'order and limit per event',
    sql: 'insert into out select t.id, e.s from t where t.id <> e.n order by t.id desc limit 2',
    effects: [
      '2: 4, a',
      '2: 3, a',
      '2: 4, b',
      '2: 3, b',
      '2: 4, ',
      '2: 3, ',
      '2: 4, a',
      '2: 3, a',
      '2: 4, b',
      '2: 2, b',
    ],
  },
  {
    name: 'a union per event',
    sql: 'insert into out select id, e.s from t where id = e.n union all select e.n, e.s',
    effects: [
      '2: 1, a',
      '2: 1, a',
      '2: 2, b',
      '2: 2, b',
      '2: 1, ',
      '2: 1, ',
      '2: 7, a',
      '2: , c',
      '2: 3, b',
      '2: 3, b',
    ],
  },
  {
    name: 'subqueries of an event',
    sql: 'insert into out select (select v from t where id = e.n), e.s where exists (select 1 from t where t.v = e.n * 10)',
    effects: ['2: 10, a', '2: 10, ', '2: 30, b'],
  },
  {
    name: 'a with part of an event',
    sql: 'insert into out with p as (select id, v from t where id >= e.n) select count(*), max(q.v)::text from p join p q on q.id = p.id',
    effects: ['2: 4, 30', '2: 3, 30', '2: 4, 30', '2: 0, ', '2: 0, ', '2: 2, 30'],
  },
  {
    name: 'control flow',
    sql: `begin
      let k := 0;
      if e.n = 1 then k := 100; elsif e.n = 2 then return; elsif e.n = 7 then
        select v from t where id = 4 into k;
      else
        select v from t where id = e.n into k;
        if not found then insert into out values (-1, e.s); return; end if;
      end if;
      insert into out values (k, e.s);
    end`,
    effects: ['2: 100, a', '2: 100, ', '2: 10, a', '2: -1, c', '2: 30, b'],
  },
  {
    name: 'a query over the local that it fills',
    sql: 'begin let k := e.n; select v from t where id = k into k; insert into out values (k, e.s); end',
    effects: ['2: 10, a', '2: , b', '2: 10, ', '2: , a', '2: , c', '2: 30, b'],
  },
  {
    name: 'tables written from events',
    sql: 'begin insert into log values (e.n, e.s); delete from t where id = e.n and e.s is null; insert into out values (e.n, null); end',
    effects: ['2: 1, ', '2: 2, ', '2: 1, ', '2: 7, ', '2: , ', '2: 3, '],
  },
]

describe('steps', () => {
  for (const { name, sql, effects } of cases) {
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
