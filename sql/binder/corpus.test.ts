// Whatever parses either binds or is a user's mistake: nothing in the parser's corpora may end in a bug.
// Names of the corpora are made up here, so that binding gets past the first of them.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { EngineError } from '#base/engine-error'
import type { RelationSchema, SchemaLookup } from '#base/schema'
import type { DataType } from '#base/data-type'
import type * as ast from '#sql/ast'
import { parseProgram, parseStatement } from '#sql/parser/index'
import { printBound } from './print-bound.ts'
import { bindStatement } from './index.ts'

interface Entry {
  readonly text: string
  readonly statement: ast.Statement
}

function read(name: string): string {
  return readFileSync(new URL(`../parser/${name}`, import.meta.url), 'utf8')
}

/** One statement a line; the parser's own test says which of them it refuses. */
function lines(text: string): Entry[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('--'))
    .flatMap((line) => attempt(() => [parseStatement(line)], line))
}

function attempt(parse: () => readonly ast.Statement[], text: string): Entry[] {
  try {
    return parse().map((statement) => ({ text, statement }))
  } catch (error) {
    if (error instanceof EngineError) return []
    throw error
  }
}

function program(text: string): Entry[] {
  return attempt(() => parseProgram(text), text)
}

const corpora = [
  { name: 'the oracle corpus', entries: lines(read('oracle-corpus.sql')) },
  { name: 'the coroutine corpus', entries: program(read('coroutine-corpus.sql')) },
]

/** Every relation exists and has every column of one letter, of many types. */
const kinds = [
  'integer',
  'text',
  'timestamptz',
  'boolean',
  'json',
  'double',
  'bytea',
  'interval',
] as const

function relationCalled(name: string): RelationSchema {
  const letters = [
    ...'abcdefghijklmnopqrstuvwxyz',
    'id',
    'name',
    'email',
    'total',
    'status',
    'body',
  ]
  const columns = letters.map((letter, index) => {
    const type: DataType = { kind: kinds[index % kinds.length] ?? 'text' }
    return { name: letter, type, notNull: index === 0 }
  })
  return {
    id: 1,
    name,
    kind: 'table',
    durable: true,
    columns,
    checks: [],
    foreignKeys: [],
    indexes: [{ name: `${name}_pkey`, columns: [0], unique: true, primary: true }],
    insertable: true,
    mutable: true,
  }
}

const everything: SchemaLookup = {
  relation: relationCalled,
  relationById: () => undefined,
  referencing: () => [],
  relationNames: () => [],
}

function sliceOf(text: string, { span }: ast.Statement): string {
  return text.slice(span.start, span.end)
}

/** undefined when it binds, else the code of the mistake. */
function outcome(statement: ast.Statement, text: string): string | undefined {
  try {
    const bound = bindStatement(statement, everything, { text })
    if (bound.kind === 'query' || bound.kind === 'coroutine') printBound(bound)
    return undefined
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    expect(error.parts.span, error.message).toBeDefined()
    return error.code
  }
}

describe.each(corpora)('$name', ({ entries }) => {
  it('has statements', () => {
    expect(entries.length).toBeGreaterThan(5)
  })

  it.each(
    entries.map(({ text, statement }) => [sliceOf(text, statement), text, statement] as const),
  )('%s', (_, text, statement) => {
    expect(outcome(statement, text)).not.toBe('XX000')
  })
})
