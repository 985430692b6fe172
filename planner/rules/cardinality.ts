// How many rows a plan will give, about: sizes of tables as they are now, and rules of thumb for the
// rest. Good enough to tell a dimension from a fact table, which is what the order of joins needs.
import type { Expression } from '#sql/bound'
import { splitConjuncts } from '../logical/expression.ts'
import type { Logical } from '../logical/plan.ts'

/** Rows of a relation, by its number; undefined: nobody knows. */
export type RowCounts = (relation: number) => number | undefined

const unknownRows = 1_000
const rowsOfSeries = 1_000

/** The part of the rows for which a condition holds, by its kernel. */
const selectivities: Readonly<Record<string, number>> = {
  Equal: 0.02,
  IsNotDistinct: 0.02,
  NotEqual: 0.95,
  IsDistinct: 0.95,
  Less: 0.35,
  LessEqual: 0.35,
  Greater: 0.35,
  GreaterEqual: 0.35,
  Like: 0.1,
  IsNull: 0.05,
  IsNotNull: 0.95,
}

export function estimateRows(plan: Logical, counts: RowCounts): number {
  switch (plan.kind) {
    case 'scan':
      return counts(plan.relation.id) ?? unknownRows
    case 'filter':
      return estimateRows(plan.input, counts) * selectivity(plan.predicate)
    case 'extend':
    case 'sort':
      return estimateRows(plan.input, counts)
    case 'series':
      return estimateRows(plan.input, counts) * rowsOfSeries
    case 'aggregate':
      return plan.groups.length === 0 ? 1 : Math.max(1, estimateRows(plan.input, counts) / 10)
    case 'join':
      return estimateJoin(plan, counts)
    case 'dual':
      return 1
    case 'constants':
      return plan.rows.length
    default:
      return unknownRows
  }
}

/** Rows before any filter: what has to be read. */
export function baseRows(plan: Logical, counts: RowCounts): number {
  return plan.kind === 'filter' || plan.kind === 'extend' ? baseRows(plan.input, counts) : estimateRows(plan, counts)
}

/** An equality is taken for one between a key, of the smaller table, and references to it. */
function estimateJoin(plan: Extract<Logical, { kind: 'join' }>, counts: RowCounts): number {
  const left = estimateRows(plan.left, counts)
  if (plan.type === 'semi' || plan.type === 'anti') return left / 2
  const right = estimateRows(plan.right, counts)
  const keys = Math.max(1, Math.min(baseRows(plan.left, counts), baseRows(plan.right, counts)))
  const inner = splitConjuncts(plan.condition).some(isEquality) ? (left * right) / keys : left * right
  return plan.type === 'inner' ? inner : Math.max(left, inner)
}

function isEquality(expression: Expression): boolean {
  return expression.kind === 'call' && expression.kernel === 'Equal'
}

export function selectivity(predicate: Expression): number {
  return splitConjuncts(predicate).reduce((part, conjunct) => part * (oneSelectivity(conjunct)), 1)
}

function oneSelectivity(conjunct: Expression): number {
  if (conjunct.kind === 'or') return Math.min(1, conjunct.operands.reduce((part, arm) => part + selectivity(arm), 0))
  if (conjunct.kind !== 'call') return 0.5
  const [first] = conjunct.arguments
  if (conjunct.kernel === 'Not' && first) return 1 - selectivity(first)
  return selectivities[conjunct.kernel] ?? 0.3
}
