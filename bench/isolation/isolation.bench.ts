// Does a small request wait for a large query? A row by key over HTTP, asked at a steady rate, while the engine
// is idle and while the 22 queries of TPC-H go round in the same process, at one thread and two.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from '#engine/index'
import { withFiles } from '../data/cached.ts'
import { generateTpch } from '../data/tpch.ts'
import { openRowtine } from '../engines.ts'
import { projectRoot, smokeNotes, type BenchOptions, type BenchReport } from '../harness.ts'
import { outputOf } from '../http/processes.ts'
import { loadTpchInto } from '../queries/tpch.bench.ts'
import { tpchNumbers, tpchQuery } from '../queries/tpch.ts'
import type { PacedResult } from './paced-client.ts'

interface Load {
  readonly seconds: number
  readonly rate: number
  readonly connections: number
}

const here = join(projectRoot(), 'bench', 'isolation')
const keys = 10_000

export async function run(options: BenchOptions): Promise<BenchReport> {
  const scale = options.smoke ? 0.01 : Number(process.env['BENCH_SF'] ?? 1)
  const load: Load = options.smoke ? { seconds: 0.5, rate: 200, connections: 4 } : { seconds: 20, rate: 2_000, connections: 32 }
  const make = (folder: string): void => { generateTpch(scale, folder, options.smoke ? 4 << 20 : undefined) }
  const rows = await withFiles(`tpch-${String(scale)}`, options.smoke, make, async (folder) => {
    const measured: Record<string, string | number>[] = []
    for (const threads of [1, 2]) measured.push(...await measure(folder, threads, scale, load))
    return measured
  })
  return {
    title: `Isolation: a row by key over HTTP, ${load.rate.toLocaleString('en')} requests/s, beside TPC-H at scale ${String(scale)}`,
    rows,
    notes: [
      `us: from when a request was due at one client process of ${String(load.connections)} connections to its answer`,
      'the client shares the cores with the server and the queries, and its own waits are in the figures',
      ...smokeNotes(options),
    ],
  }
}

async function measure(folder: string, threads: number, scale: number, load: Load): Promise<BenchReport['rows']> {
  const engine = await openRowtine(threads)
  try {
    await loadTpchInto(engine, folder)
    const url = await listen(engine.database)
    await ask(url, { ...load, seconds: load.seconds / 10 }) // to warm up
    const idle = await ask(url, load)
    const beside = await besideQueries(engine.database, scale, () => ask(url, load))
    return [rowOf('idle', threads, 0, idle), rowOf('TPC-H', threads, beside.queries, beside.result)]
  } finally {
    await engine.close()
  }
}

function rowOf(beside: string, threads: number, queries: number, { p50, p99, p999, max, requests, errors }: PacedResult): BenchReport['rows'][number] {
  return { beside, threads, 'p50 us': p50, 'p99 us': p99, 'p99.9 us': p999, 'max us': max, requests, errors, 'queries ended': queries }
}

function listen(database: Database): Promise<string> {
  return new Promise((resolve, reject) => {
    database.onListening(({ protocol, address, error }) => {
      if (error === undefined) resolve(`${protocol}://${address}`)
      else reject(new Error(`cannot listen: ${error.message}`))
    })
    database.exec(readFileSync(join(here, 'app.sql'), 'utf8'), { name: 'app.sql', declare: true }).catch(reject)
  })
}

async function ask(url: string, { connections, seconds, rate }: Load): Promise<PacedResult> {
  const args = [url, String(connections), String(seconds), String(rate), '/items?id=', String(keys)]
  const output = await outputOf([process.execPath, '--import', 'tsx', join(here, 'paced-client.ts'), ...args])
  const line = /^RESULT (.*)$/m.exec(output)
  if (line?.[1] === undefined) throw new Error(`the client said nothing that can be read:\n${output}`)
  return JSON.parse(line[1]) as PacedResult
}

/** Runs `work` while queries go round, and stops them with it. */
async function besideQueries(database: Database, scale: number, work: () => Promise<PacedResult>): Promise<{ queries: number; result: PacedResult }> {
  const stop = new AbortController()
  let queries = 0
  const round = async (): Promise<void> => {
    for (let turn = 0; !stop.signal.aborted; turn++) {
      await database.query(tpchQuery(tpchNumbers[turn % tpchNumbers.length] ?? 1, scale), [], { signal: stop.signal })
      queries += 1
    }
  }
  const going = round().catch((error: unknown) => {
    if (!stop.signal.aborted) throw error
  })
  try {
    const result = await Promise.race([work(), going.then(() => { throw new Error('the queries ended before the client') })])
    return { queries, result }
  } finally {
    stop.abort()
    await going
  }
}
