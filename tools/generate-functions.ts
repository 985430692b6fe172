// Makes docs/functions.md from the catalogue in sql/functions, with the test that shows each, and with what of
// PostgreSQL's is not there. Fails when a function is in no test.
// Run: node --conditions=source --import tsx tools/generate-functions.ts
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { aggregates } from '../sql/functions/aggregates.ts'
import { comparisonOperators } from '../sql/functions/comparison.ts'
import { composedFunctions } from '../sql/functions/composed-functions.ts'
import { datetimeFunctions, datetimeOperators } from '../sql/functions/datetime-functions.ts'
import { generalFunctions, logicOperators } from '../sql/functions/general-functions.ts'
import { jsonFunctions, jsonOperators } from '../sql/functions/json-functions.ts'
import { mathFunctions } from '../sql/functions/math-functions.ts'
import { numericOperators } from '../sql/functions/numeric-operators.ts'
import { patternInput } from '../sql/functions/pattern-input.ts'
import { textFunctions, textOperators } from '../sql/functions/text-functions.ts'
import { windowFunctions } from '../sql/functions/window-functions.ts'
import { postgresqlFunctions } from './postgresql-functions.ts'

interface Entry {
  readonly name: string
  readonly parameters: readonly string[]
  readonly variadic?: boolean
  readonly doc: string
}

interface Family {
  readonly title: string
  readonly entries: readonly Entry[]
  /** Where its tests are, if anywhere. */
  readonly folder: string
  readonly areOperators?: boolean
}

const numbers = /expressions\/(integers|floats|numeric|mathematics)/.source

const families: readonly Family[] = [
  { title: 'Operators of numbers', areOperators: true, entries: numericOperators, folder: numbers },
  { title: 'Comparisons and logic', areOperators: true, entries: [...comparisonOperators, ...logicOperators], folder: 'expressions/(boolean|conditional)' },
  { title: 'Operators of text', areOperators: true, entries: textOperators, folder: 'expressions/(text|like)' },
  { title: 'Operators of JSON', areOperators: true, entries: jsonOperators, folder: 'expressions/json' },
  { title: 'Operators of dates and times', areOperators: true, entries: datetimeOperators, folder: 'expressions/dates' },
  { title: 'Conditions and values', entries: generalFunctions, folder: 'expressions/' },
  { title: 'Mathematics', entries: mathFunctions, folder: numbers },
  { title: 'Text and bytes', entries: textFunctions, folder: 'expressions/(text|web|uuid-bytea)' },
  { title: 'Written in terms of others', entries: composedFunctions, folder: 'expressions/composed' },
  { title: 'Dates and times', entries: [...datetimeFunctions, ...patternInput], folder: 'expressions/(dates|clock|pattern-input)' },
  { title: 'JSON', entries: jsonFunctions, folder: 'expressions/json' },
  { title: 'Aggregates', entries: aggregates, folder: 'select/(aggregates|within)' },
  { title: 'Window functions', entries: windowFunctions, folder: 'select/windows' },
]

const root = new URL('..', import.meta.url)

/** The parser's own words: no entry of the catalogue stands behind them. */
const grammarWords = ['case', 'cast', 'coalesce', 'nullif', 'greatest', 'least', 'trim', 'grouping', 'generate_series']

const tests = readdirSync(new URL('test/sql', root), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.slt'))
  .sort()
  .map((path) => ({ path: `test/sql/${path}`, text: readFileSync(new URL(`test/sql/${path}`, root), 'utf8').toLowerCase().replaceAll(/^#.*$/gm, '') }))

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/** The file that uses it most, one of its family's if any does; operators stand between their operands. */
function testOf(name: string, { areOperators: isOperator = false, folder }: Family): string | undefined {
  const use = isOperator
    ? new RegExp(/^\w/.test(name) ? `\\b${name}\\b` : `[\\s\\w)'](${escaped(name)})[\\s\\w('-]`, 'g')
    : new RegExp(`\\b${escaped(name)}\\s*\\(|\\b${escaped(name)}\\b(?=[\\s,;)])`, 'g')
  const uses = tests.map(({ path, text }) => ({ path, count: text.match(use)?.length ?? 0 }))
  const own = new RegExp(folder)
  const rank = ({ path, count }: { path: string; count: number }): number => (count > 0 && own.test(path) ? 1e6 : 0) + count
  const most = uses.reduce((best, each) => (rank(each) > rank(best) ? each : best))
  return most.count === 0 ? undefined : most.path
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

function signature({ name, parameters, variadic = false }: Entry, isOperator: boolean): string {
  const shown = parameters.map((each, i) => (variadic && i === parameters.length - 1 ? `${each} …` : each))
  if (!isOperator) return `${name}(${shown.join(', ')})`
  return shown.length === 1 ? `${name} ${shown.join('')}` : shown.join(` ${name} `)
}

function plainDoc({ doc }: Entry): string {
  return doc.replace(/ of type \w+\.$/, '.')
}

const untested: string[] = []

/** Overloads that say the same are one row. */
function rowsOf(family: Family): string[] {
  const { entries, areOperators = false } = family
  const rows = new Map<string, { signatures: string[]; entry: Entry }>()
  for (const entry of entries) {
    const key = `${entry.name}: ${plainDoc(entry)}`
    const row = rows.get(key)
    if (row === undefined) rows.set(key, { signatures: [signature(entry, areOperators)], entry })
    else row.signatures.push(signature(entry, areOperators))
  }
  return [...rows.values()].map(({ signatures, entry }) => {
    const test = testOf(entry.name, family)
    if (test === undefined) untested.push(entry.name)
    return `| ${signatures.map((each) => `\`${cell(each)}\``).join(', ')} | ${cell(plainDoc(entry))} | [${test?.replace('test/sql/', '') ?? ''}](../${test ?? ''}) |`
  })
}

function section(family: Family): string {
  return [`## ${family.title}`, '', '| call | what it gives | test |', '|---|---|---|', ...rowsOf(family), ''].join('\n')
}

function missing(): string {
  const known = new Set([...families.flatMap(({ entries }) => entries.map(({ name }) => name)), ...grammarWords])
  return postgresqlFunctions
    .map(({ title, names }) => ({ title, absent: names.filter((name) => !known.has(name)) }))
    .filter(({ absent }) => absent.length > 0)
    .map(({ title, absent }) => `- ${title}: ${absent.map((name) => `\`${name}\``).join(', ')}`)
    .join('\n')
}

const sections = families.map(section)
if (untested.length > 0) throw new Error(`in no file of test/sql: ${untested.join(', ')}`)
writeFileSync(new URL('docs/functions.md', root), `<!-- Generated by tools/generate-functions.ts from sql/functions: do not edit. -->
# Functions and operators

All that can be called, with PostgreSQL's meaning, and a test that shows it. \`any\` is a value of any type, \`same\` are values of one common type, \`…\` may be repeated. \`test/functions/catalogue.test.ts\` calls every overload besides, \`native-kernels/reference\` has a plain twin of every kernel. The grammar's own words are ${grammarWords.map((word) => `\`${word}\``).join(', ')}; [COMPAT.md](../COMPAT.md) says what the families leave out.

${sections.join('\n')}
## What PostgreSQL has and Rowtine has not

An unknown function is refused with \`42883\` and the nearest name.

${missing()}
`)
