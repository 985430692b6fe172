// Makers of bound expressions, so that the families read as formulas.
import type { DataType } from '#base/data-type'
import type { Span } from '#base/span'
import type { Call, Column, Expression, SqlValue } from '#sql/bound'
import { types } from './types.ts'

export type Volatility = Call['volatility']

export interface CallOptions {
  readonly immediates?: readonly number[]
  readonly volatility?: Volatility
  /** What explain prints; the kernel's name when absent. */
  readonly label?: string
}

export function kernelCall(
  kernel: string,
  operands: readonly Expression[],
  type: DataType,
  span: Span,
  options: CallOptions = {},
): Call {
  return {
    kind: 'call',
    kernel,
    arguments: operands,
    immediates: options.immediates ?? [],
    type,
    volatility: options.volatility ?? 'immutable',
    span,
    label: options.label ?? kernel,
  }
}

export function literal(value: SqlValue, type: DataType, span: Span): Expression {
  return { kind: 'literal', value, type, span }
}

export function textLiteral(value: string, span: Span): Expression {
  return literal(value, types.text, span)
}

export function columnExpression(column: Column, span: Span): Expression {
  return { kind: 'column', column, type: column.type, span }
}

export function not(operand: Expression, span: Span): Expression {
  return kernelCall('Not', [operand], types.boolean, span, { label: 'not' })
}

export function isNull(operand: Expression, span: Span): Expression {
  return kernelCall('IsNull', [operand], types.boolean, span, { label: 'is null' })
}

export function isNotNull(operand: Expression, span: Span): Expression {
  return kernelCall('IsNotNull', [operand], types.boolean, span, { label: 'is not null' })
}

export function conjunction(operands: readonly Expression[], span: Span): Expression {
  return logical('and', operands, span)
}

export function disjunction(operands: readonly Expression[], span: Span): Expression {
  return logical('or', operands, span)
}

/** Nested nodes of the same kind are made one, so that long chains stay shallow. */
function logical(kind: 'and' | 'or', operands: readonly Expression[], span: Span): Expression {
  const flat = operands.flatMap((operand) => (operand.kind === kind ? operand.operands : [operand]))
  const only = flat[0]
  if (flat.length === 1 && only) return only
  if (only === undefined) return literal(kind === 'and', types.boolean, span)
  return { kind, operands: flat, type: types.boolean, span }
}

export interface Branch {
  readonly when: Expression
  readonly then: Expression
}

export function caseOf(
  branches: readonly Branch[],
  otherwise: Expression | undefined,
  type: DataType,
  span: Span,
): Expression {
  return { kind: 'case', branches, otherwise, type, span }
}

export function isNullLiteral(expression: Expression): boolean {
  return expression.kind === 'literal' && expression.value === null
}
