// Reads sqllogictest files: the public format, with its sort modes, labels, hashing and skips.

/** One record, with the line it starts on. */
export type SltRecord =
  | { readonly kind: 'statement'; readonly line: number; readonly sql: string
      /** ok; error with an optional SQLSTATE or message pattern; or a count of rows changed. */
      readonly expect: { readonly kind: 'ok' } | { readonly kind: 'error'; readonly pattern: string | undefined } | { readonly kind: 'count'; readonly rows: number } }
  | { readonly kind: 'query'; readonly line: number; readonly sql: string; readonly types: string
      readonly sort: SortMode; readonly label: string | undefined
      /** Words of the plan that must be there: `+plan:HashJoin`. */
      readonly plan: readonly string[]
      readonly expected: readonly string[] }
  | { readonly kind: 'hash-threshold'; readonly line: number; readonly values: number }
  | { readonly kind: 'halt'; readonly line: number }

export type SortMode = 'nosort' | 'rowsort' | 'valuesort'

/** Names that `skipif` and `onlyif` may mean us by. */
const ownNames = new Set(['rowtine'])

/** Throws an Error that names the line for what is no record. */
export function parseSlt(text: string): SltRecord[] {
  const lines = text.split(/\r?\n/)
  const records: SltRecord[] = []
  let at = 0
  let skip = false
  while (at < lines.length) {
    const line = lines[at] ?? ''
    const words = line.trim().split(/\s+/)
    const start = at + 1
    at += 1
    if (line.trim() === '' || line.startsWith('#')) continue
    const [word = '', second = ''] = words
    if (word === 'skipif' || word === 'onlyif') {
      skip ||= ownNames.has(second.toLowerCase()) === (word === 'skipif')
      continue
    }
    const block = takeBlock(lines, at)
    const record = parseRecord(words, block, start)
    at = record.takesBlock ? block.next : at
    if (record.record !== undefined && !skip) records.push(record.record)
    skip = false
  }
  return records
}

interface Block {
  readonly sql: string
  readonly expected: readonly string[]
  readonly next: number
}

/** Lines up to the next empty one; what follows `----` is the expected result. */
function takeBlock(lines: readonly string[], from: number): Block {
  const sql: string[] = []
  const expected: string[] = []
  let at = from
  let inResult = false
  for (; at < lines.length && (lines[at] ?? '').trim() !== ''; at++) {
    const line = lines[at] ?? ''
    if (!inResult && line.trim() === '----') inResult = true
    else if (inResult) expected.push(line)
    else sql.push(line)
  }
  return { sql: sql.join('\n'), expected, next: at }
}

function parseRecord(words: readonly string[], block: Block, line: number): { record: SltRecord | undefined; takesBlock: boolean } {
  switch (words[0]) {
    case 'statement':
      return { record: { kind: 'statement', line, sql: block.sql, expect: expectation(words, line) }, takesBlock: true }
    case 'query':
      return { record: queryRecord(words, block, line), takesBlock: true }
    case 'hash-threshold':
      return { record: { kind: 'hash-threshold', line, values: Number(words[1]) }, takesBlock: false }
    case 'halt':
      return { record: { kind: 'halt', line }, takesBlock: false }
    case 'mode':
    case 'require':
    case 'set':
      return { record: undefined, takesBlock: false }
    default:
      throw new Error(`line ${line}: not a record: ${words.join(' ')}`)
  }
}

function expectation(words: readonly string[], line: number): Extract<SltRecord, { kind: 'statement' }>['expect'] {
  switch (words[1]) {
    case 'ok':
      return { kind: 'ok' }
    case 'error': {
      const pattern = words.slice(2).join(' ').replace(/^\((.*)\)$/, '$1')
      return { kind: 'error', pattern: pattern === '' ? undefined : pattern }
    }
    case 'count':
      return { kind: 'count', rows: Number(words[2]) }
    default:
      throw new Error(`line ${line}: statement ok, error or count`)
  }
}

function queryRecord(words: readonly string[], block: Block, line: number): SltRecord {
  const plan: string[] = []
  let sort: SortMode = 'nosort'
  let label: string | undefined
  for (const word of words.slice(2)) {
    if (word.startsWith('+plan:')) plan.push(word.slice('+plan:'.length))
    else if (word === 'nosort' || word === 'rowsort' || word === 'valuesort') sort = word
    else label = word
  }
  return { kind: 'query', line, sql: block.sql, types: words[1] ?? '', sort, label, plan, expected: block.expected }
}
