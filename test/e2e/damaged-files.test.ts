// CSV, Arrow and Parquet files that are cut off, have wrong bytes or lost a piece: an answer or an error that
// names what is wrong with the file, in bounded time and memory, and the process lives on.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { EngineError, open, type Database } from '#engine/index'
import { Choices } from '../differential/random/choices.ts'

const folder = mkdtempSync(join(tmpdir(), 'rowtine-damaged-'))
const at = (name: string): string => join(folder, name)
const damages = 150
let db: Database

beforeAll(async () => {
  db = await open({ workers: 1, threads: 2, pin: false, memoryLimitBytes: 256 << 20 })
  await db.exec(`create table t (i integer, b bigint, d double precision, t text, day date, ts timestamp, ok boolean, n numeric(10,2));
    insert into t select i, i * 1000, i * 0.5, repeat('x', i % 30), date '2020-01-01' + i, timestamp '2020-01-01' + interval '1 hour' * i, i % 2 = 0, i * 1.25
    from generate_series(1, 300) as s(i);
    copy t to '${at('whole.csv')}' (header); copy t to '${at('whole.arrow')}'`)
  const connection = await (await DuckDBInstance.create()).connect()
  await connection.run(`copy (select * from '${at('whole.csv')}') to '${at('whole.parquet')}' (format parquet)`)
  connection.closeSync()
})
afterAll(async () => {
  await db.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Some of: cut off, bytes changed, a piece left out. */
function damaged(whole: Buffer, choices: Choices): Buffer {
  let bytes = Buffer.from(whole)
  if (choices.once(3)) bytes = bytes.subarray(0, choices.below(bytes.length))
  for (let i = choices.below(12); i >= 0 && bytes.length > 0; i--) {
    bytes[choices.below(bytes.length)] = choices.once(2) ? choices.below(256) : choices.of([0, 255, 127, 128, 10, 34])
  }
  if (!choices.once(5)) return bytes
  return Buffer.concat([bytes.subarray(0, choices.below(bytes.length + 1)), bytes.subarray(choices.below(bytes.length + 1))])
}

async function outcome(path: string): Promise<string> {
  try {
    (await db.query(`select * from '${path}'`, [], { signal: AbortSignal.timeout(20_000) })).toText()
    return 'answered'
  } catch (error) {
    return error instanceof EngineError ? error.code : String(error)
  }
}

it.each(['csv', 'arrow', 'parquet'])('%s', async (format) => {
  const whole = readFileSync(at(`whole.${format}`))
  expect(await outcome(at(`whole.${format}`))).toBe('answered')
  const met = new Map<string, number>()
  for (let seed = 0; seed < damages; seed++) {
    writeFileSync(at(`damaged.${format}`), damaged(whole, Choices.ofSeed(seed)))
    const code = await outcome(at(`damaged.${format}`))
    met.set(code, (met.get(code) ?? 0) + 1)
    expect(['answered', '22P04', '22021', '22P02', '22007', '22008', '0A000', '53200'], `seed ${String(seed)}`).toContain(code)
  }
  expect(met.get('22P04') ?? 0).toBeGreaterThan(damages / 2)
  expect((await db.query('select count(*) from t')).toText()).toEqual([['300']])
}, 120_000)
