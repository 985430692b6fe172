// Golden plans: each case of a *.plan file is an SQL statement and how it is planned. UPDATE=1
// rewrites the files; the diff is reviewed as code. Every program is checked structurally as well.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { bindStatement } from '#sql/binder/index'
import { parseStatement } from '#sql/parser/index'
import type { BoundCoroutine, BoundQuery } from '#sql/bound'
import {
  checkProgram,
  encodeProgram,
  explainLogical,
  explainPipelines,
  explainProgram,
  logicalPlan,
  planCoroutine,
  planQuery,
  type Program,
} from '#planner/index'
import { sampleSchemas } from '../support/schemas.ts'

interface PlanCase {
  /** Lines that start with `--`, kept as they are. */
  readonly title: string
  readonly sql: string
  readonly expected: string
}

const folder = fileURLToPath(new URL('.', import.meta.url))
const isUpdating = process.env['UPDATE'] === '1'

function casesOf(text: string): PlanCase[] {
  return text
    .split(/^(?=-- )/m)
    .filter((part) => part.startsWith('-- '))
    .map((part) => {
      const [head = '', expected = ''] = part.split(/^----\n/m)
      const lines = head.trimEnd().split('\n')
      const titleLines = lines.filter((line) => line.startsWith('-- '))
      return {
        title: titleLines.join('\n'),
        sql: lines.slice(titleLines.length).join('\n'),
        expected: expected.trimEnd(),
      }
    })
}

function printCase({ title, sql, expected }: PlanCase): string {
  return `${title}\n${sql}\n----\n${expected}\n`
}

function headOf(text: string): string {
  return text.slice(0, text.search(/^-- /m))
}

function explain(sql: string, isProgram: boolean): string {
  const bound = bindStatement(parseStatement(sql), sampleSchemas, {})
  if (bound.kind === 'query') return explainQuery(bound, isProgram)
  if (bound.kind === 'coroutine') return explainCoroutine(bound, isProgram)
  throw new Error('a plan is of a query or coroutine')
}

function explainQuery(bound: BoundQuery, isProgram: boolean): string {
  const program = planQuery(bound, sampleSchemas)
  expectSound(program)
  if (isProgram) return explainProgram(program).join('\n')
  return [...explainLogical(logicalPlan(bound)), ...explainPipelines(program, sampleSchemas)].join(
    '\n',
  )
}

function explainCoroutine(bound: BoundCoroutine, isProgram: boolean): string {
  const planned = planCoroutine(bound, sampleSchemas)
  expectSound(planned.program)
  const name = (id: number): string => sampleSchemas.relationById(id)?.name ?? String(id)
  const routes = planned.routes.map(
    ({ column, value }) => `column ${String(column)} = ${String(value)}`,
  )
  return [
    `routes: ${routes.join(', ')}`.trimEnd(),
    `reads: ${planned.reads.map(name).join(', ')}`.trimEnd(),
    `writes: ${planned.writes.map(name).join(', ')}`.trimEnd(),
    planned.program.vectorised ? 'set at a time' : 'one at a time',
    ...(isProgram
      ? explainProgram(planned.program)
      : explainPipelines(planned.program, sampleSchemas)),
  ].join('\n')
}

function expectSound(program: Program): void {
  expect(checkProgram(program)).toEqual([])
  expect(encodeProgram(program).words.length).toBeGreaterThan(0)
}

function resultOf(one: PlanCase, isProgram: boolean): string {
  try {
    return explain(one.sql, isProgram)
  } catch (error) {
    if (error instanceof Error && 'code' in error)
      return `error (${String(error.code)}): ${error.message}`
    throw error
  }
}

for (const file of readdirSync(folder).filter((name) => name.endsWith('.plan'))) {
  describe(file, () => {
    const text = readFileSync(folder + file, 'utf8')
    const isProgram = file.startsWith('program')
    const cases = casesOf(text)
    const updated: PlanCase[] = []
    for (const one of cases) {
      it(one.title.slice(3), () => {
        const actual = resultOf(one, isProgram)
        updated.push({ ...one, expected: actual })
        if (!isUpdating) expect(actual).toBe(one.expected)
      })
    }
    it('is up to date', () => {
      if (isUpdating && updated.length === cases.length)
        writeFileSync(folder + file, headOf(text) + updated.map(printCase).join('\n'))
    })
  })
}
