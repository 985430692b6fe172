// Logical plans as pipelines. open() gives the pipeline whose rows are the plan's; breakers end a
// pipeline in a state and open the next one over it.
import { physicalTypeOf } from '#base/data-type'
import type { Column, Expression, SortKey } from '#sql/bound'
import { visibleIds } from '../logical/columns.ts'
import { isVolatile, literal, bigintType, splitConjuncts } from '../logical/expression.ts'
import type { Instances, Limit, Logical, Scan, Union } from '../logical/plan.ts'
import type { GroupLimit, Load, PhysicalType, Register, ScanRange } from '../program.ts'
import { notSupported } from '../refuse.ts'
import { boundOf } from '../rules/column-bounds.ts'
import { equalitiesOf, bestIndex } from '../rules/select-index.ts'
import { openAggregate } from './aggregate.ts'
import { groupLimitOf } from './group-limit.ts'
import { openJoin } from './join.ts'
import { pushIndexProbe } from './index-probe.ts'
import { openWindow } from './window.ts'
import { openWrite } from './write.ts'
import { PipelineBuilder } from './pipeline-builder.ts'
import type { ProgramBuilder } from './program-builder.ts'
import { openRecursion, openRound } from './recursion.ts'
import { RowsState } from './rows-state.ts'

export function open(plan: Logical, program: ProgramBuilder): PipelineBuilder {
  return program.trace.within(plan, () => openNode(plan, program))
}

function openNode(plan: Logical, program: ProgramBuilder): PipelineBuilder {
  switch (plan.kind) {
    case 'dual':
      return new PipelineBuilder(program, () => ({ kind: 'Dual' }))
    case 'scan':
      return openScan(plan, program)
    case 'constants':
      return openConstants(plan, program)
    case 'instances':
      return openInstances(plan, program)
    case 'series':
      return openSeries(plan, program)
    case 'extend':
      return openExtend(plan, program)
    case 'filter':
      return openFilter(plan, program)
    case 'join':
      return openJoin(plan, program)
    case 'aggregate':
      return openAggregate(plan, program)
    case 'window':
      return openWindow(plan, program)
    case 'sort':
      return openSort(plan.input, plan.keys, undefined, program)
    case 'limit':
      return openLimit(plan, program)
    case 'union':
      return openUnion(plan, program)
    case 'with':
      return openWith(plan, program)
    case 'cte_scan':
      return openPartScan(plan, program)
    case 'recursion':
      return openRecursion(plan, program)
    case 'round_scan':
      return openRound(plan, program)
    case 'insert':
    case 'update':
    case 'delete':
      return openWrite(plan, program)
  }
}

function openScan(plan: Scan, program: ProgramBuilder, ranges: readonly ScanRange[] = []): PipelineBuilder {
  const columns: Load[] = []
  const builder = new PipelineBuilder(program, (own) => ({
    kind: 'Scan',
    relation: plan.relation.id,
    columns,
    rowId: plan.rowId ? own.bindNew(plan.rowId) : -1,
    ranges,
  }))
  builder.addSupplier(scanSupplier(plan, builder, columns))
  return builder
}

/** Supplies a relation's columns through `loads`, which a scan or probe owns. */
export function scanSupplier(plan: Scan, builder: PipelineBuilder, loads: Load[]) {
  const positions = new Map(plan.columns.map(({ column, position }) => [column.id, position]))
  return {
    has: (id: number): boolean => positions.has(id),
    load: (column: Column): Register => builder.load(column, loads, ({ id }) => positions.get(id) ?? -1),
  }
}

function openConstants(
  plan: Extract<Logical, { kind: 'constants' }>,
  program: ProgramBuilder,
): PipelineBuilder {
  const cells = plan.rows.flat().map((cell) => {
    const constant = program.constantOf(cell)
    if (constant === undefined) throw new TypeError('constants are literals and parameters')
    return constant
  })
  return new PipelineBuilder(program, (own) => ({
    kind: 'Constants',
    registers: plan.columns.map((column) => own.bindNew(column)),
    cells,
  }))
}

function openInstances(plan: Instances, program: ProgramBuilder): PipelineBuilder {
  const event: Load[] = []
  const locals: Load[] = []
  const origins = new Map(plan.columns.map(({ column, origin }) => [column.id, origin]))
  const builder = new PipelineBuilder(program, (own) => ({
    kind: 'Instances',
    event,
    locals,
    ordinal: own.bindNew(plan.ordinal),
    guard: program.guard,
  }))
  builder.addSupplier({
    has: (id) => origins.has(id),
    load: (column) => {
      const place = program.step?.columns.get(origins.get(column.id)?.id ?? -1)
      if (!place) throw new TypeError(`instances have no column ${column.name}`)
      const register = builder.register(physicalTypeOf(column.type))
      if ('event' in place) event.push({ column: place.event, register })
      else locals.push({ column: place.local, register })
      return register
    },
  })
  return builder
}

function openSeries(
  plan: Extract<Logical, { kind: 'series' }>,
  program: ProgramBuilder,
): PipelineBuilder {
  const builder = open(plan.input, program)
  const start = builder.compile(plan.start)
  const stop = builder.compile(plan.stop)
  const step = builder.compile(plan.step ?? literal(1n, bigintType))
  const register = builder.bindNew(plan.column)
  builder.push({ kind: 'Series', start, stop, step, register, keep: [] })
  return builder
}

function openExtend(
  plan: Extract<Logical, { kind: 'extend' }>,
  program: ProgramBuilder,
): PipelineBuilder {
  const builder = open(plan.input, program)
  for (const item of plan.items) {
    if (isVolatile(item.expression)) builder.bind(item.column, builder.compile(item.expression))
    else builder.defer(item)
  }
  return builder
}

function openFilter(
  plan: Extract<Logical, { kind: 'filter' }>,
  program: ProgramBuilder,
): PipelineBuilder {
  const conjuncts = splitConjuncts(plan.predicate)
  if (plan.input.kind === 'scan') {
    const scan = plan.input
    const index = bestIndex(scan, equalitiesOf(scan, conjuncts))
    if (index) {
      const builder = new PipelineBuilder(program, () => ({ kind: 'Dual' }))
      const used = index.keys.map(({ conjunct }) => conjunct)
      pushIndexProbe(builder, { scan, index, type: 'Inner', conjuncts: [], mark: undefined })
      applyFilter(
        builder,
        conjuncts.filter((conjunct) => !used.includes(conjunct)),
      )
      return builder
    }
    return openNarrowedScan(scan, conjuncts, program)
  }
  const { input } = plan
  const builder =
    input.kind === 'window'
      ? openWindow(input, program, groupLimitOf(input, conjuncts))
      : open(input, program)
  applyFilter(builder, conjuncts)
  return builder
}

/** The scan may leave out what the conjuncts' comparisons with constants would. */
function openNarrowedScan(scan: Scan, conjuncts: readonly Expression[], program: ProgramBuilder): PipelineBuilder {
  const ranges: ScanRange[] = []
  const builder = program.trace.within(scan, () => openScan(scan, program, ranges))
  applyFilter(builder, conjuncts)
  const positions = new Map(scan.columns.map(({ column, position }) => [column.id, position]))
  for (const conjunct of conjuncts) {
    const bound = boundOf(conjunct)
    const column = bound && positions.get(bound.column.id)
    const constant = bound && program.constantOf(bound.value)
    if (bound && column !== undefined && constant !== undefined) ranges.push({ column, end: bound.end, constant })
  }
  return builder
}

/** Conjuncts that may fail see only the rows that the others let through. */
export function applyFilter(builder: PipelineBuilder, conjuncts: readonly Expression[]): void {
  const hard = conjuncts.filter((conjunct) => builder.mayFail(conjunct))
  const easy = conjuncts.filter((conjunct) => !hard.includes(conjunct))
  filterBy(builder, easy)
  for (const conjunct of hard) filterBy(builder, [conjunct])
}

function filterBy(builder: PipelineBuilder, conjuncts: readonly Expression[]): void {
  const registers = conjuncts.map((conjunct) => builder.compile(conjunct))
  const [first, ...rest] = registers
  if (first === undefined) return
  const span = conjuncts[0]?.span ?? { start: 0, end: 0 }
  const register = rest.reduce(
    (left, right) =>
      builder.compute({ opcode: 'And', arguments: [left, right], type: 'Bool', active: -1, span }),
    first,
  )
  builder.push({ kind: 'Filter', register, keep: [] })
}

/** Ends the pipeline over `input` by sorting its rows; a limit keeps the first, of all or of each group. */
export function openSort(
  input: Logical,
  keys: readonly SortKey[],
  limit: Limit | undefined,
  program: ProgramBuilder,
  groupLimit?: GroupLimit,
): PipelineBuilder {
  const builder = open(input, program)
  const registers = keys.map(({ expression }) => builder.compile(expression))
  const declarations = keys.map(({ descending, nullsFirst }, index) => ({
    type: builder.typeOf(registers[index] ?? -1),
    descending,
    nullsFirst,
  }))
  const types: PhysicalType[] = []
  const payload: Register[] = []
  const { limit: count, offset } = limitConstants(limit, program)
  const state = program.state({
    kind: 'Sort',
    keys: declarations,
    payload: types,
    limit: count,
    offset,
    groupLimit,
  })
  const ids = visibleIds(input)
  builder.finish({ kind: 'Sort', state, keys: registers, payload })
  const positions = new Map<number, number>()
  const columns: Load[] = []
  const sorted = new PipelineBuilder(program, () => ({
    kind: 'StateScan',
    state,
    what: 0,
    columns,
  }))
  sorted.addSupplier({
    has: (id) => ids.has(id),
    load: (column) => {
      const position = positions.get(column.id) ?? types.push(physicalTypeOf(column.type)) - 1
      if (!positions.has(column.id)) payload.push(builder.column(column))
      positions.set(column.id, position)
      const register = sorted.register(physicalTypeOf(column.type))
      columns.push({ column: position, register })
      return register
    },
  })
  return sorted
}

function limitConstants(
  plan: Limit | undefined,
  program: ProgramBuilder,
): { limit: number; offset: number } {
  return {
    limit: constantOrNone(plan?.limit, program),
    offset: constantOrNone(plan?.offset, program),
  }
}

function constantOrNone(expression: Expression | undefined, program: ProgramBuilder): number {
  if (!expression || (expression.kind === 'literal' && expression.value === null)) return -1
  const isNumber =
    expression.kind === 'literal' &&
    (typeof expression.value === 'number' || typeof expression.value === 'bigint')
  const constant = isNumber
    ? program.constants.addPhysical({ type: 'Int64', value: BigInt(expression.value) })
    : program.constantOf(expression)
  if (constant === undefined)
    throw notSupported('a limit or offset that is not a constant or parameter', expression.span)
  return constant
}

/** σ over a sort keeps only the top rows while sorting; elsewhere rows are counted as they pass. */
function openLimit(plan: Limit, program: ProgramBuilder): PipelineBuilder {
  const { input } = plan
  if (input.kind === 'sort' && !plan.ordinal)
    return openSort(input.input, input.keys, plan, program)
  if (input.kind === 'extend' && !plan.ordinal) {
    return openExtend({ ...input, input: { ...plan, input: input.input } }, program)
  }
  const builder = open(input, program)
  const { limit, offset } = limitConstants(plan, program)
  const ordinal = plan.ordinal ? builder.column(plan.ordinal) : -1
  if (limit >= 0 || offset >= 0) builder.push({ kind: 'Limit', limit, offset, ordinal, keep: [] })
  return builder
}

/** Rows of the inputs one after the other; a column of the union is another expression in each. */
function openUnion(plan: Union, program: ProgramBuilder): PipelineBuilder {
  const positions = new Map(plan.columns.map((column, index) => [column.id, index]))
  const rows = new RowsState(program, (id) => positions.has(id))
  for (const { plan: input, values } of plan.inputs) {
    const builder = open(input, program)
    rows.fill(builder, (column) => {
      const value = values[positions.get(column.id) ?? -1]
      if (!value) throw new TypeError(`a union lacks a value for ${column.name}`)
      return builder.compile(value)
    })
  }
  return rows.scan(program)
}

function openWith(
  plan: Extract<Logical, { kind: 'with' }>,
  program: ProgramBuilder,
): PipelineBuilder {
  const definition = open(plan.definition, program)
  const rows = new RowsState(program, (id) => definition.has(id))
  rows.fill(definition)
  program.parts.set(plan.id, rows)
  return open(plan.body, program)
}

function openPartScan(
  plan: Extract<Logical, { kind: 'cte_scan' }>,
  program: ProgramBuilder,
): PipelineBuilder {
  const rows = program.parts.get(plan.id)
  if (!rows) throw new TypeError(`with part ${plan.name} is not there yet`)
  const sources = new Map(
    plan.columns.map((column, index) => [column.id, plan.sources[index] ?? column]),
  )
  const columns: Load[] = []
  const builder = new PipelineBuilder(program, () => ({
    kind: 'StateScan',
    state: rows.state,
    what: 0,
    columns,
  }))
  const supplier = rows.supplier(builder, columns)
  builder.addSupplier({
    has: (id) => sources.has(id),
    load: (column) => supplier.load(sources.get(column.id) ?? column),
  })
  return builder
}
