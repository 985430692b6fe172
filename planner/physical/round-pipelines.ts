// Which pipelines of a recursive term have to run in every round: those that depend on the round's rows,
// or on chance. The others, hash tables of what is joined to the rows most of all, are filled once.
import type { StateIndex } from '../program.ts'
import type { PipelineBuilder } from './pipeline-builder.ts'
import type { ProgramBuilder } from './program-builder.ts'

/**
 * Reorders the program's pipelines from `first` on so that those come first that do not depend on the
 * recursion of `state`. Returns: how many these are.
 */
export function moveOutOfRounds(program: ProgramBuilder, first: number, state: StateIndex): number {
  const pipelines = program.pipelines.splice(first)
  const varying = varyingStates(pipelines, state)
  const isVarying = (pipeline: PipelineBuilder): boolean => varies(pipeline, varying)
  const fixed = pipelines.filter((pipeline) => !isVarying(pipeline))
  program.pipelines.push(...fixed, ...pipelines.filter(isVarying))
  return fixed.length
}

/** Those that differ from round to round. A state differs with one of its pipelines, and they with it. */
function varyingStates(pipelines: readonly PipelineBuilder[], state: StateIndex): ReadonlySet<StateIndex> {
  const varying = new Set([state])
  for (let before = 0; before !== varying.size; ) {
    before = varying.size
    for (const pipeline of pipelines) {
      if (pipeline.fills !== undefined && varies(pipeline, varying)) varying.add(pipeline.fills)
    }
  }
  return varying
}

function varies(pipeline: PipelineBuilder, varying: ReadonlySet<StateIndex>): boolean {
  const { source, operators, fills, isVolatile } = pipeline
  const isRead = 'state' in source && varying.has(source.state)
  const isFilled = fills !== undefined && varying.has(fills)
  return isVolatile || isRead || isFilled || operators.some((each) => 'state' in each && varying.has(each.state))
}
