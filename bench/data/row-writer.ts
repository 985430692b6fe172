// Rows into a text file, cell by cell, without a string per cell: `|` between cells, a line feed after rows.
import { closeSync, openSync, writeSync } from 'node:fs'

const blockBytes = 4 << 20
/** No cell is longer. */
const cellBytesMax = 4096

const [bar, feed, minus, dot, zero] = [124, 10, 45, 46, 48]

/** Days since 1970-01-01 as text, for the years that data has. */
const firstDay = -366
const days = Array.from({ length: 16_000 }, (_, i) => new TextEncoder().encode(new Date((firstDay + i) * 86_400_000).toISOString().slice(0, 10)))

export class RowWriter {
  readonly #file: number
  readonly #block = Buffer.allocUnsafe(blockBytes)
  #end = 0
  #rows = 0

  /** Creates the file; its first line names the columns. */
  constructor(path: string, columns: readonly string[]) {
    this.#file = openSync(path, 'w')
    for (const name of columns) this.text(name)
    this.endRow()
    this.#rows = 0
  }

  get rows(): number {
    return this.#rows
  }

  integer(value: number): void {
    this.#digits(value)
    this.#block[this.#end++] = bar
  }

  /** A number of cents, written with two places. */
  cents(value: number): void {
    const rest = Math.abs(value) % 100
    if (value < 0) this.#block[this.#end++] = minus
    this.#digits((Math.abs(value) - rest) / 100)
    this.#block[this.#end++] = dot
    this.#block[this.#end++] = zero + Math.floor(rest / 10)
    this.#block[this.#end++] = zero + (rest % 10)
    this.#block[this.#end++] = bar
  }

  /** A number of millionths, written without zeros at its end: as JavaScript prints the number. */
  millionths(value: number): void {
    const rest = value % 1_000_000
    this.#digits((value - rest) / 1_000_000)
    if (rest > 0) {
      this.#block[this.#end++] = dot
      this.#padded(rest, 6)
      while (this.#block[this.#end - 1] === zero) this.#end -= 1
    }
    this.#block[this.#end++] = bar
  }

  /** `prefix`, at most a word of ASCII, before a number that has at least `digits` digits. */
  named(prefix: string, value: number, digits = 1): void {
    for (let i = 0; i < prefix.length; i++) this.#block[this.#end++] = prefix.charCodeAt(i)
    this.#padded(value, digits)
    this.#block[this.#end++] = bar
  }

  /** Units: days since 1970-01-01. */
  date(day: number): void {
    this.bytes(days[day - firstDay] ?? new Uint8Array(0), 0, 10)
  }

  /** ASCII without `|` and line feeds. */
  text(value: string): void {
    this.#end += this.#block.write(value, this.#end, 'latin1')
    this.#block[this.#end++] = bar
  }

  bytes(from: Uint8Array, start: number, end: number): void {
    for (let i = start; i < end; i++) this.#block[this.#end++] = from[i] ?? 0
    this.#block[this.#end++] = bar
  }

  endRow(): void {
    this.#block[this.#end - 1] = feed
    this.#rows += 1
    if (this.#end > blockBytes - cellBytesMax) this.#flush()
  }

  close(): void {
    this.#flush()
    closeSync(this.#file)
  }

  #digits(value: number): void {
    let left = value
    if (left < 0) {
      this.#block[this.#end++] = minus
      left = -left
    }
    let length = 1
    for (let bound = 10; left >= bound; bound *= 10) length += 1
    this.#end += length
    for (let at = this.#end - 1; length > 0; length--) {
      const rest = Math.floor(left / 10)
      this.#block[at--] = zero + (left - rest * 10)
      left = rest
    }
  }

  /** A number from 0 with zeros before it. */
  #padded(value: number, digits: number): void {
    for (let bound = 10 ** (digits - 1); bound > value && bound > 1; bound /= 10) this.#block[this.#end++] = zero
    this.#digits(value)
  }

  #flush(): void {
    writeSync(this.#file, this.#block, 0, this.#end)
    this.#end = 0
  }
}
