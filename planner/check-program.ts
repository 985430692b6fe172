// The structure that every program must have, checked as the native verifier does: each register
// written once and before it is read, alive where it is read, of the type that is expected.
// For tests: a program that fails here is a bug of the planner.
import { readBy, registersOfSink, writtenBy } from './physical/liveness.ts'
import type {
  Compute,
  Load,
  Operator,
  PhysicalType,
  Pipeline,
  Program,
  Register,
  Sink,
  Source,
  State,
} from './program.ts'

/** Lists what is wrong, `pipeline n: …`; empty for a sound program. */
export function checkProgram(program: Program): string[] {
  const problems: string[] = []
  const filled = new Set<number>()
  program.pipelines.forEach((pipeline, index) => {
    const check = new PipelineCheck(program, pipeline, filled)
    problems.push(...check.run().map((problem) => `pipeline ${String(index)}: ${problem}`))
    if ('state' in pipeline.sink) filled.add(pipeline.sink.state)
  })
  for (const { first, last, state, place } of program.regions) {
    if (first > last || last >= program.pipelines.length) problems.push('a region is out of bounds')
    if (program.locals[state] !== 'Int32')
      problems.push('a region stores its state in an Int32 local')
    if (place >= 0 && program.locals[place] !== 'Int64')
      problems.push('a region stores its place in an Int64 local')
  }
  return problems
}

class PipelineCheck {
  readonly #program: Program
  readonly #pipeline: Pipeline
  readonly #filled: ReadonlySet<number>
  readonly #problems: string[] = []
  readonly #written = new Set<Register>()
  #live = new Set<Register>()

  constructor(program: Program, pipeline: Pipeline, filled: ReadonlySet<number>) {
    this.#program = program
    this.#pipeline = pipeline
    this.#filled = filled
  }

  run(): string[] {
    this.#source(this.#pipeline.source)
    for (const operator of this.#pipeline.operators) this.#operator(operator)
    this.#read(registersOfSink(this.#pipeline.sink), this.#pipeline.sink.kind)
    this.#sink(this.#pipeline.sink)
    return this.#problems
  }

  #expect(condition: boolean, problem: string): void {
    if (!condition) this.#problems.push(problem)
  }

  #type(register: Register, type: PhysicalType | undefined, where: string): void {
    const own = this.#pipeline.registers[register]
    this.#expect(
      own === type,
      `${where}: r${String(register)} is ${String(own)}, not ${String(type)}`,
    )
  }

  #write(registers: readonly Register[], where: string): void {
    for (const register of registers) {
      this.#expect(
        register < this.#pipeline.registers.length,
        `${where}: r${String(register)} is not declared`,
      )
      this.#expect(!this.#written.has(register), `${where}: r${String(register)} is written twice`)
      this.#written.add(register)
      this.#live.add(register)
    }
  }

  #read(registers: readonly Register[], where: string): void {
    for (const register of registers) {
      this.#expect(this.#live.has(register), `${where}: r${String(register)} is read but not alive`)
    }
  }

  #source(source: Source): void {
    switch (source.kind) {
      case 'Dual':
        return
      case 'Instances':
        this.#write(
          [...loaded(source.event), ...loaded(source.locals), source.ordinal],
          source.kind,
        )
        this.#type(source.ordinal, 'Int32', source.kind)
        for (const { column, register } of source.locals)
          this.#type(register, this.#program.locals[column], source.kind)
        return this.#local(source.guard, 'Bool')
      case 'Constants':
        this.#write(source.registers, source.kind)
        this.#expect(
          source.cells.length % source.registers.length === 0,
          'constants fill whole rows',
        )
        source.cells.forEach((cell, index) => {
          this.#type(
            source.registers[index % source.registers.length] ?? -1,
            this.#program.constants[cell]?.type,
            source.kind,
          )
        })
        return
      case 'Scan':
        this.#write([...loaded(source.columns), ...present(source.rowId)], source.kind)
        this.#expect(
          source.ranges.every(({ constant }) => this.#program.constants[constant] !== undefined),
          'a range ends at a constant',
        )
        return
      case 'StateScan':
        this.#write(loaded(source.columns), source.kind)
        this.#expect(
          (this.#program.states[source.state]?.kind === 'Recursion') === (source.what === 2),
          'only a Recursion has rounds, and nothing else',
        )
        return this.#stateColumns(source.state, source.columns, source.kind)
      case 'Recursion':
        this.#write(loaded(source.columns), source.kind)
        this.#rounds(source)
        return this.#stateColumns(source.state, source.columns, source.kind)
    }
  }

  /** What a Recursion runs stands before it and only fills states. */
  #rounds({ state, first, last }: Extract<Source, { kind: 'Recursion' }>): void {
    const { pipelines, states } = this.#program
    this.#expect(states[state]?.kind === 'Recursion', 'a Recursion reads its state')
    this.#expect(first >= 0 && first <= last && last < pipelines.indexOf(this.#pipeline), 'rounds are pipelines before')
    for (const { sink } of pipelines.slice(first, last + 1)) this.#expect('state' in sink, 'a round fills states')
  }

  #local(local: number, type: PhysicalType): void {
    if (local >= 0)
      this.#expect(this.#program.locals[local] === type, `local ${String(local)} is not ${type}`)
  }

  #stateColumns(state: number, loads: readonly Load[], where: string): void {
    this.#expect(this.#filled.has(state), `${where}: state ${String(state)} is not filled yet`)
    const types = columnTypes(this.#program.states[state])
    for (const { column, register } of loads) this.#type(register, types[column], where)
  }

  #operator(operator: Operator): void {
    this.#read(readBy(operator), operator.kind)
    this.#operands(operator)
    if ('keep' in operator) {
      this.#read(operator.keep, `${operator.kind} keep`)
      // Constants stay alive everywhere; the planner keeps them listed all the same.
      this.#live = new Set(operator.keep)
    }
    this.#write(writtenBy(operator), operator.kind)
    if ('residual' in operator)
      this.#residual(operator.residual.instructions, operator.residual.register, operator.kind)
  }

  /** Residual registers live only in the residual. */
  #residual(instructions: readonly Compute[], register: Register, where: string): void {
    const outside = new Set(this.#live)
    for (const instruction of instructions) {
      this.#read(readBy(instruction), `${where} residual`)
      this.#write([instruction.result], `${where} residual`)
    }
    if (register >= 0) {
      this.#read([register], `${where} residual`)
      this.#type(register, 'Bool', `${where} residual`)
    }
    this.#live = outside
  }

  #operands(operator: Operator): void {
    switch (operator.kind) {
      case 'LoadConstant':
        return this.#type(
          operator.register,
          this.#program.constants[operator.constant]?.type,
          operator.kind,
        )
      case 'Compute':
        if (operator.active >= 0) this.#type(operator.active, 'Bool', 'Compute active')
        return
      case 'Filter':
        return this.#type(operator.register, 'Bool', operator.kind)
      case 'HashProbe': {
        const state = this.#program.states[operator.state]
        this.#expect(state?.kind === 'HashTable', 'HashProbe needs a HashTable')
        if (state?.kind === 'HashTable') this.#keys(operator.keys, state.keys, operator.kind)
        return this.#stateColumns(operator.state, operator.outputs, operator.kind)
      }
      case 'LoopProbe':
        return this.#stateColumns(operator.state, operator.outputs, operator.kind)
      case 'Series':
        for (const register of [operator.start, operator.stop, operator.step])
          this.#type(register, 'Int64', operator.kind)
        return
      default:
        return
    }
  }

  #keys(registers: readonly Register[], types: readonly PhysicalType[], where: string): void {
    this.#expect(
      registers.length === types.length,
      `${where}: ${String(registers.length)} keys for ${String(types.length)}`,
    )
    registers.forEach((register, index) => this.#type(register, types[index], where))
  }

  #sink(sink: Sink): void {
    switch (sink.kind) {
      case 'Result':
      case 'Discard':
        return
      case 'Locals':
        for (const { local, register } of sink.assign)
          this.#type(register, this.#program.locals[local], sink.kind)
        return this.#local(sink.found, 'Bool')
      case 'Aggregate': {
        const state = this.#program.states[sink.state]
        if (state?.kind !== 'Aggregate')
          return this.#expect(false, 'an Aggregate sink fills an Aggregate')
        this.#keys(sink.groups, state.groups, sink.kind)
        this.#expect(sink.inputs.length === state.aggregates.length, 'one input per aggregate')
        sink.inputs.forEach((input, index) =>
          this.#keys(input.arguments, state.aggregates[index]?.arguments ?? [], sink.kind),
        )
        return
      }
      case 'Window': {
        const state = this.#program.states[sink.state]
        if (state?.kind !== 'Window')
          return this.#expect(false, 'a Window sink fills a Window')
        this.#keys(sink.payload, state.payload, sink.kind)
        return this.#keys(sink.inputs, windowInputs(state), sink.kind)
      }
      case 'Rows': {
        const state = this.#program.states[sink.state]
        const isRows = state?.kind === 'Rows' || state?.kind === 'Recursion'
        return this.#keys(sink.payload, isRows ? state.payload : [], sink.kind)
      }
      case 'Sort':
      case 'HashBuild': {
        const state = this.#program.states[sink.state]
        if (state?.kind !== 'Sort' && state?.kind !== 'HashTable')
          return this.#expect(false, `${sink.kind} fills another state`)
        const keys = state.kind === 'Sort' ? state.keys.map(({ type }) => type) : state.keys
        this.#keys(sink.keys, keys, sink.kind)
        return this.#keys(sink.payload, state.payload, sink.kind)
      }
    }
  }
}

function loaded(loads: readonly Load[]): Register[] {
  return loads.map(({ register }) => register)
}

function present(register: Register): Register[] {
  return register < 0 ? [] : [register]
}

function columnTypes(state: State | undefined): readonly PhysicalType[] {
  switch (state?.kind) {
    case undefined:
      return []
    case 'HashTable':
      return [...state.keys, ...state.payload]
    case 'Aggregate':
      return [...state.groups, ...state.aggregates.map(({ result }) => result)]
    case 'Sort':
    case 'Rows':
    case 'Recursion':
      return state.payload
    case 'Window':
      return [...state.calls.map(({ result }) => result), ...state.payload]
  }
}

function windowInputs(state: Extract<State, { kind: 'Window' }>): readonly PhysicalType[] {
  const isBound = (bound: string): boolean => bound === 'Preceding' || bound === 'Following'
  return [
    ...state.partition,
    ...state.order.map(({ type }) => type),
    ...state.frames.flatMap(({ mode, start, end, type }): PhysicalType[] => {
      const bounds = [start, end].filter(isBound)
      const own = bounds.map((): PhysicalType => (mode === 'Range' ? type : 'Int64'))
      return mode === 'Range' && bounds.length > 0 ? [...own, type] : own
    }),
    ...state.calls.flatMap(({ arguments: own, filtered }): PhysicalType[] =>
      filtered ? [...own, 'Bool'] : [...own],
    ),
  ]
}
