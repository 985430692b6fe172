// Runs the records of one sqllogictest file on a database and says what was not as expected.
import { createHash } from 'node:crypto'
import { EngineError } from '#base/engine-error'
import type { Database } from '../database.ts'
import type { Result } from '../result.ts'
import type { SltRecord, SortMode } from './parse.ts'

export interface SltFailure {
  readonly line: number
  readonly sql: string
  readonly message: string
}

export interface SltOutcome {
  readonly passed: number
  readonly failures: readonly SltFailure[]
}

interface Progress {
  readonly labels: Map<string, string>
  hashThreshold: number
}

/** Each record sees everything that earlier ones set in motion: coroutines have run, effects are out. */
export async function runSlt(database: Database, records: readonly SltRecord[]): Promise<SltOutcome> {
  const progress: Progress = { labels: new Map(), hashThreshold: 0 }
  const failures: SltFailure[] = []
  let passed = 0
  for (const record of records) {
    if (record.kind === 'halt') break
    if (record.kind === 'hash-threshold') {
      progress.hashThreshold = record.values
      continue
    }
    if (database.transactionStatus === 'none') await database.settled() // what waits for the transaction would never
    const message = record.kind === 'statement' ? await checkStatement(database, record) : await checkQuery(database, record, progress)
    if (message === undefined) passed += 1
    else failures.push({ line: record.line, sql: record.sql, message })
  }
  return { passed, failures }
}

async function checkStatement(database: Database, record: Extract<SltRecord, { kind: 'statement' }>): Promise<string | undefined> {
  try {
    const results = await database.exec(record.sql)
    if (record.expect.kind === 'error') return 'succeeded, an error was expected'
    const changed = results.at(-1)?.rowCount ?? 0
    if (record.expect.kind === 'count' && changed !== record.expect.rows) return `changed ${changed} rows, not ${record.expect.rows}`
    return undefined
  } catch (error) {
    return errorMismatch(error, record.expect)
  }
}

function errorMismatch(error: unknown, expect: Extract<SltRecord, { kind: 'statement' }>['expect']): string | undefined {
  const shown = error instanceof EngineError ? `[${error.code}] ${error.message}` : String(error)
  if (expect.kind !== 'error') return `failed: ${shown}`
  if (expect.pattern === undefined) return undefined
  if (/^[0-9A-Z]{5}$/.test(expect.pattern)) {
    return error instanceof EngineError && error.code === expect.pattern ? undefined : `failed with ${shown}, not with ${expect.pattern}`
  }
  return new RegExp(expect.pattern).test(shown) ? undefined : `failed with ${shown}, not like ${expect.pattern}`
}

async function checkQuery(database: Database, record: Extract<SltRecord, { kind: 'query' }>, progress: Progress): Promise<string | undefined> {
  let result: Result | undefined
  try {
    for (const word of record.plan) {
      const plan = (await database.query(`explain ${record.sql}`)).toText().flat().join('\n')
      if (!plan.includes(word)) return `the plan has no ${word}:\n${plan}`
    }
    result = (await database.exec(record.sql)).at(-1)
  } catch (error) {
    return `failed: ${error instanceof EngineError ? `[${error.code}] ${error.message}` : String(error)}`
  }
  if (result === undefined) return 'there is no statement'
  if (result.columns.length !== record.types.length) return `has ${result.columns.length} columns, not ${record.types.length}`
  return compare(formatRows(result, record.types, record.sort), record, progress)
}

/** Values in the public format: one per line is compared, rows are sorted as the record says. */
export function formatRows(result: Result, types: string, sort: SortMode): string[][] {
  const rows = result.toText().map((row) => row.map((value, i) => formatValue(value, types[i] ?? 'T')))
  if (sort === 'rowsort') rows.sort((a, b) => compareText(a.join(' '), b.join(' ')))
  if (sort !== 'valuesort') return rows
  return rows.flat().sort(compareText).map((value) => [value])
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function formatValue(value: string | undefined, type: string): string {
  if (value === undefined) return 'NULL'
  if (type === 'R') return Number.isNaN(Number(value)) ? value : Number(value).toFixed(3)
  if (type === 'I') return /^-?\d+(\.\d+)?$/.test(value) ? String(BigInt(value.split('.')[0] ?? '0')) : value === 't' ? '1' : value === 'f' ? '0' : value
  if (value === '') return '(empty)'
  return value.replace(/[^\x20-\x7e\u0080-\uffff]/g, '@')
}

function compare(rows: readonly string[][], record: Extract<SltRecord, { kind: 'query' }>, progress: Progress): string | undefined {
  const values = rows.flat()
  const hash = createHash('md5').update(values.map((value) => value + '\n').join('')).digest('hex')
  if (record.label !== undefined) {
    const earlier = progress.labels.get(record.label)
    if (earlier !== undefined && earlier !== hash) return `has another result than the query before with label ${record.label}`
    progress.labels.set(record.label, hash)
  }
  const hashed = /^(\d+) values hashing to ([0-9a-f]{32})$/.exec(record.expected[0] ?? '')
  if (hashed !== null) {
    return Number(hashed[1]) === values.length && hashed[2] === hash ? undefined : `${values.length} values hashing to ${hash}, not ${record.expected[0]}`
  }
  if (isSame(record.expected, rows)) return undefined
  return `expected\n${record.expected.join('\n')}\n  got\n${rows.map((row) => row.join(' ')).join('\n')}`
}

/** Expected results stand one value a line, or one row a line with values between blanks or tabs. */
function isSame(expected: readonly string[], rows: readonly string[][]): boolean {
  const byValue = rows.flat()
  if (expected.length === byValue.length && expected.every((line, i) => line === byValue[i])) return true
  if (expected.length !== rows.length) return false
  return expected.every((line, i) => {
    const row = rows[i] ?? []
    return line === row.join(' ') || line === row.join('\t') || line.trim().split(/\s+/).join(' ') === row.join(' ').trim().split(/\s+/).join(' ')
  })
}
