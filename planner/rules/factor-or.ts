// (a AND x) OR (a AND y)  →  a AND (x OR y): what all arms ask for is asked once, and may be the key of a
// join. A condition that may fail moves only if nothing before it in the first arm may guard it.
import type { ColumnId, Expression } from '#sql/bound'
import { and, isVolatile, or, splitConjuncts } from '../logical/expression.ts'
import { inputsOf, mapInputs } from '../logical/columns.ts'
import type { Logical } from '../logical/plan.ts'
import { shapeOf } from '../logical/shape-of.ts'
import { isFallible } from '../physical/fallible.ts'

export type ItemOf = (id: ColumnId) => Expression | undefined

export function factorOr(plan: Logical): Logical {
  return factorIn(plan, itemsWithin(plan))
}

/** What columns stand for that are computed only where they are read. */
export function itemsWithin(plan: Logical): ItemOf {
  const items = new Map<ColumnId, Expression>()
  collect(plan)
  return (id) => items.get(id)

  function collect(node: Logical): void {
    if (node.kind === 'extend')
      for (const { column, expression } of node.items) items.set(column.id, expression)
    for (const input of inputsOf(node)) collect(input)
  }
}

function factorIn(plan: Logical, itemOf: ItemOf): Logical {
  const below = mapInputs(plan, (input) => factorIn(input, itemOf))
  if (below.kind === 'filter') {
    const predicate = factor(below.predicate, itemOf)
    return predicate === below.predicate ? below : { ...below, predicate }
  }
  if (below.kind !== 'join' || !below.condition) return below
  const condition = factor(below.condition, itemOf)
  return condition === below.condition ? below : { ...below, condition }
}

function factor(expression: Expression, itemOf: ItemOf): Expression {
  if (expression.kind !== 'and' && expression.kind !== 'or') return expression
  const operands = expression.operands.map((operand) => factor(operand, itemOf))
  const isSame = operands.every((operand, i) => operand === expression.operands[i])
  const inner = isSame ? expression : { ...expression, operands }
  return inner.kind === 'or' ? factorArms(inner, operands, itemOf) : inner
}

function factorArms(
  expression: Expression,
  operands: readonly Expression[],
  itemOf: ItemOf,
): Expression {
  const arms = operands.map(splitConjuncts)
  const common = movable(commonConjuncts(arms), arms[0] ?? [], itemOf)
  if (common.length === 0) return expression
  const shapes = new Set(common.map(shapeOf))
  const rests = arms.map((arm) => and(arm.filter((each) => !shapes.has(shapeOf(each)))))
  // An arm of nothing else holds wherever the common part does.
  const rest = rests.every((each) => each !== undefined) ? or(rests) : undefined
  return and([...common, ...(rest ? [rest] : [])]) ?? expression
}

/** The first arm is always tried, so what it begins with is reached for every row, as it will be. */
function movable(
  common: readonly Expression[],
  firstArm: readonly Expression[],
  itemOf: ItemOf,
): readonly Expression[] {
  const moved = common.filter((each, i) => {
    const isReached = common.slice(0, i + 1).every((one, place) => one === firstArm[place])
    return isReached || !isFallible(each, itemOf)
  })
  return moved.some(isVolatile) ? [] : moved
}

/** Those of the first arm that every other arm has, too. */
function commonConjuncts(arms: readonly (readonly Expression[])[]): readonly Expression[] {
  const [first = [], ...others] = arms
  if (others.length === 0) return []
  const unique = new Map(first.map((each) => [shapeOf(each), each]))
  for (const arm of others) {
    if (unique.size === 0) break
    const shapes = new Set(arm.map(shapeOf))
    for (const shape of unique.keys()) if (!shapes.has(shape)) unique.delete(shape)
  }
  return [...unique.values()]
}
