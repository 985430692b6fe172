// Windows: the rows are sorted by partition and order, then a breaker computes the calls partition by
// partition, and the next pipeline reads rows and results.
import { physicalTypeOf } from '#base/data-type'
import type { Column, FrameEdge, WindowCall, WindowFrame } from '#sql/bound'
import { visibleIds } from '../logical/columns.ts'
import type { Window } from '../logical/plan.ts'
import type {
  FrameDeclaration,
  GroupLimit,
  Load,
  PhysicalType,
  Register,
  WindowCallDeclaration,
  WindowFunction,
} from '../program.ts'
import { aggregateNames } from './aggregate.ts'
import { open, openSort } from './compile.ts'
import { raiseWhere } from './constraints.ts'
import { PipelineBuilder } from './pipeline-builder.ts'
import type { ProgramBuilder } from './program-builder.ts'

const functions: Readonly<Partial<Record<WindowCall['function'], WindowFunction>>> = {
  row_number: 'RowNumber',
  rank: 'Rank',
  dense_rank: 'DenseRank',
  percent_rank: 'PercentRank',
  cume_dist: 'CumeDist',
  ntile: 'Ntile',
  lag: 'Lag',
  lead: 'Lead',
  first_value: 'FirstValue',
  last_value: 'LastValue',
  nth_value: 'NthValue',
  ...aggregateNames,
}

const bounds = {
  unbounded_preceding: 'UnboundedPreceding',
  preceding: 'Preceding',
  current_row: 'CurrentRow',
  following: 'Following',
  unbounded_following: 'UnboundedFollowing',
} as const
const modes = { rows: 'Rows', range: 'Range', groups: 'Groups' } as const
const exclusions = {
  no_others: 'NoOthers',
  current_row: 'CurrentRow',
  group: 'Group',
  ties: 'Ties',
} as const

export function openWindow(
  plan: Window,
  program: ProgramBuilder,
  limit?: GroupLimit,
): PipelineBuilder {
  const builder = openOrdered(plan, program, limit)
  for (const { condition, ...failure } of plan.checks)
    raiseWhere(builder, builder.compile(condition), failure)
  const inputs = new Inputs(builder)
  const partition = plan.partition.map((key) => inputs.add(key))
  const order = plan.order.map(({ expression, descending, nullsFirst }) => ({
    type: inputs.add(expression),
    descending,
    nullsFirst,
  }))
  const frames = plan.frames.map((frame) => frameOf(frame, inputs))
  const calls = plan.calls.map((call) => callOf(call, inputs))
  const payload: PhysicalType[] = []
  const state = program.state({ kind: 'Window', payload, partition, order, frames, calls })
  const stored: Register[] = []
  builder.finish({ kind: 'Window', state, payload: stored, inputs: inputs.registers })
  const columns: Load[] = []
  const scan = new PipelineBuilder(program, () => ({
    kind: 'StateScan',
    state,
    what: 0,
    columns,
  }))
  const results = new Map(plan.calls.map(({ column }, index) => [column.id, index]))
  const ids = visibleIds(plan.input)
  const positions = new Map<number, number>()
  const positionOf = (column: Column): number => {
    const known = results.get(column.id) ?? positions.get(column.id)
    if (known !== undefined) return known
    const position = calls.length + payload.push(physicalTypeOf(column.type)) - 1
    stored.push(builder.column(column))
    positions.set(column.id, position)
    return position
  }
  scan.addSupplier({
    has: (id) => results.has(id) || ids.has(id),
    load: (column) => {
      const register = scan.register(physicalTypeOf(column.type))
      columns.push({ column: positionOf(column), register })
      return register
    },
  })
  return scan
}

function openOrdered(
  plan: Window,
  program: ProgramBuilder,
  limit: GroupLimit | undefined,
): PipelineBuilder {
  const keys = [
    ...plan.partition.map((expression) => ({ expression, descending: false, nullsFirst: false })),
    ...plan.order,
  ]
  if (keys.length === 0) return open(plan.input, program)
  return openSort(plan.input, keys, undefined, program, limit)
}

/** The registers that the calls read, in the order that the state declares. */
class Inputs {
  readonly registers: Register[] = []
  readonly #builder: PipelineBuilder

  constructor(builder: PipelineBuilder) {
    this.#builder = builder
  }

  add(expression: Window['partition'][number]): PhysicalType {
    const register = this.#builder.compile(expression)
    this.registers.push(register)
    return this.#builder.typeOf(register)
  }
}

function frameOf(frame: WindowFrame, inputs: Inputs): FrameDeclaration {
  const addEdge = (edge: FrameEdge): PhysicalType | undefined =>
    'value' in edge ? inputs.add(edge.value) : undefined
  const start = addEdge(frame.start)
  const type = addEdge(frame.end) ?? start ?? 'Int64'
  if (frame.key) inputs.add(frame.key)
  return {
    mode: modes[frame.mode],
    start: bounds[frame.start.kind],
    end: bounds[frame.end.kind],
    exclude: exclusions[frame.exclude],
    type,
  }
}

function callOf(call: WindowCall, inputs: Inputs): WindowCallDeclaration {
  const name = functions[call.function]
  if (!name) throw new TypeError(`${call.function} has been lowered by now`)
  const own = call.arguments.map((argument) => inputs.add(argument))
  if (call.filter) inputs.add(call.filter)
  return {
    function: name,
    arguments: own,
    result: physicalTypeOf(call.column.type),
    filtered: call.filter !== undefined,
    frame: call.frame,
  }
}
