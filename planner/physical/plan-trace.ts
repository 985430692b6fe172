// Which node of the logical plan each stage of a program works for, and where a node's rows come out:
// what a run counts by stages is shown by nodes (planner/explain/analyzed.ts).
import type { Logical } from '../logical/plan.ts'
import type { PipelineBuilder } from './pipeline-builder.ts'

/** The rows of a node are those that reach this stage of this pipeline. */
export interface RowsPlace {
  readonly pipeline: number
  readonly stage: number
}

export class PlanTrace {
  #current: Logical | undefined
  readonly #outer = new Map<Logical, Logical>()
  readonly #ends = new Map<Logical, { readonly builder: PipelineBuilder; readonly operators: number }>()

  /** The node that what is pushed now works for. */
  get current(): Logical | undefined {
    return this.#current
  }

  /** Opens a node. */
  within(plan: Logical, open: () => PipelineBuilder): PipelineBuilder {
    const outer = this.#current
    if (outer) this.#outer.set(plan, outer)
    this.#current = plan
    const builder = open()
    this.#ends.set(plan, { builder, operators: builder.operators.length })
    this.#current = outer
    return builder
  }

  /** The plan's own node that `node` was made for while the plan was opened. */
  ownerIn(plan: ReadonlySet<Logical>, node: Logical | undefined): Logical | undefined {
    let owner = node
    while (owner && !plan.has(owner)) owner = this.#outer.get(owner)
    return owner
  }

  /** undefined: the node has no stage of its own, it is done together with the one above it. */
  rowsOf(plan: Logical, pipelines: readonly PipelineBuilder[]): RowsPlace | undefined {
    const end = this.#ends.get(plan)
    return end && { pipeline: pipelines.indexOf(end.builder), stage: end.operators + 1 }
  }
}
