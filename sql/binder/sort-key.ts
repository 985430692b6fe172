// One key of an order by.
import type * as ast from '#sql/ast'
import type { Expression, SortKey } from '#sql/bound'

/** PostgreSQL's default: nulls last ascending, first descending. */
export function sortKey({ descending, nulls }: ast.SortItem, expression: Expression): SortKey {
  return {
    expression,
    descending,
    nullsFirst: nulls === undefined ? descending : nulls === 'first',
  }
}
