// Reads sqllogictest files: the public format, and what is harmless of DuckDB's, CockroachDB's and sqllogictest-rs' ones.
import { expandLoops, type SltLine } from './loops.ts'

/** What a record asks for: success, an error like `pattern`, a number of changed rows, or either outcome. */
export type Expectation =
  | { readonly kind: 'ok' }
  | { readonly kind: 'error'; readonly pattern: string | undefined }
  | { readonly kind: 'count'; readonly rows: number }
  | { readonly kind: 'maybe' }

export interface SltStatement {
  readonly kind: 'statement'
  readonly line: number
  readonly sql: string
  readonly expect: Expectation
  /** Whose session it runs in, where the file has several; undefined: the database's own. */
  readonly session?: string
}

export interface SltQuery {
  readonly kind: 'query'
  readonly line: number
  readonly sql: string
  /** One letter a column; none when any number of columns will do. */
  readonly types: string
  readonly sort: SortMode
  readonly label: string | undefined
  /** Words of the plan that must be there: `+plan:HashJoin`. */
  readonly plan: readonly string[]
  /** Undefined without `----`: the query must only run, and agree with its label. */
  readonly expected: readonly string[] | undefined
  /** As a statement's. */
  readonly session?: string
}

/** One record, with the line it starts on. */
export type SltRecord =
  | SltStatement
  | SltQuery
  | { readonly kind: 'hash-threshold'; readonly line: number; readonly values: number }
  | { readonly kind: 'sleep'; readonly line: number; readonly ms: number }
  /** What cannot be read or run: it fails by itself, the file goes on. */
  | { readonly kind: 'bad'; readonly line: number; readonly sql: string; readonly message: string }
  | { readonly kind: 'halt'; readonly line: number }

export type SortMode = 'nosort' | 'rowsort' | 'valuesort'

/** Names that `skipif` and `onlyif` may mean us by: our own, and that of the dialect we speak. */
const ownNames = new Set(['rowtine', 'postgresql', 'postgres'])
/** How DuckDB's files name a connection, at the end of a header. */
const sessionName = /^con\d+$/
/** Lines of other runners that ask for nothing here. */
const withoutEffect = new Set(['subtest', 'user', 'load', 'restart', 'reconnect', 'set', 'unset', 'tags', 'test-env'])
/** What DuckDB's `require` may name without our running something else than its files mean. */
const provided = new Set([
  'vector_size', 'skip_reload', 'noforcestorage', 'nothreadsan', 'notwindows', 'notmingw', '64bit', 'longdouble',
  'noalternativeverify', 'no_alternative_verify', 'core_functions', 'parquet', 'json',
])
const sleepMsMax = 10_000

interface Reading {
  readonly lines: readonly SltLine[]
  at: number
  /** From `mode skip` to `mode unskip`. */
  isOff: boolean
  /** By `skipif` and `onlyif`: the next record only. */
  skipsNext: boolean
  sort: SortMode
  /** By `connection`: of the next record only. */
  session: string | undefined
}

/** Returns the records in order; lines that are none become records that fail. Blocks that are skipped are not looked into. */
export function parseSlt(text: string): SltRecord[] {
  const { lines, problem } = expandLoops(text)
  const reading: Reading = { lines, at: 0, isOff: false, skipsNext: false, sort: 'nosort', session: undefined }
  const records: SltRecord[] = problem === undefined ? [] : [{ kind: 'bad', line: problem.line, sql: '', message: problem.message }]
  while (reading.at < lines.length) {
    const record = nextRecord(reading)
    if (record !== undefined) records.push(record)
    if (record?.kind === 'halt') break
  }
  return records
}

function nextRecord(reading: Reading): SltRecord | undefined {
  const { text, line } = reading.lines[reading.at] ?? { text: '', line: 0 }
  reading.at += 1
  const header = text.trim()
  if (header === '' || text.startsWith('#')) return undefined
  const words = header.split(/\s+/)
  const [word = '', second = ''] = words
  if (word === 'skipif' || word === 'onlyif') {
    reading.skipsNext ||= ownNames.has(second.toLowerCase()) === (word === 'skipif')
    return undefined
  }
  if (word === 'mode') {
    if (second === 'skip' || second === 'unskip') reading.isOff = second === 'skip'
    return undefined
  }
  if (word === 'connection') {
    reading.session = second === 'default' ? undefined : second
    return undefined
  }
  if (withoutEffect.has(word)) return undefined
  const isSkipped = reading.skipsNext || reading.isOff
  reading.skipsNext = false
  if (!directives.has(word)) {
    const block = takeBlock(reading)
    const { session } = reading
    reading.session = undefined
    return isSkipped ? undefined : withSession(header, words, session, (rest, left) => blockRecord(rest, left, block, line, reading.sort))
  }
  return isSkipped ? undefined : directive(words, line, reading)
}

/** Reads the header without the connection that it may name: `statement ok con1`, `query I con2`. */
function withSession(header: string, words: readonly string[], before: string | undefined, read: (header: string, words: readonly string[]) => SltRecord): SltRecord {
  const third = words[2] !== undefined && sessionName.test(words[2]) ? words[2] : undefined
  const session = third ?? before
  const record = third === undefined ? read(header, words) : read(header.replace(` ${third}`, ''), words.filter((_, i) => i !== 2))
  return session !== undefined && (record.kind === 'statement' || record.kind === 'query') ? { ...record, session } : record
}

const directives = new Set(['hash-threshold', 'halt', 'require', 'control', 'sleep'])

/** Records of one line. */
function directive(words: readonly string[], line: number, reading: Reading): SltRecord | undefined {
  const [word, second = '', third = ''] = words
  switch (word) {
    case 'hash-threshold':
      return /^\d+$/.test(second) ? { kind: word, line, values: Number(second) } : bad(line, 'hash-threshold asks for a number')
    case 'halt':
      return { kind: 'halt', line }
    case 'require':
      return provided.has(second) ? undefined : { kind: 'halt', line }
    case 'sleep':
      return sleepRecord(second, third, line)
    default:
      if (second === 'sortmode' && isSortMode(third)) reading.sort = third
      return undefined
  }
}

/** `sleep 100ms`, `sleep 2 seconds`. */
function sleepRecord(amount: string, unit: string, line: number): SltRecord {
  const match = /^(\d+)(ms|milli\w*|s|sec\w*)?$/.exec(`${amount}${unit}`)
  if (match === null) return bad(line, 'sleep asks for a number of ms or seconds')
  const ms = Number(match[1]) * (match[2]?.startsWith('m') === true ? 1 : 1000)
  return { kind: 'sleep', line, ms: Math.min(ms, sleepMsMax) }
}

function bad(line: number, message: string, sql = ''): SltRecord {
  return { kind: 'bad', line, sql, message }
}

interface Block {
  readonly sql: string
  readonly expected: readonly string[] | undefined
}

/** Lines up to the next empty one; what follows `----` is the expected result. */
function takeBlock(reading: Reading): Block {
  const sql: string[] = []
  let expected: string[] | undefined
  for (; reading.at < reading.lines.length; reading.at++) {
    const { text } = reading.lines[reading.at] ?? { text: '' }
    if (text.trim() === '') break
    if (expected !== undefined) expected.push(text)
    else if (text.trim() === '----') expected = []
    else sql.push(text)
  }
  return { sql: sql.join('\n'), expected }
}

function blockRecord(header: string, words: readonly string[], block: Block, line: number, sort: SortMode): SltRecord {
  const [word, second = ''] = words
  if (word === 'statement' || (word === 'query' && (second === 'error' || second === 'maybe'))) {
    const expect = expectation(header, words, block)
    return typeof expect === 'string' ? bad(line, expect, block.sql) : { kind: 'statement', line, sql: block.sql, expect }
  }
  if (word === 'query') return queryRecord(words.slice(1), block, line, sort)
  return bad(line, `not a record: ${header}`, block.sql)
}

/** A text says what is wrong with the header. */
function expectation(header: string, words: readonly string[], block: Block): Expectation | string {
  switch (words[1]) {
    case 'ok':
      return { kind: 'ok' }
    case 'maybe':
      return { kind: 'maybe' }
    case 'error': {
      const inHeader = header.replace(/^\S+\s+error\s*/, '').replace(/^\((.*)\)$/, '$1').replace(/^pgcode\s+(\w{5})\b.*$/, '$1')
      const pattern = inHeader === '' ? (block.expected ?? []).join('\n') : inHeader
      return { kind: 'error', pattern: pattern === '' ? undefined : pattern }
    }
    case 'count':
      return /^\d+$/.test(words[2] ?? '') ? { kind: 'count', rows: Number(words[2]) } : 'statement count asks for a number'
    default:
      return 'statement ok, error, count or maybe'
  }
}

/** `words` are types, then sort mode, options and label in any order; what follows a `#` is a comment. */
function queryRecord(words: readonly string[], block: Block, line: number, defaultSort: SortMode): SltRecord {
  const comment = words.indexOf('#')
  const said = comment < 0 ? words : words.slice(0, comment)
  const hasTypes = said[0] !== undefined && !isSortMode(said[0])
  const options = said.slice(hasTypes ? 1 : 0).flatMap((word) => (word.startsWith('+plan:') ? [word] : word.split(',')))
  const plan = options.filter((word) => word.startsWith('+plan:')).map((word) => word.slice('+plan:'.length))
  const sort = options.find(isSortMode) ?? defaultSort
  const hasNames = options.includes('colnames')
  const label = options.find((word) => !isSortMode(word) && !word.startsWith('+plan:') && word !== 'colnames')
  const expected = hasNames ? block.expected?.slice(1) : block.expected
  return { kind: 'query', line, sql: block.sql, types: hasTypes ? (said[0] ?? '') : '', sort, label, plan, expected }
}

function isSortMode(word: string): word is SortMode {
  return word === 'nosort' || word === 'rowsort' || word === 'valuesort'
}
