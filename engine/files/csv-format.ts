// How a CSV file is written, and how it is found out: the delimiter that cuts every line alike, a
// header whose words are no values of the columns below it, the narrowest type that takes all values.
import type { DataType } from '#base/data-type'
import type { SourceColumn } from './column-source.ts'

export interface CsvFormat {
  /** One ASCII character each; an empty quote: nothing is quoted. */
  readonly delimiter: string
  readonly quote: string
  readonly escape: string
  readonly nullText: string
}

export const defaultCsv: CsvFormat = { delimiter: ',', quote: '"', escape: '"', nullText: '' }

/** What may be known before a file is looked at. */
export interface CsvGiven extends Partial<CsvFormat> {
  /** The first line names the columns; undefined: look. */
  readonly header?: boolean
}

export interface CsvLayout {
  readonly format: CsvFormat
  readonly header: boolean
  readonly columns: readonly SourceColumn[]
}

/** Rows that are looked at. */
export const sniffedRowsMax = 20_480

interface Cell {
  readonly text: string
  readonly isQuoted: boolean
}
type Cells = readonly Cell[]

/** Finds out how the text at the start of a file is laid out; `isWhole`: there is no more. */
export function sniffCsv(sample: string, given: CsvGiven, isWhole: boolean): CsvLayout {
  const text = sample.startsWith('\ufeff') ? sample.slice(1) : sample
  const quote = given.quote ?? defaultCsv.quote
  const rest = { quote, escape: given.escape ?? quote, nullText: given.nullText ?? defaultCsv.nullText }
  const delimiter = given.delimiter ?? bestDelimiter(text, rest, isWhole)
  const format = { delimiter, ...rest }
  const rows = splitRows(text, format, sniffedRowsMax, isWhole)
  const [first = [], ...others] = rows
  const below = first.map((_, i) => typeOfCells(others, i, format))
  const header = given.header ?? isHeader(first, below, format, others.length > 0)
  const types = header ? below : first.map((_, i) => typeOfCells(rows, i, format))
  return { format, header, columns: namesOf(first, header).map((name, i) => ({ name, type: types[i] ?? { kind: 'text' } })) }
}

const delimiters = [',', '|', ';', '\t'] as const

/** The delimiter by which most lines have the most columns. */
function bestDelimiter(text: string, rest: Omit<CsvFormat, 'delimiter'>, isWhole: boolean): string {
  const scored = delimiters.map((delimiter) => {
    const rows = splitRows(text, { delimiter, ...rest }, 200, isWhole)
    const width = rows[0]?.length ?? 1
    const alike = rows.filter((row) => row.length === width).length
    return { delimiter, score: width === 1 ? 0 : alike / rows.length + Math.min(width, 1000) / 10_000 }
  })
  return scored.reduce((best, one) => (one.score > best.score ? one : best)).delimiter
}

/** The first rows of a text; the last is left out where the text may have been cut in it. */
function splitRows(text: string, format: CsvFormat, rowsMax: number, isWhole: boolean): Cells[] {
  const rows: Cells[] = []
  let cells: Cell[] = []
  let at = 0
  while (at < text.length && rows.length < rowsMax) {
    const cell = readCell(text, at, format)
    cells.push({ text: cell.text, isQuoted: cell.isQuoted })
    at = cell.end + 1
    if (text[cell.end] === format.delimiter) continue
    if (cell.end >= text.length && !isWhole) break
    const isEmpty = cells.length === 1 && cells[0]?.text === '' && !cells[0].isQuoted
    if (!isEmpty) rows.push(cells)
    cells = []
  }
  return rows
}

/** `end`: where the delimiter or line feed stands, or the end of the text. */
function readCell(text: string, start: number, { delimiter, quote, escape }: CsvFormat): Cell & { end: number } {
  let [isQuoted, isInside, value, at] = [false, false, '', start]
  for (; at < text.length; at++) {
    const c = text[at] ?? ''
    const next = text[at + 1]
    if (isInside && c === escape && (next === quote || next === escape)) {
      value += next
      at += 1
    } else if (c === quote && quote !== '') {
      isInside = !isInside
      isQuoted = true
    } else if (!isInside && (c === delimiter || c === '\n')) {
      break
    } else {
      value += c
    }
  }
  const ending = text[at] !== delimiter && value.endsWith('\r') ? value.slice(0, -1) : value
  return { text: ending, isQuoted, end: at }
}

function isNullCell({ text, isQuoted }: Cell, { nullText }: CsvFormat): boolean {
  return !isQuoted && text === nullText
}

/** Words above numbers are names. Where all is text, or there is one line only, the first line names the columns. */
function isHeader(first: Cells, below: readonly DataType[], format: CsvFormat, hasRows: boolean): boolean {
  if (!hasRows) return first.every((cell) => !isNullCell(cell, format) && typeOfCell(cell.text) === 'text')
  if (below.every(({ kind }) => kind === 'text')) return true
  return first.some((cell, i) => {
    const kind = below[i]?.kind ?? 'text'
    return kind !== 'text' && !isNullCell(cell, format) && !fits(typeOfCell(cell.text), kind)
  })
}

type Kind = 'boolean' | 'bigint' | 'double' | 'date' | 'time' | 'timestamp' | 'timestamptz' | 'text'

const forms: readonly (readonly [Kind, RegExp])[] = [
  ['boolean', /^(true|false)$/i],
  ['bigint', /^[+-]?\d{1,18}$/],
  ['double', /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i],
  ['date', /^\d{4}-(0?[1-9]|1[0-2])-(0?[1-9]|[12]\d|3[01])$/],
  ['time', /^([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?$/],
  ['timestamp', /^\d{4}-\d{1,2}-\d{1,2}[ T]\d{1,2}:\d\d(:\d\d(\.\d{1,9})?)?$/],
  ['timestamptz', /^\d{4}-\d{1,2}-\d{1,2}[ T]\d{1,2}:\d\d(:\d\d(\.\d{1,9})?)?\s?(Z|UTC|[+-]\d\d(:?\d\d)?)$/],
]

function typeOfCell(text: string): Kind {
  const trimmed = text.trim()
  return forms.find(([, form]) => form.test(trimmed))?.[0] ?? 'text'
}

/** May a value of kind `narrow` stand in a column of kind `wide`? */
function fits(narrow: Kind, wide: DataType['kind']): boolean {
  return narrow === wide || wide === 'text' || (wide === 'double' && narrow === 'bigint') ||
    (wide === 'timestamp' && narrow === 'date') || (wide === 'timestamptz' && (narrow === 'date' || narrow === 'timestamp'))
}

const widenings: readonly Kind[] = ['double', 'timestamp', 'timestamptz']

function typeOfCells(rows: readonly Cells[], column: number, format: CsvFormat): DataType {
  let kind: Kind | undefined
  for (const row of rows) {
    const cell = row[column]
    if (cell === undefined || isNullCell(cell, format)) continue
    const here = typeOfCell(cell.text)
    if (kind === undefined || fits(kind, here)) kind = here
    else if (!fits(here, kind)) kind = widenings.find((wide) => fits(here, wide) && fits(kind ?? 'text', wide)) ?? 'text'
    if (kind === 'text') break
  }
  return { kind: kind ?? 'text' }
}

/** Empty names are numbered from column0, a name's repetitions from _1, as DuckDB does. */
function namesOf(first: Cells, header: boolean): string[] {
  const taken = new Set<string>()
  return first.map(({ text }, i) => {
    const wanted = (header ? text.trim() : '') || `column${i}`
    let name = wanted
    for (let again = 1; taken.has(name); again++) name = `${wanted}_${again}`
    taken.add(name)
    return name
  })
}
