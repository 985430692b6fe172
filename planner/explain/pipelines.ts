// The pipelines of a program, one line each: source → operators → sink, instructions left out.
import type { SchemaLookup } from '#base/schema'
import type { Operator, Pipeline, Program, Sink, Source } from '../program.ts'

/** `remark`: what follows the name of a pipeline's stage, counted from its source. */
export function explainPipelines(
  program: Program,
  schemas: SchemaLookup,
  remark: (pipeline: number, stage: number) => string = () => '',
): string[] {
  return program.pipelines.map((pipeline, index) => {
    const stages = stagesOf(pipeline, program, schemas).map((text, stage) =>
      text === '' ? '' : `${text}${remark(index, stage)}`,
    )
    return `${String(index)}: ${stages.filter((text) => text !== '').join(' → ')}`
  })
}

/** Empty for those that are not shown. */
function stagesOf(
  { source, operators, sink }: Pipeline,
  program: Program,
  schemas: SchemaLookup,
): string[] {
  const name = (id: number): string => schemas.relationById(id)?.name ?? `relation ${String(id)}`
  const between = operators.map((operator) => printOperator(operator, name, schemas))
  return [printSource(source, program, name), ...between, printSink(sink, program)]
}

/** What a scan of a state delivers. */
const readings = ['Read', 'Unmatched of', 'Round of']

type Named = (relation: number) => string

export function printSource(source: Source, program: Program, name: Named): string {
  switch (source.kind) {
    case 'Dual':
      return 'Dual'
    case 'Instances':
      return source.guard < 0 ? 'Instances' : `Instances where local ${String(source.guard)}`
    case 'Constants':
      return 'Constants'
    case 'Scan':
      return `Scan ${name(source.relation)}`
    case 'StateScan':
      return `${readings[source.what] ?? 'Read'} ${printState(source.state, program)}`
    case 'Recursion':
      return `${printState(source.state, program)} by ${String(source.first)}..${String(source.last)}`
  }
}

export function printState(state: number, program: Program): string {
  return `${program.states[state]?.kind ?? 'state'} ${String(state)}`
}

/** Empty for what happens within a stage. */
function printOperator(operator: Operator, name: Named, schemas: SchemaLookup): string {
  switch (operator.kind) {
    case 'Compute':
      return operator.opcode === 'Raise' || operator.opcode === 'RaiseState' ? 'Check' : ''
    case 'LoadConstant':
      return ''
    case 'Filter':
    case 'Limit':
    case 'Series':
      return operator.kind
    case 'IndexProbe': {
      const index =
        schemas.relationById(operator.relation)?.indexes[operator.index]?.name ??
        `index ${String(operator.index)}`
      return `IndexProbe ${operator.type} ${name(operator.relation)}.${index}`
    }
    case 'HashProbe':
      return [
        `HashProbe ${operator.type} ${String(operator.state)}`,
        ...(operator.nullAware ? ['null-aware'] : []),
      ].join(' ')
    case 'LoopProbe':
      return `LoopProbe ${operator.type} ${String(operator.state)}`
    case 'Insert':
    case 'Update':
    case 'Delete':
    case 'Fetch':
    case 'Append':
      return `${operator.kind} ${name(operator.relation)}`
  }
}

export function printSink(sink: Sink, program: Program): string {
  switch (sink.kind) {
    case 'Result':
      return 'Result'
    case 'HashBuild':
    case 'Aggregate':
    case 'Rows':
    case 'Window':
      return printState(sink.state, program)
    case 'Sort': {
      const state = program.states[sink.state]
      const isLimited = state?.kind === 'Sort' && (state.limit >= 0 || state.groupLimit)
      return `${isLimited ? 'Top ' : ''}${printState(sink.state, program)}`
    }
    case 'Locals':
      return [
        'Locals',
        ...(sink.assign.length > 0
          ? [sink.assign.map(({ local }) => String(local)).join(', ')]
          : []),
        ...(sink.found < 0 ? [] : [`found ${String(sink.found)}`]),
      ].join(' ')
    case 'Discard':
      return sink.counted ? 'Count' : 'Discard'
  }
}
