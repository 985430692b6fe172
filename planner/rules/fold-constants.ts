// true and p → p, false and p → false, not not p → p, and their like: only what needs no kernel.
import type { Expression } from '#sql/bound'
import { mapOperands } from '#sql/expression-tree'
import { and, booleanType, literal, or } from '../logical/expression.ts'

export function foldConstants(expression: Expression): Expression {
  const folded = mapOperands(expression, foldConstants)
  switch (folded.kind) {
    case 'and':
      return foldConnective(folded.operands, false, and) ?? literal(true, booleanType, folded.span)
    case 'or':
      return foldConnective(folded.operands, true, or) ?? literal(false, booleanType, folded.span)
    case 'call':
      return folded.kernel === 'IsTrue' ? foldIsTrue(folded) : foldNot(folded)
    case 'case':
      return foldCase(folded)
    case 'literal':
    case 'column':
    case 'parameter':
    case 'subquery':
      return folded
  }
}

function truthOf(expression: Expression): boolean | null | undefined {
  if (expression.kind !== 'literal') return undefined
  return typeof expression.value === 'boolean' || expression.value === null
    ? expression.value
    : undefined
}

/** `decides` is false for and, true for or. */
function foldConnective(
  operands: readonly Expression[],
  decides: boolean,
  join: (operands: readonly Expression[]) => Expression | undefined,
): Expression | undefined {
  const deciding = operands.find((operand) => truthOf(operand) === decides)
  if (deciding) return deciding
  return join(operands.filter((operand) => truthOf(operand) !== !decides))
}

function foldNot(expression: Extract<Expression, { kind: 'call' }>): Expression {
  const [operand] = expression.arguments
  if (expression.kernel !== 'Not' || !operand) return expression
  const truth = truthOf(operand)
  if (truth !== undefined)
    return literal(truth === null ? null : !truth, booleanType, expression.span)
  const isDouble = operand.kind === 'call' && operand.kernel === 'Not'
  return (isDouble ? operand.arguments[0] : undefined) ?? expression
}

const neverNull: ReadonlySet<string> = new Set([
  'IsNull',
  'IsNotNull',
  'IsTrue',
  'IsFalse',
  'IsDistinct',
  'IsNotDistinct',
])

function isNeverNull(expression: Expression): boolean {
  if (expression.kind === 'and' || expression.kind === 'or')
    return expression.operands.every(isNeverNull)
  if (expression.kind !== 'call') return false
  return (
    neverNull.has(expression.kernel) ||
    (expression.kernel === 'Not' && expression.arguments.every(isNeverNull))
  )
}

function foldIsTrue(expression: Extract<Expression, { kind: 'call' }>): Expression {
  const [operand] = expression.arguments
  return operand && isNeverNull(operand) ? operand : expression
}

/** Branches that are never taken go; what stands behind one that always is goes too. */
function foldCase(expression: Extract<Expression, { kind: 'case' }>): Expression {
  const open = expression.branches.filter(
    ({ when }) => truthOf(when) !== false && truthOf(when) !== null,
  )
  const always = open.findIndex(({ when }) => truthOf(when) === true)
  const branches = always < 0 ? open : open.slice(0, always)
  const otherwise = always < 0 ? expression.otherwise : open[always]?.then
  if (branches.length > 0) return { ...expression, branches, otherwise }
  return otherwise ?? literal(null, expression.type, expression.span)
}
