// A program under construction: pipelines in the order in which they run, and the memory they
// share. All stay open to late demands of their readers until build().
import { physicalTypeOf, type DataType } from '#base/data-type'
import { EngineError } from '#base/engine-error'
import type { Column, ColumnId, Expression } from '#sql/bound'
import type { SchemaLookup } from '#base/schema'
import type {
  FailureNote,
  LocalIndex,
  PhysicalType,
  Pipeline,
  Program,
  Region,
  State,
  StateIndex,
} from '../program.ts'
import { ColumnMaker } from '../logical/column-maker.ts'
import { ConstantPool } from './constants.ts'
import type { PipelineBuilder } from './pipeline-builder.ts'
import { PlanTrace } from './plan-trace.ts'
import type { RecursionRows } from './recursion.ts'
import type { RowsState } from './rows-state.ts'

/** Where a step's instances keep a column: in the event or among the locals. */
export type InstanceColumn = { readonly event: number } | { readonly local: LocalIndex }

export interface StepFrame {
  readonly event: number
  readonly columns: ReadonlyMap<ColumnId, InstanceColumn>
}

export interface ProgramOptions {
  readonly schemas: SchemaLookup
  readonly make: ColumnMaker
  readonly parameters?: readonly DataType[]
  readonly step?: StepFrame
}

// What native code takes (native-kernels/src/program/program.h).
const pipelinesMax = 4096
const registersMax = 32_768
const operatorsMax = 65_536
const stateColumnsMax = 8192

/** A logical type that lies in memory as the physical one does. */
const representatives: Readonly<Record<PhysicalType, DataType>> = {
  Bool: { kind: 'boolean' },
  Int16: { kind: 'smallint' },
  Int32: { kind: 'integer' },
  Int64: { kind: 'bigint' },
  Float32: { kind: 'real' },
  Float64: { kind: 'double' },
  Decimal: { kind: 'numeric', precision: 38, scale: 0 },
  String: { kind: 'text' },
  Interval: { kind: 'interval' },
  Uuid: { kind: 'uuid' },
}

export class ProgramBuilder {
  readonly schemas: SchemaLookup
  readonly constants: ConstantPool
  readonly trace = new PlanTrace()
  readonly step: StepFrame | undefined
  readonly pipelines: PipelineBuilder[] = []
  readonly regions: Region[] = []
  /** The rows of with parts, by the part's id. */
  readonly parts = new Map<number, RowsState>()
  readonly recursions = new Map<number, RecursionRows>()
  /** How many recursions the pipelines being made stand in. */
  recursionDepth = 0
  /** The pipelines that one with a Recursion as its source runs in each of its rounds. */
  readonly rounds = new Map<PipelineBuilder, { readonly first: PipelineBuilder; readonly last: PipelineBuilder }>()
  readonly #states: State[] = []
  readonly #locals: PhysicalType[] = []
  readonly #notes: FailureNote[] = []
  readonly #make: ColumnMaker
  /** The guard of the statement being compiled. */
  guard: LocalIndex = -1

  constructor({ schemas, make, parameters = [], step }: ProgramOptions) {
    this.schemas = schemas
    this.#make = make
    this.constants = new ConstantPool(parameters)
    this.step = step
  }

  state(state: State): StateIndex {
    return this.#states.push(state) - 1
  }

  /** Number of a note that a Raise's span names. */
  note(note: FailureNote): number {
    return this.#notes.push(note) - 1
  }

  /** A column for a register that no expression names. */
  anonymousColumn(type: PhysicalType): Column {
    return this.#make.column('', representatives[type])
  }

  local(type: PhysicalType): LocalIndex {
    return this.#locals.push(type) - 1
  }

  localFor(column: Column): LocalIndex {
    return this.local(physicalTypeOf(column.type))
  }

  build(vectorised: boolean): Program {
    // Later pipelines demand columns of earlier ones while they are compiled, never while built.
    const pipelines = this.pipelines.map((pipeline) => this.#numbered(pipeline))
    refuseAbove(pipelinesMax, pipelines.length, 'pipelines')
    for (const { registers, operators } of pipelines) {
      refuseAbove(registersMax, registers.length, 'intermediate values')
      refuseAbove(operatorsMax, operators.length, 'operators')
    }
    if (this.#states.some((state) => columnCount(state) > stateColumnsMax)) {
      throw new EngineError('too_many_columns', {
        message: `the statement keeps more than ${String(stateColumnsMax)} columns at once`,
        hint: 'Read fewer columns, or sort, group and join by fewer.',
      })
    }
    return {
      parameters: this.constants.parameters,
      constants: this.constants.constants,
      event: this.step?.event ?? -1,
      locals: this.#locals,
      states: this.#states,
      pipelines,
      regions: this.regions,
      vectorised,
      notes: this.#notes,
    }
  }

  /** Pipelines have numbers once all are there. */
  #numbered(pipeline: PipelineBuilder): Pipeline {
    const built = pipeline.build()
    const rounds = this.rounds.get(pipeline)
    if (!rounds || built.source.kind !== 'Recursion') return built
    const [first, last] = [rounds.first, rounds.last].map((one) => this.pipelines.indexOf(one))
    return { ...built, source: { ...built.source, first: first ?? -1, last: last ?? -1 } }
  }

  /**
   * A constant or parameter as limit and offset want it; undefined when the expression is neither.
   */
  constantOf(expression: Expression): number | undefined {
    if (expression.kind === 'parameter') return expression.index
    if (expression.kind !== 'literal') return undefined
    return this.constants.add(expression.value, expression.type)
  }
}

function refuseAbove(max: number, count: number, what: string): void {
  if (count <= max) return
  throw new EngineError('statement_too_complex', {
    message: `the statement is too complex: its plan needs ${String(count)} ${what}, more than ${String(max)}`,
    hint: 'Split it into several, or put long lists of values into a table.',
  })
}

/** As native code counts what a state keeps of each row. */
function columnCount(state: State): number {
  switch (state.kind) {
    case 'HashTable':
      return state.keys.length + state.payload.length
    case 'Aggregate':
      return state.groups.length + state.aggregates.length
    case 'Sort':
      return state.keys.length + state.payload.length
    case 'Rows':
    case 'Recursion':
      return state.payload.length
    case 'Window': {
      const calls = state.calls.reduce((sum, call) => sum + call.arguments.length + 2, 0)
      return state.payload.length + state.partition.length + state.order.length + 3 * state.frames.length + calls
    }
  }
}
