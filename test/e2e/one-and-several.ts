// Two databases with the same rows, one that reads on one thread and one on several, for what must not differ.
import { afterAll, beforeAll, describe } from 'vitest'
import { open, type Database } from '#engine/index'

/** Rows of the tables that the tests fill: many batches, and enough for every thread. */
export const rows = 10_000

const alone = { threads: 1, parallelRows: 1e12 }
const together = [{ threads: 2, parallelRows: 0 }, { threads: 4, parallelRows: 0, batchRows: 7 }, { threads: 4, parallelRows: 0 }]

/** Runs `tests` for each number of threads, over databases that `schema` has filled. */
export function describeSeveral(schema: string, tests: (one: () => Database, several: () => Database) => void): void {
  describe.each(together)('$threads threads, batches of $batchRows', (options) => {
    let one: Database
    let several: Database
    beforeAll(async () => {
      one = await filled(schema, alone)
      several = await filled(schema, options)
    })
    afterAll(async () => {
      await one.close()
      await several.close()
    })
    tests(() => one, () => several)
  })
}

async function filled(schema: string, options: object): Promise<Database> {
  const db = await open({ workers: 1, ...options })
  await db.exec(schema)
  return db
}
