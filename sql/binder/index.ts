// The binder's door: a parsed statement and the catalog in, a bound statement out.
import type { DataType } from '#base/data-type'
import { EngineError } from '#base/engine-error'
import type { SchemaLookup } from '#base/schema'
import type { Span } from '#base/span'
import type * as ast from '#sql/ast'
import type { BoundQuery, BoundStatement, Expression } from '#sql/bound'
import { parseExpression } from '#sql/parser/index'
import { argumentsQuery, parameterTypesOf } from './arguments.ts'
import { BindContext, type BindOptions } from './context.ts'
import { siteOf } from './expression.ts'
import { bindQuery } from './query.ts'
import { atSpan } from './rewrite.ts'
import { bindRows } from './rows.ts'
import { scopeOf, type Scope } from './scope.ts'
import type { Binders } from './site.ts'
import { bindAny } from './statement.ts'

export { columnsOf, freeColumns } from './plan-columns.ts'
export { printBound, printExpression, printPlan } from './print-bound.ts'
export type { BindOptions } from './context.ts'

const binders: Binders = { text: bindText, query: bindQuery, rows: bindRows }

/**
 * Gives every name its meaning and every value its type.
 *
 * Errors: EngineErrors of class 42, 22 for constants, and 0A000, each with a span into the statement's text.
 */
export function bindStatement(
  statement: ast.Statement,
  schemas: SchemaLookup,
  options: BindOptions = {},
): BoundStatement {
  return bindAny(new BindContext(schemas, binders, options), statement)
}

/** Types as `prepare name (type, …)` says them. Errors: 42704, 0A000. */
export function bindParameterTypes(types: readonly ast.TypeName[]): readonly DataType[] {
  return parameterTypesOf(types)
}

/**
 * Binds the values of `execute` as a query of one row, one column per parameter of the type that it has.
 *
 * Errors: 42804 where no assignment would convert a value; those of the expressions.
 */
export function bindArguments(
  expressions: readonly ast.Expression[],
  types: readonly DataType[],
  schemas: SchemaLookup,
  text: string,
): BoundQuery {
  return argumentsQuery(new BindContext(schemas, binders, { text }), expressions, types)
}

/** Text that the schema carries was bound before; a mistake in it now is shown at `span`. */
function bindText(
  context: BindContext,
  text: string,
  scope: Scope | undefined,
  span: Span,
): Expression {
  try {
    const site = siteOf(context, scope ?? scopeOf([], undefined), 'DEFAULT')
    return atSpan(site.bind(parseExpression(text)), span)
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    throw error.with({ span, detail: `It happened in the schema's expression ${text}.` })
  }
}
