// The parser against PostgreSQL's own grammar (libpg-query): what PostgreSQL accepts we accept or
// refuse as unsupported; what it refuses we refuse, but for our own forms. The corpus says which.
import { readFileSync } from 'node:fs'
import { loadModule, parseSync } from 'libpg-query'
import { beforeAll, describe, expect, it } from 'vitest'
import { EngineError } from '#base/engine-error'
import { parseStatement } from './index.ts'

type Verdict = 'accepted' | 'unsupported' | 'refused'

interface Line {
  readonly section: string
  readonly sql: string
}

function readCorpus(): readonly Line[] {
  const text = readFileSync(new URL('./oracle-corpus.sql', import.meta.url), 'utf8')
  let section = ''
  const lines: Line[] = []
  for (const sql of text.split('\n')) {
    const heading = /^-- section: (\w+)$/.exec(sql)
    if (heading?.[1] !== undefined) section = heading[1]
    else if (sql !== '' && section !== '') lines.push({ section, sql })
  }
  return lines
}

function ours(sql: string): Verdict {
  try {
    parseStatement(sql)
    return 'accepted'
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    return error.condition === 'feature_not_supported' ? 'unsupported' : 'refused'
  }
}

/** One statement only: PostgreSQL's parser takes several. */
function postgres(sql: string): Verdict {
  try {
    return parseSync(sql).stmts?.length === 1 ? 'accepted' : 'refused'
  } catch {
    return 'refused'
  }
}

const corpus = readCorpus()
const inSection = (section: string): readonly string[] =>
  corpus.filter((line) => line.section === section).map((line) => line.sql)

describe('against PostgreSQL', () => {
  beforeAll(loadModule)

  it('has a corpus worth the name', () => {
    expect(corpus.length).toBeGreaterThan(250)
  })

  it.each(inSection('same'))('agrees on %s', (sql) => {
    expect(ours(sql)).toBe(postgres(sql))
  })

  it.each(inSection('unsupported'))('refuses as unsupported %s', (sql) => {
    expect([ours(sql), postgres(sql)]).toEqual(['unsupported', 'accepted'])
  })

  it.each(inSection('stricter'))('is stricter on %s', (sql) => {
    expect([ours(sql), postgres(sql)]).toEqual(['refused', 'accepted'])
  })

  it.each(inSection('extension'))('adds %s', (sql) => {
    expect([ours(sql), postgres(sql)]).toEqual(['accepted', 'refused'])
  })
})
