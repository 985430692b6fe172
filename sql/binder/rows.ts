// Whatever has rows: a query or a change, as a statement, a step, or a part of `with`.
import { featureNotSupported } from '#base/errors'
import type * as ast from '#sql/ast'
import { bindDelete, bindUpdate } from './change.ts'
import type { BindContext } from './context.ts'
import { bindInsert } from './insert.ts'
import { bindQuery } from './query.ts'
import type { Scope } from './scope.ts'
import type { Rows } from './site.ts'
import { checkChanges } from './with-changes.ts'

export function bindRows(
  context: BindContext,
  statement: ast.Query | ast.Change,
  scope: Scope | undefined,
): Rows {
  switch (statement.kind) {
    case 'query':
      return bindQuery(context, statement, scope)
    case 'insert':
      return bindInsert(context, statement, scope)
    case 'update':
      return bindUpdate(context, statement, scope)
    case 'delete':
      return bindDelete(context, statement, scope)
    case 'merge':
      throw featureNotSupported('MERGE is not supported', statement.span)
  }
}

/** What stands by itself: a statement, or a step of a coroutine, whose names are in `scope`. */
export function bindTopRows(
  context: BindContext,
  statement: ast.Query | ast.Change,
  scope: Scope | undefined,
): Rows {
  const rows = bindRows(context, statement, scope)
  checkChanges(rows.plan, context.schemas)
  return rows
}
