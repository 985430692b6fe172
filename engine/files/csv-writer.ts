// Result batches as CSV text, as PostgreSQL's copy writes it: values are quoted only where they must be.
import type { NativeResultBatch } from '#native/binding'
import { textReader } from '../cells.ts'
import type { ResultColumn } from '../result.ts'
import { defaultCsv, type CsvGiven } from './csv-format.ts'

/** Rows made into one piece of text. */
const rowsPerPiece = 4096

/** The pieces of the file, one after the other. */
export function* csvText(columns: readonly ResultColumn[], batches: readonly NativeResultBatch[], given: CsvGiven): Generator<string> {
  const { delimiter, quote, escape, nullText } = { ...defaultCsv, ...given, escape: given.escape ?? given.quote ?? defaultCsv.escape }
  const special = new RegExp(`[${[delimiter, quote, '\n', '\r'].filter((c) => c !== '').map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}]`)
  const quoted = (text: string): string =>
    quote + Array.from(text, (c) => (c === quote || c === escape ? escape + c : c)).join('') + quote
  const cell = (text: string | undefined): string => {
    if (text === undefined) return nullText
    // A value that reads like null, or like the end of the data, is told apart by quotes.
    const isPlain = !special.test(text) && text !== nullText && text !== '\\.'
    return isPlain || quote === '' ? text : quoted(text)
  }
  if (given.header === true) yield columns.map(({ name }) => cell(name)).join(delimiter) + '\n'
  for (const batch of batches) {
    const readers = columns.map(({ type }, i) => {
      const column = batch.columns[i]
      if (column === undefined) throw new RangeError('a batch has all columns of its result')
      return textReader(type, column)
    })
    for (let start = 0; start < batch.rowCount; start += rowsPerPiece) {
      let piece = ''
      const end = Math.min(start + rowsPerPiece, batch.rowCount)
      for (let row = start; row < end; row++) {
        for (const [i, read] of readers.entries()) piece += (i === 0 ? '' : delimiter) + cell(read(row))
        piece += '\n'
      }
      yield piece
    }
  }
}
