// distinct and the set operations in terms of union all and aggregate.
//   A union B      →  γ[columns](A ⊎ B)
//   A intersect B  →  σ[in A and in B](γ[columns; counts](A ⊎ B)); all: as many times as in both
//   A except B     →  σ[in A and not in B](γ[columns; counts](A ⊎ B)); all: the difference of times
import type { Column, Expression, Plan, ProjectItem } from '#sql/bound'
import type { ColumnMaker } from '../logical/column-maker.ts'
import {
  bigintType,
  booleanType,
  call,
  columnRef,
  literal,
  test,
  and,
  noSpan,
} from '../logical/expression.ts'
import {
  filter,
  type Aggregate,
  type Logical,
  type LogicalAggregate,
  type Union,
} from '../logical/plan.ts'
import type { Translation } from '../logical/translation.ts'

type SetOperation = Extract<Plan, { kind: 'set' }>

export function lowerSet(
  plan: SetOperation,
  left: Logical,
  right: Logical,
  { make }: Translation,
): Logical {
  const leftValues = plan.leftColumns.map((column) => columnRef(column))
  const rightValues = plan.rightColumns.map((column) => columnRef(column))
  if (plan.operator === 'union') {
    const inputs = [
      { plan: left, values: leftValues },
      { plan: right, values: rightValues },
    ]
    const union: Logical = { kind: 'union', inputs, columns: plan.columns }
    return plan.all ? union : grouped(union, plan.columns, [])
  }
  const isLeft = make.column('is_left', booleanType, false)
  const union: Union = {
    kind: 'union',
    columns: [...plan.columns, isLeft],
    inputs: [
      { plan: left, values: [...leftValues, literal(true, booleanType)] },
      { plan: right, values: [...rightValues, literal(false, booleanType)] },
    ],
  }
  return counted(plan, union, isLeft, make)
}

function counted(plan: SetOperation, union: Union, isLeft: Column, make: ColumnMaker): Logical {
  const inLeft = make.column('in_left', bigintType, false)
  const inRight = make.column('in_right', bigintType, false)
  const counts = grouped(union, plan.columns, [
    countWhere(inLeft, columnRef(isLeft)),
    countWhere(inRight, test('Not', columnRef(isLeft))),
  ])
  const zero = literal(0n, bigintType)
  const isInLeft = test('Greater', columnRef(inLeft), zero)
  if (!plan.all) {
    const right = test(plan.operator === 'except' ? 'Equal' : 'Greater', columnRef(inRight), zero)
    return filter(counts, and([isInLeft, right]))
  }
  const kernel = plan.operator === 'except' ? 'Subtract' : 'Least'
  const stop = call({
    kernel,
    arguments: [columnRef(inLeft), columnRef(inRight)],
    type: bigintType,
  })
  const column = make.column('time', bigintType, false)
  const start = literal(1n, bigintType)
  return { kind: 'series', input: counts, start, stop, step: undefined, column }
}

function countWhere(column: Column, condition: Expression): LogicalAggregate {
  return {
    column,
    function: 'count_star',
    arguments: [],
    distinct: false,
    filter: condition,
    order: [],
    span: noSpan,
  }
}

function grouped(
  input: Logical,
  columns: readonly Column[],
  aggregates: readonly LogicalAggregate[],
): Aggregate {
  const groups = columns.map((column): ProjectItem => ({ column, expression: columnRef(column) }))
  return { kind: 'aggregate', input, groups, aggregates }
}

/** distinct groups by every column; distinct on keeps the first row of each group. */
export function lowerDistinct(
  input: Logical,
  columns: readonly Column[],
  on: readonly Expression[] | undefined,
  { make }: Translation,
): Logical {
  if (!on) return grouped(input, columns, [])
  const groups = on.map((expression): ProjectItem => ({
    column: make.column('on', expression.type),
    expression,
  }))
  const aggregates = columns.map((column): LogicalAggregate => ({
    column,
    function: 'first',
    arguments: [columnRef(column)],
    distinct: false,
    filter: undefined,
    order: [],
    span: noSpan,
  }))
  return { kind: 'aggregate', input, groups, aggregates }
}
