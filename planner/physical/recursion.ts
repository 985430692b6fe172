// Recursive queries: pipelines that fill a Recursion state, once and then in rounds, and the source that
// runs the rounds. What every round would do again to the same end is done once, before the first.
import { EngineError } from '#base/engine-error'
import { physicalTypeOf } from '#base/data-type'
import type { Column, ColumnId, Expression } from '#sql/bound'
import type { Logical, Recursion, UnionInput } from '../logical/plan.ts'
import type { Load, PhysicalType, Register, StateIndex } from '../program.ts'
import { notSupported } from '../refuse.ts'
import { open } from './compile.ts'
import { PipelineBuilder } from './pipeline-builder.ts'
import type { ProgramBuilder } from './program-builder.ts'
import { moveOutOfRounds } from './round-pipelines.ts'

/** As native code has it (native-kernels/src/program/recursion_parts.h). */
const recursionDepthMax = 16

type RoundScan = Extract<Logical, { kind: 'round_scan' }>

/** Errors: 0A000 in a step of a coroutine; 54001. */
export function openRecursion(plan: Recursion, program: ProgramBuilder): PipelineBuilder {
  if (program.step) throw notSupported('a recursive query in a coroutine')
  const rows = new RecursionRows(plan, program)
  program.recursions.set(plan.id, rows)
  rows.fill(open(plan.base.plan, program), plan.base)
  const first = program.pipelines.length
  rows.fill(within(program, () => open(plan.step.plan, program)), plan.step)
  const count = moveOutOfRounds(program, first, rows.state)
  const [begin, end] = [program.pipelines[first + count], program.pipelines.at(-1)]
  if (!begin || !end) throw new TypeError('a round has a pipeline that fills the recursion')
  const builder = rows.read(program, plan.columns)
  program.rounds.set(builder, { first: begin, last: end })
  return builder
}

/** Errors: 54001 when native code would not take so many recursions within one another. */
function within<T>(program: ProgramBuilder, make: () => T): T {
  program.recursionDepth += 1
  if (program.recursionDepth > recursionDepthMax)
    throw new EngineError('statement_too_complex', { message: 'the statement has too many recursive queries within one another' })
  const made = make()
  program.recursionDepth -= 1
  return made
}

/** The round's rows. */
export function openRound(plan: RoundScan, program: ProgramBuilder): PipelineBuilder {
  const rows = program.recursions.get(plan.id)
  if (!rows) throw new TypeError(`recursion ${plan.name} is not there yet`)
  return rows.round(program, plan)
}

interface Producer {
  readonly payload: Register[]
  readonly column: (column: Column) => Register
}

/** The state: of rows that need not differ it keeps the columns that somebody reads. */
export class RecursionRows {
  readonly state: StateIndex
  readonly #types: PhysicalType[] = []
  readonly #stored: Column[] = []
  readonly #producers: Producer[] = []
  readonly #columns: readonly Column[]

  constructor({ all, columns }: Recursion, program: ProgramBuilder) {
    this.state = program.state({ kind: 'Recursion', payload: this.#types, distinct: !all })
    this.#columns = columns
    if (!all) for (const column of columns) this.#position(column)
  }

  /** Ends `builder` by adding its rows. */
  fill(builder: PipelineBuilder, { values }: UnionInput): void {
    const producer = { payload: [], column: (column: Column) => builder.compile(this.#valueOf(column, values)) }
    this.#producers.push(producer)
    // A value that fails may be what ends the rounds, though nobody reads it.
    const hard = this.#columns.filter((_, index) => values.slice(index, index + 1).some((own) => builder.mayFail(own)))
    for (const column of hard) this.#position(column)
    // A value may be made of the round's columns, which are stored for it then.
    for (let position = 0; position < this.#stored.length; position += 1) produce(producer, position, this.#stored)
    builder.finish({ kind: 'Rows', state: this.state, payload: producer.payload })
  }

  #valueOf(column: Column, values: readonly Expression[]): Expression {
    const value = values[this.#columns.findIndex(({ id }) => id === column.id)]
    if (!value) throw new TypeError(`a recursion lacks a value for ${column.name}`)
    return value
  }

  /** Position of the column in the stored rows, stored from now on. */
  #position(column: Column): number {
    const known = this.#stored.findIndex(({ id }) => id === column.id)
    if (known >= 0) return known
    const position = this.#stored.push(column) - 1
    this.#types.push(physicalTypeOf(column.type))
    for (const producer of this.#producers) produce(producer, position, this.#stored)
    return position
  }

  /** A pipeline that runs the rounds. */
  read(program: ProgramBuilder, columns: readonly Column[]): PipelineBuilder {
    const loads: Load[] = []
    const source = { kind: 'Recursion', state: this.state, first: -1, last: -1, columns: loads } as const
    const builder = new PipelineBuilder(program, () => source)
    this.#supply(builder, loads, new Map(columns.map((column) => [column.id, column])))
    return builder
  }

  round(program: ProgramBuilder, { columns, sources }: RoundScan): PipelineBuilder {
    const loads: Load[] = []
    const source = { kind: 'StateScan', state: this.state, what: 2, columns: loads } as const
    const builder = new PipelineBuilder(program, () => source)
    this.#supply(builder, loads, new Map(columns.map((column, index) => [column.id, sources[index] ?? column])))
    return builder
  }

  #supply(builder: PipelineBuilder, loads: Load[], sources: ReadonlyMap<ColumnId, Column>): void {
    builder.addSupplier({
      has: (id) => sources.has(id),
      load: (column) => builder.load(column, loads, (wanted) => this.#position(sources.get(wanted.id) ?? wanted)),
    })
  }
}

function produce({ payload, column }: Producer, position: number, stored: readonly Column[]): void {
  const wanted = stored[position]
  if (payload[position] === undefined && wanted) payload[position] = column(wanted)
}
