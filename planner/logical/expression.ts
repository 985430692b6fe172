// Small algebra over bound expressions: what they read, how parts of them are replaced, and the
// few expressions that the planner makes itself.
import type { DataType } from '#base/data-type'
import type { Span } from '#base/span'
import type { Call, Column, ColumnId, Expression, SqlValue, Subquery } from '#sql/bound'
import { mapOperands, operandsOf } from '#sql/expression-tree'

export const noSpan: Span = { start: 0, end: 0 }
export const booleanType: DataType = { kind: 'boolean' }
export const integerType: DataType = { kind: 'integer' }
export const bigintType: DataType = { kind: 'bigint' }

export function columnRef(column: Column, span: Span = noSpan): Expression {
  return { kind: 'column', column, type: column.type, span }
}

export function literal(value: SqlValue, type: DataType, span: Span = noSpan): Expression {
  return { kind: 'literal', value, type, span }
}

export const trueLiteral = literal(true, booleanType)

export interface CallParts {
  readonly kernel: string
  readonly arguments: readonly Expression[]
  readonly type: DataType
  readonly immediates?: readonly number[]
  readonly span?: Span
}

export function call(parts: CallParts): Call {
  const span = parts.span ?? parts.arguments[0]?.span ?? noSpan
  const immediates = parts.immediates ?? []
  const { kernel, type } = parts
  return {
    kind: 'call',
    kernel,
    arguments: parts.arguments,
    immediates,
    type,
    volatility: 'immutable',
    span,
    label: kernel,
  }
}

/** A kernel whose result is a truth value. */
export function test(kernel: string, ...operands: readonly Expression[]): Call {
  return call({ kernel, arguments: operands, type: booleanType })
}

export function splitConjuncts(predicate: Expression | undefined): readonly Expression[] {
  if (!predicate) return []
  if (predicate.kind === 'and') return predicate.operands.flatMap(splitConjuncts)
  if (predicate.kind === 'literal' && predicate.value === true) return []
  return [predicate]
}

/** One flat conjunction, however it was put together: thousands of conditions never make a deep tree. */
export function and(conjuncts: readonly Expression[]): Expression | undefined {
  const [first, ...rest] = conjuncts
  if (!first || rest.length === 0) return first
  const isFlat = conjuncts.every(({ kind }) => kind !== 'and')
  const operands = isFlat ? conjuncts : conjuncts.flatMap((each) => (each.kind === 'and' ? each.operands : [each]))
  return { kind: 'and', operands, type: booleanType, span: first.span }
}

export function or(operands: readonly Expression[]): Expression | undefined {
  const [first, ...rest] = operands
  if (!first || rest.length === 0) return first
  return { kind: 'or', operands, type: booleanType, span: first.span }
}

export type Substitution = ReadonlyMap<ColumnId, Expression>

/** Replaces columns by what the substitution says they are. */
export function substitute(expression: Expression, by: Substitution): Expression {
  if (by.size === 0) return expression
  if (expression.kind === 'column') return by.get(expression.column.id) ?? expression
  return mapOperands(expression, (operand) => substitute(operand, by))
}

/** Columns that the expression reads, once each. */
export function columnsRead(
  expression: Expression,
  into = new Map<ColumnId, Column>(),
): Map<ColumnId, Column> {
  if (expression.kind === 'column') into.set(expression.column.id, expression.column)
  for (const operand of operandsOf(expression)) columnsRead(operand, into)
  return into
}

export function readsOnly(
  expression: Expression,
  columns: { has(id: ColumnId): boolean },
): boolean {
  if (expression.kind === 'column') return columns.has(expression.column.id)
  return operandsOf(expression).every((operand) => readsOnly(operand, columns))
}

export function readsAny(expression: Expression, columns: { has(id: ColumnId): boolean }): boolean {
  if (expression.kind === 'column') return columns.has(expression.column.id)
  return operandsOf(expression).some((operand) => readsAny(operand, columns))
}

export function isVolatile(expression: Expression): boolean {
  if (expression.kind === 'call' && expression.volatility === 'volatile') return true
  return operandsOf(expression).some(isVolatile)
}

export function isConstant(expression: Expression): boolean {
  return expression.kind === 'literal' || expression.kind === 'parameter'
}

/** A subquery somewhere inside, the outermost first in evaluation order. */
export function findSubquery(expression: Expression): Subquery | undefined {
  if (expression.kind === 'subquery') return expression
  for (const operand of operandsOf(expression)) {
    const found = findSubquery(operand)
    if (found) return found
  }
  return undefined
}
