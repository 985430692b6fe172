// TPC-H's eight tables at any scale, value for value those of the benchmark's own generator, written as text
// files that every engine reads: `|` between cells, names in the first line.
//   node --conditions=source --import tsx bench/data/tpch.ts <scale> <folder>
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { RowWriter } from './row-writer.ts'
import { Stream } from './tpch-random.ts'
import { tpchTables, type TpchTable } from './tpch-schema.ts'
import { textPool, textPoolBytes } from './tpch-text.ts'
import { colors, containers, instructions, nations, partTypes, priorities, regions, returnFlags, segments, shipModes, type Distribution } from './tpch-words.ts'

const alphabet = '0123456789abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ,'
/** 1992-01-01, the first order. */
const firstOrderDay = 8035
const lastOrderDay = firstOrderDay + 2557 - (121 + 30) - 1
/** 1995-06-17: what happened until then is past. */
const today = 9298
const linesMax = 7

/** Cuts comments out of the text. */
class Comments {
  readonly #random: Stream
  readonly #pool: Uint8Array
  readonly #least: number
  readonly #most: number
  start = 0
  end = 0

  constructor(pool: Uint8Array, seed: number, average: number, perRow = 1) {
    this.#random = new Stream(seed, 2 * perRow)
    this.#pool = pool
    this.#least = Math.trunc(average * 0.4)
    this.#most = Math.trunc(average * 1.6)
  }
  next(): void {
    this.start = this.#random.between(0, this.#pool.length - this.#most)
    this.end = this.start + this.#random.between(this.#least, this.#most)
  }
  write(out: RowWriter): void {
    this.next()
    out.bytes(this.#pool, this.start, this.end)
  }
  endRow(): void {
    this.#random.endRow()
  }
}

function oneOf(random: Stream, { table }: Distribution): string {
  return table[random.between(0, table.length - 1)] ?? ''
}

function address(random: Stream): string {
  const length = random.between(10, 40)
  let [text, bits] = ['', 0]
  for (let i = 0; i < length; i++) {
    if (i % 5 === 0) bits = random.bits()
    text += alphabet[bits & 63] ?? ''
    bits >>= 6
  }
  return text
}

function phone(random: Stream, nation: number): string {
  return `${10 + nation}-${random.between(100, 999)}-${random.between(100, 999)}-${random.between(1000, 9999)}`
}

function numbered(name: string, key: number): string {
  return `${name}#${String(key).padStart(9, '0')}`
}

/** Units: cents. */
function partPrice(part: number): number {
  return 90_000 + (Math.floor(part / 10) % 20_001) + (part % 1000) * 100
}

function partSupplier(part: number, number: number, suppliers: number): number {
  return ((part + number * (Math.floor(suppliers / 4) + Math.floor((part - 1) / suppliers))) % suppliers) + 1
}

/** Keys leave gaps: of every 32 numbers the first 8 are used. */
function orderKey(index: number): number {
  return Math.floor(index / 8) * 32 + (index % 8)
}

type Generate = (out: RowWriter, scale: number, pool: Uint8Array) => void

function rowsAt(base: number, scale: number): number {
  return Math.trunc(base * scale)
}

const writeRegion: Generate = (out, _, pool) => {
  const comments = new Comments(pool, 1500869201, 72)
  regions.forEach((name, key) => {
    out.integer(key)
    out.text(name)
    comments.write(out)
    out.endRow()
    comments.endRow()
  })
}

const writeNation: Generate = (out, _, pool) => {
  const comments = new Comments(pool, 606179079, 72)
  nations.forEach(([name, region], key) => {
    out.integer(key)
    out.text(name)
    out.integer(region)
    comments.write(out)
    out.endRow()
    comments.endRow()
  })
}

const writeCustomer: Generate = (out, scale, pool) => {
  const [addresses, keys, phones, balances, marketSegments] = [
    new Stream(881155353, 9), new Stream(1489529863), new Stream(1521138112, 3), new Stream(298370230), new Stream(1140279430),
  ]
  const comments = new Comments(pool, 1335826707, 73)
  const streams = [addresses, keys, phones, balances, marketSegments, comments]
  for (let key = 1; key <= rowsAt(150_000, scale); key++) {
    const nation = keys.between(0, 24)
    out.integer(key)
    out.text(numbered('Customer', key))
    out.text(address(addresses))
    out.integer(nation)
    out.text(phone(phones, nation))
    out.cents(balances.between(-99_999, 999_999))
    out.text(oneOf(marketSegments, segments))
    comments.write(out)
    out.endRow()
    for (const stream of streams) stream.endRow()
  }
}

const writePart: Generate = (out, scale, pool) => {
  const [names, makers, brands, kinds, sizes, boxes] = [
    new Stream(709314158, 92), new Stream(1), new Stream(46831694), new Stream(1841581359), new Stream(1193163244), new Stream(727633698),
  ]
  const comments = new Comments(pool, 804159733, 14)
  const streams = [names, makers, brands, kinds, sizes, boxes, comments]
  for (let key = 1; key <= rowsAt(200_000, scale); key++) {
    const maker = makers.between(1, 5)
    out.integer(key)
    out.text(partName(names))
    out.text(`Manufacturer#${maker}`)
    out.text(`Brand#${maker}${brands.between(1, 5)}`)
    out.text(oneOf(kinds, partTypes))
    out.integer(sizes.between(1, 50))
    out.text(oneOf(boxes, containers))
    out.cents(partPrice(key))
    comments.write(out)
    out.endRow()
    for (const stream of streams) stream.endRow()
  }
}

/** The first five of a shuffled list of colours. */
function partName(random: Stream): string {
  const list = [...colors.values]
  for (let at = 0; at < 5; at++) {
    const other = random.between(at, list.length - 1)
    const taken = list[at] ?? ''
    list[at] = list[other] ?? ''
    list[other] = taken
  }
  return list.slice(0, 5).join(' ')
}

const writePartsupp: Generate = (out, scale, pool) => {
  const [quantities, costs] = [new Stream(1671059989, 4), new Stream(1051288424, 4)]
  const comments = new Comments(pool, 1961692154, 124, 4)
  const suppliers = rowsAt(10_000, scale)
  for (let part = 1; part <= rowsAt(200_000, scale); part++) {
    for (let number = 0; number < 4; number++) {
      out.integer(part)
      out.integer(partSupplier(part, number, suppliers))
      out.integer(quantities.between(1, 9999))
      out.cents(costs.between(100, 100_000))
      comments.write(out)
      out.endRow()
    }
    for (const stream of [quantities, costs, comments]) stream.endRow()
  }
}

const writeSupplier: Generate = (out, scale, pool) => {
  const [addresses, keys, phones, balances] = [new Stream(706178559, 9), new Stream(110356601), new Stream(884434366, 3), new Stream(962338209)]
  const [opinions, junk, offsets, kinds] = [new Stream(202794285), new Stream(263032577), new Stream(715851524), new Stream(753643799)]
  const comments = new Comments(pool, 1341315363, 63)
  const streams = [addresses, keys, phones, balances, opinions, junk, offsets, kinds, comments]
  for (let key = 1; key <= rowsAt(10_000, scale); key++) {
    comments.next()
    let comment = Buffer.from(pool.subarray(comments.start, comments.end)).toString('latin1')
    if (opinions.between(1, 10_000) <= 10) comment = opinion(comment, junk, offsets, kinds)
    const nation = keys.between(0, 24)
    out.integer(key)
    out.text(numbered('Supplier', key))
    out.text(address(addresses))
    out.integer(nation)
    out.text(phone(phones, nation))
    out.cents(balances.between(-99_999, 999_999))
    out.text(comment)
    out.endRow()
    for (const stream of streams) stream.endRow()
  }
}

/** A few suppliers' comments say that customers complain or recommend: query 16 looks for them. */
function opinion(comment: string, junk: Stream, offsets: Stream, kinds: Stream): string {
  const [base, length] = ['Customer ', 'Customer Complaints'.length]
  const noise = junk.between(0, comment.length - length)
  const offset = offsets.between(0, comment.length - (length + noise))
  const kind = kinds.between(0, 100) < 50 ? 'Complaints' : 'Recommends'
  const replaced = (text: string, at: number, by: string): string => text.slice(0, at) + by + text.slice(at + by.length)
  return replaced(replaced(comment, offset, base), base.length + offset + noise, kind)
}

/** The streams that orders and their lines share: an order's total is that of its lines. */
function lineStreams(): Record<'orderDays' | 'lineCounts' | 'quantities' | 'discounts' | 'taxes' | 'parts' | 'shipDays', Stream> {
  return {
    orderDays: new Stream(1066728069), lineCounts: new Stream(1434868289), quantities: new Stream(209208115, linesMax),
    discounts: new Stream(554590007, linesMax), taxes: new Stream(721958466, linesMax), parts: new Stream(1808217256, linesMax),
    shipDays: new Stream(1769349045, linesMax),
  }
}

const writeOrders: Generate = (out, scale, pool) => {
  const { orderDays, lineCounts, quantities, discounts, taxes, parts, shipDays } = lineStreams()
  const [customers, urgencies, clerks] = [new Stream(851767375), new Stream(591449447), new Stream(1171034773)]
  const comments = new Comments(pool, 276090261, 49)
  const streams = [orderDays, lineCounts, quantities, discounts, taxes, parts, shipDays, customers, urgencies, clerks, comments]
  const [customersMax, partsMax, clerksMax] = [rowsAt(150_000, scale), rowsAt(200_000, scale), Math.max(rowsAt(1000, scale), 1000)]
  for (let index = 1; index <= rowsAt(1_500_000, scale); index++) {
    const orderDay = orderDays.between(firstOrderDay, lastOrderDay)
    let customer = customers.between(1, customersMax)
    // Every third customer has no orders.
    for (let by = 1; customer % 3 === 0; by = -by) customer = Math.min(customer + by, customersMax)
    const lines = lineCounts.between(1, linesMax)
    let [total, shipped] = [0, 0]
    for (let line = 0; line < lines; line++) {
      const [quantity, discount, tax] = [quantities.between(1, 50), discounts.between(0, 10), taxes.between(0, 8)]
      const discounted = partPrice(parts.between(1, partsMax)) * quantity * (100 - discount)
      total += Math.floor((Math.floor(discounted / 100) * (100 + tax)) / 100)
      if (orderDay + shipDays.between(1, 121) <= today) shipped += 1
    }
    out.integer(orderKey(index))
    out.integer(customer)
    out.text(shipped === lines ? 'F' : shipped > 0 ? 'P' : 'O')
    out.cents(total)
    out.date(orderDay)
    out.text(oneOf(urgencies, priorities))
    out.text(numbered('Clerk', clerks.between(1, clerksMax)))
    out.integer(0)
    comments.write(out)
    out.endRow()
    for (const stream of streams) stream.endRow()
  }
}

const writeLineitem: Generate = (out, scale, pool) => {
  const { orderDays, lineCounts, quantities, discounts, taxes, parts, shipDays } = lineStreams()
  const [numbers, commitDays, receiptDays] = [new Stream(2095021727, linesMax), new Stream(904914315, linesMax), new Stream(373135028, linesMax)]
  const [flags, wishes, modes] = [new Stream(717419739, linesMax), new Stream(1371272478, linesMax), new Stream(675466456, linesMax)]
  const comments = new Comments(pool, 1095462486, 27, linesMax)
  const streams = [orderDays, lineCounts, quantities, discounts, taxes, parts, shipDays, numbers, commitDays, receiptDays, flags, wishes, modes, comments]
  const [partsMax, suppliers] = [rowsAt(200_000, scale), rowsAt(10_000, scale)]
  for (let index = 1; index <= rowsAt(1_500_000, scale); index++) {
    const [orderDay, lines] = [orderDays.between(firstOrderDay, lastOrderDay), lineCounts.between(1, linesMax)]
    for (let line = 1; line <= lines; line++) {
      const [quantity, discount, tax, part] = [quantities.between(1, 50), discounts.between(0, 10), taxes.between(0, 8), parts.between(1, partsMax)]
      const shipDay = orderDay + shipDays.between(1, 121)
      const receiptDay = shipDay + receiptDays.between(1, 30)
      out.integer(orderKey(index))
      out.integer(part)
      out.integer(partSupplier(part, numbers.between(0, 3), suppliers))
      out.integer(line)
      out.cents(quantity * 100)
      out.cents(partPrice(part) * quantity)
      out.cents(discount)
      out.cents(tax)
      out.text(receiptDay <= today ? oneOf(flags, returnFlags) : 'N')
      out.text(shipDay <= today ? 'F' : 'O')
      out.date(shipDay)
      out.date(orderDay + commitDays.between(30, 90))
      out.date(receiptDay)
      out.text(oneOf(wishes, instructions))
      out.text(oneOf(modes, shipModes))
      comments.write(out)
      out.endRow()
    }
    for (const stream of streams) stream.endRow()
  }
}

const generators: Readonly<Record<TpchTable, Generate>> = {
  region: writeRegion, nation: writeNation, part: writePart, supplier: writeSupplier,
  partsupp: writePartsupp, customer: writeCustomer, orders: writeOrders, lineitem: writeLineitem,
}

/**
 * Writes `<folder>/<table>.tbl` for all tables. Returns: the rows of each.
 * A text of another size than the default makes other comments, and is quicker for small scales.
 */
export function generateTpch(scale: number, folder: string, textBytes = textPoolBytes): Record<TpchTable, number> {
  mkdirSync(folder, { recursive: true })
  const pool = textPool(textBytes)
  const rows = Object.entries(generators).map(([table, generate]) => {
    const out = new RowWriter(join(folder, `${table}.tbl`), Object.keys(tpchTables[table as TpchTable].columns))
    generate(out, scale, pool)
    out.close()
    return [table, out.rows] as const
  })
  return Object.fromEntries(rows) as Record<TpchTable, number>
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [scale = '1', folder = '.rowtine/tpch'] = process.argv.slice(2)
  const start = performance.now()
  const rows = generateTpch(Number(scale), folder)
  console.log(Object.entries(rows).map(([table, count]) => `${table} ${count}`).join('\n'))
  console.log(`${((performance.now() - start) / 1000).toFixed(1)} s`)
}
