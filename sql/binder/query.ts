// Queries: `with`, and the bodies select, values, set operations, table and the pipe form.
import { EngineError } from '#base/engine-error'
import { featureNotSupported } from '#base/errors'
import type { Span } from '#base/span'
import type { DataType } from '#base/data-type'
import type * as ast from '#sql/ast'
import { coerceImplicitly, unify } from './coercion.ts'
import type { BindContext } from './context.ts'
import { siteOf } from './expression.ts'
import { isNullable } from './rewrite.ts'
import { kOutputColumnsMax, tooManyColumns } from './output.ts'
import { bindPipeline } from './pipe.ts'
import { scopeOf, type Scope } from './scope.ts'
import { bindSelect, orderRows, type Around } from './select.ts'
import type { Expected, Rows } from './site.ts'
import { bindWith } from './with.ts'
import { valuesPlan } from './values.ts'
import { combineRows } from './set-operation.ts'

export function bindQuery(
  context: BindContext,
  query: ast.Query,
  parent: Scope | undefined,
  expected: Expected = [],
): Rows {
  const locking = query.locking[0]
  if (locking)
    throw featureNotSupported(
      `FOR ${locking.strength.toUpperCase()} is not supported`,
      locking.span,
    )
  return bindWith(context, query.with, parent, (scope) =>
    bindBody(context, query.body, query, scope, expected),
  )
}

function bindBody(
  context: BindContext,
  body: ast.QueryBody,
  around: Around,
  scope: Scope | undefined,
  expected: Expected,
): Rows {
  switch (body.kind) {
    case 'select':
      return bindSelect(context, body, around, scope, expected)
    case 'values':
      return orderRows(context, bindValues(context, body, scope, expected), around, scope)
    case 'set_operation':
      return orderRows(context, bindSetOperation(context, body, scope, expected), around, scope)
    case 'query':
      return orderRows(context, bindQuery(context, body, scope, expected), around, scope)
    case 'pipeline':
      return orderRows(context, bindPipeline(context, body, scope), around, scope)
    case 'table_query':
      return bindSelect(context, selectAll(body), around, scope, expected)
  }
}

/** `table users` is `select * from users`. */
function selectAll({ name, span }: ast.TableQuery): ast.Select {
  return {
    kind: 'select',
    distinct: 'all',
    items: [
      {
        expression: { kind: 'star', schema: undefined, table: undefined, span },
        alias: undefined,
        span,
      },
    ],
    from: [{ kind: 'table', name, only: false, alias: undefined, span }],
    where: undefined,
    group: undefined,
    having: undefined,
    windows: [],
    span,
  }
}

function bindValues(
  context: BindContext,
  values: ast.Values,
  parent: Scope | undefined,
  expected: Expected,
): Rows {
  const site = siteOf(context, scopeOf([], parent), 'VALUES')
  const tooWide = values.rows.find((row) => row.length > kOutputColumnsMax)
  if (tooWide) throw tooManyColumns(tooWide[kOutputColumnsMax]?.span ?? values.span)
  const rows = values.rows.map((row) => row.map(site.bind))
  const width = rows[0]?.length ?? 0
  const uneven = values.rows.find((row) => row.length !== width)
  if (uneven)
    throw syntax('VALUES lists must all be the same length', uneven[0]?.span ?? values.span)
  const types = Array.from({ length: width }, (_, index): DataType => {
    const column = rows.flatMap((row) => row.slice(index, index + 1))
    const isUntyped = column.every(({ type }) => type.kind === 'unknown')
    return (isUntyped ? expected[index] : undefined) ?? unify(column, 'VALUES')
  })
  const typed = rows.map((row) =>
    row.map((value, index) => coerceImplicitly(value, types[index] ?? value.type, context)),
  )
  const columns = types.map((type, index) => {
    const nullable = typed.some((row) => row[index] === undefined || isNullable(row[index]))
    return context.column(`column${index + 1}`, typed[0]?.[index]?.type ?? type, nullable)
  })
  return { plan: valuesPlan(typed, columns), columns }
}

function bindSetOperation(
  context: BindContext,
  operation: ast.SetOperation,
  scope: Scope | undefined,
  expected: Expected,
): Rows {
  const none: Around = { order: [], limit: undefined }
  const sides = [operation.left, operation.right].map((side) =>
    bindBody(context, side, none, scope, expected),
  )
  const [left, right] = sides
  if (!left || !right) throw syntax('a set operation needs two queries', operation.span)
  return combineRows(context, operation, left, right, operation.span)
}

function syntax(message: string, span: Span): EngineError {
  return new EngineError('syntax_error', { message, span })
}
