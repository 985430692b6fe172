// Inserts, updates and deletes as nodes of the planner's algebra. Their rows go on upwards, so
// `returning` is an extend above the write.
import type { Delete, Expression, Insert, ProjectItem, Update } from '#sql/bound'
import { SubqueryJoiner } from '../rules/unnest/subquery.ts'
import { fromBound } from './from-bound.ts'
import { extend, type Logical } from './plan.ts'
import type { Translation } from './translation.ts'

export function translateWrite(plan: Insert | Update | Delete, context: Translation): Logical {
  const written = writeOf(plan, context)
  if (!plan.returning) return written
  const joiner = new SubqueryJoiner(written, context)
  const items = plan.returning.map((item): ProjectItem => ({
    ...item,
    expression: joiner.rewrite(item.expression),
  }))
  return extend(joiner.plan, items)
}

function writeOf(plan: Insert | Update | Delete, context: Translation): Logical {
  const joiner = new SubqueryJoiner(fromBound(plan.input, context), context)
  const rewrite = (expression: Expression): Expression => joiner.rewrite(expression)
  const { relation, rowColumns, span } = plan
  const common = { relation, rowColumns, span, ordinal: undefined }
  if (plan.kind === 'delete') {
    const { rowId, unreferenced = false } = plan
    return { ...common, kind: 'delete', input: joiner.plan, rowId, unreferenced }
  }
  if (plan.kind === 'update') {
    const set = plan.set.map(({ position, value }) => ({ position, value: rewrite(value) }))
    return {
      ...common,
      kind: 'update',
      input: joiner.plan,
      rowId: plan.rowId,
      set,
      checks: plan.checks,
    }
  }
  const values = plan.values.map((value) => (value === 'identity' ? value : rewrite(value)))
  return {
    ...common,
    kind: 'insert',
    input: joiner.plan,
    values,
    conflict: plan.conflict,
    checks: plan.checks,
  }
}
