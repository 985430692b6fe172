// Uses one expression in several places. Column ids are unique in a statement, so a subquery must not
// stand in it twice: it is bound again for each use.
import type * as ast from '#sql/ast'
import type { Expression } from '#sql/bound'
import { walkExpression } from '../expression-tree.ts'
import type { Site } from './site.ts'

export function hasSubquery(expression: Expression): boolean {
  for (const node of walkExpression(expression)) if (node.kind === 'subquery') return true
  return false
}

/** Gives the bound expression as often as it is asked for. */
export function repeated(node: ast.Expression, site: Site): () => Expression {
  const first = site.bind(node)
  if (!hasSubquery(first)) return () => first
  let isUsed = false
  return () => {
    const expression = isUsed ? site.bind(node) : first
    isUsed = true
    return expression
  }
}
