// What does an answer cost in JavaScript? Many rows as typed arrays, beside DuckDB's own package for Node,
// and one row by its key from a prepared statement, beside DuckDB and better-sqlite3.
import Sqlite from 'better-sqlite3'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Database } from '#engine/index'
import { openDuckDb, openRowtine } from '../engines.ts'
import { median, smokeNotes, type BenchOptions, type BenchReport } from '../harness.ts'

interface Candidate {
  readonly name: string
  /** Does the work once. Returns: a number that all candidates of the work must agree on. */
  readonly run: () => Promise<number>
}

interface Work {
  readonly name: string
  readonly unit: 'ms' | 'us per look-up'
  /** What a time in milliseconds is divided by. */
  readonly parts: number
  readonly candidates: readonly Candidate[]
}

const threads = 2

export async function run(options: BenchOptions): Promise<BenchReport> {
  const count = options.smoke ? 10_000 : Number(process.env['BENCH_ROWS'] ?? 1e7)
  const rounds = options.smoke ? 1 : Number(process.env['BENCH_ROUNDS'] ?? 5)
  const lookUps = options.smoke ? 200 : 5_000
  const items = Math.min(count, 1e6)
  const [rowtine, duckdb, sqlite] = [await openRowtine(threads), await openDuckDb(threads), new Sqlite(':memory:')]
  try {
    for (const engine of [rowtine, duckdb]) {
      await engine.exec('create table points (a bigint, b double precision, c integer)')
      await engine.exec(`insert into points select g::bigint, g::double precision / 4, g::integer from generate_series(0, ${String(count - 1)}) t(g)`)
      await engine.exec('create table items (id bigint primary key, name text, price double precision)')
      await engine.exec(`insert into items select g::bigint, 'item ' || g, g::double precision / 8 from generate_series(0, ${String(items - 1)}) t(g)`)
    }
    fillSqlite(sqlite, items)
    const rows = []
    for (const work of [chunksWork(count, rowtine.database, duckdb.connection), columnsWork(count, rowtine.database, duckdb.connection), await lookUpWork(items, lookUps, rowtine.database, duckdb.connection, sqlite)]) {
      rows.push(...await measure(work, rounds))
    }
    return { title: 'Results: what does an answer cost in JavaScript?', rows, notes: [...explanations(items, lookUps), ...smokeNotes(options)] }
  } finally {
    await rowtine.close()
    await duckdb.close()
    sqlite.close()
  }
}

function explanations(items: number, lookUps: number): string[] {
  return [
    'ratio: the median of the candidate by that of Rowtine, above 1 Rowtine is faster; candidates in turns, sums compared',
    'typed arrays: bigint, double and integer, as the chunks of both, and put together to one array a column',
    `look-ups: ${lookUps.toLocaleString('en')} one after the other among ${items.toLocaleString('en')} rows, each read into a JavaScript object; getSync() and better-sqlite3 answer before they return, the others by a promise`,
  ]
}

async function measure({ name, unit, parts, candidates }: Work, rounds: number): Promise<BenchReport['rows']> {
  const samples = new Map(candidates.map((candidate) => [candidate, new Array<number>()]))
  const sums = new Set<number>()
  for (let round = 0; round <= rounds; round++) {
    for (const [candidate, times] of samples) {
      const start = performance.now()
      sums.add(await candidate.run())
      if (round > 0) times.push((performance.now() - start) / parts) // the first is to warm up
    }
  }
  if (sums.size !== 1 || sums.has(NaN)) throw new Error(`${name}: the answers differ: ${[...sums].join(', ')}`)
  const ours = median([...samples.values()][0] ?? [])
  return [...samples].map(([candidate, times]) => ({ work: name, candidate: candidate.name, unit, time: median(times), ratio: median(times) / ours }))
}

const allPoints = 'select a, b, c from points'

/** The last row says that all arrays are there; adding them up would cost more than making them. */
function sumOfLast(count: number, a: BigInt64Array, b: Float64Array, c: Int32Array): number {
  return Number(a[count - 1]) + (b[count - 1] ?? NaN) + (c[count - 1] ?? NaN)
}

function chunksWork(count: number, database: Database, connection: DuckDBConnection): Work {
  return {
    name: `${count.toLocaleString('en')} rows x 3 columns as typed arrays in chunks`, unit: 'ms', parts: 1,
    candidates: [
      { name: 'rowtine', run: () => rowtineChunks(database) },
      { name: 'duckdb', run: () => duckdbChunks(connection) },
    ],
  }
}

function columnsWork(count: number, database: Database, connection: DuckDBConnection): Work {
  return {
    name: `${count.toLocaleString('en')} rows x 3 columns as typed arrays`, unit: 'ms', parts: 1,
    candidates: [
      { name: 'rowtine', run: () => rowtineColumns(count, database) },
      { name: 'duckdb', run: () => duckdbColumns(count, connection) },
    ],
  }
}

async function rowtineColumns(count: number, database: Database): Promise<number> {
  const [a, b, c] = [new BigInt64Array(count), new Float64Array(count), new Int32Array(count)]
  const result = await database.query(allPoints)
  for (const [name, whole] of [['a', a], ['b', b], ['c', c]] as const) {
    const bytes = new Uint8Array(whole.buffer)
    let end = 0
    for (const { buffer, byteOffset, byteLength } of result.columnArrays(name)) {
      bytes.set(new Uint8Array(buffer, byteOffset, byteLength), end)
      end += byteLength
    }
  }
  return sumOfLast(count, a, b, c)
}

/** As typed arrays in chunks, as the engine has them. */
async function rowtineChunks(database: Database): Promise<number> {
  const result = await database.query(allPoints)
  return ['a', 'b', 'c'].reduce((sum, name) => sum + Number(result.columnArrays(name).at(-1)?.at(-1)), 0)
}

async function duckdbChunks(connection: DuckDBConnection): Promise<number> {
  const chunks = await (await connection.run(allPoints)).fetchAllChunks()
  const last = chunks.findLast(({ rowCount }) => rowCount > 0)
  const valueOf = (column: number): number => Number((last?.getColumnVector(column) as unknown as TypedVector<BigInt64Array>).items[last === undefined ? 0 : last.rowCount - 1])
  return valueOf(0) + valueOf(1) + valueOf(2)
}

/** Its vectors have typed arrays of 2,048 values inside, which its interface does not name. */
interface TypedVector<T> {
  readonly items: T
}

async function duckdbColumns(count: number, connection: DuckDBConnection): Promise<number> {
  const [a, b, c] = [new BigInt64Array(count), new Float64Array(count), new Int32Array(count)]
  let first = 0
  for (const chunk of await (await connection.run(allPoints)).fetchAllChunks()) {
    const vector = (column: number): unknown => chunk.getColumnVector(column)
    a.set((vector(0) as TypedVector<BigInt64Array>).items, first)
    b.set((vector(1) as TypedVector<Float64Array>).items, first)
    c.set((vector(2) as TypedVector<Int32Array>).items, first)
    first += chunk.rowCount
  }
  return sumOfLast(first, a, b, c)
}

interface Item {
  readonly id: number
  readonly name: string
  readonly price: number
}

async function lookUpWork(
  items: number, lookUps: number, database: Database, connection: DuckDBConnection, sqlite: Sqlite.Database,
): Promise<Work> {
  const text = 'select id, name, price from items where id = $1'
  const ours = database.prepare(text)
  const duckdb = await connection.prepare(text)
  const direct = sqlite.prepare<[number], Item>('select id, name, price from items where id = ?')
  const keyOf = (turn: number): number => (turn * 7919) % items
  const sumOf = async (find: (id: number) => Promise<number | undefined>): Promise<number> => {
    let sum = 0
    for (let turn = 0; turn < lookUps; turn++) sum += await find(keyOf(turn)) ?? NaN
    return sum
  }
  /** Without a promise per row. */
  const sumNow = (find: (id: number) => number | undefined): Promise<number> => {
    let sum = 0
    for (let turn = 0; turn < lookUps; turn++) sum += find(keyOf(turn)) ?? NaN
    return Promise.resolve(sum)
  }
  return {
    name: 'a row by key, prepared', unit: 'us per look-up', parts: lookUps / 1000,
    candidates: [
      { name: 'rowtine, getSync()', run: () => sumNow((id) => ours.getSync<Item>([id])?.price) },
      { name: 'rowtine, await get()', run: () => sumOf(async (id) => (await ours.get<Item>([id]))?.price) },
      { name: 'rowtine, await query()', run: () => sumOf(async (id) => (await ours.query([id])).first<Item>()?.price) },
      { name: 'better-sqlite3', run: () => sumNow((id) => direct.get(id)?.price) },
      {
        name: 'duckdb', run: () => sumOf(async (id) => {
          duckdb.bindBigInt(1, BigInt(id))
          return (await duckdb.runAndReadAll()).getRowObjectsJS()[0]?.['price'] as number
        }),
      },
    ],
  }
}

function fillSqlite(sqlite: Sqlite.Database, items: number): void {
  sqlite.exec('create table items (id integer primary key, name text, price real)')
  const insert = sqlite.prepare('insert into items values (?, ?, ?)')
  sqlite.transaction(() => {
    for (let id = 0; id < items; id++) insert.run(id, `item ${String(id)}`, id / 8)
  })()
}
