// A join whose right side reads columns of the left. Plain where it does not; simple where the
// dependence is in filters; through the domain of distinct outer values otherwise. Never per row.
import type { Column, ColumnId, Expression } from '#sql/bound'
import { freeColumns, visibleColumns } from '../../logical/columns.ts'
import { and } from '../../logical/expression.ts'
import { join, type JoinParts, type Logical } from '../../logical/plan.ts'
import type { Translation } from '../../logical/translation.ts'
import { attach } from './attach.ts'
import { sameRow, valuesDomain } from './domain.ts'
import { pullUpCorrelation } from './pull-up.ts'

export function dependentJoin(parts: JoinParts, context: Translation): Logical {
  const outer = correlation(parts.right, parts.left)
  if (outer.length === 0) return join(parts)
  const ids: ReadonlySet<ColumnId> = new Set(outer.map(({ id }) => id))
  const pulled = pullUpCorrelation(parts.right, ids)
  if (!pulled) return joinThroughDomain(parts, outer, context)
  const condition = conjunction(parts.condition, pulled.conjuncts)
  return join({ ...parts, right: pulled.plan, condition })
}

/** Columns of `left` that `right` reads. */
export function correlation(right: Logical, left: Logical): readonly Column[] {
  const free = freeColumns(right)
  return visibleColumns(left).filter(({ id }) => free.has(id))
}

function conjunction(
  condition: Expression | undefined,
  more: readonly Expression[],
): Expression | undefined {
  return and(condition ? [...more, condition] : more)
}

/**
 * A ⋈dep Q  →  A ⋈[A.f is not distinct from D.f] (D ⋈dep Q), D = distinct f of A
 *
 * A is shared, since it is read twice; the dependent join over D is pushed down until it is none.
 */
export function joinThroughDomain(
  parts: JoinParts,
  outer: readonly Column[],
  context: Translation,
): Logical {
  const { make } = context
  const columns = visibleColumns(parts.left)
  const part = { id: make.number(), name: 'outer' }
  const domain = valuesDomain(part, outer, make)
  const right = attach(parts.right, domain)
  const left: Logical = { kind: 'cte_scan', ...part, columns, sources: columns }
  const same = sameRow(new Map(outer.map((column) => [column.id, column])), right.columns, domain)
  const condition = conjunction(parts.condition, same ? [same] : [])
  const body = join({ ...parts, left, right: right.plan, condition })
  return { kind: 'with', ...part, definition: parts.left, columns, body }
}
