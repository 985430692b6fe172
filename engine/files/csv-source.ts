// CSV files as sources of rows: the file goes to the native reader piece by piece; this file knows only
// what its columns are and how to say what is wrong with it.
import { open } from 'node:fs/promises'
import type { DataType } from '#base/data-type'
import { typeName } from '#base/data-type'
import { EngineError, type Condition } from '#base/engine-error'
import { sqlState } from '#base/sql-state.gen'
import type { NativeCsvOptions, NativeCsvProblem } from '#native/binding'
import { opcodes } from '#planner/opcodes.gen'
import type { Call } from '#sql/bound'
import { columnExpression } from '#sql/functions/build'
import { castExpression } from '#sql/functions/casts'
import { types } from '#sql/functions/types'
import type { ColumnSource, SourceColumn } from './column-source.ts'
import { defaultCsv, sniffCsv, type CsvFormat, type CsvGiven } from './csv-format.ts'

/** Bytes read at a time. */
const pieceBytes = 1 << 20

/** What is looked at to find columns and types. */
const sampleBytes = 2 << 20

/** A file whose first line and values say what its columns are. Errors: 58P01 and others of opening it. */
export async function sniffedCsv(path: string, given: CsvGiven): Promise<ColumnSource> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const sample = Buffer.alloc(Math.min(size, sampleBytes))
    const { bytesRead } = await file.read(sample, 0, sample.length, 0)
    const layout = sniffCsv(sample.subarray(0, bytesRead).toString('utf8'), given, bytesRead >= size)
    const inferred = 'The columns\' types were found out from the start of the file. Copy it into a table to say what they are.'
    return csvSource(path, layout.format, layout.header, layout.columns, inferred)
  } finally {
    await file.close()
  }
}

/** A file whose columns are known, in the file's order. */
export function typedCsv(path: string, given: CsvGiven, columns: readonly SourceColumn[]): ColumnSource {
  const quote = given.quote ?? defaultCsv.quote
  return csvSource(path, { ...defaultCsv, escape: quote, ...given }, given.header ?? false, columns, undefined)
}

/** The names in a file's first line. */
export async function headerOf(path: string, given: CsvGiven): Promise<readonly string[]> {
  return (await sniffedCsv(path, { ...given, header: true })).columns.map(({ name }) => name)
}

function csvSource(path: string, format: CsvFormat, header: boolean, columns: readonly SourceColumn[], hint: string | undefined): ColumnSource {
  return {
    columns,
    async load(sink, wanted) {
      if (columns.length === 0) return
      sink.openCsv(nativeOptions(format, header, columns, wanted))
      const file = await open(path)
      try {
        const { size } = await file.stat()
        const piece = Buffer.allocUnsafe(pieceBytes)
        for (let done = 0, isLast = false; !isLast;) {
          const { bytesRead } = await file.read(piece, 0, pieceBytes, done)
          done += bytesRead
          isLast = bytesRead === 0
          const problem = sink.feedCsv(piece.subarray(0, bytesRead), isLast)
          if (problem !== undefined) throw csvError(path, problem, columns, hint)
          sink.progress(size === 0 ? 1 : Math.min(1, done / size))
        }
      } finally {
        await file.close()
      }
    },
  }
}

function nativeOptions(format: CsvFormat, header: boolean, columns: readonly SourceColumn[], wanted: readonly boolean[]): NativeCsvOptions {
  const fields = columns.map(({ type }, column) => ({ ...reader(type), column: wanted[column] === true ? column : -1 }))
  return { ...format, skipLines: header ? 1 : 0, fields }
}

/** The kernel that reads a type's text. */
function reader(type: DataType): { opcode: number; immediates: readonly number[] } {
  if (type.kind === 'text' || type.kind === 'unknown') return { opcode: -1, immediates: [] }
  if (type.kind === 'bytea') return { opcode: opcodes.indexOf('ByteaInput'), immediates: [] }
  const noSpan = { start: 0, end: 0 }
  const text = columnExpression({ id: 0, name: '', type: types.text, nullable: true }, noSpan)
  const { kernel, immediates } = castExpression(text, type, noSpan) as Call
  return { opcode: (opcodes as readonly string[]).indexOf(kernel), immediates }
}

/** PostgreSQL's words; the place is the file's, the statement's is added by whoever runs it. */
function csvError(path: string, problem: NativeCsvProblem, columns: readonly SourceColumn[], hint: string | undefined): EngineError {
  const column = columns[problem.field]
  const place = `${path}:${problem.line}`
  const text = Buffer.from(problem.text).toString('utf8')
  const detail = `It is in ${place}${column === undefined ? '' : `, column ${problem.field + 1} ("${column.name}")`}.`
  const report = (condition: Condition, message: string, advice?: string): EngineError =>
    new EngineError(condition, { message, detail, ...(advice !== undefined && { hint: advice }) })
  switch (problem.kind) {
    case 'missing_field':
      return report('bad_copy_file_format', `missing data for column "${column?.name ?? ''}"`)
    case 'extra_field':
      return report('bad_copy_file_format', 'extra data after last expected column')
    case 'open_quote':
      return report('bad_copy_file_format', 'unterminated CSV quoted field')
    case 'long_line':
      return report('program_limit_exceeded', 'a line is longer than 16 MiB', 'Is a quote left open, or the delimiter another one?')
    case 'memory':
      return report('out_of_memory', `"${path}" does not fit memory_limit`)
    case 'value':
      return report(conditionOf(problem.state), valueMessage(problem.state, text, column), hint)
  }
}

function valueMessage(state: string, text: string, column: SourceColumn | undefined): string {
  const type = column === undefined ? 'text' : typeName(column.type)
  if (state === '22021') return 'invalid byte sequence for encoding "UTF8"'
  if (state === '22003' || state === '22008') return `value "${text}" is out of range for type ${type}`
  return `invalid input syntax for type ${type}: "${text}"`
}

function conditionOf(state: string): Condition {
  const found = Object.entries(sqlState).find(([, code]) => code === state)
  return (found?.[0] ?? 'invalid_text_representation') as Condition
}
