// The shape of bound expressions: what stands in a node, and the same node over other operands.
import type { Expression, ProjectItem, SortKey } from './bound.ts'

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
