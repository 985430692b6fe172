// The coroutines of step-cases.ts through the whole engine: the events in one statement or one by
// one, at any batch size, are answered alike.
import { describe, expect, it } from 'vitest'
import { open, type Database } from '#engine/index'
import { stepCases, stepEvents } from './step-cases.ts'

const tables = `
create event table e (n bigint, s text);
create event table out (n bigint, s text);
create unlogged table t (id bigint primary key, v bigint);
create unlogged table log (n bigint, s text);
insert into t values (1, 10), (2, null), (3, 30), (4, 10);
`

function literal(value: bigint | string | null): string {
  if (value === null) return 'null'
  return typeof value === 'string' ? `'${value}'` : String(value)
}

function insertOf(events: typeof stepEvents): string {
  return `insert into e values ${events.map((event) => `(${event.map(literal).join(', ')})`).join(', ')}`
}

async function sent(database: Database): Promise<string[]> {
  await database.settled()
  const rows = (await database.query('select n, s from out order by seq')).toText()
  return rows.map((row) => `2: ${row.map((one) => one ?? '').join(', ')}`)
}

async function run(
  sql: string,
  batchRows: number,
  isSerial: boolean,
): Promise<{ effects: string[]; errors: string[] }> {
  const database = await open({ batchRows })
  try {
    await database.exec(tables)
    await database.exec(`create coroutine c on e e as ${sql}`)
    const groups = isSerial ? stepEvents.map((event) => [event]) : [stepEvents]
    for (const group of groups) {
      await database.exec(insertOf(group))
      await database.settled()
    }
    const effects = await sent(database)
    const errors = (await database.query('select * from sys.errors')).toText()
    return { effects, errors: errors.map((row) => row.join(' ')) }
  } finally {
    await database.close()
  }
}

describe('steps', () => {
  for (const { name, sql, effects } of stepCases) {
    for (const batchRows of [1, 2, 2048]) {
      it(`${name}, in batches of ${String(batchRows)}`, async () => {
        expect(await run(sql, batchRows, false)).toEqual({ effects, errors: [] })
      })
    }
    it(`${name}, one by one`, async () => {
      expect(await run(sql, 2048, true)).toEqual({ effects, errors: [] })
    })
  }
})
