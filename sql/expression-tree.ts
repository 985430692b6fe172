// The shape of bound expressions: what stands in a node, and the same node over other operands.
import type { Expression, FrameEdge, ProjectItem, SortKey, Windows } from './bound.ts'

/** Direct operands; of a subquery, only those outside its plan. */
export function operandsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'literal':
    case 'column':
    case 'parameter':
      return []
    case 'call':
      return expression.arguments
    case 'case':
      return [
        ...expression.branches.flatMap(({ when, then }) => [when, then]),
        ...defined([expression.otherwise]),
      ]
    case 'and':
    case 'or':
    case 'subquery':
      return expression.operands
  }
}

/** The same node over operands that `change` has replaced. */
export function mapOperands(
  expression: Expression,
  change: (operand: Expression) => Expression,
): Expression {
  switch (expression.kind) {
    case 'literal':
    case 'column':
    case 'parameter':
      return expression
    case 'call':
      return { ...expression, arguments: expression.arguments.map(change) }
    case 'case': {
      const branches = expression.branches.map((branch) => ({
        when: change(branch.when),
        then: change(branch.then),
      }))
      const otherwise = expression.otherwise && change(expression.otherwise)
      return { ...expression, branches, otherwise }
    }
    case 'and':
    case 'or':
    case 'subquery':
      return { ...expression, operands: expression.operands.map(change) }
  }
}

/** Every expression within, itself first; subqueries are entered only by their operands. */
export function* walkExpression(expression: Expression): Generator<Expression> {
  yield expression
  for (const operand of operandsOf(expression)) yield* walkExpression(operand)
}

export function expressionsOfItems(items: readonly ProjectItem[]): Expression[] {
  return items.map(({ expression }) => expression)
}

export function expressionsOfKeys(keys: readonly SortKey[]): Expression[] {
  return keys.map(({ expression }) => expression)
}

export function defined(expressions: readonly (Expression | undefined)[]): Expression[] {
  return expressions.filter((expression) => expression !== undefined)
}

/** Everything that a window computes with. */
export function expressionsOfWindows(windows: Windows): readonly Expression[] {
  const { partition, order, frames, calls, checks } = windows
  return [
    ...partition,
    ...expressionsOfKeys(order),
    ...frames.flatMap(({ start, end, key }) => [...ofEdge(start), ...ofEdge(end), ...defined([key])]),
    ...calls.flatMap((call) => [...call.arguments, ...defined([call.filter])]),
    ...checks.map(({ condition }) => condition),
  ]
}

function ofEdge(edge: FrameEdge): readonly Expression[] {
  return 'value' in edge ? [edge.value] : []
}

/** The same windows over expressions that `change` has replaced. */
export function mapWindows(
  { partition, order, frames, calls, checks }: Windows,
  change: (expression: Expression) => Expression,
): Windows {
  const edge = (one: FrameEdge): FrameEdge =>
    'value' in one ? { ...one, value: change(one.value) } : one
  return {
    partition: partition.map(change),
    order: order.map((key) => ({ ...key, expression: change(key.expression) })),
    frames: frames.map((frame) => ({
      ...frame,
      start: edge(frame.start),
      end: edge(frame.end),
      key: frame.key && change(frame.key),
    })),
    calls: calls.map((call) => ({
      ...call,
      arguments: call.arguments.map(change),
      filter: call.filter && change(call.filter),
    })),
    checks: checks.map((check) => ({ ...check, condition: change(check.condition) })),
  }
}
