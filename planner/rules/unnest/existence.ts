// Where only the presence of a row counts, order and what a limit keeps beyond the first row mean
// nothing; without them more plans can be unnested simply.
import type { Expression } from '#sql/bound'
import { extend, filter, type Logical } from '../../logical/plan.ts'

/** For exists: order by and a limit of at least one row go from the top. */
export function existencePlan(plan: Logical): Logical {
  switch (plan.kind) {
    case 'sort':
      return existencePlan(plan.input)
    case 'limit':
      return !plan.offset && isPositive(plan.limit) ? existencePlan(plan.input) : plan
    case 'extend':
      return extend(existencePlan(plan.input), plan.items)
    default:
      return plan
  }
}

/** For in and any: order by goes from the top, unless a limit depends on it. */
export function unorderedPlan(plan: Logical): Logical {
  switch (plan.kind) {
    case 'sort':
      return unorderedPlan(plan.input)
    case 'extend':
      return extend(unorderedPlan(plan.input), plan.items)
    case 'filter':
      return filter(unorderedPlan(plan.input), plan.predicate)
    default:
      return plan
  }
}

function isPositive(limit: Expression | undefined): boolean {
  return !limit || (limit.kind === 'literal' && limit.value !== null && Number(limit.value) >= 1)
}
