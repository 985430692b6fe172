// What does durability cost, and how fast are tables back after a restart? Rowtine with and without
// its SQLite store, beside better-sqlite3 used directly with the same settings.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { open } from '#engine/index'
import { median, type BenchOptions, type BenchReport } from '../harness.ts'

const title = 'Stores: what does a durable row cost?'

interface Sizes {
  readonly rounds: number
  /** Single inserts; those that a sync each would take too long are a tenth of it. */
  readonly inserts: number
  /** Inserts that wait for their commit together. */
  readonly together: number
  /** Rows of one statement, and rows found at start-up. */
  readonly rows: number
}

/** One way of doing the work. Returns: how long it took, of which set-up and check are no part. */
interface Candidate {
  readonly work: string
  readonly name: string
  readonly count: number
  run(folder: string): Promise<number>
}

type Database = Awaited<ReturnType<typeof open>>

const table = 'create table notes (id bigint primary key, body text not null)'
const bodyOf = (id: number) => `a note of the usual length, number ${String(id)}`

export async function run(options: BenchOptions): Promise<BenchReport> {
  const sizes = options.smoke
    ? { rounds: 1, inserts: 200, together: 16, rows: 2_000 }
    : { rounds: 5, inserts: 2_000, together: 256, rows: 100_000 }
  const samples = new Map(candidates(sizes).map((candidate) => [candidate, new Array<number>()]))
  for (let round = 0; round < sizes.rounds; round += 1) {
    for (const [candidate, rates] of samples) rates.push(candidate.count / (await seconds(candidate)))
  }
  const rows = [...samples].map(([{ work, name }, rates]) => ({
    work, store: name, 'rows/s': Math.round(median(rates)),
    'slowest round': Math.round(Math.min(...rates)),
    ratio: median(rates) / firstOf(work, samples),
  }))
  return { title, rows, notes: explanations(sizes, options) }
}

function explanations(sizes: Sizes, options: BenchOptions): string[] {
  return [
    `single inserts: ${String(sizes.together)} callers, each waits until its row is durable; ratio: to the first line of the same work`,
    'better-sqlite3: WAL, synchronous = FULL, prepared statements; group: one transaction for all who wait',
    'start-up: until every row is in columns with its key index (Rowtine), in objects (better-sqlite3)',
    'row counts are checked after each round',
    ...(options.smoke ? ['smoke run: too short to say how fast anything is'] : []),
  ]
}

function firstOf(work: string, samples: ReadonlyMap<Candidate, readonly number[]>): number {
  const first = [...samples].find(([candidate]) => candidate.work === work)
  return first === undefined ? NaN : median(first[1])
}

async function seconds(candidate: Candidate): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'rowtine-bench-'))
  try {
    return (await candidate.run(folder)) / 1_000
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function candidates(sizes: Sizes): readonly Candidate[] {
  const single = 'single inserts'
  const one = 'one statement'
  const start = 'start-up'
  return [
    { work: single, name: 'rowtine, sqlite', count: sizes.inserts, run: (folder) => singleInserts(sizes, folder) },
    { work: single, name: 'rowtine, memory', count: sizes.inserts, run: () => singleInserts(sizes) },
    {
      work: single, name: 'better-sqlite3, commit each', count: sizes.inserts / 10,
      run: (folder) => sqliteInserts(folder, sizes.inserts / 10, 1),
    },
    {
      work: single, name: 'better-sqlite3, group', count: sizes.inserts,
      run: (folder) => sqliteInserts(folder, sizes.inserts, sizes.together),
    },
    { work: one, name: 'rowtine, sqlite', count: sizes.rows, run: (folder) => oneStatement(sizes, folder) },
    { work: one, name: 'rowtine, memory', count: sizes.rows, run: () => oneStatement(sizes) },
    { work: one, name: 'better-sqlite3', count: sizes.rows, run: (folder) => sqliteInserts(folder, sizes.rows, sizes.rows) },
    { work: start, name: 'rowtine, sqlite', count: sizes.rows, run: (folder) => startUp(sizes, folder) },
    { work: start, name: 'better-sqlite3', count: sizes.rows, run: (folder) => sqliteStartUp(sizes, folder) },
  ]
}

/** Times the work alone. */
async function timed(work: () => unknown): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

async function withNotes<T>(folder: string | undefined, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await open(folder === undefined ? {} : { data: folder })
  try {
    await database.exec(table)
    return await work(database)
  } finally {
    await database.close()
  }
}

async function expectRows(database: Database, count: number): Promise<void> {
  const [row] = (await database.query('select count(*) as n from notes')).toArray()
  if (Number(row?.['n']) !== count) throw new Error(`${String(row?.['n'])} rows, not ${String(count)}`)
}

function singleInserts(sizes: Sizes, folder?: string): Promise<number> {
  return withNotes(folder, async (database) => {
    let next = 0
    const caller = async () => {
      while (next < sizes.inserts) {
        const id = next++
        await database.query('insert into notes (id, body) values ($1, $2)', [id, bodyOf(id)])
      }
    }
    const spent = await timed(() => Promise.all(Array.from({ length: sizes.together }, caller)))
    await expectRows(database, sizes.inserts)
    return spent
  })
}

const manyRows = `insert into notes (id, body)
  select n, 'a note of the usual length, number ' || n from generate_series(1, $1) numbers(n)`

function oneStatement(sizes: Sizes, folder?: string): Promise<number> {
  return withNotes(folder, async (database) => {
    const spent = await timed(() => database.query(manyRows, [sizes.rows]))
    await expectRows(database, sizes.rows)
    return spent
  })
}

async function startUp(sizes: Sizes, folder: string): Promise<number> {
  await oneStatement(sizes, folder)
  let database: Database | undefined
  try {
    const spent = await timed(async () => { database = await open({ data: folder }) })
    if (database !== undefined) await expectRows(database, sizes.rows)
    return spent
  } finally {
    await database?.close()
  }
}

function openSqlite(folder: string): Sqlite.Database {
  const database = new Sqlite(join(folder, 'direct.db'))
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  return database
}

async function sqliteInserts(folder: string, count: number, together: number): Promise<number> {
  const database = openSqlite(folder)
  try {
    database.exec('create table notes (id integer primary key, body text not null)')
    const insert = database.prepare('insert into notes values (?, ?)')
    const commit = database.transaction((first: number, end: number) => {
      for (let id = first; id < end; id += 1) insert.run(id, bodyOf(id))
    })
    const spent = await timed(() => {
      for (let first = 0; first < count; first += together) commit(first, Math.min(count, first + together))
    })
    const found = database.prepare('select count(*) from notes').pluck().get()
    if (found !== count) throw new Error(`${String(found)} rows, not ${String(count)}`)
    return spent
  } finally {
    database.close()
  }
}

async function sqliteStartUp(sizes: Sizes, folder: string): Promise<number> {
  await sqliteInserts(folder, sizes.rows, sizes.rows)
  let database: Sqlite.Database | undefined
  try {
    let found = 0
    const spent = await timed(() => {
      database = openSqlite(folder)
      found = database.prepare('select id, body from notes').all().length
    })
    if (found !== sizes.rows) throw new Error(`${String(found)} rows, not ${String(sizes.rows)}`)
    return spent
  } finally {
    database?.close()
  }
}
