// Which expressions may raise an error: those need a mask where SQL does not reach them, and are
// filtered on last.
import type { ColumnId, Expression } from '#sql/bound'
import { operandsOf } from '#sql/expression-tree'
import { totalOpcodes } from '../opcodes.gen.ts'

export function isSafeKernel(kernel: string): boolean {
  return totalOpcodes.has(kernel)
}

/** `itemOf` finds what a column stands for where it is not computed yet. */
export function isFallible(
  expression: Expression,
  itemOf: (id: ColumnId) => Expression | undefined,
): boolean {
  if (expression.kind === 'call' && !isSafeKernel(expression.kernel)) return true
  if (expression.kind === 'column') {
    const item = itemOf(expression.column.id)
    return item !== undefined && isFallible(item, itemOf)
  }
  return operandsOf(expression).some((operand) => isFallible(operand, itemOf))
}
