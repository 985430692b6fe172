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
  explainRules,
  logicalPlan,
  planByRule,
  planCoroutine,
  planQuery,
  type Program,
} from '#planner/index'
import { sampleSchemas, sizedSchemas } from '../support/schemas.ts'

interface PlanCase {
  /** Lines that start with `--`, kept as they are. */
  readonly title: string
  readonly sql: string
  readonly expected: string
}

/** By the file's name. */
type Show = 'plan' | 'program' | 'rules' | 'sized-rules'

function showOf(file: string): Show {
  return (['program', 'rules', 'sized-rules'] as const).find((show) => file.startsWith(show)) ?? 'plan'
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

function explain(sql: string, show: Show): string {
  const bound = bindStatement(parseStatement(sql), sampleSchemas, {})
  if (bound.kind === 'query') return show === 'sized-rules' ? explainSized(bound) : explainQuery(bound, show)
  if (bound.kind === 'coroutine') return explainCoroutine(bound, show)
  throw new Error('a plan is of a query or coroutine')
}

function explainQuery(bound: BoundQuery, show: Show): string {
  const program = planQuery(bound, sampleSchemas)
  expectSound(program)
  if (show === 'program') return explainProgram(program).join('\n')
  if (show === 'rules') return explainRules(planByRule(bound, sampleSchemas)).join('\n')
  return [...explainLogical(logicalPlan(bound)), ...explainPipelines(program, sampleSchemas)].join(
    '\n',
  )
}

function explainSized(bound: BoundQuery): string {
  const program = planQuery(bound, sizedSchemas)
  expectSound(program)
  return [...explainRules(planByRule(bound, sizedSchemas)), '', ...explainPipelines(program, sizedSchemas)].join('\n')
}

function explainCoroutine(bound: BoundCoroutine, show: Show): string {
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
    ...(show === 'program'
      ? explainProgram(planned.program)
      : explainPipelines(planned.program, sampleSchemas)),
  ].join('\n')
}

function expectSound(program: Program): void {
  expect(checkProgram(program)).toEqual([])
  expect(encodeProgram(program).words.length).toBeGreaterThan(0)
}

function resultOf(one: PlanCase, show: Show): string {
  try {
    return explain(one.sql, show)
  } catch (error) {
    if (error instanceof Error && 'code' in error)
      return `error (${String(error.code)}): ${error.message}`
    throw error
  }
}

for (const file of readdirSync(folder).filter((name) => name.endsWith('.plan'))) {
  describe(file, () => {
    const text = readFileSync(folder + file, 'utf8')
    const show = showOf(file)
    const cases = casesOf(text)
    const updated: PlanCase[] = []
    for (const one of cases) {
      it(one.title.slice(3), () => {
        const actual = resultOf(one, show)
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
