// What planned writes leave behind: conflicts, constraints, cascades, returning, run by the plain
// interpreter over a few rows.
import { describe, expect, it } from 'vitest'
import type { ForeignKeySchema, RelationSchema } from '#base/schema'
import { bindStatement } from '#sql/binder/index'
import { parseStatement } from '#sql/parser/index'
import { checkProgram, planCascade, planQuery } from '#planner/index'
import { lookupOf } from '../support/schemas.ts'
import { Interpreter, type Storage } from './interpret.ts'
import { DataFailure, type Value } from './interpret-kernels.ts'

interface TableParts {
  readonly keys?: readonly ForeignKeySchema[]
  readonly indexes?: readonly (readonly number[])[]
  readonly check?: string
}

function table(
  id: number,
  name: string,
  columns: readonly string[],
  { keys = [], indexes = [], check }: TableParts,
): RelationSchema {
  const all = [[0], ...indexes]
  return {
    id,
    name,
    kind: 'table',
    durable: false,
    insertable: true,
    mutable: true,
    foreignKeys: keys,
    columns: columns.map((column) => ({
      name: column,
      type: { kind: 'bigint' },
      notNull: column === 'id',
    })),
    indexes: all.map((own, index) => ({
      name: `${name}_${String(index)}`,
      columns: own,
      unique: index === 0,
      primary: index === 0,
    })),
    checks: check === undefined ? [] : [{ name: `${name}_check`, condition: check }],
  }
}

function reference(
  name: string,
  column: number,
  parent: number,
  onDelete: ForeignKeySchema['onDelete'],
): ForeignKeySchema {
  return { name, columns: [column], parent, parentColumns: [0], onDelete }
}

const relations: readonly RelationSchema[] = [
  table(1, 'p', ['id', 'v'], { check: 'v < 1000' }),
  table(2, 'c', ['id', 'pid', 'v'], { keys: [reference('c_p', 1, 1, 'cascade')], indexes: [[1]] }),
  table(3, 'g', ['id', 'cid'], { keys: [reference('g_c', 1, 2, 'cascade')], indexes: [[1]] }),
  table(4, 'n', ['id', 'pid'], { keys: [reference('n_p', 1, 1, 'set_null')], indexes: [[1]] }),
  table(5, 'r', ['id', 'cid'], { keys: [reference('r_c', 1, 2, 'restrict')], indexes: [[1]] }),
  table(6, 'tree', ['id', 'up'], {
    keys: [reference('tree_up', 1, 6, 'no_action')],
    indexes: [[1]],
  }),
  {
    id: 7,
    name: 'hubs',
    kind: 'device',
    durable: false,
    insertable: false,
    mutable: true,
    checks: [],
    foreignKeys: [],
    columns: [{ name: 'id', type: { kind: 'bigint' }, notNull: true }],
    indexes: [{ name: 'hubs_id', columns: [0], unique: true, primary: true }],
  },
  table(8, 'member', ['id', 'hub'], {
    keys: [reference('member_hub', 1, 7, 'cascade')],
    indexes: [[1]],
  }),
]
const schemas = lookupOf(relations)

function storage(): Storage {
  const contents: Readonly<Record<number, readonly Value[][]>> = {
    1: [
      [1n, 10n],
      [2n, 20n],
      [3n, 30n],
    ],
    2: [
      [11n, 1n, 5n],
      [12n, 1n, 6n],
      [13n, 2n, 7n],
      [14n, null, 8n],
    ],
    3: [
      [21n, 11n],
      [22n, 13n],
    ],
    4: [
      [31n, 1n],
      [32n, 2n],
    ],
    5: [[41n, 13n]],
    6: [[1n, null]],
    7: [[7n], [8n]],
    8: [
      [51n, 7n],
      [52n, 8n],
    ],
  }
  return new Map(
    Object.entries(contents).map(([id, rows]) => [
      Number(id),
      rows.map((values) => ({ values: [...values], dead: false })),
    ]),
  )
}

function rowsOf(stored: Storage, name: string): string {
  const rows = stored.get(schemas.relation(name)?.id ?? -1) ?? []
  return rows
    .filter(({ dead }) => !dead)
    .map(({ values }) => values.join(' '))
    .toSorted()
    .join(', ')
}

interface WriteCase {
  readonly sql: string
  /** Rows returned, the number counted, or the failure. */
  readonly gives: string
  readonly leaves: Readonly<Record<string, string>>
}

const cases: readonly WriteCase[] = [
  {
    sql: 'insert into p values (4, 40) returning id + v',
    gives: '44',
    leaves: { p: '1 10, 2 20, 3 30, 4 40' },
  },
  { sql: 'insert into p values (4, 1000)', gives: 'raised', leaves: {} },
  {
    sql: 'insert into c values (15, 3, 0), (16, null, 1)',
    gives: '2 counted',
    leaves: { c: '11 1 5, 12 1 6, 13 2 7, 14  8, 15 3 0, 16  1' },
  },
  { sql: 'insert into c values (15, 9, 0)', gives: 'raised', leaves: {} },
  {
    sql: 'insert into tree values (2, 1), (3, 3)',
    gives: '2 counted',
    leaves: { tree: '1 , 2 1, 3 3' },
  },
  { sql: 'insert into tree values (2, 9)', gives: 'raised', leaves: {} },
  { sql: 'insert into p values (1, 0)', gives: '23505', leaves: {} },
  {
    sql: 'insert into p values (1, 0), (5, 50) on conflict do nothing',
    gives: '1 counted',
    leaves: { p: '1 10, 2 20, 3 30, 5 50' },
  },
  {
    sql: 'insert into p values (1, 5), (4, 40) on conflict (id) do update set v = p.v + excluded.v returning id, v',
    gives: '1 15, 4 40',
    leaves: { p: '1 15, 2 20, 3 30, 4 40' },
  },
  {
    sql: 'insert into p values (1, 5), (2, 5), (4, 40) on conflict (id) do update set v = excluded.v where p.v > 10 returning id, v',
    gives: '2 5, 4 40',
    leaves: { p: '1 10, 2 5, 3 30, 4 40' },
  },
  {
    sql: 'insert into p values (1, 5) on conflict (id) do update set v = p.v + 990',
    gives: 'raised',
    leaves: {},
  },
  {
    sql: 'update p set v = v + 1 where id = 2 returning id, v',
    gives: '2 21',
    leaves: { p: '1 10, 2 21, 3 30' },
  },
  {
    sql: 'update p set v = v * 2 where v >= 20',
    gives: '2 counted',
    leaves: { p: '1 10, 2 40, 3 60' },
  },
  { sql: 'update p set v = 2000 where id = 2', gives: 'raised', leaves: {} },
  {
    sql: 'update p set v = c.v from c where c.pid = p.id and c.id = 13 returning p.v, c.id',
    gives: '7 13',
    leaves: { p: '1 10, 2 7, 3 30' },
  },
  { sql: 'update c set pid = 9 where id = 11', gives: 'raised', leaves: {} },
  {
    sql: 'update c set pid = 3 where id = 11',
    gives: '1 counted',
    leaves: { c: '11 3 5, 12 1 6, 13 2 7, 14  8' },
  },
  {
    sql: 'update p set id = 9 where id = 3',
    gives: '1 counted',
    leaves: { p: '1 10, 2 20, 9 30' },
  },
  { sql: 'update p set id = 9 where id = 1', gives: 'raised', leaves: {} },
  {
    sql: 'update p set id = 1 where id = 1',
    gives: '1 counted',
    leaves: { p: '1 10, 2 20, 3 30' },
  },
  {
    sql: 'delete from p where id = 1 returning v',
    gives: '10',
    leaves: { p: '2 20, 3 30', c: '13 2 7, 14  8', g: '22 13', n: '31 , 32 2' },
  },
  { sql: 'delete from p where id = 2', gives: 'raised', leaves: {} },
  {
    sql: 'delete from p where id in (select pid from c where v < 7)',
    gives: '1 counted',
    leaves: { p: '2 20, 3 30', c: '13 2 7, 14  8' },
  },
  {
    sql: 'delete from c using p where p.id = c.pid and p.v = 10',
    gives: '2 counted',
    leaves: { c: '13 2 7, 14  8', g: '22 13' },
  },
  { sql: 'delete from n', gives: '2 counted', leaves: { n: '' } },
]

function run(sql: string, stored: Storage): string {
  const bound = bindStatement(parseStatement(sql), schemas, {})
  if (bound.kind !== 'query') throw new Error('a query is expected')
  const program = planQuery(bound, schemas)
  expect(checkProgram(program)).toEqual([])
  try {
    const { rows, counted } = new Interpreter(program, schemas, stored).run()
    return bound.output.length > 0
      ? rows.map((row) => row.join(' ')).join(', ')
      : `${String(counted)} counted`
  } catch (error) {
    if (error instanceof DataFailure) return error.state
    throw error
  }
}

describe('writes', () => {
  for (const { sql, gives, leaves } of cases) {
    it(sql, () => {
      const stored = storage()
      expect(run(sql, stored)).toBe(gives)
      for (const [name, rows] of Object.entries(leaves))
        expect(`${name}: ${rowsOf(stored, name)}`).toBe(`${name}: ${rows}`)
    })
  }
})

describe('the close of a device row', () => {
  it('deletes the rows that refer to it', () => {
    const hubs = schemas.relation('hubs')
    const program = hubs && planCascade(hubs, schemas)
    if (!program) throw new Error('hubs are referred to')
    expect(checkProgram(program)).toEqual([])
    const stored = storage()
    new Interpreter(program, schemas, stored, [[7n]]).run()
    expect(rowsOf(stored, 'member')).toBe('52 8')
  })

  it('needs no program when nothing refers to it', () => {
    const tree = schemas.relation('g')
    expect(tree && planCascade(tree, schemas)).toBeUndefined()
  })
})
