// How fast is a hash join? `select count(*), sum(b.v) from probe p join build b on p.k = b.k` over
// uniform integer keys, and over what makes joins hard: nulls, misses, duplicates, skew, strings, two
// columns. Rowtine beside DuckDB, one and two threads, interleaved, answers compared.
import { median, smokeNotes, type BenchOptions, type BenchReport } from '../harness.ts'
import { openDuckDb, openRowtine, type DuckDbEngine, type SqlEngine } from '../engines.ts'
import { objectionOf, peerCells, peerNotes, startPeers, type PeerEngine } from '../peer-engine.ts'
import type { Cells } from '../queries/tpch.ts'

interface Workload {
  readonly name: string
  readonly buildRows: number
  readonly setUp: readonly string[]
  readonly query: string
}

interface Sizes {
  readonly rounds: number
  readonly probeRows: number
  readonly small: number
  readonly large: number
}

export async function run(options: BenchOptions): Promise<BenchReport> {
  const sizes = sizesOf(options)
  const rows: Record<string, string | number>[] = []
  const objections: string[] = []
  for (const workload of workloads(sizes)) rows.push(...await measure(workload, sizes.rounds, objections))
  return {
    title: `Joins: ${sizes.probeRows.toLocaleString('en')} probe rows, ${String(sizes.rounds)} rounds`,
    rows,
    notes: [
      'ms: median; ratio: DuckDB’s median by Rowtine’s at the same number of threads, above 1 Rowtine is faster',
      'tables in memory and warm; in Rowtine unlogged and without a key, so that both engines have to build their hash table',
      ...peerNotes(),
      ...objections,
      ...smokeNotes(options),
    ],
  }
}

function sizesOf({ smoke }: BenchOptions): Sizes {
  if (smoke) return { rounds: 1, probeRows: 20_000, small: 1_000, large: 5_000 }
  const probeRows = Number(process.env['BENCH_ROWS'] ?? 1e8)
  return { rounds: Number(process.env['BENCH_ROUNDS'] ?? 5), probeRows, small: 1e6, large: 1e7 }
}

/** A number below `bound` that looks random, from the number g of a row. */
const random = (bound: number) => `((g::bigint * g + 12345::bigint * g) % 2147483629 % ${String(bound)})`
/** Spreads dense numbers over the positive integers, one to one. */
const sparse = (number: string) => `((${number} + 1) * 1000003)`

/** A table of two columns or three, filled from a series: `columns` as `name type`, `cells` in their order. */
function table(name: string, rows: number, columns: string, cells: string): string[] {
  return [
    `create table ${name} (${columns})`,
    `insert into ${name} select ${cells} from generate_series(0, ${String(rows - 1)}) t(g)`,
  ]
}

const build = (rows: number, key: string, type = 'bigint') => table('build', rows, `k ${type}, v bigint`, `${key}, g`)
const probe = (rows: number, key: string, type = 'bigint') => table('probe', rows, `k ${type}`, key)

const sum = 'select count(*) as n, sum(b.v) as s from probe p join build b on p.k = b.k'

function workloads({ probeRows, small, large }: Sizes): readonly Workload[] {
  const integers = (name: string, rows: number, buildKey: string, probeKey: string, probes = probeRows): Workload => ({
    name, buildRows: rows, query: sum, setUp: [...build(rows, buildKey), ...probe(probes, probeKey)],
  })
  const orNull = (key: string) => `case when g % 20 = 0 then null else ${key} end`
  return [
    integers('sparse', small, sparse('g::bigint'), sparse(random(small))),
    integers('sparse', large, sparse('g::bigint'), sparse(random(large))),
    integers('dense', small, 'g', random(small)),
    integers('dense', large, 'g', random(large)),
    integers('5 % nulls', small, orNull(sparse('g::bigint')), orNull(sparse(random(small)))),
    integers('1 % match', small, sparse('g::bigint'), sparse(random(small * 100))),
    integers('100 duplicates', small, sparse('(g::bigint - g % 100)'), sparse(`${random(small / 100)} * 100`), Math.ceil(probeRows / 100)),
    integers('half one key', small, sparse('g::bigint'), sparse(`case when g % 2 = 0 then 7 else ${random(small)} end`)),
    {
      name: 'strings', buildRows: small, query: sum,
      setUp: [
        ...build(small, `'customer-' || g`, 'text'),
        ...probe(Math.ceil(probeRows / 10), `'customer-' || ${random(small)}`, 'text'),
      ],
    },
    {
      name: 'two columns', buildRows: small,
      query: 'select count(*) as n, sum(b.v) as s from probe p join build b on p.k = b.k and p.l = b.l',
      setUp: [
        ...table('build', small, 'k bigint, l bigint, v bigint', 'g - g % 1000, g % 1000, g'),
        ...table('probe', probeRows, 'k bigint, l bigint', `${random(small)} - ${random(small)} % 1000, ${random(small)} % 1000`),
      ],
    },
  ]
}

interface Engines {
  readonly threads: number
  readonly rowtine: SqlEngine
  readonly duckdb: DuckDbEngine
  readonly peers: readonly PeerEngine[]
}

/** All engines answer in turns, at one thread and at two. */
async function measure(workload: Workload, rounds: number, notes: string[]): Promise<Record<string, string | number>[]> {
  const all: Engines[] = []
  try {
    for (const threads of [1, 2]) all.push(await setUp(workload, threads))
    const answer = await mustAgree(all, workload)
    const times = new Map<SqlEngine | PeerEngine, number[]>(all.flatMap(({ rowtine, duckdb }) => [[rowtine, []], [duckdb, []]]))
    for (const peer of all.flatMap(({ peers }) => peers)) {
      const objection = await objectionOf(peer, workload.query, answer)
      if (objection === undefined) times.set(peer, [])
      else notes.push(`${workload.name}: ${objection}`)
    }
    for (let round = 0; round < rounds; round++) {
      for (const [engine, sample] of times) sample.push((await engine.time(workload.query))?.ms ?? NaN)
    }
    return all.map((engines) => rowOf(workload, engines, times))
  } finally {
    for (const { rowtine, duckdb, peers } of all) {
      await rowtine.close()
      await duckdb.close()
      for (const peer of peers) peer.close()
    }
  }
}

async function setUp(workload: Workload, threads: number): Promise<Engines> {
  const [rowtine, duckdb] = [await openRowtine(threads), await openDuckDb(threads)]
  for (const statement of workload.setUp) {
    await rowtine.exec(statement)
    await duckdb.exec(statement)
  }
  return { threads, rowtine, duckdb, peers: await startPeers(threads, duckdb) }
}

function rowOf(
  { name, buildRows }: Workload, { threads, rowtine, duckdb, peers }: Engines, times: ReadonlyMap<SqlEngine | PeerEngine, readonly number[]>,
): Record<string, string | number> {
  const [ours, theirs] = [median(times.get(rowtine) ?? []), median(times.get(duckdb) ?? [])]
  const row = { join: name, build: buildRows, threads, 'rowtine ms': ours, 'duckdb ms': theirs, ratio: theirs / ours }
  return { ...row, ...peerCells(times, peers) }
}

/** Returns: the answer of all. */
async function mustAgree(all: readonly Engines[], workload: Workload): Promise<Cells> {
  const answers: Cells[] = []
  for (const engine of all.flatMap(({ rowtine, duckdb }) => [rowtine, duckdb])) answers.push(await engine.cells(workload.query))
  const [first = []] = answers
  const other = answers.find((answer) => answer.join('\n') !== first.join('\n'))
  if (other !== undefined) throw new Error(`${workload.name}: answers are ${first.join(' | ')} and ${other.join(' | ')}`)
  return first
}
