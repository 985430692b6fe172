// `npm run bench [-- SUITE…] [--smoke]`: runs suites of benchmarks, prints their tables, writes bench/results
// and draws the chart of them anew. A smoke run writes nothing.
import { drawChart } from './chart.ts'
import { commandOf, printTable, writeJson, type BenchOptions, type BenchReport } from './harness.ts'

const suites: Readonly<Record<string, () => Promise<{ readonly run: (options: BenchOptions) => Promise<BenchReport> }>>> = {
  http: () => import('./http/http.bench.ts'),
  stores: () => import('./stores/stores.bench.ts'),
  fabric: () => import('./fabric/fabric.bench.ts'),
  joins: () => import('./joins/joins.bench.ts'),
  tpch: () => import('./queries/tpch.bench.ts'),
  h2o: () => import('./queries/h2o.bench.ts'),
  scans: () => import('./queries/scans.bench.ts'),
  results: () => import('./queries/results.bench.ts'),
  isolation: () => import('./isolation/isolation.bench.ts'),
}

/** The suites that `queries` stands for, unless some of them are named. */
const queries = ['tpch', 'h2o', 'scans', 'results']

const smoke = process.argv.includes('--smoke')
const named = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const known = [...Object.keys(suites), 'queries', 'chart']
const unknown = named.filter((name) => !known.includes(name))
if (unknown.length > 0) {
  console.error(`no benchmark is called ${unknown.join(', ')}; there are ${known.join(', ')}`)
  process.exit(1)
}
if (named.includes('queries') && !queries.some((name) => named.includes(name))) named.push(...queries)

for (const [name, load] of Object.entries(suites)) {
  if (named.length > 0 && !named.includes(name)) continue
  const { run } = await load()
  const report = await run({ smoke })
  printTable(report)
  if (!smoke) console.log(`written: ${writeJson(name, report, commandOf(name))}`)
}
if (!smoke) console.log(`drawn: ${drawChart()}`)
