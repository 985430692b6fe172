// Runs a program row by row over plain arrays: slow and simple, so that plans can be compared with
// another database's answers without native code. Only the kernels that those tests need.
import type { SchemaLookup } from '#base/schema'
import type {
  Compute,
  Load,
  Operator,
  Pipeline,
  Program,
  Register,
  Residual,
  Source,
} from '#planner/program'
import { compareNulls, kept, load, same, value, type Frame } from './interpret-frame.ts'
import { DataFailure, fold, kernel, series, type Row, type Value } from './interpret-kernels.ts'
import { emitMatches } from './interpret-probe.ts'
import { computeWindow } from './interpret-window.ts'

export interface StoredRow {
  readonly values: Row
  dead: boolean
}

/** Rows of each relation by its id. A row's position is its row id. */
export type Storage = Map<number, StoredRow[]>

export interface Appended {
  readonly relation: number
  readonly ordinal: number
  readonly values: Row
}

export interface Outcome {
  readonly rows: Row[]
  readonly counted: number
  readonly appended: Appended[]
  readonly locals: Row[]
  /** SQLSTATE of failed instances, by ordinal. */
  readonly failed: Map<number, string>
}

interface StateRows {
  /** HashTable and Rows: stored rows; Sort: rows with keys; Aggregate: rows of its scan. */
  rows: Row[]
  keys: Row[]
  matched: Set<number>
  /** Of a Recursion: what the round before found. */
  round: Row[]
}

function loaded(columns: readonly Load[], row: Row): Frame {
  const frame: Frame = new Map()
  load(frame, columns, row)
  return frame
}

export class Interpreter {
  readonly #program: Program
  readonly #schemas: SchemaLookup
  readonly #storage: Storage
  readonly #events: readonly Row[]
  readonly #states: StateRows[]
  /** The guard of the pipelines that filled a state. */
  readonly #guards = new Map<number, number>()
  readonly outcome: Outcome

  constructor(
    program: Program,
    schemas: SchemaLookup,
    storage: Storage,
    events: readonly Row[] = [],
  ) {
    this.#program = program
    this.#schemas = schemas
    this.#storage = storage
    this.#events = events
    this.#states = program.states.map(() => ({ rows: [], keys: [], matched: new Set(), round: [] }))
    const locals = events.map(() => program.locals.map((): Value => null))
    this.outcome = { rows: [], counted: 0, appended: [], locals, failed: new Map() }
  }

  run(): Outcome {
    this.#pipelines(0, this.#program.pipelines.length - 1)
    return this.outcome
  }

  /** Those in the range that no Recursion of the range runs. */
  #pipelines(first: number, last: number): void {
    const range = this.#program.pipelines.slice(first, last + 1)
    const rounds = range.flatMap(({ source }) => (source.kind === 'Recursion' ? [source] : []))
    for (const [index, pipeline] of range.entries()) {
      const number = first + index
      if (!rounds.some((own) => own.first <= number && number <= own.last)) this.#pipeline(pipeline)
    }
  }

  #recursion({ state: index, first, last, columns }: Extract<Source, { kind: 'Recursion' }>): Frame[] {
    const state = this.#state(index)
    const declared = this.#program.states[index]
    const seen = new Set<string>()
    const isNew = (row: Row): boolean => {
      const key = row.map((own) => `${typeof own} ${String(own)}`).join('|')
      const known = declared?.kind === 'Recursion' && declared.distinct && seen.has(key)
      seen.add(key)
      return !known
    }
    const frames: Frame[] = []
    for (let round = state.rows.filter(isNew); round.length > 0; round = state.rows.filter(isNew)) {
      Object.assign(state, { rows: [], round })
      frames.push(...round.map((row) => loaded(columns, row)))
      for (const { sink } of this.#program.pipelines.slice(first, last + 1)) {
        if ('state' in sink && sink.state !== index) this.#state(sink.state).rows = []
      }
      this.#pipelines(first, last)
    }
    return frames
  }

  #pipeline(pipeline: Pipeline): void {
    const { sink } = pipeline
    if (sink.kind === 'Locals' && sink.reset) this.#reset(pipeline)
    let frames = this.#source(pipeline.source)
    const guard = this.#guardOf(pipeline.source)
    if ('state' in sink) this.#guards.set(sink.state, guard)
    for (const operator of pipeline.operators) frames = this.#operator(operator, frames)
    this.#sink(pipeline, frames)
  }

  #reset({ source, sink }: Pipeline): void {
    if (sink.kind !== 'Locals') return
    const guard = this.#guardOf(source)
    this.outcome.locals.forEach((locals) => {
      if (guard >= 0 && locals[guard] !== true) return
      for (const { local } of sink.assign) locals[local] = null
      if (sink.found >= 0) locals[sink.found] = false
    })
  }

  #guardOf(source: Source): number {
    if (source.kind === 'Instances') return source.guard
    return source.kind === 'StateScan' ? (this.#guards.get(source.state) ?? -1) : -1
  }

  #visible(relation: number): { row: Row; id: number }[] {
    const stored = this.#storage.get(relation) ?? []
    return stored.flatMap(({ values, dead }, id) => (dead ? [] : [{ row: values, id }]))
  }

  #source(source: Source): Frame[] {
    switch (source.kind) {
      case 'Dual':
        return [new Map<Register, Value>()]
      case 'Instances':
        return this.#events.flatMap((event, ordinal) => {
          const locals = this.outcome.locals[ordinal] ?? []
          if (
            this.outcome.failed.has(ordinal) ||
            (source.guard >= 0 && locals[source.guard] !== true)
          )
            return []
          const frame: Frame = new Map([[source.ordinal, ordinal]])
          load(frame, source.event, event)
          load(frame, source.locals, locals)
          return [frame]
        })
      case 'Constants': {
        const frames: Frame[] = []
        for (let at = 0; at < source.cells.length; at += source.registers.length) {
          frames.push(
            new Map(
              source.registers.map((register, index) => [
                register,
                this.#constant(source.cells[at + index] ?? -1),
              ]),
            ),
          )
        }
        return frames
      }
      case 'Scan':
        return this.#visible(source.relation).map(({ row, id }) => {
          const frame: Frame = new Map()
          if (source.rowId >= 0) frame.set(source.rowId, BigInt(id))
          load(frame, source.columns, row)
          return frame
        })
      case 'StateScan': {
        const state = this.#state(source.state)
        const unmatched = source.what === 1 && state.rows.filter((_, index) => !state.matched.has(index))
        const rows = unmatched || (source.what === 2 ? state.round : state.rows)
        return rows.map((row) => loaded(source.columns, row))
      }
      case 'Recursion':
        return this.#recursion(source)
    }
  }

  #state(index: number): StateRows {
    const state = this.#states[index]
    if (!state) throw new Error('no such state')
    return state
  }

  #constant(index: number): Value {
    const constant = this.#program.constants[index]
    if (!constant || constant.value === undefined) return null
    const { value } = constant
    return value instanceof Uint8Array ? new TextDecoder().decode(value) : value
  }

  #operator(operator: Operator, frames: Frame[]): Frame[] {
    switch (operator.kind) {
      case 'Compute':
        for (const frame of frames) this.#compute(operator, frame)
        return frames
      case 'LoadConstant':
        for (const frame of frames) frame.set(operator.register, this.#constant(operator.constant))
        return frames
      case 'Filter':
        return frames
          .filter((frame) => frame.get(operator.register) === true)
          .map((frame) => kept(frame, operator.keep))
      case 'IndexProbe': {
        const index = this.#schemas.relationById(operator.relation)?.indexes[operator.index]
        const columns = index?.columns ?? [0]
        const candidates = this.#visible(operator.relation)
        return this.#probe(
          operator,
          frames,
          (frame) =>
            candidates
              .filter(({ row }) =>
                operator.keys.every((key, place) =>
                  same(frame.get(key), row[columns[place] ?? -1]),
                ),
              )
              .map(({ row, id }) => ({ row, id })),
          operator.columns,
        )
      }
      case 'HashProbe': {
        const state = this.#state(operator.state)
        const remembers = operator.type === 'Full' || operator.type === 'Right'
        return this.#probe(
          operator,
          frames,
          (frame) =>
            state.rows.flatMap((row, id) =>
              operator.keys.every((key, place) => same(frame.get(key), row[place]))
                ? [{ row, id }]
                : [],
            ),
          operator.outputs,
          remembers ? state.matched : undefined,
          operator.nullAware ? state.rows : undefined,
        )
      }
      case 'LoopProbe': {
        const state = this.#state(operator.state)
        return this.#probe(
          operator,
          frames,
          () => state.rows.map((row, id) => ({ row, id })),
          operator.outputs,
        )
      }
      case 'Series':
        return frames.flatMap((frame) =>
          series(frame.get(operator.start), frame.get(operator.stop), frame.get(operator.step)).map(
            (value) => kept(frame, operator.keep).set(operator.register, value),
          ),
        )
      case 'Limit':
        return this.#limit(operator, frames)
      default:
        return this.#change(operator, frames)
    }
  }

  #limit(operator: Extract<Operator, { kind: 'Limit' }>, frames: Frame[]): Frame[] {
    const offset = operator.offset < 0 ? 0 : Number(this.#constant(operator.offset))
    const limit = operator.limit < 0 ? Infinity : Number(this.#constant(operator.limit))
    const seen = new Map<Value, number>()
    return frames
      .filter((frame) => {
        const instance = operator.ordinal < 0 ? null : value(frame, operator.ordinal)
        const place = seen.get(instance) ?? 0
        seen.set(instance, place + 1)
        return place >= offset && place < offset + limit
      })
      .map((frame) => kept(frame, operator.keep))
  }

  #probe(
    operator: Extract<Operator, { residual: Residual }>,
    frames: Frame[],
    find: (frame: Frame) => { row: Row; id: number }[],
    loads: readonly Load[],
    matched?: Set<number>,
    nullAwareRows?: readonly Row[],
  ): Frame[] {
    return frames.flatMap((frame) => {
      const matches = find(frame).flatMap(({ row, id }) => {
        const joined = kept(frame, operator.keep)
        load(joined, loads, row)
        const outside = new Map(joined)
        for (const instruction of operator.residual.instructions) this.#compute(instruction, joined)
        const isMatch =
          operator.residual.register < 0 || joined.get(operator.residual.register) === true
        if (!isMatch) return []
        matched?.add(id)
        if (operator.kind === 'IndexProbe' && operator.rowId >= 0)
          outside.set(operator.rowId, BigInt(id))
        return [outside]
      })
      return emitMatches(operator, frame, matches, loads, nullAwareRows)
    })
  }

  #compute(compute: Compute, frame: Frame): void {
    const own = compute.arguments.map((register) => value(frame, register))
    try {
      frame.set(compute.result, kernel(compute, own))
    } catch (error) {
      if (!(error instanceof DataFailure)) throw error
      frame.set(compute.result, null)
      if (compute.active < 0 || frame.get(compute.active) === true) throw error
    }
  }

  #change(operator: Operator, frames: Frame[]): Frame[] {
    for (const frame of frames) {
      if (operator.kind === 'Append') {
        const id = BigInt(this.outcome.appended.length + 1)
        const values = operator.values.map((register) =>
          register < 0 ? id : value(frame, register),
        )
        const ordinal = operator.ordinal < 0 ? -1 : Number(value(frame, operator.ordinal))
        this.outcome.appended.push({ relation: operator.relation, ordinal, values })
        if (operator.id >= 0) frame.set(operator.id, id)
      }
      if (operator.kind === 'Insert') this.#insert(operator, frame)
      if (operator.kind === 'Fetch') {
        const id = value(frame, operator.rowId)
        load(
          frame,
          operator.columns,
          id === null ? [] : (this.#storage.get(operator.relation)?.[Number(id)]?.values ?? []),
        )
      }
      if (operator.kind === 'Delete') this.#kill(operator.relation, value(frame, operator.rowId))
      if (operator.kind === 'Update') this.#update(operator, frame)
    }
    return frames
  }

  #kill(relation: number, id: Value): StoredRow | undefined {
    const row = id === null ? undefined : this.#storage.get(relation)?.[Number(id)]
    if (!row || row.dead) return undefined
    row.dead = true
    return row
  }

  #update(operator: Extract<Operator, { kind: 'Update' }>, frame: Frame): void {
    if (operator.newRowId >= 0) frame.set(operator.newRowId, null)
    if (operator.active >= 0 && frame.get(operator.active) !== true) return
    const old = this.#kill(operator.relation, value(frame, operator.rowId))
    if (!old) return
    const values = [...old.values]
    for (const { column, register } of operator.columns) values[column] = value(frame, register)
    const rows = this.#storage.get(operator.relation) ?? []
    const id = rows.push({ values, dead: false }) - 1
    if (operator.newRowId >= 0) frame.set(operator.newRowId, BigInt(id))
  }

  #insert(operator: Extract<Operator, { kind: 'Insert' }>, frame: Frame): void {
    const rows = this.#storage.get(operator.relation) ?? []
    this.#storage.set(operator.relation, rows)
    const values = operator.values.map((register) =>
      register < 0 ? BigInt(rows.length + 1) : value(frame, register),
    )
    const indexes = this.#schemas.relationById(operator.relation)?.indexes ?? []
    const clash = rows.findIndex(
      ({ values: other, dead }) =>
        !dead &&
        indexes.some(
          ({ unique, columns }) =>
            unique && columns.every((column) => same(values[column], other[column])),
        ),
    )
    if (operator.conflicted >= 0) frame.set(operator.conflicted, clash >= 0)
    if (clash >= 0 && operator.conflict === 0) throw new DataFailure('23505')
    const id = clash >= 0 ? clash : rows.push({ values, dead: false }) - 1
    if (operator.rowId >= 0) frame.set(operator.rowId, BigInt(id))
  }

  #sink({ sink }: Pipeline, frames: Frame[]): void {
    switch (sink.kind) {
      case 'Result':
        this.outcome.rows.push(
          ...frames.map((frame) => sink.registers.map((register) => value(frame, register))),
        )
        return
      case 'Rows':
        this.#state(sink.state).rows.push(
          ...frames.map((frame) => sink.payload.map((register) => value(frame, register))),
        )
        return
      case 'HashBuild':
        this.#state(sink.state).rows.push(
          ...frames.map((frame) =>
            [...sink.keys, ...sink.payload].map((register) => value(frame, register)),
          ),
        )
        return
      case 'Sort':
        return this.#sort(sink, frames)
      case 'Aggregate':
        return this.#aggregate(sink, frames)
      case 'Window':
        return this.#window(sink, frames)
      case 'Locals':
        return this.#assign(sink, frames)
      case 'Discard':
        if (sink.counted)
          Object.assign(this.outcome, { counted: this.outcome.counted + frames.length })
    }
  }

  #assign(sink: Extract<Pipeline['sink'], { kind: 'Locals' }>, frames: Frame[]): void {
    const seen = new Set<number>()
    for (const frame of frames) {
      const ordinal = Number(value(frame, sink.ordinal))
      if (seen.has(ordinal)) continue
      seen.add(ordinal)
      const locals = this.outcome.locals[ordinal] ?? []
      for (const { local, register } of sink.assign) locals[local] = value(frame, register)
      if (sink.found >= 0) locals[sink.found] = true
    }
  }

  #sort(sink: Extract<Pipeline['sink'], { kind: 'Sort' }>, frames: Frame[]): void {
    const declared = this.#program.states[sink.state]
    if (declared?.kind !== 'Sort') throw new Error('a Sort sink fills a Sort')
    const sorted = frames.toSorted((left, right) => {
      for (const [place, key] of declared.keys.entries()) {
        const register = sink.keys[place] ?? -1
        const order = compareNulls(value(left, register), value(right, register), key)
        if (order !== 0) return order
      }
      return 0
    })
    const offset = declared.offset < 0 ? 0 : Number(this.#constant(declared.offset))
    const limit = declared.limit < 0 ? Infinity : Number(this.#constant(declared.limit))
    this.#state(sink.state).rows.push(
      ...sorted
        .slice(offset, offset + limit)
        .map((frame) => sink.payload.map((register) => value(frame, register))),
    )
  }

  #window(sink: Extract<Pipeline['sink'], { kind: 'Window' }>, frames: Frame[]): void {
    const declared = this.#program.states[sink.state]
    if (declared?.kind !== 'Window') throw new Error('a Window sink fills a Window')
    const of = (frame: Frame) => (register: Register) => value(frame, register)
    const rows = frames.map((frame) => [sink.payload.map(of(frame)), sink.inputs.map(of(frame))])
    this.#state(sink.state).rows.push(...computeWindow(declared, rows))
  }

  #aggregate(sink: Extract<Pipeline['sink'], { kind: 'Aggregate' }>, frames: Frame[]): void {
    const declared = this.#program.states[sink.state]
    if (declared?.kind !== 'Aggregate') throw new Error('an Aggregate sink fills an Aggregate')
    const groups = new Map<string, Frame[]>()
    if (sink.groups.length === 0) groups.set('', [])
    for (const frame of frames) {
      const key = sink.groups
        .map((register) => `${typeof value(frame, register)} ${String(value(frame, register))}`)
        .join('|')
      groups.set(key, [...(groups.get(key) ?? []), frame])
    }
    for (const members of groups.values()) {
      const [first] = members
      const keys = sink.groups.map((register) => (first ? value(first, register) : null))
      const results = declared.aggregates.map((aggregate, index) => {
        const { arguments: own, filter } = sink.inputs[index] ?? { arguments: [], filter: -1 }
        const taken = members.filter((frame) => filter < 0 || frame.get(filter) === true)
        return fold(
          aggregate,
          taken.map((frame) => own.map((register) => value(frame, register))),
        )
      })
      this.#state(sink.state).rows.push([...keys, ...results])
    }
  }
}
