// A coroutine without await: its routes, and the one step that runs for its events.
import type { SchemaLookup } from '#base/schema'
import type { BoundCoroutine } from '#sql/bound'
import type { LocalIndex, Program } from '../program.ts'
import { compileSteps, type Guard } from './compile-steps.ts'
import { effectsOf } from './effects.ts'
import { planReport } from './plan-report.ts'
import { splitGuard, type Route } from './routes.ts'
import { StepProgram } from './step-program.ts'

export interface PlannedCoroutine {
  readonly name: string
  /** The relation whose new rows start instances. */
  readonly relation: number
  /** All must hold, and matchedLocal too, for an event to be this coroutine's. */
  readonly routes: readonly Route[]
  readonly program: Program
  /** Writes the variables of failed instances as JSON; undefined where there are none. */
  readonly report: Program | undefined
  /** Bool local that says whether the rest of the guard held; -1: the routes say it all. */
  readonly matchedLocal: LocalIndex
  readonly reads: readonly number[]
  readonly writes: readonly number[]
}

/** Plans a coroutine. Errors: 0A000 as planQuery. */
export function planCoroutine(bound: BoundCoroutine, schemas: SchemaLookup): PlannedCoroutine {
  const { routes, residual } = splitGuard(bound)
  const to = new StepProgram(bound, schemas)
  const matched = residual && to.newLocal('matched')
  for (const local of bound.locals) to.addLocal(local)
  if (residual && matched) to.assignTruths([{ local: matched.local, value: residual }], -1)
  const guard: Guard = matched ?? { local: -1, column: undefined }
  compileSteps(bound.body, guard, to)
  const { reads, writes, vectorised } = effectsOf(bound, schemas)
  return {
    name: bound.name,
    relation: bound.relation.id,
    routes,
    program: to.program.build(vectorised),
    report: planReport(bound, [...(matched ? [matched.column] : []), ...bound.locals], schemas),
    matchedLocal: guard.local,
    reads,
    writes,
  }
}
