// TPC-H's queries, the answers published for scale 1, and how answers are compared.
//   node --conditions=source --import tsx bench/queries/tpch.ts <folder of scale 1>     checks Rowtine's answers
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { open, type Database } from '#engine/index'
import { tpchDefinitions, tpchTables } from '../data/tpch-schema.ts'

const folder = join(fileURLToPath(new URL('.', import.meta.url)), 'tpch')
const fileOf = (number: number): string => `q${String(number).padStart(2, '0')}`

export const tpchNumbers: readonly number[] = Array.from({ length: 22 }, (_, i) => i + 1)

/** Query 11 asks for a share that depends on the scale. */
export function tpchQuery(number: number, scale: number): string {
  const text = readFileSync(join(folder, `${fileOf(number)}.sql`), 'utf8')
  return text.replaceAll(/(?<!is )\$FRACTION/g, (0.0001 / scale).toFixed(10))
}

export type Cells = readonly (readonly string[])[]

/** The rows published for scale 1. */
export function tpchAnswer(number: number): Cells {
  const [, ...lines] = readFileSync(join(folder, 'answers', `${fileOf(number)}.tbl`), 'utf8').trimEnd().split('\n')
  return lines.map((line) => line.split('|'))
}

/** Makes the tables and copies generated files into them. */
export async function loadTpch(db: Database, files: string, withKeys = true): Promise<void> {
  await db.exec(tpchDefinitions(withKeys))
  for (const table of Object.keys(tpchTables)) await db.exec(`copy ${table} from '${resolve(files, table)}.tbl' (format csv, delimiter '|', header)`)
}

/** PostgreSQL's text of all rows; null is empty. */
export async function cellsOf(db: Database, sql: string): Promise<Cells> {
  return (await db.query(sql)).toText().map((row) => row.map((cell) => cell ?? ''))
}

/** The first difference of two answers, numbers to within a hundredth or a millionth part; undefined: none. */
export function difference(got: Cells, wanted: Cells): string | undefined {
  if (got.length !== wanted.length) return `${got.length} rows, not ${wanted.length}`
  for (const [i, row] of wanted.entries()) {
    const at = row.findIndex((cell, column) => !isSame(got[i]?.[column] ?? '', cell))
    if (at >= 0 || row.length !== got[i]?.length) return `row ${i + 1}, column ${at + 1}: ${got[i]?.[at] ?? 'nothing'}, not ${row[at] ?? 'nothing'}`
  }
  return undefined
}

function isSame(got: string, wanted: string): boolean {
  if (got.trim() === wanted.trim()) return true
  const [a, b] = [Number(got), Number(wanted)]
  return got !== '' && wanted !== '' && Math.abs(a - b) <= Math.max(0.0101, Math.abs(b) * 1e-6)
}

async function check(files: string): Promise<void> {
  const db = await open({ memoryLimitBytes: 6 * 1024 ** 3 })
  const start = performance.now()
  await loadTpch(db, files)
  console.log(`loaded in ${((performance.now() - start) / 1000).toFixed(1)} s`)
  for (const number of tpchNumbers) {
    const begun = performance.now()
    const outcome = await cellsOf(db, tpchQuery(number, 1)).then((cells) => difference(cells, tpchAnswer(number)) ?? 'as published', String)
    console.log(`${fileOf(number)} ${(performance.now() - begun).toFixed(0).padStart(6)} ms  ${outcome}`)
  }
  await db.close()
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await check(process.argv[2] ?? '.rowtine/tpch')
}
