// avg(x)  →  sum(x) / count(x); sums, deviations and json get the argument types kernels know.
import type { DataType } from '#base/data-type'
import { scaleOf } from '#sql/functions/types'
import type { Expression, ProjectItem, WindowCall } from '#sql/bound'
import type { ColumnMaker } from '../logical/column-maker.ts'
import { bigintType, call, columnRef, literal, test } from '../logical/expression.ts'
import { extend, type Aggregate, type Logical, type LogicalAggregate } from '../logical/plan.ts'
import { notSupported } from '../refuse.ts'

const doubleType: DataType = { kind: 'double' }
const decimalPrecision = 38

/** What is lowered alike in groups and in windows. */
type Call = Pick<LogicalAggregate, 'column' | 'arguments' | 'span'> & {
  readonly function: LogicalAggregate['function'] | WindowCall['function']
}

export function lowerAverages(plan: Aggregate, make: ColumnMaker): Logical {
  const { calls, items } = lowerCalls(plan.aggregates, make)
  return extend({ ...plan, aggregates: calls }, items)
}

/** The calls that the machine has, and what is made of their results. */
export function lowerCalls<Own extends Call>(
  aggregates: readonly Own[],
  make: ColumnMaker,
): { calls: readonly Own[]; items: readonly ProjectItem[] } {
  const items: ProjectItem[] = []
  const calls = aggregates.flatMap((aggregate): Own[] => {
    switch (aggregate.function) {
      case 'array_agg':
        throw notSupported('array_agg', aggregate.span)
      case 'avg':
        return average(aggregate, items, make)
      case 'var_pop':
      case 'var_samp':
      case 'stddev_pop':
      case 'stddev_samp':
        return [deviation(aggregate, items, make)]
      default:
        return [aggregate]
    }
  })
  return { calls, items }
}

function average<Own extends Call>(
  aggregate: Own,
  items: ProjectItem[],
  make: ColumnMaker,
): Own[] {
  const [argument] = aggregate.arguments
  if (!argument) throw new TypeError('avg has an argument')
  const sum = make.column('sum', sumType(argument.type))
  const count = make.column('count', bigintType, false)
  const type = aggregate.column.type
  const quotient =
    type.kind === 'numeric'
      ? decimalQuotient(columnRef(sum), columnRef(count), type)
      : floatQuotient(columnRef(sum), columnRef(count), type)
  const isEmpty = test('Equal', columnRef(count), literal(0n, bigintType))
  const branches = [{ when: isEmpty, then: literal(null, type) }]
  items.push({
    column: aggregate.column,
    expression: { kind: 'case', branches, otherwise: quotient, type, span: aggregate.span },
  })
  return [
    { ...aggregate, function: 'sum', column: sum },
    { ...aggregate, function: 'count', column: count },
  ]
}

/** What Sum gives for an argument (planner/program.ts). */
function sumType(type: DataType): DataType {
  if (type.kind === 'smallint' || type.kind === 'integer') return bigintType
  if (type.kind === 'bigint') return { kind: 'numeric', precision: decimalPrecision, scale: 0 }
  return type
}

function decimalQuotient(sum: Expression, count: Expression, type: DataType): Expression {
  const zeroScale: DataType = { kind: 'numeric', precision: decimalPrecision, scale: 0 }
  const toDecimal = (value: Expression): Expression =>
    value.type.kind === 'numeric'
      ? value
      : call({
          kernel: 'ToDecimal',
          arguments: [value],
          immediates: [0, decimalPrecision],
          type: zeroScale,
        })
  const immediates = [scaleOf(sum.type), 0, scaleOf(type)]
  return call({
    kernel: 'DivideDecimal',
    arguments: [toDecimal(sum), toDecimal(count)],
    immediates,
    type,
  })
}

function floatQuotient(sum: Expression, count: Expression, type: DataType): Expression {
  const divided = call({
    kernel: 'Divide',
    arguments: [toDouble(sum), toDouble(count)],
    type: doubleType,
  })
  return type.kind === 'real' ? call({ kernel: 'ToFloat32', arguments: [divided], type }) : divided
}

function toDouble(value: Expression): Expression {
  if (value.type.kind === 'double') return value
  const immediates = value.type.kind === 'numeric' ? [scaleOf(value.type)] : []
  return call({ kernel: 'ToFloat64', arguments: [value], immediates, type: doubleType })
}

/** Variances are computed in double precision whatever the argument. */
function deviation<Own extends Call>(
  aggregate: Own,
  items: ProjectItem[],
  make: ColumnMaker,
): Own {
  const { type } = aggregate.column
  const own = aggregate.arguments.map(toDouble)
  if (type.kind === 'double') return { ...aggregate, arguments: own }
  const column = make.column(aggregate.column.name, doubleType)
  const immediates = [scaleOf(type), decimalPrecision]
  const expression = call({
    kernel: 'ToDecimal',
    arguments: [columnRef(column)],
    immediates,
    type,
    span: aggregate.span,
  })
  items.push({ column: aggregate.column, expression })
  return { ...aggregate, column, arguments: own }
}
