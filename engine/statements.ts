// Statements that have been planned: parsed, bound, planned, encoded and verified once, run often. Kept
// by their text and the types given for their parameters, the least recently used leave first, and all
// leave when a relation changes.
import type { DataType } from '#base/data-type'
import { encodeProgram, planQuery, type EncodedParameters, type PlanOptions, type Program } from '#planner/index'
import type { FailureNote } from '#planner/program'
import type { BoundQuery } from '#sql/bound'
import type { Catalog } from './catalog.ts'
import type { RowReader } from './exchange.ts'
import type { Executor, RunBy } from './executor.ts'
import { parameterValues, typeOfValue, type ParameterValue } from './parameters.ts'
import { Result, type ResultColumn, type Row } from './result.ts'

/** Statements that are kept by their text. */
export const cachedStatementsMax = 1_000

/** Texts longer than this, in characters, carry their data with them and do not come again. */
export const cachedTextMax = 16_384

/** Below it all sizes are alike: plans do not depend on them. */
const sizesAlikeMax = 10_000

/** A statement ready to run; `handle` is its native program. */
export interface PlannedStatement {
  readonly handle: number
  readonly tag: string
  readonly columns: readonly ResultColumn[]
  readonly parameters: readonly DataType[]
  readonly notes: readonly FailureNote[]
  /** Reads its rows where they are few. */
  readonly reader: RowReader
  /** The catalog's, when it was planned. */
  readonly version: number
  /** Sizes of the relations that decided about the plan, as they were. */
  readonly counts: ReadonlyMap<number, number>
}

export class Statements {
  readonly #catalog: Catalog
  readonly #executor: Executor
  /** In the order of use. */
  readonly #kept = new Map<string, PlannedStatement>()
  #version: number
  /** How every statement is planned. */
  readonly planOptions: PlanOptions

  constructor(catalog: Catalog, executor: Executor, planOptions: PlanOptions) {
    this.planOptions = planOptions
    this.#catalog = catalog
    this.#executor = executor
    this.#version = catalog.version
  }

  /** The plan of a text that has run before with values of such types. */
  find(text: string, values: readonly ParameterValue[]): PlannedStatement | undefined {
    if (this.#version !== this.#catalog.version) this.#clear()
    const key = keyOf(text, values)
    const found = this.#kept.get(key)
    if (found === undefined) return undefined
    this.#kept.delete(key)
    if (this.#hasOutgrown(found)) {
      this.release(found)
      return undefined
    }
    this.#kept.set(key, found)
    return found
  }

  /** Plans a bound statement and hands it to native code, until release(). Errors: 0A000. */
  plan(bound: BoundQuery): PlannedStatement {
    const counts = new Map<number, number>()
    return this.prepared(bound, planQuery(bound, this.#catalog.noting(counts), this.planOptions), counts)
  }
  /** Hands a planned statement's program to native code, until release(). `counts`: what decided about the plan. */
  prepared(bound: BoundQuery, program: Program, counts: ReadonlyMap<number, number> = new Map()): PlannedStatement {
    const columns = bound.output.map(({ name, type }) => ({ name, type }))
    return {
      handle: this.#executor.prepare(encodeProgram(program)),
      tag: bound.tag,
      columns,
      reader: this.#executor.exchange.reader(columns),
      parameters: bound.parameters,
      notes: program.notes ?? [],
      version: this.#catalog.version,
      counts,
    }
  }
  release(planned: PlannedStatement): void {
    this.#executor.release(planned.handle)
  }
  /** Is it current: has no relation changed, or grown much, since it was planned? */
  isCurrent(planned: PlannedStatement): boolean {
    return planned.version === this.#catalog.version && !this.#hasOutgrown(planned)
  }

  /** Plans and runs. `text` is the statement's own; undefined when it is one of several: then the plan is not kept. */
  async runBound(bound: BoundQuery, text: string | undefined, values: readonly ParameterValue[], by: RunBy = {}): Promise<Result> {
    const planned = this.plan(bound)
    const isKept = text !== undefined && text.length <= cachedTextMax
    if (isKept) this.#keep(keyOf(text, values), planned)
    try {
      return await this.run(planned, values, by)
    } finally {
      if (!isKept) this.release(planned)
    }
  }

  /** Errors: those of the values (parameters.ts), and of the run. */
  async run(planned: PlannedStatement, values: readonly ParameterValue[], by: RunBy = {}): Promise<Result> {
    return this.runEncoded(planned, parameterValues(planned.parameters, values), by)
  }

  /**
   * Runs a statement that only reads and reads little, now.
   * Returns: undefined when it is another, or when its turn is after others: it is for run().
   * Errors: as run().
   */
  resultNow(planned: PlannedStatement, values: readonly ParameterValue[]): Result | undefined {
    const answer = this.#readNow(planned, values)
    if (answer === undefined) return undefined
    const batch = typeof answer === 'number' ? this.#executor.exchange.copy(planned.columns.length) : answer
    return new Result(planned.tag, planned.columns, batch.rowCount === 0 ? [] : [batch], 0)
  }

  /** The rows of resultNow() as objects; quicker than by a result. */
  rowsNow(planned: PlannedStatement, values: readonly ParameterValue[]): Row[] | undefined {
    const answer = this.#readNow(planned, values)
    if (typeof answer === 'number') return Array.from({ length: answer }, (_, row) => planned.reader.row(row))
    return answer && new Result(planned.tag, planned.columns, [answer], 0).toArray()
  }

  /** The first of rowsNow(), or `none`. */
  rowNow<None>(planned: PlannedStatement, values: readonly ParameterValue[], none: None): Row | None | undefined {
    const answer = this.#readNow(planned, values)
    if (typeof answer === 'number') return answer === 0 ? none : planned.reader.row(0)
    return answer && new Result(planned.tag, planned.columns, [answer], 0).first()
  }

  /** Runs any statement that is planned, and blocks this thread until it has ended. Errors: as run(). */
  runNow(planned: PlannedStatement, values: readonly ParameterValue[]): Result {
    const { batches, affected } = this.#executor.runNow(planned.handle, parameterValues(planned.parameters, values), planned.notes)
    return new Result(planned.tag, planned.columns, batches, affected)
  }

  #readNow({ handle, tag, parameters, notes }: PlannedStatement, values: readonly ParameterValue[]): ReturnType<Executor['read']> {
    if (tag !== 'SELECT') return undefined
    const bytes = this.#executor.exchange.put(parameters, values)
    return bytes < 0 ? undefined : this.#executor.read(handle, parameters.length, bytes, notes)
  }

  async runEncoded(planned: PlannedStatement, parameters: EncodedParameters, by: RunBy = {}): Promise<Result> {
    const { batches, affected } = await this.#executor.run(planned.handle, parameters, planned.notes, by)
    return new Result(planned.tag, planned.columns, batches, affected)
  }

  /** Has a relation another order of size than when it was planned? Then another plan may be better. */
  #hasOutgrown({ counts }: PlannedStatement): boolean {
    for (const [relation, before] of counts) {
      const now = this.#catalog.rowCount(relation) ?? 0
      if (Math.max(now, before) > sizesAlikeMax && (now > 4 * before || before > 4 * now)) return true
    }
    return false
  }

  /** The key has just not been found. */
  #keep(key: string, planned: PlannedStatement): void {
    this.#kept.set(key, planned)
    if (this.#kept.size <= cachedStatementsMax) return
    const [oldest] = this.#kept
    if (oldest === undefined) return
    this.#kept.delete(oldest[0])
    this.release(oldest[1])
  }

  #clear(): void {
    for (const planned of this.#kept.values()) this.release(planned)
    this.#kept.clear()
    this.#version = this.#catalog.version
  }
}

/** A text may be planned in several ways: by the types that its parameters' values have by themselves. */
function keyOf(text: string, values: readonly ParameterValue[]): string {
  const types = values.map((value) => typeOfValue(value)?.kind ?? '')
  return `${types.join()} ${text}`
}
