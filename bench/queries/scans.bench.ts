// How fast are scans and sorts? A sum, a sum of the half that a filter keeps, a hundred groups, and rows
// sorted into a table; Rowtine beside DuckDB, at one thread and two.
import { duel, readingNotes, stoppedNotes, type Question } from '../duel.ts'
import type { SqlEngine } from '../engines.ts'
import { peerNotes } from '../peer-engine.ts'
import { smokeNotes, type BenchOptions, type BenchReport } from '../harness.ts'

/** Numbers below a million that look random, from the number g of a row. */
const random = '((g * g + 12345 * g) % 2147483629 % 1000000)'

const questions: readonly Question[] = [
  { labels: { query: 'sum(x), bigint' }, sql: 'select sum(x) as s from numbers' },
  { labels: { query: 'sum(x) where y < c, bigint' }, sql: 'select sum(x) as s from numbers where y < 500000' },
  { labels: { query: 'sum(x), double' }, sql: 'select sum(xd) as s from numbers' },
  { labels: { query: 'sum(x) where y < c, double' }, sql: 'select sum(xd) as s from numbers where yd < 500000' },
  { labels: { query: 'group by, 100 groups' }, sql: 'select y % 100 as k, count(*) as n, sum(x) as s from numbers group by y % 100', unordered: true },
  {
    labels: { query: 'group by a column, 100 groups' }, unordered: true,
    sql: 'select k, count(*) as n, sum(x) as s from numbers group by k',
  },
  {
    labels: { query: 'sort by a bigint into a table' }, sql: 'create table sorted as select y, x from shuffled order by y, x',
    proof: () => 'select y, x, (select sum(x) from sorted) as total from sorted limit 100', undo: 'drop table sorted',
  },
]

export async function run(options: BenchOptions): Promise<BenchReport> {
  const count = options.smoke ? 10_000 : Number(process.env['BENCH_ROWS'] ?? 1e8)
  const rounds = options.smoke ? 1 : Number(process.env['BENCH_ROUNDS'] ?? 3)
  const sorted = Math.min(count, 1e7)
  const { rows, notes } = await duel({ questions, rounds, setUp: (engine) => fill(engine, count, sorted) })
  return {
    title: `Scans over ${count.toLocaleString('en')} rows, sorts of ${sorted.toLocaleString('en')}, ${String(rounds)} rounds`,
    rows,
    notes: [
      ...readingNotes,
      'tables in memory; filters keep half of the rows; answers compared before anything is timed',
      ...peerNotes(),
      ...stoppedNotes(rows),
      ...notes,
      ...smokeNotes(options),
    ],
  }
}

/** Rows of one insert: what it stages stays small beside the table. */
const insertRowsMax = 1e7

async function fill(engine: SqlEngine, count: number, sorted: number): Promise<void> {
  await engine.exec('create table numbers (x bigint, y bigint, xd double precision, yd double precision, k integer)')
  await insert(engine, 'numbers', count, `g, ${random}, (g % 1000003)::double precision, (${random})::double precision, (${random} % 100)::integer`)
  await engine.exec('create table shuffled (x bigint, y bigint)')
  await insert(engine, 'shuffled', sorted, `g, ${random}`)
}

async function insert(engine: SqlEngine, table: string, count: number, cells: string): Promise<void> {
  for (let first = 0; first < count; first += insertRowsMax) {
    const last = Math.min(count, first + insertRowsMax) - 1
    await engine.exec(`insert into ${table} select ${cells} from (select g::bigint as g from generate_series(${String(first)}, ${String(last)}) t(g)) t`)
  }
}
