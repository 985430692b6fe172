// What every benchmark hands back, and the two things done with it: a table for people and a JSON
// file in bench/results for claims to link to. Says what machine it ran on, never whose.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface BenchReport {
  /** The question the benchmark answers. */
  readonly title: string
  /** One line of the table each; all with the same keys, in the order of the columns. */
  readonly rows: Record<string, string | number>[]
  /** What a reader must know to believe the rows. */
  readonly notes: string[]
}

export interface BenchOptions {
  /** Small counts and few rounds: shows that the benchmark works, not how fast anything is. */
  readonly smoke: boolean
}

export interface MachineFacts {
  readonly cpu: string
  readonly cores: number
  readonly kernel: string
  readonly node: string
  readonly compiler: string
  readonly commit: string
  /** Load average of the last minute, when the facts were taken. */
  readonly load: number
}

/** The checkout: the nearest folder upwards with a package.json. */
export function projectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder)
    if (parent === folder) throw new Error('no package.json above the benchmarks')
    folder = parent
  }
  return folder
}

export function machineFacts(): MachineFacts {
  const processors = cpus()
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    kernel: release(),
    node: process.version,
    compiler: firstLineOf(process.env['CXX'] ?? 'g++', ['--version']),
    commit: commit(),
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  }
}

/** Nulls: NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2
}

/** The mean of ratios: of twice and half it is 1. Nulls: NaN of nothing. */
export function geometricMean(ratios: readonly number[]): number {
  return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length)
}

/** The command that gives a suite's report, with the settings that were made in the environment. */
export function commandOf(suite: string): string {
  const settings = Object.entries(process.env).filter(([name]) => name.startsWith('BENCH_')).map(([name, value]) => `${name}=${value ?? ''} `)
  return `${settings.toSorted().join('')}npm run bench -- ${suite}`
}

/** What is said of a run that shows that a benchmark works. */
export function smokeNotes({ smoke }: BenchOptions): string[] {
  return smoke ? ['smoke run: too short to say how fast anything is'] : []
}

/** Prints the title, the rows under their keys, and the notes. */
export function printTable(report: BenchReport): void {
  console.log(`\n${report.title}`)
  for (const line of tableLines(report.rows)) console.log(line)
  for (const note of report.notes) console.log(`note: ${note}`)
}

/** The rows as aligned lines, numbers to the right, with a header and a rule. */
export function tableLines(rows: BenchReport['rows']): string[] {
  const keys = Object.keys(rows[0] ?? {})
  if (keys.length === 0) return ['(no rows)']
  const columns = keys.map((key) => {
    const cells = rows.map((row) => cell(row[key]))
    const width = Math.max(key.length, ...cells.map((text) => text.length))
    const isNumeric = rows.some((row) => typeof row[key] === 'number')
    const pad = (text: string) => (isNumeric ? text.padStart(width) : text.padEnd(width))
    return { header: pad(key), rule: '-'.repeat(width), cells: cells.map(pad) }
  })
  const line = (part: (column: (typeof columns)[number]) => string) =>
    columns.map(part).join('  ').trimEnd()
  return [
    line((column) => column.header),
    line((column) => column.rule),
    ...rows.map((_, index) => line((column) => column.cells[index] ?? '')),
  ]
}

/** Writes `bench/results/<name>.json`: the report, the command, the machine, the time. Returns: its path. */
export function writeJson(name: string, report: BenchReport, command: string): string {
  const folder = join(projectRoot(), 'bench', 'results')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${name}.json`)
  const contents = { at: new Date().toISOString(), command, machine: machineFacts(), ...report }
  writeFileSync(path, JSON.stringify(contents, undefined, 2) + '\n')
  return path
}

function cell(value: string | number | undefined): string {
  if (value === undefined) return ''
  return typeof value === 'number'
    ? Number(value.toPrecision(4)).toLocaleString('en', { maximumFractionDigits: 4 })
    : value
}

function commit(): string {
  const hash = firstLineOf('git', ['rev-parse', '--short=12', 'HEAD'])
  const isDirty = firstLineOf('git', ['status', '--porcelain', '--untracked-files=no']) !== ''
  return isDirty ? `${hash} with local changes` : hash
}

function firstLineOf(command: string, args: string[]): string {
  try {
    const output = execFileSync(command, args, {
      cwd: projectRoot(),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return output.split('\n')[0]?.trim() ?? ''
  } catch {
    return 'unknown'
  }
}
