// group by as a list of sets: rollup, cube and grouping sets spelled out, several elements
// multiplied. A plain list of expressions is one set.
import { EngineError } from '#base/engine-error'
import type { Span } from '#base/span'
import type * as ast from '#sql/ast'
import type { Expression } from '#sql/bound'
import { expressionKey } from './rewrite.ts'

export type GroupingSet = readonly Expression[]

/** As PostgreSQL's. */
const setsMax = 4_096
const cubeElementsMax = 12

type BindGroup = (expression: ast.Expression) => Expression

/**
 * Lists the sets of a group by clause; an expression stands once in each.
 *
 * Errors: 54001 for more than 4096 sets, 54011 for a cube of more than 12 elements.
 */
export function groupingSets(group: ast.GroupBy, bind: BindGroup): readonly GroupingSet[] {
  const sets = group.items
    .map((element) => setsOf(element, bind))
    .reduce<readonly GroupingSet[]>((left, right) => multiplied(left, right, group.span), [[]])
    .map(withoutRepeats)
  return group.distinct ? distinctSets(sets) : sets
}

function setsOf(element: ast.GroupingElement, bind: BindGroup): readonly GroupingSet[] {
  switch (element.kind) {
    case 'group_empty':
      return [[]]
    case 'group_expression':
      return [boundElement(element.expression, bind)]
    case 'rollup': {
      const elements = element.items.map((item) => boundElement(item, bind))
      return [...elements, []].map((_, index) => elements.slice(0, elements.length - index).flat())
    }
    case 'cube':
      return cubeOf(element, bind)
    case 'grouping_sets':
      return limited(
        element.items.flatMap((item) => setsOf(item, bind)),
        element.span,
      )
  }
}

/** `(a, b)` is one element of two columns. */
function boundElement(expression: ast.Expression, bind: BindGroup): GroupingSet {
  return expression.kind === 'row' ? expression.items.map(bind) : [bind(expression)]
}

function cubeOf(
  { items, span }: { readonly items: readonly ast.Expression[]; readonly span: Span },
  bind: BindGroup,
): readonly GroupingSet[] {
  if (items.length > cubeElementsMax) {
    throw new EngineError('too_many_columns', {
      message: `CUBE is limited to ${String(cubeElementsMax)} elements`,
      span,
    })
  }
  const elements = items.map((item) => boundElement(item, bind))
  return elements.reduceRight<readonly GroupingSet[]>(
    (rest, element) => [...rest.map((set) => [...element, ...set]), ...rest],
    [[]],
  )
}

function multiplied(
  left: readonly GroupingSet[],
  right: readonly GroupingSet[],
  span: Span,
): readonly GroupingSet[] {
  refuseMany(left.length * right.length, span)
  return left.flatMap((first) => right.map((second) => [...first, ...second]))
}

function limited(sets: readonly GroupingSet[], span: Span): readonly GroupingSet[] {
  refuseMany(sets.length, span)
  return sets
}

function refuseMany(count: number, span: Span): void {
  if (count <= setsMax) return
  throw new EngineError('statement_too_complex', {
    message: `too many grouping sets present (maximum ${String(setsMax)})`,
    span,
  })
}

function withoutRepeats(set: GroupingSet): GroupingSet {
  return [...new Map(set.map((one) => [expressionKey(one), one])).values()]
}

function distinctSets(sets: readonly GroupingSet[]): readonly GroupingSet[] {
  const keyOf = (set: GroupingSet): string => JSON.stringify(set.map(expressionKey).sort())
  return [...new Map(sets.map((set) => [keyOf(set), set])).values()]
}
