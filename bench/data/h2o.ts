// The data of H2O.ai's database benchmark at any size: one table to group, four to join, in the shape that the
// benchmark's scripts give them (https://github.com/duckdblabs/db-benchmark), from a seed of our own.
//   node --conditions=source --import tsx bench/data/h2o.ts <rows> <folder>
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { RowWriter } from './row-writer.ts'

/** Groups of the columns with few groups. */
const groupsFew = 100

/** Columns and types of each table; files are `<table>.tbl`. */
export const h2oTables: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  g1: {
    id1: 'varchar(5)', id2: 'varchar(5)', id3: 'varchar(12)', id4: 'integer', id5: 'integer', id6: 'integer',
    v1: 'integer', v2: 'integer', v3: 'double precision',
  },
  x: { id1: 'integer', id2: 'integer', id3: 'integer', id4: 'varchar(12)', id5: 'varchar(12)', id6: 'varchar(12)', v1: 'double precision' },
  small: { id1: 'integer', id4: 'varchar(12)', v2: 'double precision' },
  medium: { id1: 'integer', id2: 'integer', id4: 'varchar(12)', id5: 'varchar(12)', v2: 'double precision' },
  big: { id1: 'integer', id2: 'integer', id3: 'integer', id4: 'varchar(12)', id5: 'varchar(12)', id6: 'varchar(12)', v2: 'double precision' },
}

/** Marsaglia's xorshift with a multiplication: 32 bits a call, the same on every machine. */
class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0 || 1
  }
  next(): number {
    let x = this.#state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#state = x >>> 0
    return Math.imul(x, 0x9e3779b1) >>> 0
  }
  /** A number from 0 below `bound`. */
  below(bound: number): number {
    return Math.floor((this.next() / 4294967296) * bound)
  }
  /** Between 0 and 100. Units: millionths. */
  value(): number {
    return this.below(100_000_000)
  }
}

/** The numbers 1 to `count`, shuffled. */
function shuffled(count: number, random: Random): Int32Array {
  const numbers = Int32Array.from({ length: count }, (_, i) => i + 1)
  for (let i = count - 1; i > 0; i--) {
    const other = random.below(i + 1)
    const taken = numbers[i] ?? 0
    numbers[i] = numbers[other] ?? 0
    numbers[other] = taken
  }
  return numbers
}

/** Keys of a join: nine of ten on both sides, the rest on one. */
interface Keys {
  readonly left: Int32Array
  readonly right: Int32Array
}

function joinKeys(count: number, random: Random): Keys {
  const all = shuffled(Math.ceil(count * 1.1), random)
  const both = Math.floor(count * 0.9)
  const right = new Int32Array(count)
  right.set(all.subarray(0, both))
  right.set(all.subarray(count, count + (count - both)), both)
  return { left: all.subarray(0, count), right }
}

const keyOf = (keys: Int32Array, row: number): number => keys[row % keys.length] ?? 0

function writeGroups(folder: string, rows: number, random: Random): void {
  const out = new RowWriter(join(folder, 'g1.tbl'), Object.keys(h2oTables.g1 ?? {}))
  const groupsMany = Math.max(1, Math.floor(rows / groupsFew))
  for (let row = 0; row < rows; row++) {
    out.named('id', 1 + random.below(groupsFew), 3)
    out.named('id', 1 + random.below(groupsFew), 3)
    out.named('id', 1 + random.below(groupsMany), 10)
    out.integer(1 + random.below(groupsFew))
    out.integer(1 + random.below(groupsFew))
    out.integer(1 + random.below(groupsMany))
    out.integer(1 + random.below(5))
    out.integer(1 + random.below(15))
    out.millionths(random.value())
    out.endRow()
  }
  out.close()
}

/** A row of `levels` keys, their texts, and a value. */
function writeJoinTable(folder: string, table: string, keys: readonly Int32Array[], rows: number, random: Random): void {
  const out = new RowWriter(join(folder, `${table}.tbl`), Object.keys(h2oTables[table] ?? {}))
  for (let row = 0; row < rows; row++) {
    // The last key of a right table is unique; the others, and all of the left one, are taken at random.
    const chosen = keys.map((level, i) => keyOf(level, table !== 'x' && i === keys.length - 1 ? row : random.next()))
    for (const key of chosen) out.integer(key)
    for (const key of chosen) out.named('id', key)
    out.millionths(random.value())
    out.endRow()
  }
  out.close()
}

/** Writes all files. Returns: the rows of each table. */
export function generateH2o(rows: number, folder: string, seed = 108): Record<string, number> {
  mkdirSync(folder, { recursive: true })
  const random = new Random(seed)
  writeGroups(folder, rows, random)
  const counts = [Math.max(10, Math.floor(rows / 1e6)), Math.max(10, Math.floor(rows / 1e3)), rows]
  const keys = counts.map((count) => joinKeys(count, random))
  writeJoinTable(folder, 'x', keys.map(({ left }) => left), rows, random)
  const made: Record<string, number> = { g1: rows, x: rows }
  for (const [i, table] of ['small', 'medium', 'big'].entries()) {
    made[table] = counts[i] ?? 0
    writeJoinTable(folder, table, keys.slice(0, i + 1).map(({ right }) => right), made[table], random)
  }
  return made
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [rows = '10000000', folder = '.rowtine/h2o'] = process.argv.slice(2)
  const start = performance.now()
  console.log(Object.entries(generateH2o(Number(rows), folder)).map(([table, count]) => `${table} ${count}`).join('\n'))
  console.log(`${((performance.now() - start) / 1000).toFixed(1)} s`)
}
