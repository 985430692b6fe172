// Every .slt file gives the same answers whatever the batch size, the number of workers, the store, the rules
// of the planner and the vector instructions of its kernels.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { open, type Database, type OpenOptions } from '#engine/index'
import { parseSlt } from '#engine/slt/parse'
import { runSlt, type SltFailure } from '#engine/slt/run'

interface Configuration {
  readonly name: string
  readonly options: OpenOptions
  readonly store: 'memory' | 'sqlite'
}

/** Batches of one row show what full ones hide; two workers what one cannot. */
const configurations: readonly Configuration[] = [
  { name: 'batches of 1, one worker', options: { batchRows: 1, workers: 1 }, store: 'memory' },
  { name: 'batches of 3, two workers, every read by three threads', options: { batchRows: 3, workers: 2, threads: 3, parallelRows: 0 }, store: 'memory' },
  { name: 'full batches, one worker, every read by two threads', options: { batchRows: 2048, workers: 1, threads: 2, parallelRows: 0 }, store: 'memory' },
  { name: 'one worker, no rules', options: { batchRows: 2048, workers: 1, optimise: false }, store: 'memory' },
  { name: 'full batches, two workers', options: { batchRows: 2048, workers: 2 }, store: 'memory' },
  { name: 'full batches, SQLite', options: { batchRows: 2048, workers: 1 }, store: 'sqlite' },
]

const root = import.meta.dirname
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.slt'))
  .sort()

/** Calls `use` with a new database and closes it, whatever happens. */
async function withDatabase<T>(
  configuration: Configuration,
  use: (database: Database) => Promise<T>,
): Promise<T> {
  const directory =
    configuration.store === 'sqlite' ? mkdtempSync(join(tmpdir(), 'rowtine-slt-')) : undefined
  const place = directory === undefined ? {} : { data: directory }
  try {
    const database = await open({ ...configuration.options, ...place, pin: false })
    try {
      return await use(database)
    } finally {
      await database.close()
    }
  } finally {
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true })
  }
}

function report(file: string, failure: SltFailure): string {
  return `${file}:${failure.line}\n${failure.sql}\n${failure.message}`
}

describe.each(configurations)('$name', (configuration) => {
  it.each(files)('%s', async (file) => {
    const records = parseSlt(readFileSync(join(root, file), 'utf8'))
    const outcome = await withDatabase(configuration, (database) => runSlt(database, records))
    expect(outcome.failures.map((failure) => report(file, failure))).toEqual([])
    expect(outcome.passed).toBeGreaterThan(0)
  })
})

// Chosen when the addon is loaded, so in a process of its own.
it.for(['baseline', 'avx2'])('kernels compiled for %s', (cpu, { skip }) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['tools/rowtine.mjs', 'slt', root], {
    encoding: 'utf8',
    env: { ...process.env, ROWTINE_CPU: cpu },
  })
  if (stderr.includes('more than this machine has')) skip('this machine has not')
  expect({ stdout: stdout.split('\n').slice(-20).join('\n'), status }).toEqual({ stdout: expect.stringMatching(/^\d+ passed, 0 failed\n$/) as string, status: 0 })
})
