// Where an expression stands: its names, its clause, whether aggregates may occur. Binders of
// expressions and of queries call each other through here, so that neither file imports the other.
import type { DataType } from '#base/data-type'
import type { Span } from '#base/span'
import type { Column, Expression, Plan } from '#sql/bound'
import type * as ast from '#sql/ast'
import type { BindContext } from './context.ts'
import type { AggregateCollector } from './grouping.ts'
import type { Scope } from './scope.ts'
import type { WindowCollector } from './window-scope.ts'

export interface Site {
  readonly context: BindContext
  readonly scope: Scope
  /** As messages name it: WHERE, GROUP BY, VALUES. */
  readonly clause: string
  /** undefined: aggregates are an error here. */
  readonly aggregates: AggregateCollector | undefined
  /** undefined: window functions are an error here. */
  readonly windows: WindowCollector | undefined
  /** Binds an expression that stands in the same place. */
  readonly bind: (expression: ast.Expression) => Expression
  /** The same names inside a call: of an aggregate, where aggregates are an error, or of a window function. */
  readonly inside: (clause: 'aggregate' | 'window') => Site
}

/** What a query is once bound: its plan and what it gives, in order. */
export interface Rows {
  readonly plan: Plan
  readonly columns: readonly Column[]
}

/** Types wanted of a query's columns: an untyped literal takes the one of its place. */
export type Expected = readonly (DataType | undefined)[]

export interface Binders {
  /** Binds SQL text that the schema carries (defaults, checks, virtual columns), spans set to `span`. */
  readonly text: (
    context: BindContext,
    text: string,
    scope: Scope | undefined,
    span: Span,
  ) => Expression
  readonly query: (
    context: BindContext,
    query: ast.Query,
    scope: Scope | undefined,
    expected?: Expected,
  ) => Rows
  /** A query or a change: what a part of `with` may be. */
  readonly rows: (
    context: BindContext,
    statement: ast.Query | ast.Change,
    scope: Scope | undefined,
  ) => Rows
}
