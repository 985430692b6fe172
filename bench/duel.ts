// Questions that Rowtine and DuckDB answer side by side: answers compared first, then timed in turns.
// One Rowtine for each number of threads, one DuckDB for all; tables are filled from the same files.
import { EngineError } from '#base/engine-error'
import { openDuckDb, openRowtine, type SqlEngine, type Taken } from './engines.ts'
import { geometricMean, median } from './harness.ts'
import { difference, type Cells } from './queries/tpch.ts'

export interface Question {
  /** Cells that name it in the table of results. */
  readonly labels: Readonly<Record<string, string | number>>
  readonly sql: string
  /** DuckDB's words for the same, where they differ. */
  readonly duckdb?: string
  /** Shows that the answers are the same; `sql` itself, unless its answer is large or is a table. */
  readonly proof?: string
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
      try {
        await setUp(rowtine)
        for (const question of questions) {
          const outcome = await ask(question, [rowtine, duckdb], rounds)
          if (typeof outcome === 'string') notes.add(`${nameOf(question)}: ${outcome}`)
          else rows.push({ ...question.labels, threads, ...outcome })
        }
      } finally {
        await rowtine.close()
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

/** Returns: medians, or why there are none. */
async function ask(question: Question, engines: readonly [SqlEngine, SqlEngine], rounds: number): Promise<Times | string> {
  try {
    const warm = [await timeOf(question, engines[0]), await timeOf(question, engines[1])] as const
    if (warm.every(({ ms }) => ms < timeoutMs)) await mustAgree(question, engines)
    const isSlow = warm.some(({ ms }) => ms > slowMs)
    const taken: readonly [Taken[], Taken[]] = isSlow ? [[warm[0]], [warm[1]]] : [[], []]
    for (let round = 0; round < (isSlow ? 0 : rounds); round++) {
      taken[0].push(await timeOf(question, engines[0]))
      taken[1].push(await timeOf(question, engines[1]))
    }
    const [rowtine, duckdb] = [mediansOf(taken[0]), mediansOf(taken[1])]
    return { 'rowtine ms': rowtine.ms, 'duckdb ms': duckdb.ms, ratio: duckdb.ms / rowtine.ms, 'cpu ratio': duckdb.cpuMs / rowtine.cpuMs }
  } catch (error) {
    // What Rowtine refuses or has no memory for is a result too; a wrong answer is not.
    if (error instanceof EngineError) return `not measured: ${error.code} ${error.message}`
    throw error
  }
}

const wordsFor = ({ sql, duckdb }: Question, engine: SqlEngine): string => (engine.name === 'duckdb' ? (duckdb ?? sql) : sql)

function mediansOf(taken: readonly Taken[]): Taken {
  return { ms: median(taken.map(({ ms }) => ms)), cpuMs: median(taken.map(({ cpuMs }) => cpuMs)) }
}

async function timeOf(question: Question, engine: SqlEngine): Promise<Taken> {
  const taken = await engine.time(wordsFor(question, engine), timeoutMs)
  if (question.undo !== undefined && taken !== undefined) await engine.exec(question.undo)
  return taken ?? { ms: timeoutMs, cpuMs: timeoutMs }
}

async function mustAgree(question: Question, engines: readonly SqlEngine[]): Promise<void> {
  const answers: Cells[] = []
  for (const engine of engines) answers.push(await proofOf(question, engine))
  const [ours, theirs] = answers
  const differs = difference(ours ?? [], theirs ?? [])
  if (differs !== undefined) throw new Error(`${nameOf(question)}: the answers differ: ${differs}`)
}

async function proofOf(question: Question, engine: SqlEngine): Promise<Cells> {
  if (question.undo !== undefined) await engine.exec(wordsFor(question, engine))
  const cells = await engine.cells(question.proof ?? wordsFor(question, engine))
  if (question.undo !== undefined) await engine.exec(question.undo)
  return question.unordered === true ? cells.toSorted((a, b) => (a.join('|') < b.join('|') ? -1 : 1)) : cells
}
