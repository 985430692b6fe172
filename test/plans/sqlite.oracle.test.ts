// Do plans mean what the SQL says? Each query runs as a planned program and in SQLite, over the
// same small tables with nulls and duplicates, and must give the same rows.
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import type { RelationSchema } from '#base/schema'
import { bindStatement } from '#sql/binder/index'
import { parseStatement } from '#sql/parser/index'
import { checkProgram, planQuery } from '#planner/index'
import { lookupOf } from '../support/schemas.ts'
import { Interpreter, type Storage } from './interpret.ts'
import type { Value } from './interpret-kernels.ts'
import { oracleQueries } from './oracle-queries.ts'

function table(
  id: number,
  name: string,
  columns: readonly string[],
  keys: readonly (readonly number[])[],
): RelationSchema {
  return {
    id,
    name,
    kind: 'table',
    durable: false,
    checks: [],
    foreignKeys: [],
    insertable: true,
    mutable: true,
    columns: columns.map((column) => ({
      name: column,
      type: { kind: column === 's' ? 'text' : 'bigint' },
      notNull: column === 'id',
    })),
    indexes: keys.map((own, index) => ({
      name: `${name}_${String(index)}`,
      columns: own,
      unique: own[0] === 0,
      primary: own[0] === 0,
    })),
  }
}

const relations = [
  table(1, 'a', ['id', 'x', 'y', 's'], [[0]]),
  table(2, 'b', ['id', 'aid', 'z', 's'], [[0], [1]]),
  table(3, 'c', ['k', 'v', 'w'], []),
]
const schemas = lookupOf(relations)

const contents: Readonly<Record<number, readonly (readonly Value[])[]>> = {
  1: [
    [1n, 10n, null, 'one'],
    [2n, 20n, 2n, 'two'],
    [3n, null, 3n, null],
    [4n, 10n, 4n, 'one'],
    [5n, 50n, null, 'five'],
    [6n, null, null, null],
  ],
  2: [
    [1n, 1n, 10n, 'one'],
    [2n, 1n, null, 'x'],
    [3n, 2n, 20n, null],
    [4n, 4n, 10n, 'one'],
    [5n, null, 50n, 'five'],
    [6n, 9n, 4n, 'two'],
    [7n, 4n, 7n, 'two'],
  ],
  3: [
    [10n, 1n, 5n],
    [10n, 2n, null],
    [20n, null, 5n],
    [null, 3n, 6n],
    [50n, 3n, 7n],
    [10n, 1n, 5n],
  ],
}

function storage(): Storage {
  return new Map(
    Object.entries(contents).map(([id, rows]) => [
      Number(id),
      rows.map((values) => ({ values: [...values], dead: false })),
    ]),
  )
}

function sqlite(): Database.Database {
  const database = new Database(':memory:')
  database.defaultSafeIntegers(true)
  for (const { id, name, columns } of relations) {
    database.exec(
      `create table ${name} (${columns.map((column) => `${column.name} ${column.name === 's' ? 'text' : 'integer'}`).join(', ')})`,
    )
    const insert = database.prepare(
      `insert into ${name} values (${columns.map(() => '?').join(', ')})`,
    )
    for (const row of contents[id] ?? []) insert.run(...row)
  }
  return database
}

const reference = sqlite()

function planned(sql: string): string[] {
  const bound = bindStatement(parseStatement(sql), schemas, {})
  if (bound.kind !== 'query') throw new Error('a query is expected')
  const program = planQuery(bound, schemas)
  expect(checkProgram(program)).toEqual([])
  return new Interpreter(program, schemas, storage()).run().rows.map(printRow)
}

function printRow(row: readonly Value[]): string {
  return row.map((one) => (typeof one === 'boolean' ? String(Number(one)) : String(one))).join('|')
}

describe('plans mean what SQLite means', () => {
  for (const sql of oracleQueries) {
    it(sql, () => {
      const rows = reference.prepare(sql).raw().all() as Value[][]
      const isOrdered = /order by [^)]*$/.test(sql)
      const [own, other] = [planned(sql), rows.map(printRow)]
      expect(isOrdered ? own : own.toSorted()).toEqual(isOrdered ? other : other.toSorted())
    })
  }
})
