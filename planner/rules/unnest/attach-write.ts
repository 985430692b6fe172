// Inserts, updates and deletes of a correlated plan: the rows to write carry their instance.
import type { Expression } from '#sql/bound'
import { substitute } from '../../logical/expression.ts'
import type {
  CheckedCondition,
  Delete,
  Insert,
  Logical,
  PositionedValue,
  Update,
} from '../../logical/plan.ts'
import { notSupported } from '../../refuse.ts'
import { substitutionOf, type Attached, type Domain } from './domain.ts'

type Change = (expression: Expression) => Expression

/** The write over the attached input. Errors: 0A000 inside a subquery. */
export function attachWrite(
  plan: Insert | Update | Delete,
  input: Attached,
  domain: Domain,
): Logical {
  if (domain.ordinal === undefined)
    throw notSupported(`${plan.kind} in a correlated subquery`, plan.span)
  const by = substitutionOf(input.columns)
  const change: Change = (expression) => substitute(expression, by)
  const ordinal = input.columns.get(domain.ordinal)
  switch (plan.kind) {
    case 'insert':
      return {
        ...plan,
        input: input.plan,
        ordinal,
        values: plan.values.map((value) => (value === 'identity' ? value : change(value))),
        checks: changeChecks(plan.checks, change),
        conflict: changeConflict(plan.conflict, change),
      }
    case 'update':
      return {
        ...plan,
        input: input.plan,
        ordinal,
        set: changeValues(plan.set, change),
        checks: changeChecks(plan.checks, change),
      }
    case 'delete':
      return { ...plan, input: input.plan, ordinal }
  }
}

function changeConflict(conflict: Insert['conflict'], change: Change): Insert['conflict'] {
  if (conflict?.action !== 'update') return conflict
  const where = conflict.where && change(conflict.where)
  return { ...conflict, set: changeValues(conflict.set, change), where }
}

function changeValues(values: readonly PositionedValue[], change: Change): PositionedValue[] {
  return values.map(({ position, value }) => ({ position, value: change(value) }))
}

function changeChecks(checks: readonly CheckedCondition[], change: Change): CheckedCondition[] {
  return checks.map(({ name, condition }) => ({ name, condition: change(condition) }))
}
