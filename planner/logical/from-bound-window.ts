// Windows in the planner's algebra: what partitions, orders and bounds are made of becomes columns, so
// that it is computed once, before the rows are sorted.
import type { Column, Expression, Plan, ProjectItem, WindowCall, Windows } from '#sql/bound'
import { mapWindows } from '#sql/expression-tree'
import { lowerCalls } from '../rules/lower-average.ts'
import { SubqueryJoiner } from '../rules/unnest/subquery.ts'
import type { ColumnMaker } from './column-maker.ts'
import {
  and,
  bigintType,
  call,
  columnRef,
  isConstant,
  literal,
  splitConjuncts,
  test,
} from './expression.ts'
import { extend, filter, type Limit, type Logical, type Window } from './plan.ts'
import type { Translation } from './translation.ts'

export function fromWindow(
  plan: Extract<Plan, { kind: 'window' }>,
  input: Logical,
  context: Translation,
): Logical {
  const joiner = new SubqueryJoiner(input, context)
  const rewritten = mapWindows(plan, (expression) => joiner.rewrite(expression))
  const { calls, items } = lowerCalls(rewritten.calls.map(anyValue), context.make)
  return extend(computedOnce(joiner.plan, { ...rewritten, calls }, context.make), items)
}

/** any_value is the first that is not null; first takes the first row's, whatever it is. */
function anyValue(own: WindowCall): WindowCall {
  if (own.function !== 'any_value') return own
  const present = own.arguments.map((argument) => test('IsNotNull', argument))
  return { ...own, function: 'first', filter: and([...present, ...splitConjuncts(own.filter)]) }
}

/** The window over columns and constants only. */
function computedOnce(input: Logical, windows: Windows, make: ColumnMaker): Window {
  const items: ProjectItem[] = []
  const asColumn = (expression: Expression): Expression => {
    if (expression.kind === 'column' || isConstant(expression)) return expression
    const column = make.column('key', expression.type)
    items.push({ column, expression })
    return columnRef(column, expression.span)
  }
  const mapped = mapWindows(windows, asColumn)
  return { kind: 'window', input: extend(input, items), ...mapped }
}

const wholePartition: Windows['frames'] = [
  {
    mode: 'range',
    start: { kind: 'unbounded_preceding' },
    end: { kind: 'current_row' },
    exclude: 'no_others',
    key: undefined,
  },
]

/** Rows numbered from 1 in each partition, in the order in which a sort below has put them. */
export function numberRows(
  input: Logical,
  partition: readonly Column[],
  checks: Windows['checks'],
  make: ColumnMaker,
): { plan: Logical; number: Expression } {
  const column = make.column('number', bigintType, false)
  const own: WindowCall = {
    column,
    function: 'row_number',
    arguments: [],
    filter: undefined,
    frame: 0,
    span: { start: 0, end: 0 },
  }
  const plan: Window = {
    kind: 'window',
    input,
    partition: partition.map((one) => columnRef(one)),
    order: orderOf(input),
    frames: wholePartition,
    calls: [own],
    checks,
  }
  return { plan, number: columnRef(column) }
}

function orderOf(plan: Logical): Windows['order'] {
  if (plan.kind === 'extend') return orderOf(plan.input)
  return plan.kind === 'sort' ? plan.keys : []
}

const greatest = literal(2n ** 63n - 1n, bigintType)

/**
 * limit n offset m  →  σ[number > m and number - m <= n](row_number())
 *
 * For what the machine's own limit does not take: expressions, and limits of each partition.
 */
export function limitByNumber(
  { input, limit, offset }: Pick<Limit, 'input' | 'limit' | 'offset'>,
  partition: readonly Column[],
  make: ColumnMaker,
): Logical {
  const checks = [
    ...negative(limit, '2201W', 'LIMIT must not be negative'),
    ...negative(offset, '2201X', 'OFFSET must not be negative'),
  ]
  const { plan, number } = numberRows(input, partition, checks, make)
  const skipped = offset && orElse(offset, literal(0n, bigintType))
  const place = skipped
    ? call({ kernel: 'Subtract', arguments: [number, skipped], type: bigintType })
    : number
  const wanted = limit && test('LessEqual', place, orElse(limit, greatest))
  const started = skipped && test('Greater', number, skipped)
  return filter(plan, and([started, wanted].filter((part) => part !== undefined)))
}

function orElse(value: Expression, otherwise: Expression): Expression {
  return call({ kernel: 'Coalesce', arguments: [value, otherwise], type: bigintType })
}

function negative(
  count: Expression | undefined,
  state: string,
  message: string,
): Windows['checks'] {
  if (!count || count.kind === 'literal') return []
  return [
    { condition: test('Less', count, literal(0n, bigintType)), state, message, span: count.span },
  ]
}
