// Makes an expression have a type: unknown literals are read as the type wanted, parameters take it,
// everything else is cast as far as the context allows.
import { sameType, typeName, type DataType } from '#base/data-type'
import { EngineError } from '#base/engine-error'
import type { Span } from '#base/span'
import type { Expression } from '#sql/bound'
import { castExpression } from '#sql/functions/casts'
import { isCastAllowed, type CastContext } from '#sql/functions/cast-matrix'
import { commonType } from '#sql/functions/common-type'
import { parseLiteral, scaleOfText } from '#sql/functions/literal-input'
import { numeric, resolvedType, types } from '#sql/functions/types'
import type { BindContext } from './context.ts'

/**
 * The expression as a value of `target`; undefined when `context` does not allow the conversion.
 *
 * Errors: 22P02 and its kin when a literal's text is no value of the type.
 */
export function tryCoerce(
  expression: Expression,
  target: DataType,
  castContext: CastContext,
  context: BindContext,
): Expression | undefined {
  if (expression.kind === 'parameter' && expression.type.kind === 'unknown') {
    const known = context.parameterType(expression.index)
    // Decided by another use since it was bound: from then on it is a value of that type.
    if (known.kind !== 'unknown')
      return tryCoerce({ ...expression, type: known }, target, castContext, context)
  }
  if (expression.type.kind === 'unknown') {
    const cut =
      castContext === 'explicit' && target.kind === 'text' && expression.kind === 'literal'
    if (!cut) return adopt(expression, target, context)
    return castExpression(adopt(expression, types.text, context), target, expression.span, true)
  }
  if (isOpenNumeric(target) && expression.type.kind === 'numeric') return expression
  if (sameType(expression.type, resolvedType(target))) return expression
  if (!isCastAllowed(expression.type.kind, target.kind, castContext)) return undefined
  return castExpression(expression, target, expression.span, castContext === 'explicit')
}

/** `numeric` without digits: any scale will do. */
function isOpenNumeric(type: DataType): boolean {
  return type.kind === 'numeric' && type.precision === undefined && type.scale === undefined
}

/** Gives an untyped literal, null or parameter the type that its place asks for. */
function adopt(expression: Expression, target: DataType, context: BindContext): Expression {
  const type = target.kind === 'unknown' ? types.text : resolvedType(target)
  if (expression.kind === 'parameter') {
    context.decideParameter(expression.index, type)
    return { ...expression, type }
  }
  if (expression.kind !== 'literal' || expression.value === null) return { ...expression, type }
  const text = String(expression.value)
  // `'1.25'::numeric` keeps its digits; numeric(p, s) rounds to its own.
  const exact = isOpenNumeric(target) ? numeric(scaleOfText(text)) : type
  return { ...expression, value: parseLiteral(text, exact, expression.span), type: exact }
}

/** As tryCoerce, for an argument whose overload was chosen because the cast is implicit. */
export function coerceImplicitly(
  expression: Expression,
  target: DataType,
  context: BindContext,
): Expression {
  const coerced = tryCoerce(expression, target, 'implicit', context)
  if (coerced) return coerced
  throw mismatch(
    `expected type ${typeName(target)}, found type ${typeName(expression.type)}`,
    expression.span,
  )
}

/** `expression::target`. Errors: 42846. */
export function coerceExplicitly(
  expression: Expression,
  target: DataType,
  span: Span,
  context: BindContext,
): Expression {
  const coerced = tryCoerce(expression, target, 'explicit', context)
  if (coerced) return coerced
  throw new EngineError('cannot_coerce', {
    message: `cannot cast type ${typeName(expression.type)} to ${typeName(target)}`,
    span,
  })
}

/** A value on its way into a column or local. Errors: 42804. */
export function coerceForAssignment(
  expression: Expression,
  target: { readonly name: string; readonly type: DataType },
  context: BindContext,
): Expression {
  const coerced = tryCoerce(expression, resolvedType(target.type), 'assignment', context)
  if (coerced) return coerced
  throw new EngineError('datatype_mismatch', {
    message: `column "${target.name}" is of type ${typeName(target.type)} but expression is of type ${typeName(expression.type)}`,
    span: expression.span,
    hint: 'You will need to rewrite or cast the expression.',
  })
}

/** A condition. `clause` is what the message names: WHERE, HAVING, JOIN/ON, WHEN. */
export function coerceCondition(
  expression: Expression,
  clause: string,
  context: BindContext,
): Expression {
  const coerced = tryCoerce(expression, types.boolean, 'implicit', context)
  if (coerced) return coerced
  throw mismatch(
    `argument of ${clause} must be type boolean, not type ${typeName(expression.type)}`,
    expression.span,
  )
}

/** An untyped literal that nothing gave a type is text. */
export function settle(expression: Expression, context: BindContext): Expression {
  if (expression.type.kind !== 'unknown') return expression
  const text = adopt(expression, types.text, context)
  return text.kind === 'literal' ? { ...text, untyped: true } : text
}

/** The type that all expressions can have. `construct` is what the message names: CASE, UNION, IN. */
export function unify(expressions: readonly Expression[], construct: string): DataType {
  let common: DataType = types.unknown
  for (const { type, span } of expressions) {
    const next = commonType(common, type)
    if (!next) {
      throw mismatch(
        `${construct} types ${typeName(common)} and ${typeName(type)} cannot be matched`,
        span,
      )
    }
    common = next
  }
  return common.kind === 'unknown' ? types.text : common
}

export function unifyAll(
  expressions: readonly Expression[],
  construct: string,
  context: BindContext,
): Expression[] {
  const type = unify(expressions, construct)
  return expressions.map((expression) => coerceImplicitly(expression, type, context))
}

function mismatch(message: string, span: Span): EngineError {
  return new EngineError('datatype_mismatch', { message, span })
}
