// Runs the records of one sqllogictest file on a database and says what was not as expected.
import { setTimeout as sleep } from 'node:timers/promises'
import { EngineError } from '#base/engine-error'
import type { Database } from '../database.ts'
import type { Result } from '../result.ts'
import type { Session } from '../session.ts'
import { formatRows, hashOf, mismatch } from './compare.ts'
import type { Expectation, SltQuery, SltRecord, SltStatement } from './parse.ts'

export interface SltFailure {
  readonly line: number
  readonly sql: string
  readonly message: string
}

export interface SltOutcome {
  readonly passed: number
  readonly failures: readonly SltFailure[]
}

/** Each record sees everything that earlier ones set in motion: coroutines have run, effects are out. */
export async function runSlt(database: Database, records: readonly SltRecord[]): Promise<SltOutcome> {
  const labels = new Map<string, string>()
  const sessions = new Map<string, Session>()
  try {
    return await runRecords(database, records, labels, (name) => sessionOf(database, sessions, name))
  } finally {
    for (const session of sessions.values()) await session.close()
  }
}

/** A record that names a connection runs in a session of its own, which lives as long as the file. */
function sessionOf(database: Database, sessions: Map<string, Session>, name: string): Session {
  const session = sessions.get(name) ?? database.session()
  sessions.set(name, session)
  return session
}

type Runner = Pick<Session, 'exec' | 'query' | 'transactionStatus'>

async function runRecords(database: Database, records: readonly SltRecord[], labels: Map<string, string>, named: (name: string) => Session): Promise<SltOutcome> {
  const runners = new Set<Runner>([database])
  const failures: SltFailure[] = []
  let passed = 0
  for (const record of records) {
    if (record.kind === 'halt') break
    // Expected results say themselves whether they are hashed, so the threshold matters only to who writes them.
    if (record.kind === 'hash-threshold') continue
    if (record.kind === 'sleep') {
      await sleep(record.ms)
      continue
    }
    if (record.kind === 'bad') {
      failures.push({ line: record.line, sql: record.sql, message: record.message })
      continue
    }
    const runner: Runner = record.session === undefined ? database : named(record.session)
    runners.add(runner)
    const isOpen = [...runners].some(({ transactionStatus }) => transactionStatus !== 'none')
    if (!isOpen) await database.settled() // what waits for a transaction would never
    const message = record.kind === 'statement' ? await checkStatement(runner, record) : await checkQuery(runner, record, labels)
    if (message === undefined) passed += 1
    else failures.push({ line: record.line, sql: record.sql, message })
  }
  return { passed, failures }
}

async function checkStatement(database: Runner, record: SltStatement): Promise<string | undefined> {
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

function shown(error: unknown): string {
  return error instanceof EngineError ? `[${error.code}] ${error.message}` : String(error)
}

function errorMismatch(error: unknown, expect: Expectation): string | undefined {
  if (expect.kind === 'maybe') return undefined
  if (expect.kind !== 'error') return `failed: ${shown(error)}`
  const { pattern } = expect
  if (pattern === undefined) return undefined
  if (/^[0-9A-Z]{5}$/.test(pattern)) {
    return error instanceof EngineError && error.code === pattern ? undefined : `failed with ${shown(error)}, not with ${pattern}`
  }
  return isLike(shown(error), pattern) ? undefined : `failed with ${shown(error)}, not like ${pattern}`
}

/** The text itself, or a regular expression; `<REGEX>:` before it is DuckDB's way to say so. */
function isLike(text: string, pattern: string): boolean {
  if (text.includes(pattern)) return true
  try {
    return new RegExp(pattern.replace(/^<REGEX>:/, '')).test(text)
  } catch {
    return false
  }
}

async function checkQuery(database: Runner, record: SltQuery, labels: Map<string, string>): Promise<string | undefined> {
  let result: Result | undefined
  try {
    for (const word of record.plan) {
      const plan = (await database.query(`explain ${record.sql}`)).toText().flat().join('\n')
      if (!plan.includes(word)) return `the plan has no ${word}:\n${plan}`
    }
    result = (await database.exec(record.sql)).at(-1)
  } catch (error) {
    return `failed: ${shown(error)}`
  }
  if (result === undefined) return 'there is no statement'
  const { types } = record
  if (types !== '' && result.columns.length !== types.length) return `has ${result.columns.length} columns, not ${types.length}`
  const rows = formatRows(result, types, record.sort)
  return labelMismatch(rows, record.label, labels) ?? checkRows(result, rows, record)
}

/** Some runners write values as they are, whatever the letter of their column says. */
function checkRows(result: Result, rows: readonly string[][], record: SltQuery): string | undefined {
  const message = mismatch(rows, record)
  if (message === undefined || record.types === '') return message
  const asTheyAre = mismatch(formatRows(result, '', record.sort), { ...record, types: '' })
  return asTheyAre === undefined ? undefined : message
}

/** Queries of one label have one result. */
function labelMismatch(rows: readonly string[][], label: string | undefined, labels: Map<string, string>): string | undefined {
  if (label === undefined) return undefined
  const hash = hashOf(rows)
  const earlier = labels.get(label)
  if (earlier !== undefined && earlier !== hash) return `has another result than the query before with label ${label}`
  labels.set(label, hash)
  return undefined
}
