// percentile_disc and mode in terms of windows: rows are numbered inside their group in the order
// that the call asks for, and the aggregate takes the value of the one row with the wanted number.
//   percentile_disc(f) (x)  →  any_value(x) where number by x = ceil(f * count(x))
//   mode() (x)              →  any_value(x) where number by (count of equal x desc, x) = 1
import type {
  AggregateCall,
  AggregateFunction,
  Column,
  Expression,
  OrderedSetFunction,
  Plan,
  ProjectItem,
  SortKey,
  WindowCall,
  WindowCheck,
  WindowFrame,
} from '#sql/bound'
import {
  caseOf,
  columnExpression,
  conjunction,
  disjunction,
  isNull,
  literal,
} from '#sql/functions/build'
import { types } from '#sql/functions/types'
import { bindFunction, bindOperator } from './call.ts'
import { coerceExplicitly } from './coercion.ts'
import type { BindContext } from './context.ts'
import { columnsOf } from './plan-columns.ts'
import { passThrough } from './relation.ts'
import { isNullable } from './rewrite.ts'

/** An aggregate as it is written; the order of an ordered set is that of `within group`. */
export type CollectedCall = Omit<AggregateCall, 'function'> & {
  readonly function: AggregateFunction | OrderedSetFunction
}

export function isOrderedSet(name: CollectedCall['function']): name is OrderedSetFunction {
  return name === 'percentile_disc' || name === 'mode'
}

export interface AggregateParts {
  readonly input: Plan
  readonly groups: readonly ProjectItem[]
  readonly aggregates: readonly CollectedCall[]
}

/** The aggregation, above the windows that its ordered sets need. */
export function planAggregate(context: BindContext, parts: AggregateParts): Plan {
  const { aggregates } = parts
  if (aggregates.every(isPlain)) return { kind: 'aggregate', ...parts, aggregates }
  const numbered = new NumberedInput(context, parts)
  const calls = aggregates.map((call) => (isPlain(call) ? call : numbered.lowered(call)))
  return { kind: 'aggregate', input: numbered.plan, groups: numbered.groups, aggregates: calls }
}

function isPlain(call: CollectedCall): call is AggregateCall {
  return !isOrderedSet(call.function)
}

const wholePartition: WindowFrame = {
  mode: 'rows',
  start: { kind: 'unbounded_preceding' },
  end: { kind: 'unbounded_following' },
  exclude: 'no_others',
  key: undefined,
}

/** The input with its groups as columns, and above it a window for each ordered set. */
class NumberedInput {
  plan: Plan
  readonly groups: readonly ProjectItem[]
  readonly #context: BindContext

  constructor(context: BindContext, { input, groups }: AggregateParts) {
    this.#context = context
    const keys = groups.map(({ expression }) => this.#item('key', expression))
    this.plan = this.#extended(input, keys)
    this.groups = groups.map(({ column, expression }, index) => {
      const key = keys[index]
      return {
        column,
        expression: key ? columnExpression(key.column, expression.span) : expression,
      }
    })
  }

  /** The same value as a plain aggregate over the window that is added to the plan. */
  lowered(call: CollectedCall): AggregateCall {
    const [value, fraction] = call.arguments
    if (!value) throw new TypeError('an ordered set has values')
    const own = this.#item('value', call.filter ? filtered(value, call.filter) : value)
    this.plan = this.#extended(this.plan, [own])
    const read = columnExpression(own.column, call.span)
    const filter = fraction
      ? this.#isAtFraction(call, read, fraction)
      : this.#isMostFrequent(call, read)
    return { ...call, function: 'any_value', arguments: [read], filter, order: [] }
  }

  #isAtFraction(call: CollectedCall, value: Expression, fraction: Expression): Expression {
    const { span } = call
    const part = this.#item('fraction', fraction)
    this.plan = this.#extended(this.plan, [part])
    const asked = columnExpression(part.column, span)
    const order = [nullsLast(value), ...valueOrder(call, value)]
    const checks = this.#fractionChecks(asked)
    const number = this.#window('row_number', this.#partition, order, [], checks)
    const count = this.#window('count', this.#partition, [], [value], [])
    const all = this.#asDouble(count)
    const place = bindFunction('ceil', [this.#operator('*', asked, all)], span, this.#context)
    const first = literal(1, types.double, span)
    const reached = this.#operator('=', this.#asDouble(number), place)
    const before = conjunction(
      [this.#operator('=', this.#asDouble(number), first), this.#operator('<', place, first)],
      span,
    )
    return disjunction([reached, before], span)
  }

  #isMostFrequent(call: CollectedCall, value: Expression): Expression {
    const count = this.#window('count_star', [...this.#partition, value], [], [], [])
    const order = [
      nullsLast(value),
      { expression: count, descending: true, nullsFirst: false },
      ...valueOrder(call, value),
    ]
    const number = this.#window('row_number', this.#partition, order, [], [])
    return this.#operator('=', number, literal(1n, types.bigint, call.span))
  }

  get #partition(): readonly Expression[] {
    return this.groups.map(({ expression }) => expression)
  }

  #window(
    name: WindowCall['function'],
    partition: readonly Expression[],
    order: readonly SortKey[],
    operands: readonly Expression[],
    checks: readonly WindowCheck[],
  ): Expression {
    const column = this.#context.column(name, types.bigint, false)
    const span = { start: 0, end: 0 }
    const call: WindowCall = {
      column,
      function: name,
      arguments: operands,
      filter: undefined,
      frame: 0,
      span,
    }
    const frames = [wholePartition]
    this.plan = {
      kind: 'window',
      input: this.plan,
      partition,
      order,
      frames,
      calls: [call],
      checks,
    }
    return columnExpression(column, span)
  }

  #fractionChecks(fraction: Expression): readonly WindowCheck[] {
    const { span } = fraction
    const condition = disjunction(
      [
        this.#operator('<', fraction, literal(0, types.double, span)),
        this.#operator('>', fraction, literal(1, types.double, span)),
      ],
      span,
    )
    return [{ condition, state: '22003', message: 'percentile value is not between 0 and 1', span }]
  }

  #operator(symbol: string, left: Expression, right: Expression): Expression {
    return bindOperator(symbol, [left, right], left.span, this.#context)
  }

  #asDouble(expression: Expression): Expression {
    return coerceExplicitly(expression, types.double, expression.span, this.#context)
  }

  #item(name: string, expression: Expression): ProjectItem {
    const column: Column = this.#context.column(name, expression.type, isNullable(expression))
    return { column, expression }
  }

  #extended(input: Plan, items: readonly ProjectItem[]): Plan {
    const passed = columnsOf(input).map((column) => passThrough(column, { start: 0, end: 0 }))
    return { kind: 'project', input, items: [...passed, ...items] }
  }
}

/** Null where the filter leaves the row out: nulls do not count. */
function filtered(value: Expression, filter: Expression): Expression {
  return caseOf([{ when: filter, then: value }], undefined, value.type, value.span)
}

function nullsLast(value: Expression): SortKey {
  return { expression: isNull(value, value.span), descending: false, nullsFirst: false }
}

function valueOrder(call: CollectedCall, value: Expression): readonly SortKey[] {
  return call.order.map((key) => ({ ...key, expression: value }))
}
