// The 22 queries of TPC-H over generated data, in Rowtine and in DuckDB: the same answers.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { open, type Database } from '#engine/index'
import { generateTpch } from '../../bench/data/tpch.ts'
import { tpchDefinitions, tpchTables } from '../../bench/data/tpch-schema.ts'
import { cellsOf, difference, loadTpch, tpchAnswer, tpchNumbers, tpchQuery, type Cells } from '../../bench/queries/tpch.ts'

const scale = 0.01
/** Comments are not the published ones then, and the text is made in no time. */
const textBytes = 4 << 20

const folder = mkdtempSync(join(tmpdir(), 'rowtine-tpch-'))
let db: Database
let duck: DuckDBConnection

beforeAll(async () => {
  expect(generateTpch(scale, folder, textBytes)).toEqual({
    region: 5, nation: 25, part: 2000, supplier: 100, partsupp: 8000, customer: 1500, orders: 15_000, lineitem: 60_175,
  })
  db = await open()
  await loadTpch(db, folder)
  duck = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect()
  await duck.run(tpchDefinitions(true))
  for (const table of Object.keys(tpchTables)) await duck.run(`copy ${table} from '${join(folder, table)}.tbl' (delimiter '|', header)`)
}, 300_000)

afterAll(async () => {
  await db.close()
  duck.closeSync()
  rmSync(folder, { recursive: true, force: true })
})

async function duckCells(sql: string): Promise<Cells> {
  const rows = (await duck.runAndReadAll(sql)).getRowsJson()
  return rows.map((row) => row.map((cell) => (cell === null ? '' : String(cell))))
}

it.each(tpchNumbers)('query %i', async (number) => {
  const sql = tpchQuery(number, scale)
  const [ours, theirs] = [await cellsOf(db, sql), await duckCells(sql)]
  expect(difference(ours, theirs)).toBeUndefined()
}, 120_000)

it('reads the generated files without a table, as DuckDB does', async () => {
  const file = `'${join(folder, 'lineitem.tbl')}'`
  const sql = `select count(*), sum(l_quantity), min(l_shipdate), max(l_shipmode), count(distinct l_comment) from ${file}`
  const theirs = sql.replace(file, `read_csv(${file}, delim = '|', header = true)`)
  expect(difference(await cellsOf(db, sql), await duckCells(theirs))).toBeUndefined()
})

it('makes the values that the benchmark\'s own generator makes', async () => {
  const first = async (columns: string, rest: string): Promise<string> => (await cellsOf(db, `select ${columns} from ${rest}`)).flat().join('|')
  expect(await first('s_address, s_nationkey, s_phone, s_acctbal', 'supplier where s_suppkey = 1')).toBe(' N kD4on9OM Ipw3,gf0JBoQDd7tgrzrddZ|17|27-918-335-1736|5755.94')
  expect(await first('p_name, p_brand, p_type, p_size, p_container', 'part where p_partkey = 1'))
    .toBe('goldenrod lavender spring chocolate lace|Brand#13|PROMO BURNISHED COPPER|7|JUMBO PKG')
  expect(await first('o_custkey, o_orderstatus, o_totalprice, o_orderdate, o_clerk', 'orders where o_orderkey = 1')).toBe('370|O|172799.49|1996-01-02|Clerk#000000951')
})

it('has the published answers', () => {
  for (const number of tpchNumbers) expect(tpchAnswer(number).length).toBeGreaterThan(0)
  expect(tpchAnswer(6)).toEqual([['123141078.23']])
})
