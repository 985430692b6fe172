// Turns a program into the words and bytes that native code decodes and verifies. Everything is a
// 32-bit word: a list is its count and its items, a struct its fields in the order that
// planner/program.ts declares them, an enumeration its position, a boolean 0 or 1.
import { EngineError } from '#base/engine-error'
import { opcodes } from './opcodes.gen.ts'
import {
  aggregateFunctions, exclusions, frameBounds, frameModes, operatorKinds, physicalTypes, probeTypes, programMagic, rangeEnds, sinkKinds, sourceKinds, stateKinds, windowFunctions,
} from './program.ts'
import type { Compute, Constant, Load, Operator, PhysicalType, Pipeline, Program, Residual, Sink, SortKeyDeclaration, Source, State } from './program.ts'

// What native code takes (native-kernels/src/program/program.h).
const programWordsMax = 16 << 20
const programBytesMax = 64 << 20

export interface EncodedProgram {
  readonly words: Int32Array
  /** Values of constants, each at a multiple of 16 bytes. */
  readonly bytes: Uint8Array
}

/** Values for a program's parameters, as native-kernels/src/program/parameters.h reads them. */
export interface EncodedParameters {
  /** Per parameter: where its bytes start (-1: null), and how many there are. */
  readonly words: Int32Array
  readonly bytes: Uint8Array
}

/** The values of a program without parameters. */
export const noParameters: EncodedParameters = { words: new Int32Array(0), bytes: new Uint8Array(0) }

export function encodeParameters(values: readonly Constant[]): EncodedParameters {
  if (values.length === 0) return noParameters
  const pieces = values.map((value) => (value.value === undefined ? undefined : constantBytes(value)))
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + (piece?.length ?? 0), 0))
  const words = new Int32Array(2 * values.length)
  let end = 0
  pieces.forEach((piece, index) => {
    words.set(piece === undefined ? [-1, 0] : [end, piece.length], 2 * index)
    if (piece === undefined) return
    bytes.set(piece, end)
    end += piece.length
  })
  return { words, bytes }
}

export function encodeProgram(program: Program): EncodedProgram {
  const out = new Writer()
  out.int(programMagic)
  out.int(program.parameters)
  out.list(program.constants, (constant) => encodeConstant(out, constant))
  out.int(program.event)
  out.types(program.locals)
  out.list(program.states, (state) => encodeState(out, state))
  out.list(program.pipelines, (pipeline) => encodePipeline(out, pipeline))
  out.list(program.regions, (region) => out.ints(region.first, region.last, region.state, region.message, region.place))
  out.flag(program.vectorised)
  return out.finish()
}

class Writer {
  #words = new Int32Array(256)
  #wordCount = 0
  #bytes = new Uint8Array(256)
  #byteCount = 0

  int(value: number): void {
    if (this.#wordCount === this.#words.length) {
      const grown = new Int32Array(this.#wordCount * 2)
      grown.set(this.#words)
      this.#words = grown
    }
    this.#words[this.#wordCount++] = value
  }
  ints(...values: readonly number[]): void {
    for (const value of values) this.int(value)
  }
  flag(value: boolean): void {
    this.int(value ? 1 : 0)
  }
  choice<T extends string>(options: readonly T[], value: T): void {
    this.int(options.indexOf(value))
  }
  list<T>(items: readonly T[], each: (item: T) => void): void {
    this.int(items.length)
    for (const item of items) each(item)
  }
  numbers(values: readonly number[]): void {
    this.list(values, (value) => this.int(value))
  }
  types(types: readonly PhysicalType[]): void {
    this.list(types, (type) => this.choice(physicalTypes, type))
  }
  loads(loads: readonly Load[]): void {
    this.list(loads, (load) => this.ints(load.column, load.register))
  }
  /** Appends to the bytes at a multiple of 16; returns the offset. */
  blob(value: Uint8Array): number {
    const start = (this.#byteCount + 15) & ~15
    const end = start + value.length
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2))
      grown.set(this.#bytes)
      this.#bytes = grown
    }
    this.#bytes.set(value, start)
    this.#byteCount = end
    return start
  }
  /** Errors: 54001 when native code would not take it. */
  finish(): EncodedProgram {
    if (this.#wordCount > programWordsMax || this.#byteCount > programBytesMax) {
      throw new EngineError('statement_too_complex', {
        message: 'the statement is too long',
        detail: `Its values and operations take ${String(this.#wordCount)} words of at most ${String(programWordsMax)}, and ${String(this.#byteCount)} bytes of at most ${String(programBytesMax)}.`,
        hint: 'Split the statement into several, or copy the values from a file.',
      })
    }
    return { words: this.#words.slice(0, this.#wordCount), bytes: this.#bytes.slice(0, this.#byteCount) }
  }
}

function encodeConstant(out: Writer, constant: Constant): void {
  out.choice(physicalTypes, constant.type)
  out.flag(constant.value === undefined)
  const bytes = constantBytes(constant, scratch)
  out.int(out.blob(bytes))
  out.int(bytes.length)
}

const noBytes = new Uint8Array(0)
/** For bytes that are copied at once. */
const scratch = new DataView(new ArrayBuffer(16))

/** The value as it lies in a vector, in the first bytes of `view`; a String is its own bytes. */
function constantBytes({ type, value }: Constant, view = new DataView(new ArrayBuffer(16))): Uint8Array {
  if (value === undefined) return noBytes
  if (value instanceof Uint8Array) return value
  switch (type) {
    case 'Bool': view.setUint8(0, value ? 1 : 0); return new Uint8Array(view.buffer, 0, 1)
    case 'Int16': view.setInt16(0, Number(value), true); return new Uint8Array(view.buffer, 0, 2)
    case 'Int32': view.setInt32(0, Number(value), true); return new Uint8Array(view.buffer, 0, 4)
    case 'Int64': view.setBigInt64(0, BigInt(value), true); return new Uint8Array(view.buffer, 0, 8)
    case 'Float32': view.setFloat32(0, Number(value), true); return new Uint8Array(view.buffer, 0, 4)
    case 'Float64': view.setFloat64(0, Number(value), true); return new Uint8Array(view.buffer, 0, 8)
    case 'Decimal': {
      const whole = BigInt(value)
      view.setBigUint64(0, BigInt.asUintN(64, whole), true)
      view.setBigInt64(8, BigInt.asIntN(64, whole >> 64n), true)
      return new Uint8Array(view.buffer, 0, 16)
    }
    case 'String':
    case 'Interval':
    case 'Uuid':
      throw new TypeError(`a constant of type ${type} is given as bytes`)
  }
}

function encodeState(out: Writer, state: State): void {
  out.choice(stateKinds, state.kind)
  switch (state.kind) {
    case 'HashTable':
      out.types(state.keys)
      return out.types(state.payload)
    case 'Aggregate':
      out.types(state.groups)
      return out.list(state.aggregates, (aggregate) => {
        out.choice(aggregateFunctions, aggregate.function)
        out.types(aggregate.arguments)
        out.choice(physicalTypes, aggregate.result)
        out.flag(aggregate.distinct)
      })
    case 'Sort':
      out.list(state.keys, (key) => encodeSortKey(out, key))
      out.types(state.payload)
      out.ints(state.limit, state.offset)
      out.ints(state.groupLimit?.keys ?? 0, state.groupLimit?.rows ?? 0)
      return out.flag(state.groupLimit?.dropsTies ?? false)
    case 'Rows':
      return out.types(state.payload)
    case 'Window':
      return encodeWindow(out, state)
    case 'Recursion':
      out.types(state.payload)
      return out.flag(state.distinct)
  }
}

function encodeWindow(out: Writer, state: Extract<State, { kind: 'Window' }>): void {
  out.types(state.payload)
  out.types(state.partition)
  out.list(state.order, (key) => encodeSortKey(out, key))
  out.list(state.frames, (frame) => {
    out.choice(frameModes, frame.mode)
    out.choice(frameBounds, frame.start)
    out.choice(frameBounds, frame.end)
    out.choice(exclusions, frame.exclude)
    out.choice(physicalTypes, frame.type)
  })
  out.list(state.calls, (call) => {
    out.choice(windowFunctions, call.function)
    out.types(call.arguments)
    out.choice(physicalTypes, call.result)
    out.flag(call.filtered)
    out.int(call.frame)
  })
}

function encodeSortKey(out: Writer, key: SortKeyDeclaration): void {
  out.choice(physicalTypes, key.type)
  out.flag(key.descending)
  out.flag(key.nullsFirst)
}

function encodePipeline(out: Writer, pipeline: Pipeline): void {
  out.types(pipeline.registers)
  encodeSource(out, pipeline.source)
  out.list(pipeline.operators, (operator) => encodeOperator(out, operator))
  encodeSink(out, pipeline.sink)
}

function encodeSource(out: Writer, source: Source): void {
  out.choice(sourceKinds, source.kind)
  switch (source.kind) {
    case 'Dual':
      return
    case 'Instances':
      out.loads(source.event)
      out.loads(source.locals)
      return out.ints(source.ordinal, source.guard)
    case 'Constants':
      out.numbers(source.registers)
      return out.numbers(source.cells)
    case 'Scan':
      out.int(source.relation)
      out.loads(source.columns)
      out.int(source.rowId)
      return out.list(source.ranges, ({ column, end, constant }) => {
        out.int(column)
        out.choice(rangeEnds, end)
        out.int(constant)
      })
    case 'StateScan':
      out.ints(source.state, source.what)
      return out.loads(source.columns)
    case 'Recursion':
      out.ints(source.state, source.first, source.last)
      return out.loads(source.columns)
  }
}

function encodeCompute(out: Writer, compute: Compute): void {
  out.choice(opcodes, compute.opcode)
  out.ints(compute.result, compute.active)
  out.numbers(compute.arguments)
  out.numbers(compute.immediates)
  out.ints(compute.spanStart, compute.spanEnd)
}

function encodeResidual(out: Writer, residual: Residual): void {
  out.list(residual.instructions, (compute) => encodeCompute(out, compute))
  out.int(residual.register)
}

function encodeOperator(out: Writer, operator: Operator): void {
  out.choice(operatorKinds, operator.kind)
  switch (operator.kind) {
    case 'Compute':
      return encodeCompute(out, operator)
    case 'LoadConstant':
      return out.ints(operator.constant, operator.register)
    case 'Filter':
      out.int(operator.register)
      return out.numbers(operator.keep)
    case 'IndexProbe':
      out.ints(operator.relation, operator.index)
      out.choice(probeTypes, operator.type)
      out.numbers(operator.keys)
      out.loads(operator.columns)
      out.ints(operator.rowId, operator.mark)
      out.numbers(operator.keep)
      return encodeResidual(out, operator.residual)
    case 'HashProbe':
      out.int(operator.state)
      out.choice(probeTypes, operator.type)
      out.numbers(operator.keys)
      out.loads(operator.outputs)
      out.int(operator.mark)
      out.numbers(operator.keep)
      encodeResidual(out, operator.residual)
      return out.flag(operator.nullAware)
    case 'LoopProbe':
      out.int(operator.state)
      out.choice(probeTypes, operator.type)
      out.loads(operator.outputs)
      out.int(operator.mark)
      out.numbers(operator.keep)
      return encodeResidual(out, operator.residual)
    case 'Series':
      out.ints(operator.start, operator.stop, operator.step, operator.register)
      return out.numbers(operator.keep)
    case 'Limit':
      out.ints(operator.limit, operator.offset, operator.ordinal)
      return out.numbers(operator.keep)
    case 'Insert':
      out.int(operator.relation)
      out.numbers(operator.values)
      out.ints(operator.conflict, operator.index)
      out.flag(operator.once)
      return out.ints(operator.ordinal, operator.rowId, operator.conflicted, operator.active, operator.spanStart, operator.spanEnd)
    case 'Update':
      out.ints(operator.relation, operator.rowId)
      out.loads(operator.columns)
      return out.ints(operator.ordinal, operator.newRowId, operator.active, operator.spanStart, operator.spanEnd)
    case 'Delete':
      return out.ints(operator.relation, operator.rowId, operator.ordinal, operator.active, operator.spanStart, operator.spanEnd)
    case 'Fetch':
      out.ints(operator.relation, operator.rowId)
      return out.loads(operator.columns)
    case 'Append':
      out.int(operator.relation)
      out.numbers(operator.values)
      return out.ints(operator.ordinal, operator.id, operator.spanStart, operator.spanEnd)
  }
}

function encodeSink(out: Writer, sink: Sink): void {
  out.choice(sinkKinds, sink.kind)
  switch (sink.kind) {
    case 'Result':
      return out.numbers(sink.registers)
    case 'HashBuild':
      out.int(sink.state)
      out.numbers(sink.keys)
      return out.numbers(sink.payload)
    case 'Aggregate':
      out.int(sink.state)
      out.numbers(sink.groups)
      return out.list(sink.inputs, (input) => {
        out.numbers(input.arguments)
        out.int(input.filter)
      })
    case 'Sort':
      out.int(sink.state)
      out.numbers(sink.keys)
      return out.numbers(sink.payload)
    case 'Rows':
      out.int(sink.state)
      return out.numbers(sink.payload)
    case 'Locals':
      out.int(sink.ordinal)
      out.list(sink.assign, (assign) => out.ints(assign.local, assign.register))
      out.int(sink.found)
      out.flag(sink.reset)
      return out.flag(sink.strict)
    case 'Discard':
      return out.flag(sink.counted)
    case 'Window':
      out.int(sink.state)
      out.numbers(sink.payload)
      return out.numbers(sink.inputs)
  }
}
