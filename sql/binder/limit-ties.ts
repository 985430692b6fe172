// fetch first n rows with ties: rows are numbered and ranked by the order they stand in. The peers
// of the last row wanted have its rank, so a rank up to the last place is all that is asked.
//   limit n offset m with ties  →
//   sort(σ[number > m and rank <= n + m and n > 0](rank(), row_number()))
import type { Column, Expression, Plan, ProjectItem, SortKey, WindowCheck } from '#sql/bound'
import { columnExpression, conjunction, kernelCall, literal } from '#sql/functions/build'
import { types } from '#sql/functions/types'
import { bindOperator } from './call.ts'
import type { BindContext } from './context.ts'
import { columnsOf } from './plan-columns.ts'
import { passThrough } from './relation.ts'

export interface TiedLimit {
  readonly input: Plan
  readonly keys: readonly SortKey[]
  readonly limit: Expression
  readonly offset: Expression | undefined
}

/**
 * A null count or offset is none. Errors when run: 2201W for a negative count, 2201X for a negative
 * offset.
 */
export function limitWithTies(
  context: BindContext,
  { input, keys, limit, offset }: TiedLimit,
): Plan {
  const counts = [
    counted(context, 'limit', limit),
    ...(offset ? [counted(context, 'offset', offset)] : []),
  ]
  const [count, start] = counts.map(({ column, expression: { span } }) =>
    columnExpression(column, span),
  )
  if (!count) throw new TypeError('there is a count')
  const columns = columnsOf(input)
  const number = context.column('number', types.bigint, false)
  const rank = context.column('rank', types.bigint, false)
  const ranked: Plan = {
    kind: 'window',
    input: { kind: 'project', input, items: [...columns.map(passed), ...counts] },
    partition: [],
    order: keys,
    frames: [kFrame],
    calls: [call('row_number', number), call('rank', rank)],
    checks: checksOf(context, count, start),
  }
  const wanted = wantedRows(context, { number, rank, count, start })
  const filtered: Plan = { kind: 'filter', input: ranked, predicate: wanted }
  const plain: Plan = { kind: 'project', input: filtered, items: columns.map(passed) }
  return { kind: 'sort', input: plain, keys }
}

const kFrame = {
  mode: 'range',
  start: { kind: 'unbounded_preceding' },
  end: { kind: 'current_row' },
  exclude: 'no_others',
  key: undefined,
} as const

function passed(column: Column): ProjectItem {
  return passThrough(column, { start: 0, end: 0 })
}

/** A column, so that a subquery in the count is there once. */
function counted(context: BindContext, name: string, expression: Expression): ProjectItem {
  return { column: context.column(name, types.bigint, true), expression }
}

function call(name: 'row_number' | 'rank', column: Column) {
  const span = { start: 0, end: 0 }
  return { column, function: name, arguments: [], filter: undefined, frame: 0, span } as const
}

interface Numbers {
  readonly number: Column
  readonly rank: Column
  readonly count: Expression
  readonly start: Expression | undefined
}

function wantedRows(context: BindContext, { number, rank, count, start }: Numbers): Expression {
  const { span } = count
  const operator = (symbol: string, left: Expression, right: Expression): Expression =>
    bindOperator(symbol, [left, right], span, context)
  const zero = literal(0n, types.bigint, span)
  const place = columnExpression(number, span)
  const most = orElse(count, 2n ** 63n - 1n)
  const isSome = operator('>', most, zero)
  const peer = columnExpression(rank, span)
  if (!start) return conjunction([isSome, operator('<=', peer, most)], span)
  // The difference cannot overflow, the sum could.
  const skipped = orElse(start, 0n)
  const isWanted = operator('<=', operator('-', peer, skipped), most)
  return conjunction([isSome, operator('>', place, skipped), isWanted], span)
}

function orElse(count: Expression, otherwise: bigint): Expression {
  const { span } = count
  return kernelCall('Coalesce', [count, literal(otherwise, types.bigint, span)], types.bigint, span)
}

function checksOf(
  context: BindContext,
  count: Expression,
  start: Expression | undefined,
): readonly WindowCheck[] {
  const isNegative = (one: Expression): Expression =>
    bindOperator('<', [one, literal(0n, types.bigint, one.span)], one.span, context)
  const { span } = count
  return [
    { condition: isNegative(count), state: '2201W', message: 'LIMIT must not be negative', span },
    ...(start
      ? [
          {
            condition: isNegative(start),
            state: '2201X',
            message: 'OFFSET must not be negative',
            span: start.span,
          },
        ]
      : []),
  ]
}
