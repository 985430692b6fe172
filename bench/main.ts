// `npm run bench [-- SUITE…] [--smoke]`: runs suites of benchmarks, prints their tables and writes
// bench/results. A smoke run writes nothing.
import { printTable, writeJson, type BenchOptions, type BenchReport } from './harness.ts'

const suites: Readonly<Record<string, () => Promise<{ readonly run: (options: BenchOptions) => Promise<BenchReport> }>>> = {
  http: () => import('./http/http.bench.ts'),
  stores: () => import('./stores/stores.bench.ts'),
  fabric: () => import('./fabric/fabric.bench.ts'),
  joins: () => import('./joins/joins.bench.ts'),
}

const smoke = process.argv.includes('--smoke')
const named = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const unknown = named.filter((name) => !(name in suites))
if (unknown.length > 0) {
  console.error(`no benchmark is called ${unknown.join(', ')}; there are ${Object.keys(suites).join(', ')}`)
  process.exit(1)
}

for (const [name, load] of Object.entries(suites)) {
  if (named.length > 0 && !named.includes(name)) continue
  const { run } = await load()
  const report = await run({ smoke })
  printTable(report)
  if (!smoke) console.log(`written: ${writeJson(name, report, `npm run bench -- ${name}`)}`)
}
