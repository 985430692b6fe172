// σ[(a.x = 1 AND b.y = 2) OR (a.x = 2 AND b.y = 1)](A × B) implies a.x in (1, 2) and b.y in (1, 2): what
// the arms of an OR say of one relation is asked of that relation before it is joined. The OR stays.
import type { ColumnId, Expression } from '#sql/bound'
import { mapInputs, visibleIds } from '../logical/columns.ts'
import { and, isVolatile, or, readsAny, readsOnly, splitConjuncts } from '../logical/expression.ts'
import type { Logical } from '../logical/plan.ts'
import { shapeOf } from '../logical/shape-of.ts'
import { isFallible } from '../physical/fallible.ts'
import { itemsWithin, type ItemOf } from './factor-or.ts'

export function implySideFilters(plan: Logical): Logical {
  return implyIn(plan, itemsWithin(plan))
}

function implyIn(plan: Logical, itemOf: ItemOf): Logical {
  const below = mapInputs(plan, (input) => implyIn(input, itemOf))
  if (below.kind === 'filter') {
    const sides = sidesOf(below.input)
    const predicate = withImplied(below.predicate, sides, itemOf)
    return predicate === below.predicate ? below : { ...below, predicate }
  }
  if (below.kind !== 'join' || below.type !== 'inner' || !below.condition) return below
  const sides = [...sidesOf(below.left), ...sidesOf(below.right)]
  const condition = withImplied(below.condition, sides, itemOf)
  return condition === below.condition ? below : { ...below, condition }
}

type Side = ReadonlySet<ColumnId>

/** The columns of each relation that inner joins put together. */
function sidesOf(plan: Logical): readonly Side[] {
  if (plan.kind === 'filter' || plan.kind === 'extend') return sidesOf(plan.input)
  if (plan.kind === 'join' && plan.type === 'inner')
    return [...sidesOf(plan.left), ...sidesOf(plan.right)]
  return [visibleIds(plan)]
}

function withImplied(predicate: Expression, sides: readonly Side[], itemOf: ItemOf): Expression {
  if (sides.length < 2) return predicate
  const conjuncts = splitConjuncts(predicate)
  const implied = conjuncts.flatMap((conjunct) =>
    sides.flatMap((side) => impliedBy(conjunct, side, itemOf)),
  )
  if (implied.length === 0) return predicate
  const known = new Set(conjuncts.map(shapeOf))
  const added = implied.filter((each) => !known.has(shapeOf(each)))
  return added.length === 0 ? predicate : (and([...conjuncts, ...added]) ?? predicate)
}

/** Every arm has to say something of the side, that cannot fail. */
function impliedBy(conjunct: Expression, side: Side, itemOf: ItemOf): readonly Expression[] {
  if (conjunct.kind !== 'or' || readsOnly(conjunct, side) || !readsAny(conjunct, side)) return []
  const arms = conjunct.operands.map((arm) =>
    and(
      splitConjuncts(arm).filter(
        (each) =>
          readsAny(each, side) &&
          readsOnly(each, side) &&
          !isVolatile(each) &&
          !isFallible(each, itemOf),
      ),
    ),
  )
  if (!arms.every((arm) => arm !== undefined)) return []
  const distinct = [...new Map(arms.map((arm) => [shapeOf(arm), arm])).values()]
  const implied = or(distinct)
  return implied ? [implied] : []
}
