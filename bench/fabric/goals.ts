// The figures the fabric is to reach, by question: most as a share of the limit by hand, because
// absolute figures between two cores say more about where the cores are than about the code.
import type { Figure } from './fabric.bench.ts'

/** `ratioMin`: rates; `ratioMax`: times; `rateMin`: million events per second. */
interface Goal {
  readonly question: string
  /** The candidate it is for; others in the question are there for comparison. */
  readonly candidate: string
  readonly ratioMin?: number
  readonly ratioMax?: number
  readonly rateMin?: number
}

const goals: readonly Goal[] = [
  { question: 'latency: one way, paced, p50', candidate: 'SpscRing', ratioMax: 1.2 },
  {
    question: 'spsc: 8 bytes, single push',
    candidate: 'SpscRing try_push, peek',
    ratioMin: 0.85,
  },
  { question: 'spsc: 8 bytes, batches of 256', candidate: 'SpscRing', ratioMin: 0.85 },
  { question: 'spsc: 64 bytes, batches of 256', candidate: 'SpscRing', ratioMin: 0.85 },
  { question: 'barrier: superstep of two threads', candidate: 'PhaseBarrier', ratioMax: 1.15 },
  {
    question: 'barrier: superstep that exchanges a line',
    candidate: 'PhaseBarrier',
    ratioMax: 1.15,
  },
  {
    question: 'broadcast: 8 bytes to 1 reader, none lost',
    candidate: 'BroadcastRing, single push',
    rateMin: 30,
  },
  {
    question: 'ingest: 8 bytes from a foreign thread, batches of 256',
    candidate: 'Lanes and Parker',
    rateMin: 100,
  },
]

/** What the goal for `figure` is and whether it is met; empty when there is none. */
export function reachOf(figure: Figure, ratio: number | undefined): string {
  const goal = goals.find(
    ({ question, candidate }) => question === figure.question && candidate === figure.candidate,
  )
  if (goal === undefined) return ''
  if (goal.rateMin !== undefined) {
    return verdict(`>= ${String(goal.rateMin)} M/s`, figure.median >= goal.rateMin)
  }
  if (ratio === undefined) return 'no limit measured at this placement'
  if (goal.ratioMin !== undefined) {
    return verdict(`>= ${String(goal.ratioMin)} of limit`, ratio >= goal.ratioMin)
  }
  const ratioMax = goal.ratioMax ?? 1
  return verdict(`<= ${String(ratioMax)} of limit`, ratio <= ratioMax)
}

function verdict(goal: string, isMet: boolean): string {
  return `${goal}: ${isMet ? 'met' : 'missed'}`
}
