// σ[p](A ⟕ B)  →  σ[p](A ⋈ B) where p is never true of a row that found no match: then the join may be
// ordered with others, and B restricted to what A has.
import type { ColumnId, Expression } from '#sql/bound'
import { inputsOf, mapInputs, visibleIds } from '../logical/columns.ts'
import { splitConjuncts, substitute } from '../logical/expression.ts'
import type { Join, Logical } from '../logical/plan.ts'
import { rejectsNulls } from './reject-nulls.ts'

export function simplifyOuterJoins(plan: Logical): Logical {
  return hasLeftJoin(plan) ? simplified(plan, []) : plan
}

function hasLeftJoin(plan: Logical): boolean {
  return (plan.kind === 'join' && plan.type === 'left') || inputsOf(plan).some(hasLeftJoin)
}

/** `conditions` have to be true of every row of the plan that matters. */
function simplified(plan: Logical, conditions: readonly Expression[]): Logical {
  switch (plan.kind) {
    case 'filter':
      return withInput(plan, [...conditions, ...splitConjuncts(plan.predicate)])
    case 'sort':
      return withInput(plan, conditions)
    case 'extend': {
      const by = new Map<ColumnId, Expression>()
      for (const { column, expression } of plan.items) by.set(column.id, substitute(expression, by))
      return withInput(plan, conditions.map((condition) => substitute(condition, by)))
    }
    case 'join':
      return simplifiedJoin(plan, conditions)
    default:
      return mapInputs(plan, simplifyOuterJoins)
  }
}

function withInput<Node extends Extract<Logical, { input: Logical }>>(plan: Node, conditions: readonly Expression[]): Node {
  const input = simplified(plan.input, conditions)
  return input === plan.input ? plan : { ...plan, input }
}

function simplifiedJoin(plan: Join, conditions: readonly Expression[]): Logical {
  const filled = plan.type === 'left' ? visibleIds(plan.right) : new Set<ColumnId>()
  const type = plan.type === 'left' && conditions.some((each) => rejectsNulls(each, filled)) ? 'inner' : plan.type
  const own = splitConjuncts(plan.condition)
  const all = [...conditions, ...own]
  if (type === 'full') return mapInputs(plan, simplifyOuterJoins)
  const left = simplified(plan.left, type === 'inner' || type === 'semi' ? all : conditions)
  const right = type === 'inner' ? simplified(plan.right, all) : simplifyOuterJoins(plan.right)
  const isSame = type === plan.type && left === plan.left && right === plan.right
  return isSame ? plan : { ...plan, type, left, right }
}
