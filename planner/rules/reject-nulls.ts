// Can a condition be true of a row whose columns are null? What it says is worked out with nulls in their
// place, as far as that needs no kernel.
import type { Call, ColumnId, Expression, SqlValue } from '#sql/bound'

type Ids = { has(id: ColumnId): boolean }

/** True: it is false or null wherever the columns are null. */
export function rejectsNulls(condition: Expression, columns: Ids): boolean {
  if (condition.kind === 'and') return condition.operands.some((operand) => rejectsNulls(operand, columns))
  if (condition.kind === 'or') return condition.operands.every((operand) => rejectsNulls(operand, columns))
  const value = valueOf(condition, columns)
  return value === null || value === false
}

/** undefined: it depends. */
function valueOf(expression: Expression, nulls: Ids): SqlValue | undefined {
  switch (expression.kind) {
    case 'literal':
      return expression.value
    case 'column':
      return nulls.has(expression.column.id) ? null : undefined
    case 'parameter':
    case 'subquery':
      return undefined
    case 'and':
    case 'or':
      return valueOfConnective(expression.operands.map((operand) => valueOf(operand, nulls)), expression.kind)
    case 'case':
      return valueOfCase(expression, nulls)
    case 'call':
      return expression.volatility === 'volatile' ? undefined : valueOfCall(expression, nulls)
  }
}

function valueOfConnective(values: readonly (SqlValue | undefined)[], kind: 'and' | 'or'): SqlValue | undefined {
  const decides = kind === 'or'
  if (values.includes(decides)) return decides
  if (values.includes(undefined)) return undefined
  return values.includes(null) ? null : !decides
}

function valueOfCase({ branches, otherwise }: Extract<Expression, { kind: 'case' }>, nulls: Ids): SqlValue | undefined {
  for (const { when, then } of branches) {
    const holds = valueOf(when, nulls)
    if (holds === undefined) return undefined
    if (holds === true) return valueOf(then, nulls)
  }
  return otherwise ? valueOf(otherwise, nulls) : null
}

/** Those that give null for a null, whatever else they are given. */
const strictKernels: ReadonlySet<string> = new Set([
  'Equal', 'NotEqual', 'Less', 'LessEqual', 'Greater', 'GreaterEqual', 'Like', 'Not',
  'Add', 'Subtract', 'Multiply', 'Divide', 'Modulo', 'Negate', 'Abs', 'DivideDecimal', 'RescaleDecimal',
  'TimestampAdd', 'TimestampSubtract', 'DateAddDays', 'DateSubtractDays', 'DateToTimestamp', 'TimestampToDate',
])

function isStrict(kernel: string): boolean {
  return strictKernels.has(kernel) || /^To(?:Int16|Int32|Int64|Float32|Float64|Decimal)$/.test(kernel)
}

function valueOfCall({ kernel, arguments: operands }: Call, nulls: Ids): SqlValue | undefined {
  const values = operands.map((operand) => valueOf(operand, nulls))
  const [first, second] = values
  switch (kernel) {
    case 'Coalesce':
      return first === null ? second : first
    case 'IsNull':
      return first === undefined ? undefined : first === null
    case 'IsNotNull':
      return first === undefined ? undefined : first !== null
    case 'IsTrue':
      return first === undefined ? undefined : first === true
    case 'Not':
      return typeof first === 'boolean' ? !first : first === null ? null : undefined
    default:
      break
  }
  if (isStrict(kernel) && values.includes(null)) return null
  return kernel === 'Equal' && first !== undefined && second !== undefined && isSame(first, second) ? true : undefined
}

/** Counts are written as numbers and as bigints. */
function isSame(left: SqlValue, right: SqlValue): boolean {
  return left === right || (typeof left === 'bigint' && typeof right === 'number' && left === BigInt(right))
}
