// The exact text of error reports. A file holds cases: a query, a line of dashes, and the report
// that reading the query gives; a line of equals signs divides cases. UPDATE=1 rewrites the
// reports.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { EngineError } from '#base/engine-error'
import { parseProgram } from '#sql/parser/index'

const kQueryEnd = '\n----\n'
const kCaseEnd = '\n====\n'

interface Case {
  readonly query: string
  readonly report: string
}

function readCases(file: string): readonly Case[] {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8')
  return text
    .split(kCaseEnd)
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [query = '', report = ''] = part.split(kQueryEnd)
      return { query, report: report.trimEnd() }
    })
}

function reportOf(query: string): string {
  try {
    parseProgram(query, { terminated: false })
    return 'no error'
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    const suffix = error.parts.incomplete === true ? '\n(incomplete)' : ''
    return error.render({ name: 'query', text: query }) + suffix
  }
}

function rewrite(file: string, cases: readonly Case[]): void {
  const parts = cases.map(({ query }) => `${query}${kQueryEnd}${reportOf(query)}${kCaseEnd}`)
  writeFileSync(new URL(file, import.meta.url), parts.join(''))
}

/** Files for the parser; what binds has its own runner beside its files. */
const files = readdirSync(new URL('.', import.meta.url)).filter((file) =>
  /^syntax.*\.report$/.test(file),
)

for (const file of files) {
  const cases = readCases(file)
  if (process.env['UPDATE'] === '1') rewrite(file, cases)
  describe(file, () => {
    it.each(readCases(file))('$query', ({ query, report }) => {
      expect(reportOf(query)).toBe(report)
    })
  })
}
