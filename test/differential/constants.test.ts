// What the planner computes of constants is what the kernels compute: random dates, intervals and numbers, with
// rules and without them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EngineError, open, type Database } from '#engine/index'
import { Choices } from './random/choices.ts'

let [folding, plain]: Database[] = []

beforeAll(async () => {
  folding = await open({ pin: false })
  plain = await open({ pin: false, optimise: false })
})
afterAll(async () => {
  await folding?.close()
  await plain?.close()
})

async function answer(db: Database | undefined, sql: string): Promise<unknown> {
  try {
    return (await db?.query(sql))?.toText()
  } catch (error) {
    if (error instanceof EngineError) return error.code
    throw error
  }
}

const two = (n: number): string => String(n).padStart(2, '0')
const date = (random: Choices): string => `${String(1890 + random.below(200))}-${two(1 + random.below(12))}-${two(1 + random.below(28))}`
const monthEnd = (random: Choices): string => `${String(1996 + random.below(8))}-${random.of(['01-31', '03-31', '12-31', '08-30'])}`
const time = (random: Choices): string => random.of(['00:00', '12:00', '23:59:59.999999', '00:00:00.000001'])
const interval = (random: Choices): string =>
  `${String(random.below(60) - 30)} months ${String(random.below(800) - 400)} days ${String(random.below(100) - 50)} hours`
const comparison = (random: Choices): string => random.of(['<', '<=', '=', '>=', '>'])
const number = (random: Choices): string => random.of(['2147483647', '-2147483648', '7', '0', '-5', '9223372036854775807', '100000'])
const decimal = (random: Choices): string => `${String(random.below(200) - 100)}.${two(random.below(100))}`
const operator = (random: Choices): string => random.of(['+', '-', '*'])

function statement(random: Choices): string {
  const day = random.once(2) ? date(random) : monthEnd(random)
  switch (random.below(5)) {
    case 0:
      return `select date '${day}' ${random.once(2) ? '+' : '-'} interval '${interval(random)}', date '${day}' - ${String(random.below(9999))}`
    case 1:
      return `select timestamp '${day} ${time(random)}' + interval '${interval(random)}' - interval '${interval(random)}'`
    case 2: {
      const bound = `timestamp '${day} ${time(random)}'`
      const rows = `(values (date '${day}'), (date '${day}' + 1), (date '${day}' - 1), (date '1969-12-31'), (null)) v (d)`
      return random.once(2)
        ? `select d from ${rows} where d ${comparison(random)} ${bound} order by 1`
        : `select d from ${rows} where ${bound} - interval '1 day' ${comparison(random)} d order by 1`
    }
    case 3:
      return `select x from (values (1), (2147483647)) v (x) where x ${comparison(random)} ${number(random)} ${operator(random)} ${number(random)}`
    default:
      return `select ${decimal(random)} ${operator(random)} ${decimal(random)}, ${decimal(random)} - 1.005`
  }
}

describe('constants', () => {
  it('are computed as rows are', async () => {
    const random = Choices.ofSeed(20261123)
    for (let i = 0; i < 300; i++) {
      const sql = statement(random)
      expect(await answer(folding, sql), sql).toEqual(await answer(plain, sql))
    }
  }, 60_000)
})
