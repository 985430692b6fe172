// Lateral joins. A right side that meets the left only once on its way down is simply built on top
// of the left rows (row by row expressions, series, index lookups); others are dependent joins.
import type { ColumnId, Expression } from '#sql/bound'
import { visibleIds } from '../../logical/columns.ts'
import { filter, type Join, type Logical, type LogicalJoinType } from '../../logical/plan.ts'
import type { Translation } from '../../logical/translation.ts'
import { notSupported } from '../../refuse.ts'
import { attach } from './attach.ts'
import { correlation, dependentJoin } from './dependent-join.ts'
import { linearDomain } from './domain.ts'
import { readsOuter } from './pull-up.ts'

export interface LateralJoin {
  readonly type: LogicalJoinType
  readonly left: Logical
  readonly right: Logical
  readonly condition: Expression | undefined
}

export function joinLateral(
  { type, left, right, condition }: LateralJoin,
  context: Translation,
): Logical {
  const outer = correlation(right, left)
  if (type === 'full') throw notSupported('a lateral full join')
  const ids = visibleIds(left)
  if (type === 'inner' && outer.length > 0 && isLinear(right, ids)) {
    const { plan } = attach(right, linearDomain(left, outer, context.make))
    return filter(plan, condition)
  }
  return dependentJoin({ type, left, right, condition }, context)
}

/**
 * Is there one path on which the outer columns are read, without a node that would mix their rows?
 */
function isLinear(plan: Logical, outer: ReadonlySet<ColumnId>): boolean {
  switch (plan.kind) {
    case 'dual':
    case 'scan':
    case 'constants':
    case 'cte_scan':
    case 'round_scan':
      return true
    case 'series':
    case 'extend':
    case 'filter':
      return isLinear(plan.input, outer)
    case 'join':
      return isLinearJoin(plan, outer)
    case 'instances':
    case 'aggregate':
    case 'window':
    case 'sort':
    case 'limit':
    case 'union':
    case 'with':
    case 'recursion':
    case 'insert':
    case 'update':
    case 'delete':
      return !readsOuter(plan, outer)
  }
}

function isLinearJoin(plan: Join, outer: ReadonlySet<ColumnId>): boolean {
  if (plan.type === 'full') return false
  if (!readsOuter(plan.right, outer)) return isLinear(plan.left, outer)
  return plan.type === 'inner' && !readsOuter(plan.left, outer) && isLinear(plan.right, outer)
}
