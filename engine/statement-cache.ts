// Statements that have been planned: parsed, bound, planned, encoded and verified once, run often. Kept
// by their text and the types given for their parameters, the least recently used leave first, and all
// leave when a relation changes.
import type { DataType } from '#base/data-type'
import { encodeProgram, planQuery } from '#planner/index'
import type { FailureNote } from '#planner/program'
import type { BoundQuery } from '#sql/bound'
import type { Catalog } from './catalog.ts'
import type { Executor } from './executor.ts'
import type { ResultColumn } from './result.ts'

/** Statements that are kept. */
export const cachedStatementsMax = 1_000

/** Texts longer than this, in characters, carry their data with them and do not come again. */
export const cachedTextMax = 16_384

/** A statement ready to run; `handle` is its native program. */
export interface PlannedStatement {
  readonly handle: number
  readonly tag: string
  readonly columns: readonly ResultColumn[]
  readonly parameters: readonly DataType[]
  readonly notes: readonly FailureNote[]
}

export class StatementCache {
  readonly #catalog: Catalog
  readonly #executor: Executor
  /** In the order of use. */
  readonly #statements = new Map<string, PlannedStatement>()
  #version: number

  constructor(catalog: Catalog, executor: Executor) {
    this.#catalog = catalog
    this.#executor = executor
    this.#version = catalog.version
  }

  /** How many are kept now. */
  get size(): number {
    return this.#statements.size
  }

  find(key: string): PlannedStatement | undefined {
    if (this.#version !== this.#catalog.version) this.clear()
    const found = this.#statements.get(key)
    if (found === undefined) return undefined
    this.#statements.delete(key)
    this.#statements.set(key, found)
    return found
  }

  /** Keeps a statement under a key that find() has just not found. */
  add(key: string, statement: PlannedStatement): void {
    this.#statements.set(key, statement)
    if (this.#statements.size <= cachedStatementsMax) return
    const [oldest] = this.#statements
    if (oldest === undefined) return
    this.#statements.delete(oldest[0])
    this.#executor.release(oldest[1].handle)
  }

  clear(): void {
    for (const { handle } of this.#statements.values()) this.#executor.release(handle)
    this.#statements.clear()
    this.#version = this.#catalog.version
  }
}

/** Plans a bound statement and hands it to native code. The caller releases the handle. Errors: 0A000. */
export function planStatement(bound: BoundQuery, catalog: Catalog, executor: Executor): PlannedStatement {
  const program = planQuery(bound, catalog)
  return {
    handle: executor.prepare(encodeProgram(program)),
    tag: bound.tag,
    columns: bound.output.map(({ name, type }) => ({ name, type })),
    parameters: bound.parameters,
    notes: program.notes ?? [],
  }
}
