// How fast are the 22 queries of TPC-H? Rowtine beside DuckDB over the same files, at one thread and two.
import { join } from 'node:path'
import { withFiles } from '../data/cached.ts'
import { generateTpch } from '../data/tpch.ts'
import { tpchDefinitions, tpchTables } from '../data/tpch-schema.ts'
import { duel, meanNotes, readingNotes, stoppedNotes } from '../duel.ts'
import type { SqlEngine } from '../engines.ts'
import { peerNotes } from '../peer-engine.ts'
import { smokeNotes, type BenchOptions, type BenchReport } from '../harness.ts'
import { tpchNumbers, tpchQuery } from './tpch.ts'

/** Bytes of text of a smoke run: other comments than the published ones, made in no time. */
const smokeTextBytes = 4 << 20

export async function run(options: BenchOptions): Promise<BenchReport> {
  const scale = options.smoke ? 0.01 : Number(process.env['BENCH_SF'] ?? 1)
  const rounds = options.smoke ? 1 : Number(process.env['BENCH_ROUNDS'] ?? 3)
  const make = (folder: string): void => { generateTpch(scale, folder, options.smoke ? smokeTextBytes : undefined) }
  const questions = tpchNumbers.map((number) => ({ labels: { query: `Q${String(number)}` }, sql: tpchQuery(number, scale) }))
  const { rows, notes } = await withFiles(`tpch-${String(scale)}`, options.smoke, make, (folder) =>
    duel({ questions, rounds, setUp: (engine) => loadTpchInto(engine, folder) }))
  return {
    title: `TPC-H, scale ${String(scale)}, ${String(rounds)} rounds`,
    rows,
    notes: [
      ...meanNotes(rows, 'ratio'),
      ...readingNotes,
      'tables in memory, without keys, loaded by both from the same files; answers compared before anything is timed',
      ...peerNotes(),
      ...stoppedNotes(rows),
      ...notes,
      ...smokeNotes(options),
    ],
  }
}

export async function loadTpchInto(engine: SqlEngine, folder: string): Promise<void> {
  for (const statement of tpchDefinitions(false).split('\n')) await engine.exec(statement)
  for (const table of Object.keys(tpchTables)) await engine.load(table, join(folder, `${table}.tbl`))
}
