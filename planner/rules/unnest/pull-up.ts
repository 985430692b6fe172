// σ[p(outer)](A) inside a subquery, taken out of it so that p can become the join's condition:
// most correlated subqueries need nothing more (Neumann and Kemper's simple unnesting).
import type { ColumnId, Expression } from '#sql/bound'
import { freeColumns } from '../../logical/columns.ts'
import { and, isVolatile, readsAny, splitConjuncts } from '../../logical/expression.ts'
import { extend, filter, type Join, type Logical } from '../../logical/plan.ts'

export interface PulledUp {
  readonly plan: Logical
  /** Conditions that read outer columns, to be tested where the plan is joined. */
  readonly conjuncts: readonly Expression[]
}

/** `plan` without references to `outer`, or undefined when some node needs them where it stands. */
export function pullUpCorrelation(
  plan: Logical,
  outer: ReadonlySet<ColumnId>,
): PulledUp | undefined {
  if (!readsOuter(plan, outer)) return { plan, conjuncts: [] }
  switch (plan.kind) {
    case 'filter': {
      const below = pullUpCorrelation(plan.input, outer)
      return below && pullFrom(plan.predicate, below, outer)
    }
    case 'extend': {
      if (plan.items.some(({ expression }) => readsAny(expression, outer))) return undefined
      const below = pullUpCorrelation(plan.input, outer)
      return below && { ...below, plan: extend(below.plan, plan.items) }
    }
    case 'sort': {
      if (plan.keys.some(({ expression }) => readsAny(expression, outer))) return undefined
      const below = pullUpCorrelation(plan.input, outer)
      return below && { ...below, plan: { ...plan, input: below.plan } }
    }
    case 'join':
      return pullFromJoin(plan, outer)
    default:
      return undefined
  }
}

export function readsOuter(plan: Logical, outer: ReadonlySet<ColumnId>): boolean {
  return [...freeColumns(plan).keys()].some((id) => outer.has(id))
}

function pullFrom(
  predicate: Expression,
  below: PulledUp,
  outer: ReadonlySet<ColumnId>,
): PulledUp | undefined {
  const conjuncts = splitConjuncts(predicate)
  const pulled = conjuncts.filter((conjunct) => readsAny(conjunct, outer))
  if (pulled.some(isVolatile)) return undefined
  const rest = conjuncts.filter((conjunct) => !readsAny(conjunct, outer))
  return { plan: filter(below.plan, and(rest)), conjuncts: [...below.conjuncts, ...pulled] }
}

function pullFromJoin(plan: Join, outer: ReadonlySet<ColumnId>): PulledUp | undefined {
  if (plan.type === 'full') return undefined
  const left = pullUpCorrelation(plan.left, outer)
  if (!left) return undefined
  if (plan.type !== 'inner') {
    const isPlain =
      !readsOuter(plan.right, outer) &&
      !readsOuter({ ...plan, left: { kind: 'dual' }, right: { kind: 'dual' } }, outer)
    return isPlain ? { ...left, plan: { ...plan, left: left.plan } } : undefined
  }
  const right = pullUpCorrelation(plan.right, outer)
  if (!right) return undefined
  const joined: Logical = { ...plan, left: left.plan, right: right.plan, condition: undefined }
  const below = { plan: joined, conjuncts: [...left.conjuncts, ...right.conjuncts] }
  return plan.condition ? pullFrom(plan.condition, below, outer) : below
}
