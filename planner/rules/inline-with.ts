// with a as (Q) … a …  →  … (Q) …  when Q is read once, writes nothing and is not volatile, so that
// filters reach into it. One that nobody reads and that writes nothing is left out.
import { expressionsOf, inputsOf } from '#sql/binder/plan-columns'
import type { Plan } from '#sql/bound'
import { walkExpression } from '#sql/expression-tree'
import { hasVolatile, hasWrites } from '../logical/columns.ts'
import { fromBound } from '../logical/from-bound.ts'
import type { Logical } from '../logical/plan.ts'
import type { Translation } from '../logical/translation.ts'

export function inlineWith(plan: Extract<Plan, { kind: 'with' }>, context: Translation): Logical {
  const definition = fromBound(plan.definition, context)
  // Nothing moves into a recursion, so one that is volatile may run where it is read.
  const isFixed = definition.kind === 'recursion' || !hasVolatile(definition)
  const isPure = !hasWrites(definition) && isFixed
  const reads = countReads(plan.body, plan.id)
  const columns = plan.definitionColumns
  if (isPure && reads === 1) {
    context.inlined.set(plan.id, { definition, columns })
    return fromBound(plan.body, context)
  }
  context.shared.set(plan.id, { name: plan.name, columns })
  const body = fromBound(plan.body, context)
  if (isPure && reads === 0) return body
  return { kind: 'with', id: plan.id, name: plan.name, definition, columns, body }
}

function countReads(plan: Plan, id: number): number {
  if (plan.kind === 'cte_scan') return plan.id === id ? 1 : 0
  const inInputs = inputsOf(plan).reduce((count, input) => count + countReads(input, id), 0)
  return expressionsOf(plan).reduce((count, expression) => {
    for (const node of walkExpression(expression)) {
      // A subquery may be translated twice (IN with nulls), so a read in one counts double.
      if (node.kind === 'subquery') count += 2 * countReads(node.plan, id)
    }
    return count
  }, inInputs)
}
