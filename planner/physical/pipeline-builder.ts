// A pipeline under construction. Columns are looked up by id and come into being where somebody
// asks for them: a load is added to the source, a deferred item is computed at the present end.
// What nobody asks for costs nothing, so no rule has to prune columns.
import { physicalTypeOf, type DataType } from '#base/data-type'
import type { Column, ColumnId, Expression, ProjectItem } from '#sql/bound'
import type { Logical } from '../logical/plan.ts'
import type { Opcode } from '../opcodes.gen.ts'
import type {
  Compute,
  ConstantIndex,
  Load,
  Operator,
  PhysicalType,
  Pipeline,
  Register,
  Residual,
  Sink,
  Source,
  StateIndex,
} from '../program.ts'
import { compileExpression } from './expressions.ts'
import { isFallible } from './fallible.ts'
import { withKeepLists } from './liveness.ts'
import type { ProgramBuilder } from './program-builder.ts'

/** -1: no mask, errors count in every row. */
export const everywhere: Register = -1

/** Something that has columns which no register holds yet. */
export interface Supplier {
  has(id: ColumnId): boolean
  load(column: Column): Register
}

export interface ComputeParts {
  readonly opcode: Opcode
  readonly arguments: readonly Register[]
  readonly immediates?: readonly number[]
  readonly type: PhysicalType
  readonly active: Register
  readonly span: { readonly start: number; readonly end: number }
  readonly isVolatile?: boolean
}

export class PipelineBuilder {
  readonly program: ProgramBuilder
  readonly source: Source
  readonly #registers: PhysicalType[] = []
  readonly #operators: Operator[] = []
  readonly #columns = new Map<ColumnId, Register>()
  readonly #items = new Map<ColumnId, Expression>()
  readonly #suppliers: Supplier[] = []
  readonly #constants = new Map<ConstantIndex, Register>()
  #shared = new Map<string, { readonly register: Register; readonly active: Register }[]>()
  readonly #outerMask = new Map<Register, Register>()
  #residual: Compute[] | undefined
  #sink: Sink | undefined
  /** The nodes that the source and the operators work for. */
  readonly #owners: (Logical | undefined)[]
  #sinkOwner: Logical | undefined
  #isVolatile = false

  constructor(program: ProgramBuilder, makeSource: (builder: PipelineBuilder) => Source) {
    this.program = program
    this.#owners = [program.trace.current]
    this.source = makeSource(this)
  }

  register(type: PhysicalType): Register {
    return this.#registers.push(type) - 1
  }

  typeOf(register: Register): PhysicalType {
    const type = this.#registers[register]
    if (!type) throw new TypeError(`register ${String(register)} was never made`)
    return type
  }

  push(operator: Operator): void {
    this.#operators.push(operator)
    this.#owners.push(this.program.trace.current)
  }

  /** What has been pushed so far. */
  get operators(): readonly Operator[] {
    return this.#operators
  }

  /** The state that the pipeline ends in. */
  get fills(): StateIndex | undefined {
    return this.#sink && 'state' in this.#sink ? this.#sink.state : undefined
  }

  /** Does it compute what may be something else the next time? */
  get isVolatile(): boolean {
    return this.#isVolatile
  }

  bind(column: Column, register: Register): void {
    this.#columns.set(column.id, register)
  }

  /** Columns that a later supplier knows better. */
  forget(columns: readonly Column[]): void {
    for (const { id } of columns) this.#columns.delete(id)
  }

  /** A column that names what a register holds, so that it can be kept and read elsewhere. */
  anonymous(register: Register): Column {
    const column = this.program.anonymousColumn(this.typeOf(register))
    this.bind(column, register)
    return column
  }

  /** Makes a register for the column and binds it. */
  bindNew(column: Column): Register {
    const register = this.register(physicalTypeOf(column.type))
    this.bind(column, register)
    return register
  }

  /** A new register for a column that a source or an operator loads; `position` says where it finds it. */
  load(column: Column, loads: Load[], position: (column: Column) => number): Register {
    const register = this.register(physicalTypeOf(column.type))
    loads.push({ column: position(column), register })
    return register
  }

  /** The item is computed where it is first read. */
  defer(item: ProjectItem): void {
    this.#columns.delete(item.column.id)
    this.#items.set(item.column.id, item.expression)
  }

  addSupplier(supplier: Supplier): void {
    this.#suppliers.push(supplier)
  }

  /** Forgets columns that only a join's condition could read. */
  removeSupplier(supplier: Supplier): void {
    this.#suppliers.splice(this.#suppliers.indexOf(supplier), 1)
    for (const id of this.#columns.keys()) if (supplier.has(id)) this.#columns.delete(id)
  }

  has(id: ColumnId): boolean {
    return (
      this.#columns.has(id) ||
      this.#items.has(id) ||
      this.#suppliers.some((supplier) => supplier.has(id))
    )
  }

  column(column: Column, active: Register = everywhere): Register {
    const known = this.#columns.get(column.id)
    if (known !== undefined) return known
    const item = this.#items.get(column.id)
    if (item) return this.#computeItem(column, item, active)
    const supplier = this.#suppliers.findLast((candidate) => candidate.has(column.id))
    if (!supplier)
      throw new TypeError(`column ${column.name} (${String(column.id)}) is not in this pipeline`)
    const register = supplier.load(column)
    this.#columns.set(column.id, register)
    return register
  }

  #computeItem(column: Column, item: Expression, active: Register): Register {
    const register = compileExpression(this, item, active)
    if (active === everywhere && !this.#residual) this.#columns.set(column.id, register)
    return register
  }

  /** Could the expression raise an error in this pipeline? */
  mayFail(expression: Expression): boolean {
    return isFallible(expression, (id) => (this.#columns.has(id) ? undefined : this.#items.get(id)))
  }

  compile(expression: Expression, active: Register = everywhere): Register {
    return compileExpression(this, expression, active)
  }

  literal(value: null | boolean | number | bigint | string, type: DataType): Register {
    return this.constant(this.program.constants.add(value, type))
  }

  /** Constants are loaded in the pipeline itself, before an operator whose condition reads them. */
  constant(constant: ConstantIndex): Register {
    const known = this.#constants.get(constant)
    if (known !== undefined) return known
    const register = this.register(this.program.constants.typeOf(constant))
    this.push({ kind: 'LoadConstant', constant, register })
    this.#constants.set(constant, register)
    return register
  }

  /** Computes, or finds what has been computed under the same or a wider mask. */
  compute(parts: ComputeParts): Register {
    const immediates = parts.immediates ?? []
    const key = `${parts.opcode} ${parts.arguments.join(',')} ${immediates.join(',')}`
    if (parts.isVolatile) this.#isVolatile = true
    const known = parts.isVolatile ? undefined : this.#findShared(key, parts.active)
    if (known !== undefined) return known
    const result = this.register(parts.type)
    const compute: Compute = {
      kind: 'Compute',
      opcode: parts.opcode,
      result,
      active: parts.active,
      arguments: parts.arguments,
      immediates,
      spanStart: parts.span.start,
      spanEnd: parts.span.end,
    }
    if (this.#residual) this.#residual.push(compute)
    else this.push(compute)
    if (!parts.isVolatile) {
      const entries = this.#shared.get(key) ?? []
      this.#shared.set(key, [...entries, { register: result, active: parts.active }])
    }
    return result
  }

  #findShared(key: string, active: Register): Register | undefined {
    const entries = this.#shared.get(key)
    if (!entries) return undefined
    for (
      let mask: Register | undefined = active;
      mask !== undefined;
      mask = this.#outerMask.get(mask)
    ) {
      const entry = entries.find((candidate) => candidate.active === mask)
      if (entry) return entry.register
    }
    return entries.find((candidate) => candidate.active === everywhere)?.register
  }

  /** Remembers that `mask` is true only where `outer` is. */
  nestMask(mask: Register, outer: Register): void {
    if (mask !== outer && outer !== everywhere) this.#outerMask.set(mask, outer)
  }

  /**
   * Compiles a join condition: its instructions run on candidate matches, not on the pipeline's
   * rows.
   */
  residual(condition: Expression | undefined): Residual {
    if (!condition) return { instructions: [], register: -1 }
    const shared = new Map(this.#shared)
    const instructions: Compute[] = []
    this.#residual = instructions
    const register = this.compile(condition)
    this.#residual = undefined
    this.#shared = shared
    return { instructions, register }
  }

  finish(sink: Sink): void {
    if (this.#sink) throw new TypeError('a pipeline has one sink')
    this.#sink = sink
    this.#sinkOwner = this.program.trace.current
    this.program.pipelines.push(this)
  }

  /** The nodes of the plan that the stages work for; undefined: the result. */
  stageOwners(): readonly (Logical | undefined)[] {
    return [...this.#owners, this.#sinkOwner]
  }

  build(): Pipeline {
    if (!this.#sink) throw new TypeError('a pipeline ends in a sink')
    return withKeepLists({
      registers: this.#registers,
      source: this.source,
      operators: this.#operators,
      sink: this.#sink,
    })
  }
}
