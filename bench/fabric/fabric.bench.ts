// How fast do events and phases cross between two pinned threads, and how near is that to what a
// program written by hand for the one question reaches? Builds the C++ programs beside the fabric's
// headers, runs them, and sets their figures beside the limit of the same run and the goals of the
// project.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type BenchOptions, type BenchReport, projectRoot } from '../harness.ts'
import { reachOf } from './goals.ts'

const programs = [
  'ring/ring_latency_bench.cc',
  'ring/spsc_ring_bench.cc',
  'ring/broadcast_ring_bench.cc',
  'ring/lanes_bench.cc',
  'barrier/phase_barrier_bench.cc',
]

// The same as the shipped core's, at the level the benchmarks of CMakeLists.txt use.
const compilerFlags = ['-std=gnu++20', '-O3', '-fno-exceptions', '-fno-rtti', '-pthread']
const programTimeoutMs = 300_000

/** One line of a program's output. */
export interface Figure {
  readonly question: string
  readonly placement: string
  readonly candidate: string
  readonly unit: 'M/s' | 'ns'
  readonly median: number
  readonly mad: number
  readonly samples: number
  /** Rounds of the question in which no undisturbed sample could be taken. */
  readonly missed: number
  /** Whether this is the program written by hand. */
  readonly limit: boolean
}

export async function run(options: BenchOptions): Promise<BenchReport> {
  const title = 'Fabric: how fast do events and phases cross between two threads?'
  if (process.platform !== 'linux') {
    return { title, rows: [], notes: ['not measured: the benchmark pins threads as Linux does'] }
  }
  const figures: Figure[] = []
  const notes = new Set(explanations)
  for (const program of programs) {
    const executable = build(program)
    for (const line of outputLines(executable, options)) {
      const parsed = JSON.parse(line) as Figure | { readonly note: string }
      if ('note' in parsed) notes.add(parsed.note)
      else figures.push(parsed)
    }
  }
  if (options.smoke) notes.add('smoke run: too short to say how fast anything is')
  return { title, rows: figures.map((figure) => rowOf(figure, figures)), notes: [...notes] }
}

const explanations = [
  'near, far, siblings: how far apart the two cores were, probed before and after each sample',
  'every payload is checked at its receiver; a sample in which a core was taken away is repeated',
  'ratio: to the program by hand at the same placement in the same run, medians interleaved',
]

function rowOf(figure: Figure, figures: readonly Figure[]): Record<string, string | number> {
  const limit = figures.find(
    (other) =>
      other.limit && other.question === figure.question && other.placement === figure.placement,
  )
  const ratio = limit === undefined ? undefined : figure.median / limit.median
  return {
    question: figure.question,
    cores: figure.placement,
    candidate: figure.candidate,
    median: figure.median,
    mad: figure.mad,
    unit: figure.unit,
    samples: figure.samples,
    ratio: ratio === undefined ? '' : Number(ratio.toFixed(2)),
    goal: figure.limit ? 'the limit' : reachOf(figure, ratio),
  }
}

/** BENCH_ROUNDS makes a run shorter or longer than the programs' own 31 rounds. */
function programArguments(options: BenchOptions): string[] {
  if (options.smoke) return ['--smoke']
  const rounds = Number(process.env['BENCH_ROUNDS'])
  return Number.isInteger(rounds) && rounds > 0 ? [`--rounds=${String(rounds)}`] : []
}

function outputLines(executable: string, options: BenchOptions): string[] {
  const result = spawnSync(executable, programArguments(options), {
    encoding: 'utf8',
    timeout: programTimeoutMs,
  })
  if (result.status !== 0) {
    const reason = result.signal ?? `exit code ${String(result.status)}`
    throw new Error(`${basename(executable)} failed (${reason}): ${result.stderr}`)
  }
  return result.stdout.split('\n').filter((line) => line !== '')
}

/** Compiles the program unless it is newer than every source it can include. Returns: its path. */
function build(program: string): string {
  const sources = join(projectRoot(), 'native-kernels', 'src')
  const folder = join(projectRoot(), 'build', 'fabric')
  const executable = join(folder, basename(program, '.cc'))
  if (existsSync(executable) && statSync(executable).mtimeMs > newestSourceMs(sources)) {
    return executable
  }
  mkdirSync(folder, { recursive: true })
  const inputs = [program, 'base/invariant.cc', 'ring/wait_strategy.cc']
  execFileSync(
    process.env['CXX'] ?? 'g++',
    [
      ...compilerFlags,
      '-I',
      sources,
      ...inputs.map((path) => join(sources, path)),
      '-o',
      executable,
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  return executable
}

function newestSourceMs(sources: string): number {
  const folders = ['base', 'ring', 'barrier'].map((name) => join(sources, name))
  const paths = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  return Math.max(...paths.map((path) => statSync(path).mtimeMs))
}
