// Scalar subqueries: at most one row, null when there is none.
import { columnsOf } from '#sql/binder/plan-columns'
import type { Expression, ProjectItem, Subquery } from '#sql/bound'
import { visibleIds } from '../../logical/columns.ts'
import {
  and,
  booleanType,
  columnRef,
  isVolatile,
  readsAny,
  readsOnly,
  test,
  trueLiteral,
} from '../../logical/expression.ts'
import { fromBound } from '../../logical/from-bound.ts'
import { extend, join, type Aggregate, type Logical } from '../../logical/plan.ts'
import type { Translation } from '../../logical/translation.ts'
import { countsOfNothing } from './attach.ts'
import { correlation, dependentJoin } from './dependent-join.ts'
import { pullUpCorrelation } from './pull-up.ts'

export interface Joined {
  readonly plan: Logical
  readonly value: Expression
}

export function joinScalar(left: Logical, subquery: Subquery, context: Translation): Joined {
  const [column] = columnsOf(subquery.plan)
  if (!column) throw new TypeError('a scalar subquery has one column')
  const { items, base } = splitTop(fromBound(subquery.plan, context))
  const value = columnRef(column, subquery.span)
  const outer = correlation(base, left)
  if (base.kind === 'dual' && !items.some(({ expression }) => isVolatile(expression))) {
    return { plan: extend(left, items), value }
  }
  if (base.kind === 'aggregate' && base.groups.length === 0) {
    const plan =
      outer.length === 0
        ? join({ type: 'inner', left, right: base })
        : joinAggregate(left, base, context)
    return { plan: extend(plan, items), value }
  }
  if (items.every(({ expression }) => !readsAny(expression, visibleIds(left)))) {
    const right = extend(base, items)
    return { plan: dependentJoin({ type: 'single', left, right }, context), value }
  }
  return joinMarked(left, base, { items, value }, context)
}

/** Items that only compute over the row, and the plan that decides whether there is one. */
function splitTop(plan: Logical): { items: readonly ProjectItem[]; base: Logical } {
  if (plan.kind !== 'extend') return { items: [], base: plan }
  const below = splitTop(plan.input)
  return { items: [...below.items, ...plan.items], base: below.base }
}

/** Items that read the outer row are computed above the join, but only where there was a row. */
function joinMarked(
  left: Logical,
  base: Logical,
  top: { items: readonly ProjectItem[]; value: Expression },
  context: Translation,
): Joined {
  const present = context.make.column('present', booleanType)
  const right = extend(base, [{ column: present, expression: trueLiteral }])
  const joined = dependentJoin({ type: 'single', left, right }, context)
  const { value } = top
  const branches = [{ when: test('IsTrue', columnRef(present)), then: value }]
  const guarded: Expression = {
    kind: 'case',
    branches,
    otherwise: undefined,
    type: value.type,
    span: value.span,
  }
  return { plan: extend(joined, top.items), value: guarded }
}

/**
 * A aggregate over s where s.x = outer.x  →  outer ⟕[outer.x = g] (γ[s.x as g] s)
 *
 * Other correlations go through the domain, whose rows all have a group.
 */
function joinAggregate(left: Logical, plan: Aggregate, context: Translation): Logical {
  const simple = groupedByCorrelation(left, plan, context)
  if (!simple) return dependentJoin({ type: 'left', left, right: plan }, context)
  const { items, right, condition } = simple
  return extend(join({ type: 'left', left, right, condition }), items)
}

interface Grouped {
  readonly right: Logical
  readonly condition: Expression | undefined
  readonly items: readonly ProjectItem[]
}

function groupedByCorrelation(
  left: Logical,
  plan: Aggregate,
  context: Translation,
): Grouped | undefined {
  const outer = visibleIds(left)
  const calls = plan.aggregates.flatMap(({ arguments: own, filter, order }) => [
    ...own,
    ...(filter ? [filter] : []),
    ...order.map(({ expression }) => expression),
  ])
  if (calls.some((expression) => readsAny(expression, outer))) return undefined
  const pulled = pullUpCorrelation(plan.input, outer)
  if (!pulled) return undefined
  const pairs = pulled.conjuncts.map((conjunct) => equalitySides(conjunct, outer))
  const groups: ProjectItem[] = []
  const conditions: Expression[] = []
  for (const pair of pairs) {
    if (!pair) return undefined
    const column = context.make.column('key', pair.inner.type)
    groups.push({ column, expression: pair.inner })
    conditions.push(test('Equal', pair.outer, columnRef(column)))
  }
  const { aggregates, items } = countsOfNothing(plan.aggregates, context.make)
  return {
    right: { kind: 'aggregate', input: pulled.plan, groups, aggregates },
    condition: and(conditions),
    items,
  }
}

function equalitySides(
  conjunct: Expression,
  outer: ReadonlySet<number>,
): { outer: Expression; inner: Expression } | undefined {
  if (conjunct.kind !== 'call' || conjunct.kernel !== 'Equal') return undefined
  const [first, second] = conjunct.arguments
  if (!first || !second) return undefined
  if (readsOnly(first, outer) && !readsAny(second, outer)) return { outer: first, inner: second }
  if (readsOnly(second, outer) && !readsAny(first, outer)) return { outer: second, inner: first }
  return undefined
}
