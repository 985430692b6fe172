// Rebuilds bound expressions: replace some nodes, move spans, tell equal ones apart from different ones.
import type { Span } from '#base/span'
import type { Column, ColumnId, Expression } from '#sql/bound'
import { mapOperands } from '../expression-tree.ts'
import { printExpression, printPlan } from './print-bound.ts'

/** Rebuilds the expression, `replace` deciding about each node before its operands are looked at. */
export function mapExpression(
  expression: Expression,
  replace: (node: Expression) => Expression | undefined,
): Expression {
  const replaced = replace(expression)
  if (replaced) return replaced
  return mapOperands(expression, (operand) => mapExpression(operand, replace))
}

/** The expression as if all of it were written at `span`: for text that comes from the schema. */
export function atSpan(expression: Expression, span: Span): Expression {
  const leaf = (node: Expression): Expression | undefined =>
    node.kind === 'literal' || node.kind === 'column' || node.kind === 'parameter'
      ? { ...node, span }
      : undefined
  const map = (node: Expression): Expression => {
    const mapped = mapExpression(node, (inner) => (inner === node ? leaf(inner) : map(inner)))
    return { ...mapped, span }
  }
  return map(expression)
}

/** Replaces references to the columns in `values` by what they stand for. */
export function substitute(
  expression: Expression,
  values: ReadonlyMap<ColumnId, Expression>,
): Expression {
  return mapExpression(expression, (node) =>
    node.kind === 'column' ? values.get(node.column.id) : undefined,
  )
}

/** Equal for expressions that mean the same, whatever their spans. */
export function expressionKey(expression: Expression): string {
  const plans: string[] = []
  mapExpression(expression, (node) => {
    if (node.kind === 'subquery') plans.push(printPlan(node.plan))
    return undefined
  })
  return [printExpression(expression), ...plans].join('\n')
}

/** Null-rejecting kernels: null only when an argument is. All others may make a null of values. */
const strictKernels = new Set([
  'Add',
  'Subtract',
  'Multiply',
  'Divide',
  'Modulo',
  'Negate',
  'Abs',
  'DivideDecimal',
  'RescaleDecimal',
  'Equal',
  'NotEqual',
  'Less',
  'LessEqual',
  'Greater',
  'GreaterEqual',
  'Not',
  'Concat',
  'Lower',
  'Upper',
  'Length',
  'OctetLength',
  'Replace',
  'Left',
  'Right',
  'Substring',
  'BTrim',
  'LTrim',
  'RTrim',
  'HtmlEscape',
  'Like',
  'ILike',
  'RegexMatch',
  'Round',
  'Floor',
  'Ceil',
  'Truncate',
  'JsonParse',
  'Now',
  'Random',
  'ClockTimestamp',
  'GenRandomUuid',
  'TimestampAdd',
  'TimestampSubtract',
  'HttpHeadersJson',
  'HttpCookiesJson',
  'HttpQueryJson',
  'HttpFormJson',
  'CheckLength',
])
const neverNull = new Set([
  'IsNull',
  'IsNotNull',
  'IsTrue',
  'IsFalse',
  'IsDistinct',
  'IsNotDistinct',
  'ConcatAll',
  'JsonObject',
  'JsonArray',
  'Hash',
])

/** May the value be null? Says yes when in doubt. */
export function isNullable(expression: Expression): boolean {
  switch (expression.kind) {
    case 'literal':
      return expression.value === null
    case 'column':
      return expression.column.nullable
    case 'parameter':
      return true
    case 'call': {
      const { kernel } = expression
      if (neverNull.has(kernel)) return false
      const nullable = expression.arguments.map(isNullable)
      if (kernel === 'Coalesce') return nullable.every(Boolean)
      const isStrict = strictKernels.has(kernel) || /^To|ToText$|ToJson$|^TextTo/.test(kernel)
      return isStrict ? nullable.some(Boolean) : true
    }
    case 'case':
      return (
        !expression.otherwise ||
        isNullable(expression.otherwise) ||
        expression.branches.some(({ then }) => isNullable(then))
      )
    case 'and':
    case 'or':
      return expression.operands.some(isNullable)
    case 'subquery':
      return expression.form !== 'exists'
  }
}

/** The column without a doubt about null: what outer joins make of their optional side. */
export function nullableColumn(column: Column): Column {
  return column.nullable ? column : { ...column, nullable: true }
}
