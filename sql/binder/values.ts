// Rows of expressions as a plan.
import type { Column, Expression, Plan } from '#sql/bound'

/** One row is a projection, so that subqueries and outer columns in it need no treatment of their own. */
export function valuesPlan(
  rows: readonly (readonly Expression[])[],
  columns: readonly Column[],
): Plan {
  const [only, second] = rows
  if (!only || second) return { kind: 'values', rows, columns }
  const items = columns.flatMap((column, index) => {
    const expression = only[index]
    return expression ? [{ column, expression }] : []
  })
  return { kind: 'project', input: { kind: 'dual' }, items }
}
