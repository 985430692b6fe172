// How fast are the group-bys and joins of H2O.ai's benchmark? Rowtine beside DuckDB: with the answer
// summed up inside the engine (`agg`), and with all of its rows handed out in columns (`result`).
import { join } from 'node:path'
import { withFiles } from '../data/cached.ts'
import { generateH2o, h2oTables } from '../data/h2o.ts'
import { duel, meanNotes, readingNotes, stoppedNotes, type Question } from '../duel.ts'
import type { SqlEngine } from '../engines.ts'
import { peerNotes } from '../peer-engine.ts'
import { smokeNotes, type BenchOptions, type BenchReport } from '../harness.ts'

interface H2oQuery {
  readonly name: string
  readonly sql: string
  /** Expressions over the answer's columns that are summed. */
  readonly sums: readonly string[]
  readonly words?: Question['words']
}

const groupBys: readonly H2oQuery[] = [
  { name: 'group q1', sums: ['v1'], sql: 'select id1, sum(v1) as v1 from g1 group by id1' },
  { name: 'group q2', sums: ['v1'], sql: 'select id1, id2, sum(v1) as v1 from g1 group by id1, id2' },
  { name: 'group q3', sums: ['v1', 'v3'], sql: 'select id3, sum(v1) as v1, avg(v3) as v3 from g1 group by id3' },
  { name: 'group q4', sums: ['v1', 'v2', 'v3'], sql: 'select id4, avg(v1) as v1, avg(v2) as v2, avg(v3) as v3 from g1 group by id4' },
  { name: 'group q5', sums: ['v1', 'v2', 'v3'], sql: 'select id6, sum(v1) as v1, sum(v2) as v2, sum(v3) as v3 from g1 group by id6' },
  {
    name: 'group q6', sums: ['m', 's'],
    sql: 'select id4, id5, percentile_cont(0.5) within group (order by v3) as m, stddev(v3) as s from g1 group by id4, id5',
    words: {
      polars: 'select id4, id5, median(v3) as m, stddev(v3) as s from g1 group by id4, id5',
      chdb: 'select id4, id5, quantileExactInclusive(0.5)(v3) as m, stddevSamp(v3) as s from g1 group by id4, id5',
    },
  },
  { name: 'group q7', sums: ['r'], sql: 'select id3, max(v1) - min(v2) as r from g1 group by id3' },
  {
    name: 'group q8', sums: ['v3'],
    sql: 'select id6, v3 from (select id6, v3, row_number() over (partition by id6 order by v3 desc) as o from g1) t where o <= 2',
  },
  // Of groups without variance DuckDB's corr is NaN, PostgreSQL's and ours null.
  { name: 'group q9', sums: ['case when r2 < 2 then r2 end'], sql: 'select id2, id4, power(corr(v1, v2), 2) as r2 from g1 group by id2, id4' },
  {
    name: 'group q10', sums: ['v3', 'n'],
    sql: 'select id1, id2, id3, id4, id5, id6, sum(v3) as v3, count(*) as n from g1 group by id1, id2, id3, id4, id5, id6',
  },
]

const joins: readonly H2oQuery[] = [
  joined('join q1', 'join small r on x.id1 = r.id1', 'r.id4 as r4'),
  joined('join q2', 'join medium r on x.id2 = r.id2', 'r.id1 as r1, r.id4 as r4, r.id5 as r5'),
  joined('join q3', 'left join medium r on x.id2 = r.id2', 'r.id1 as r1, r.id4 as r4, r.id5 as r5'),
  joined('join q4', 'join medium r on x.id5 = r.id5', 'r.id1 as r1, r.id2 as r2, r.id4 as r4'),
  joined('join q5', 'join big r on x.id3 = r.id3', 'r.id1 as r1, r.id2 as r2, r.id4 as r4, r.id5 as r5, r.id6 as r6'),
]

function joined(name: string, join: string, columns: string): H2oQuery {
  return { name, sums: ['v1', 'v2'], sql: `select x.*, ${columns}, r.v2 from x ${join}` }
}

function questionsOf({ name, sql, sums, words = {} }: H2oQuery): readonly Question[] {
  const agg = (query: string): string =>
    `select count(*) as n, ${sums.map((value, i) => `sum(${value}) as sum_${String(i)}`).join(', ')} from (${query}) answer`
  const aggWords = Object.fromEntries(Object.entries(words).map(([engine, query]) => [engine, agg(query)]))
  return [
    { labels: { query: name, mode: 'agg' }, sql: agg(sql), words: aggWords },
    { labels: { query: name, mode: 'result' }, sql, words, proof: agg },
  ]
}

export async function run(options: BenchOptions): Promise<BenchReport> {
  const count = options.smoke ? 10_000 : Number(process.env['BENCH_ROWS'] ?? 1e7)
  const rounds = options.smoke ? 1 : Number(process.env['BENCH_ROUNDS'] ?? 3)
  const questions = [...groupBys, ...joins].flatMap(questionsOf)
  const make = (folder: string): void => { generateH2o(count, folder) }
  const { rows, notes } = await withFiles(`h2o-${String(count)}`, options.smoke, make, (folder) =>
    duel({ questions, rounds, setUp: (engine) => load(engine, folder) }))
  return {
    title: `H2O.ai db-benchmark, ${count.toLocaleString('en')} rows, ${String(rounds)} rounds`,
    rows,
    notes: [
      ...['agg', 'result'].flatMap((mode) => meanNotes(rows, mode, (row) => row['mode'] === mode)),
      ...readingNotes,
      'agg: the count of the answer’s rows and the sums of its numbers, made inside; result: all rows in columns, in',
      'DuckDB’s own memory (its run() leaves them there), in Rowtine as buffers that JavaScript has already',
      'tables in memory, without keys, loaded by both from the same files; answers compared before anything is timed',
      ...peerNotes(),
      ...stoppedNotes(rows),
      ...notes,
      ...smokeNotes(options),
    ],
  }
}

async function load(engine: SqlEngine, folder: string): Promise<void> {
  for (const [table, columns] of Object.entries(h2oTables)) {
    await engine.exec(`create table ${table} (${Object.entries(columns).map((column) => column.join(' ')).join(', ')})`)
    await engine.load(table, join(folder, `${table}.tbl`))
  }
}
