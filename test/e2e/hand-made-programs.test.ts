// Programs that no planner made: the native verifier refuses what is wrong, with RD001, and whatever it
// lets through runs to an end. Nothing can bring the process down.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeProgram, planQuery } from '#planner/index'
import { parseProgram } from '#sql/parser/index'
import { bindStatement } from '#sql/binder/index'
import { loadAddon, type NativeError } from '#native/binding'
import { Catalog } from '#engine/catalog'
import { nativeRelation } from '#engine/relations/native-relation'

const addon = loadAddon()
const catalog = new Catalog()
const done = new Map<number, (error: NativeError | undefined) => void>()
let engine: number
let nextStatement = 1

beforeAll(() => {
  const options = {
    workers: 1, threads: 1, parallelRows: 0, reactor: 'uv', topology: 'shared', batchRows: 2048, memoryLimitBytes: 64 * 1024 ** 2, durable: false, pin: false, transactionTimeoutMs: 5_000,
  } as const
  engine = addon.createEngine(options, () => {
    for (const event of addon.drain(engine)) if (event.kind === 'done') done.get(event.statement)?.(event.error)
  })
  addon.createRelations(engine, catalog.relations().map((schema) => nativeRelation(schema, catalog.builtIn(schema.id), undefined)))
})
afterAll(() => { addon.destroy(engine) })

function encoded(sql: string): { words: Int32Array; bytes: Uint8Array } {
  const [statement] = parseProgram(sql, { terminated: false })
  if (statement === undefined) throw new Error('no statement')
  const bound = bindStatement(statement, catalog, { text: sql })
  if (bound.kind !== 'query') throw new Error('no query')
  return encodeProgram(planQuery(bound, catalog))
}

/** Why it was refused; undefined when it was let through and has ended, with or without an error. */
async function refusal(words: Int32Array, bytes: Uint8Array): Promise<NativeError | undefined> {
  const statement = nextStatement++
  const ended = new Promise<NativeError | undefined>((resolve) => done.set(statement, resolve))
  try {
    const handle = addon.prepare(engine, words, bytes)
    addon.run(engine, statement, handle, new Int32Array(), new Uint8Array(), 0)
    addon.release(engine, handle)
  } catch (error) {
    done.delete(statement)
    return error as NativeError
  }
  addon.cancel(engine, statement) // a changed number may ask for more rows than anybody has time for
  await ended
  done.delete(statement)
  return undefined
}

const query = `select g + 1 as a, 'x' || g as b, count(*) as n from generate_series(1, 100) as t(g) where g > 3 group by g order by a limit 5`

describe('hand-made programs', () => {
  it('runs what the planner made', async () => {
    const { words, bytes } = encoded(query)
    expect(await refusal(words, bytes)).toBeUndefined()
  })

  it.each([
    ['nothing', new Int32Array()],
    ['one word', new Int32Array([1])],
    ['zeros', new Int32Array(1000)],
    ['ones in every bit', new Int32Array(1000).fill(-1)],
  ])('refuses %s', async (_, words) => {
    expect((await refusal(words, new Uint8Array()))?.state).toBe('RD001')
  })

  it('refuses every program that ends too early', async () => {
    const { words, bytes } = encoded(query)
    for (let length = 0; length < words.length; ++length) {
      expect((await refusal(words.slice(0, length), bytes))?.state).toBe('RD001')
    }
  })

  it('refuses a program whose constants are missing', async () => {
    expect((await refusal(encoded(query).words, new Uint8Array()))?.state).toBe('RD001')
  })

  it('refuses or survives every program with one wrong number', async () => {
    const { words, bytes } = encoded(query)
    let refused = 0
    for (let position = 0; position < words.length; ++position) {
      for (const wrong of [-1, 0x7fff_ffff, -0x8000_0000, 4096, (words[position] ?? 0) + 1]) {
        const changed = words.slice()
        changed[position] = wrong
        const error = await refusal(changed, bytes)
        if (error === undefined) continue
        expect(error.state).toBe('RD001')
        ++refused
      }
    }
    expect(refused).toBeGreaterThan(words.length)
    expect(await refusal(words, bytes)).toBeUndefined()
  })
})
