// Questions that Rowtine and DuckDB answer side by side: answers compared first, then timed in turns.
// One Rowtine for each number of threads, one DuckDB for all; tables are filled from the same files. Peers that
// BENCH_PEERS names answer beside them.
import { EngineError } from '#base/engine-error'
import { openDuckDb, openRowtine, type SqlEngine, type Taken } from './engines.ts'
import { geometricMean, median } from './harness.ts'
import { objectionOf, peerCells, sortedRows, startPeers, type PeerEngine } from './peer-engine.ts'
import { difference, type Cells } from './queries/tpch.ts'

export interface Question {
  /** Cells that name it in the table of results. */
  readonly labels: Readonly<Record<string, string | number>>
  readonly sql: string
  /** The words of others for the same, where they differ. */
  readonly words?: Readonly<Partial<Record<'duckdb' | PeerEngine['name'], string>>>
  /** Shows that the answers are the same, from `sql`; it is `sql` itself, unless its answer is large or is a table. */
  readonly proof?: (sql: string) => string
  /** Run after `sql`, not timed. */
  readonly undo?: string
  /** The order of the rows is not given. */
  readonly unordered?: boolean
}

export interface Duel {
  readonly questions: readonly Question[]
  readonly rounds: number
  /** Makes and fills the tables of one engine. */
  readonly setUp: (engine: SqlEngine) => Promise<void>
}

export interface DuelRow extends Record<string, string | number> {
  readonly threads: number
  readonly 'rowtine ms': number
  readonly 'duckdb ms': number
  readonly ratio: number
  /** The same of processor time. */
  readonly 'cpu ratio': number
}

/** From here on a question is asked once. */
const slowMs = 20_000
/** A question is stopped here, and this counts as its time. */
const timeoutMs = 60_000

const threadCounts = [1, 2] as const

/** Returns: a row per question and number of threads, and what is to be said about those that have none. */
export async function duel({ questions, rounds, setUp }: Duel): Promise<{ rows: DuelRow[]; notes: string[] }> {
  const rows: DuelRow[] = []
  const notes = new Set<string>()
  const duckdb = await openDuckDb(1)
  try {
    await setUp(duckdb)
    for (const threads of threadCounts) {
      await duckdb.exec(`set threads = ${String(threads)}`)
      const rowtine = await openRowtine(threads)
      const peers = await startPeers(threads, duckdb)
      try {
        await setUp(rowtine)
        for (const question of questions) {
          const outcome = await ask(question, { engines: [rowtine, duckdb], peers, rounds, note: (text) => notes.add(text) })
          if (outcome !== undefined) rows.push({ ...question.labels, threads, ...outcome })
        }
      } finally {
        await rowtine.close()
        for (const peer of peers) peer.close()
      }
    }
  } finally {
    await duckdb.close()
  }
  return { rows, notes: [...notes] }
}

/** A line per number of threads that sums the ratios up. */
export function meanNotes(rows: readonly DuelRow[], what: string, keep: (row: DuelRow) => boolean = () => true): string[] {
  return threadCounts.map((threads) => {
    const kept = rows.filter((row) => row.threads === threads && keep(row))
    const ratios = kept.map(({ ratio }) => ratio)
    const below = ratios.filter((ratio) => ratio < 1).length
    const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`
    const cpu = geometricMean(kept.map((row) => row['cpu ratio'])).toFixed(2)
    return `${what}, threads ${String(threads)}: geometric mean ${geometricMean(ratios).toFixed(2)}, ${range}, ${String(below)} of ${String(ratios.length)} below 1; of processor time ${cpu}`
  })
}

/** How to read the columns of a duel. */
export const readingNotes: readonly string[] = [
  'ms: median; ratio: DuckDB’s median by Rowtine’s at the same number of threads, above 1 Rowtine is faster; cpu ratio: of processor time',
  'Rowtine’s query threads run at a lower priority: where something else wants the cores, believe the cpu ratio',
]

const nameOf = ({ labels }: Question): string => Object.values(labels).join(' ')

type Times = Pick<DuelRow, 'rowtine ms' | 'duckdb ms' | 'ratio' | 'cpu ratio'>

/** What is to be said of a time that is only where the engine was stopped. */
export function stoppedNotes(rows: readonly DuelRow[]): string[] {
  const stopped = rows.filter((row) => Math.max(row['rowtine ms'], row['duckdb ms']) >= timeoutMs)
  return stopped.length === 0 ? [] : [`${String(timeoutMs / 1000)} s: stopped there, the ratio is the best that it can be`]
}

interface Askers {
  readonly engines: readonly [SqlEngine, SqlEngine]
  readonly peers: readonly PeerEngine[]
  readonly rounds: number
  readonly note: (text: string) => void
}

/** Returns: medians; undefined, after a note, when there are none. */
async function ask(question: Question, askers: Askers): Promise<(Times & Record<string, string | number>) | undefined> {
  const { engines, note } = askers
  try {
    const warm = [await timeOf(question, engines[0]), await timeOf(question, engines[1])] as const
    const answer = warm.every(({ ms }) => ms < timeoutMs) ? await mustAgree(question, engines) : undefined
    const isSlow = warm.some(({ ms }) => ms > slowMs)
    const taken: readonly [Taken[], Taken[]] = isSlow ? [[warm[0]], [warm[1]]] : [[], []]
    const ofPeers = await admitted(question, askers, answer)
    for (let round = 0; round < (isSlow ? 0 : askers.rounds); round++) {
      taken[0].push(await timeOf(question, engines[0]))
      taken[1].push(await timeOf(question, engines[1]))
      for (const [peer, times] of ofPeers) times.push((await peer.time(wordsFor(question, peer))).ms)
    }
    const [rowtine, duckdb] = [mediansOf(taken[0]), mediansOf(taken[1])]
    const times = { 'rowtine ms': rowtine.ms, 'duckdb ms': duckdb.ms, ratio: duckdb.ms / rowtine.ms, 'cpu ratio': duckdb.cpuMs / rowtine.cpuMs }
    return { ...times, ...peerCells(ofPeers, askers.peers) }
  } catch (error) {
    // What Rowtine refuses or has no memory for is a result too; a wrong answer is not.
    if (!(error instanceof EngineError)) throw error
    note(`${nameOf(question)}: not measured: ${error.code} ${error.message}`)
    return undefined
  }
}

/** The peers that give the same answer, with room for their times. What makes a table is not asked of them. */
async function admitted(question: Question, { peers, note }: Askers, answer: Cells | undefined): Promise<Map<PeerEngine, number[]>> {
  const kept = new Map<PeerEngine, number[]>()
  if (answer === undefined || question.undo !== undefined) return kept
  for (const peer of peers) {
    const objection = await objectionOf(peer, proofFor(question, peer), answer, question.unordered)
    if (objection === undefined) kept.set(peer, [])
    else note(`${nameOf(question)}: ${objection}`)
  }
  return kept
}

type Named = Pick<SqlEngine | PeerEngine, 'name'>

const wordsFor = ({ sql, words }: Question, { name }: Named): string => (name === 'rowtine' ? sql : (words?.[name] ?? sql))
const proofFor = (question: Question, engine: Named): string => {
  const sql = wordsFor(question, engine)
  return question.proof?.(sql) ?? sql
}

function mediansOf(taken: readonly Taken[]): Taken {
  return { ms: median(taken.map(({ ms }) => ms)), cpuMs: median(taken.map(({ cpuMs }) => cpuMs)) }
}

async function timeOf(question: Question, engine: SqlEngine): Promise<Taken> {
  const taken = await engine.time(wordsFor(question, engine), timeoutMs)
  if (question.undo !== undefined && taken !== undefined) await engine.exec(question.undo)
  return taken ?? { ms: timeoutMs, cpuMs: timeoutMs }
}

/** Returns: the answer of both. */
async function mustAgree(question: Question, [rowtine, duckdb]: readonly [SqlEngine, SqlEngine]): Promise<Cells> {
  const [ours, theirs] = [await answerOf(question, rowtine), await answerOf(question, duckdb)]
  const differs = difference(ours, theirs)
  if (differs !== undefined) throw new Error(`${nameOf(question)}: the answers differ: ${differs}`)
  return ours
}

async function answerOf(question: Question, engine: SqlEngine): Promise<Cells> {
  if (question.undo !== undefined) await engine.exec(wordsFor(question, engine))
  const cells = await engine.cells(proofFor(question, engine))
  if (question.undo !== undefined) await engine.exec(question.undo)
  return question.unordered === true ? sortedRows(cells) : cells
}
