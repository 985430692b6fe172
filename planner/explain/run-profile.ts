// What a run did, as native code counts it (native-kernels/src/program/profile.h).

export interface StageProfile {
  /** Rows and batches that reached it; of a source the rows in blocks that it passed over. */
  readonly rows: number
  readonly batches: number
  readonly nanoseconds: number
}

export interface PipelineProfile {
  readonly nanoseconds: number
  /** Threads that had some of its batches. */
  readonly threads: number
  /** Source, operators, sink. Their times add up those of all threads. */
  readonly stages: readonly StageProfile[]
}

export interface RunProfile {
  readonly nanoseconds: number
  /** The most that the run held at a time, as far as its batches showed. */
  readonly bytes: number
  readonly pipelines: readonly PipelineProfile[]
}

/** Shapes: nanoseconds, bytes, pipelines; of each its nanoseconds, threads, stages, and three numbers of each stage. */
export function readProfile(numbers: Float64Array): RunProfile {
  let at = 0
  const next = (): number => numbers[at++] ?? 0
  const list = <T>(count: number, read: () => T): T[] => Array.from({ length: count }, read)
  const stage = (): StageProfile => ({ rows: next(), batches: next(), nanoseconds: next() })
  const pipeline = (): PipelineProfile => ({ nanoseconds: next(), threads: next(), stages: list(next(), stage) })
  return { nanoseconds: next(), bytes: next(), pipelines: list(next(), pipeline) }
}
