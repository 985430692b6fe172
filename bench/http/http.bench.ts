// What does a request cost the server, from SQL and from its peers? Every server is a process on one
// core with its load on the other; answers are compared before anything is measured.
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { median, projectRoot, type BenchOptions, type BenchReport } from '../harness.ts'
import { candidates, installPeers, type Candidate } from './candidates.ts'
import { isInstalled, loadCore, onCore, outputOf, type RunningServer } from './processes.ts'
import { workloads, wrongAnswer, type Workload } from './workloads.ts'

const title = 'HTTP: what does a request cost the server?'
const fullRounds = Number(process.env['BENCH_ROUNDS'] ?? 5)
const here = join(projectRoot(), 'bench', 'http')
const hasWrk = isInstalled('wrk') && process.env['BENCH_LOAD'] !== 'own'

interface Contestant {
  readonly candidate: Candidate
  readonly server: RunningServer
}

interface Sample {
  readonly microsPerRequest: number
  readonly requestsPerSecond: number
  readonly errors: number
}

export async function run(options: BenchOptions): Promise<BenchReport> {
  const notes: string[] = []
  if (process.platform !== 'linux') {
    return { title, rows: [], notes: ['not measured: needs Linux, which says what processes have cost'] }
  }
  const failure = options.smoke ? undefined : installPeers()
  if (failure !== undefined) notes.push(failure)
  const folder = mkdtempSync(join(tmpdir(), 'rowtine-bench-'))
  const contestants: Contestant[] = []
  try {
    for (const candidate of candidates.filter(({ smoke }) => smoke || !options.smoke)) {
      const why = candidate.missing()
      if (why !== undefined) notes.push(`${candidate.name}: ${why}`)
      else contestants.push({ candidate, server: await candidate.start(mkdtempSync(join(folder, 'server-'))) })
    }
    const rows = []
    for (const workload of workloads(options.smoke)) rows.push(...(await measure(workload, contestants, options, notes)))
    return { title, rows, notes: [...notes, ...explanations(options)] }
  } finally {
    for (const { server } of contestants) await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function explanations(options: BenchOptions): string[] {
  return [
    'cpu us: processor time of all threads of the server per answered request, median over the rounds',
    'ratio: the cpu of the candidate to that of Rowtine in the same run, rounds interleaved',
    'inserts are answered when they are synced to disk; all but "commit per request" commit what a turn brought together',
    ...(cpus().length > 1 ? [] : ['server and load shared one core']),
    ...(hasWrk ? [] : ['load came from load-client.ts, which slows fast servers down: install wrk to measure requests/s']),
    ...(options.smoke ? ['smoke run: too short to say how fast anything is'] : []),
  ]
}

/** All contestants of one workload, round by round in turning order. */
async function measure(
  workload: Workload, contestants: readonly Contestant[], options: BenchOptions, notes: string[],
): Promise<BenchReport['rows']> {
  const able: Contestant[] = []
  for (const contestant of contestants) {
    if (!contestant.candidate.answers(workload.name)) continue
    const wrong = await wrongAnswer(contestant.server.url, workload)
    if (wrong === undefined) able.push(contestant)
    else notes.push(`${contestant.candidate.name} is not measured on ${workload.name}: ${wrong}`)
  }
  const samples = new Map(able.map((contestant) => [contestant, new Array<Sample>()]))
  const rounds = options.smoke ? 1 : fullRounds
  for (let round = 0; round < rounds; round += 1) {
    for (const [index] of able.entries()) {
      const contestant = able[(index + round) % able.length]
      if (contestant !== undefined) samples.get(contestant)?.push(await sample(workload, contestant.server))
    }
  }
  return rowsOf(workload, samples)
}

async function sample(workload: Workload, server: RunningServer): Promise<Sample> {
  const before = server.cpuMicros()
  const output = await outputOf(onCore(loadCore, loadCommand(workload, server.url)))
  const spent = server.cpuMicros() - before
  const line = /^RESULT (.*)$/m.exec(output)
  if (line?.[1] === undefined) throw new Error(`the load said nothing that can be read:\n${output}`)
  const result = JSON.parse(line[1]) as { requests: number; micros: number; errors: number }
  return {
    microsPerRequest: spent / result.requests,
    requestsPerSecond: (result.requests / result.micros) * 1e6,
    errors: result.errors,
  }
}

/** One second of load, by wrk where it is installed. */
function loadCommand({ connections, method, path, depth, keys, body }: Workload, url: string): readonly string[] {
  const message = [method, path, String(depth), String(keys), body]
  if (hasWrk) {
    return ['wrk', '-t1', `-c${String(connections)}`, '-d1s', '--timeout', '10s', '-s', join(here, 'load.lua'), url, '--', ...message]
  }
  return [process.execPath, '--import', 'tsx', join(here, 'load-client.ts'), url, String(connections), '1', ...message]
}

function rowsOf(workload: Workload, samples: ReadonlyMap<Contestant, readonly Sample[]>): BenchReport['rows'] {
  const microsOf = (taken: readonly Sample[]) => median(taken.map(({ microsPerRequest }) => microsPerRequest))
  const ours = [...samples].find(([{ candidate }]) => candidate.name === 'rowtine')
  const base = ours === undefined ? NaN : microsOf(ours[1])
  return [...samples].map(([{ candidate }, taken]) => ({
    workload: workload.name,
    server: candidate.name,
    'cpu us': microsOf(taken),
    ratio: microsOf(taken) / base,
    'requests/s': Math.round(median(taken.map(({ requestsPerSecond }) => requestsPerSecond))),
    errors: taken.reduce((sum, { errors }) => sum + errors, 0),
  }))
}
