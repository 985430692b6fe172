// What the kinds of generate_series share: their arguments as one row, and their mistakes.
import { typeName } from '#base/data-type'
import { EngineError } from '#base/engine-error'
import type { Span } from '#base/span'
import type { Column, Expression, Plan } from '#sql/bound'
import { columnExpression } from '#sql/functions/build'
import { types } from '#sql/functions/types'
import type { BindContext } from './context.ts'
import { passThrough } from './relation.ts'
import { isNullable } from './rewrite.ts'

/** What a kind of series comes to: the plan and its one column. */
export interface SeriesPlan {
  readonly plan: Plan
  readonly column: Column
}

export function signature(given: readonly Expression[]): string {
  return `generate_series(${given.map(({ type }) => typeName(type)).join(', ')})`
}

/** There is none over such arguments. */
export function noSuchSeries(given: readonly Expression[], span: Span): EngineError {
  return new EngineError('undefined_function', {
    message: `function ${signature(given)} does not exist`,
    span,
    hint: 'There are series of integers, of numeric, and of timestamps with an interval as step.',
  })
}

export function zeroStep(span: Span): EngineError {
  return new EngineError('invalid_parameter_value', {
    message: 'step size cannot equal zero',
    span,
  })
}

interface Ends {
  readonly columns: readonly Expression[]
  /** A series for each row of the ends, and the value of each of its numbers. */
  over(
    series: { readonly start: Expression; readonly stop: Expression; readonly step: Expression },
    valueOf: (number: Expression) => { readonly column: Column; readonly expression: Expression },
  ): SeriesPlan
}

/** The arguments as columns of one row: evaluated once, however often they are read. */
export function endsOf(context: BindContext, given: readonly Expression[], span: Span): Ends {
  const items = given.map((expression) => ({
    column: context.column('end', expression.type, isNullable(expression)),
    expression,
  }))
  const left: Plan = { kind: 'project', input: { kind: 'dual' }, items }
  return {
    columns: items.map(({ column }) => columnExpression(column, span)),
    over(series, valueOf) {
      const number = context.column('number', types.bigint, false)
      const right: Plan = { kind: 'series', ...series, column: number }
      const joined: Plan = {
        kind: 'join',
        type: 'inner',
        left,
        right,
        condition: undefined,
        lateral: true,
      }
      const item = valueOf(columnExpression(number, span))
      const passed = [...items.map(({ column }) => column), number].map((column) =>
        passThrough(column, span),
      )
      return {
        plan: { kind: 'project', input: joined, items: [...passed, item] },
        column: item.column,
      }
    },
  }
}
