// The writes of write-cases.ts through the whole engine: what they give and leave at any batch
// size, and that a failed one leaves nothing.
import { describe, expect, it } from 'vitest'
import { open, type Database, EngineError } from '#engine/index'
import { writeCases, writeTables } from './write-cases.ts'

const tables = ['p', 'c', 'g', 'n', 'r', 'tree']

async function rowsOf(database: Database, table: string): Promise<string> {
  const rows = (await database.query(`select * from ${table}`)).toText()
  return rows
    .map((row) => row.map((one) => one ?? '').join(' '))
    .toSorted()
    .join(', ')
}

async function contentsOf(database: Database): Promise<string[]> {
  return Promise.all(tables.map((table) => rowsOf(database, table)))
}

async function run(database: Database, sql: string): Promise<string> {
  try {
    const result = await database.query(sql)
    const rows = result.toText()
    if (result.columns.length === 0) return `${result.tag.split(' ').at(-1) ?? ''} counted`
    return rows.map((row) => row.map((one) => one ?? '').join(' ')).join(', ')
  } catch (error) {
    if (error instanceof EngineError) return error.code
    throw error
  }
}

for (const batchRows of [1, 2048]) {
  describe(`writes in batches of ${String(batchRows)}`, () => {
    for (const { sql, gives, leaves } of writeCases) {
      it(sql, async () => {
        const database = await open({ batchRows })
        try {
          await database.exec(writeTables)
          const before = await contentsOf(database)
          expect(await run(database, sql)).toBe(gives)
          for (const [name, rows] of Object.entries(leaves))
            expect(await rowsOf(database, name)).toBe(rows)
          if (/^\d{5}$/.test(gives)) expect(await contentsOf(database)).toEqual(before)
        } finally {
          await database.close()
        }
      })
    }
  })
}
