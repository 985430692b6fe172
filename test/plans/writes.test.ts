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
import { writeCases } from './write-cases.ts'

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
  for (const { sql, gives, leaves } of writeCases) {
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
