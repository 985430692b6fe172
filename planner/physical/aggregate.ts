// Grouping and aggregates: one pipeline fills the groups, the next scans them. Aggregates that
// nobody reads are not computed.
import { physicalTypeOf } from '#base/data-type'
import type { Column } from '#sql/bound'
import type { Aggregate, LogicalAggregate } from '../logical/plan.ts'
import type { AggregateDeclaration, AggregateFunction, Load, Register } from '../program.ts'
import { open } from './compile.ts'
import { PipelineBuilder } from './pipeline-builder.ts'
import type { ProgramBuilder } from './program-builder.ts'

/** The native names of aggregates; the others are lowered before they come here. */
export const aggregateNames: Readonly<Partial<Record<LogicalAggregate['function'], AggregateFunction>>> = {
  count_star: 'CountStar',
  count: 'Count',
  sum: 'Sum',
  min: 'Min',
  max: 'Max',
  bool_and: 'BoolAnd',
  bool_or: 'BoolOr',
  string_agg: 'StringAgg',
  json_agg: 'JsonAgg',
  json_object_agg: 'JsonObjectAgg',
  var_pop: 'VarPop',
  var_samp: 'VarSamp',
  stddev_pop: 'StddevPop',
  stddev_samp: 'StddevSamp',
  first: 'First',
  covar_pop: 'CovarPop',
  covar_samp: 'CovarSamp',
  corr: 'Corr',
  percentile_cont: 'PercentileCont',
}

interface AggregateInput {
  readonly arguments: readonly Register[]
  readonly filter: Register
}

export function openAggregate(plan: Aggregate, program: ProgramBuilder): PipelineBuilder {
  const input = open(plan.input, program)
  const groups = plan.groups.map(({ expression }) => input.compile(expression))
  const declarations: AggregateDeclaration[] = []
  const inputs: AggregateInput[] = []
  const groupTypes = groups.map((group) => input.typeOf(group))
  const state = program.state({ kind: 'Aggregate', groups: groupTypes, aggregates: declarations })
  input.finish({ kind: 'Aggregate', state, groups, inputs })
  const loads: Load[] = []
  const scan = new PipelineBuilder(program, () => ({
    kind: 'StateScan',
    state,
    what: 0,
    columns: loads,
  }))
  const groupIndex = new Map(plan.groups.map(({ column }, index) => [column.id, index]))
  const byId = new Map(plan.aggregates.map((aggregate) => [aggregate.column.id, aggregate]))
  const indexes = new Map<number, number>()
  const position = (column: Column): number => {
    const group = groupIndex.get(column.id)
    if (group !== undefined) return group
    const known = indexes.get(column.id)
    if (known !== undefined) return known
    const aggregate = byId.get(column.id)
    if (!aggregate) throw new TypeError(`column ${column.name} is not aggregated`)
    const own = aggregate.arguments.map((argument) => input.compile(argument))
    const filter = aggregate.filter ? input.compile(aggregate.filter) : -1
    const declaration = declarationOf(aggregate, own, input)
    const shared = sameCall(declaration, { arguments: own, filter })
    if (shared < 0) {
      inputs.push({ arguments: own, filter })
      declarations.push(declaration)
    }
    const index = groups.length + (shared < 0 ? declarations.length - 1 : shared)
    indexes.set(column.id, index)
    return index
  }
  // The sum in an average is often asked for by itself too.
  const sameCall = (wanted: AggregateDeclaration, { arguments: own, filter }: AggregateInput): number =>
    declarations.findIndex((known, i) => {
      const input = inputs[i]
      return (
        known.function === wanted.function &&
        known.distinct === wanted.distinct &&
        known.result === wanted.result &&
        input?.filter === filter &&
        input.arguments.length === own.length &&
        input.arguments.every((register, at) => register === own[at])
      )
    })
  scan.addSupplier({
    has: (id) => groupIndex.has(id) || byId.has(id),
    load: (column) => scan.load(column, loads, position),
  })
  return scan
}

function declarationOf(
  aggregate: LogicalAggregate,
  own: readonly Register[],
  input: PipelineBuilder,
): AggregateDeclaration {
  const name = aggregateNames[aggregate.function]
  if (!name) throw new TypeError(`${aggregate.function} has been lowered by now`)
  return {
    function: name,
    arguments: own.map((register) => input.typeOf(register)),
    result: physicalTypeOf(aggregate.column.type),
    distinct: aggregate.distinct,
  }
}
