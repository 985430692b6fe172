// How fast is a hash join? `select count(*), sum(b.v) from probe p join build b on p.k = b.k` over
// uniform integer keys, and over what makes joins hard: nulls, misses, duplicates, skew, strings, two
// columns. Rowtine beside DuckDB, one and two threads, interleaved, answers compared.
import { median, smokeNotes, type BenchOptions, type BenchReport } from '../harness.ts'
import { openDuckDb, openRowtine, type SqlEngine } from '../engines.ts'

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
  for (const workload of workloads(sizes)) rows.push(...await measure(workload, sizes.rounds))
  return {
    title: `Joins: ${sizes.probeRows.toLocaleString('en')} probe rows, ${String(sizes.rounds)} rounds`,
    rows,
    notes: [
      'ms: median; ratio: DuckDB’s median by Rowtine’s at the same number of threads, above 1 Rowtine is faster',
      'tables in memory and warm; in Rowtine unlogged and without a key, so that both engines have to build their hash table',
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

async function measure(workload: Workload, rounds: number): Promise<Record<string, string | number>[]> {
  const results: Record<string, string | number>[] = []
  const engines = await Promise.all([openRowtine(1), openRowtine(2), openDuckDb(1), openDuckDb(2)])
  try {
    for (const engine of engines) for (const statement of workload.setUp) await engine.exec(statement)
    await mustAgree(engines, workload)
    const times = new Map(engines.map((engine) => [engine, new Array<number>()]))
    for (let round = 0; round < rounds; round++) {
      for (const [engine, sample] of times) sample.push((await engine.time(workload.query))?.ms ?? NaN)
    }
    const ms = (name: string, threads: number): number =>
      median([...times].find(([engine]) => engine.name === name && engine.threads === threads)?.[1] ?? [])
    for (const threads of [1, 2]) {
      const rowtine = ms('rowtine', threads)
      const duckdb = ms('duckdb', threads)
      results.push({ join: workload.name, build: workload.buildRows, threads, 'rowtine ms': rowtine, 'duckdb ms': duckdb, ratio: duckdb / rowtine })
    }
  } finally {
    for (const engine of engines) await engine.close()
  }
  return results
}

async function mustAgree(engines: readonly SqlEngine[], workload: Workload): Promise<void> {
  const answers = await Promise.all(engines.map(async (engine) => (await engine.cells(workload.query)).join('\n')))
  const different = answers.findIndex((answer) => answer !== answers[0])
  if (different >= 0) {
    throw new Error(`${workload.name}: ${engines[different]?.name ?? ''} answers ${answers[different] ?? ''}, ${engines[0]?.name ?? ''} ${answers[0] ?? ''}`)
  }
}
