// date '1994-01-01' + interval '1 year' → timestamp '1995-01-01', and a date that was cast to be compared with
// it → the date itself: what is known while planning is computed once, and estimates and indexes see it.
// A value that would be an error stays, to be one where and when the rows are read.
import type { Call, Expression, SqlValue } from '#sql/bound'
import { mapOperands } from '#sql/expression-tree'
import { dayMicroseconds, floorDivide } from '#sql/functions/datetime-input'
import { decimalOf, scaledInteger } from '#sql/functions/decimal'
import { parseInterval } from '#sql/functions/interval'
import { scaleOf } from '#sql/functions/types'
import { mapInputs } from '../logical/columns.ts'
import { call, literal } from '../logical/expression.ts'
import type { Logical } from '../logical/plan.ts'

export function evaluateConstants(plan: Logical): Logical {
  const below = mapInputs(plan, evaluateConstants)
  switch (below.kind) {
    case 'filter':
      return { ...below, predicate: evaluate(below.predicate) }
    case 'join':
      return below.condition ? { ...below, condition: evaluate(below.condition) } : below
    case 'extend':
      return { ...below, items: below.items.map((item) => ({ ...item, expression: evaluate(item.expression) })) }
    default:
      return below
  }
}

export function evaluate(expression: Expression): Expression {
  const inner = mapOperands(expression, evaluate)
  if (inner.kind !== 'call' || inner.volatility !== 'immutable') return inner
  const value = valueOf(inner)
  return value === undefined ? compareDates(inner) : literal(value, inner.type, inner.span)
}

type Value = Exclude<SqlValue, null>

/** undefined: it is not constant, it is an error, or only a kernel knows. */
function valueOf({ kernel, arguments: operands, type }: Call): Value | undefined {
  const values = operands.map((operand) => (operand.kind === 'literal' ? operand.value : null))
  const [left, right] = values
  if (left === undefined || values.includes(null)) return undefined
  switch (type.kind) {
    case 'integer':
    case 'bigint':
      return operands.every((operand) => operand.type.kind === type.kind) ? integerOf(kernel, left, right, type.kind) : undefined
    case 'numeric':
      return operands.every((operand) => operand.type.kind === 'numeric' && scaleOf(operand.type) === scaleOf(type))
        ? numericOf(kernel, left, right, scaleOf(type))
        : undefined
    case 'date':
    case 'timestamp':
      return timeOf(kernel, left, right)
    default:
      return undefined
  }
}

function integerOf(kernel: string, left: SqlValue, right: SqlValue | undefined, kind: 'integer' | 'bigint'): Value | undefined {
  if (!isInteger(left) || !isInteger(right)) return undefined
  const result = arithmetic(kernel, BigInt(left), BigInt(right))
  if (result === undefined || BigInt.asIntN(kind === 'integer' ? 32 : 64, result) !== result) return undefined
  return kind === 'integer' ? Number(result) : result
}

const isInteger = (value: SqlValue | undefined): value is number | bigint => typeof value === 'bigint' || Number.isInteger(value)

/** A product has another scale, and is left to its kernel. */
function numericOf(kernel: string, left: SqlValue, right: SqlValue | undefined, scale: number): Value | undefined {
  if (kernel === 'Multiply' || right === undefined) return undefined
  const result = arithmetic(kernel, scaledInteger(String(left), scale), scaledInteger(String(right), scale))
  return result === undefined || result >= 10n ** 38n || result <= -(10n ** 38n) ? undefined : decimalOf(result, scale)
}

function arithmetic(kernel: string, left: bigint, right: bigint): bigint | undefined {
  switch (kernel) {
    case 'Add': return left + right
    case 'Subtract': return left - right
    case 'Multiply': return left * right
    default: return undefined
  }
}

/** Years that every type of dates and times has, with room on both sides. Units: days from 1970-01-01. */
const daysMax = 700_000

function timeOf(kernel: string, left: SqlValue, right: SqlValue | undefined): Value | undefined {
  if (!isInteger(left)) return undefined
  switch (kernel) {
    case 'DateToTimestamp':
      return withinDays(BigInt(left)) ? BigInt(left) * dayMicroseconds : undefined
    case 'DateAddDays':
    case 'DateSubtractDays': {
      if (!isInteger(right)) return undefined
      const day = BigInt(left) + (kernel === 'DateAddDays' ? BigInt(right) : -BigInt(right))
      return withinDays(day) ? Number(day) : undefined
    }
    case 'TimestampAdd':
      return typeof right === 'string' ? shifted(BigInt(left), right, 1) : undefined
    case 'TimestampSubtract':
      return typeof right === 'string' ? shifted(BigInt(left), right, -1) : undefined
    default:
      return undefined
  }
}

const withinDays = (day: bigint): boolean => day >= -daysMax && day <= daysMax

/** Later by months, then days, then time; a day that the month does not have is its last. */
function shifted(timestamp: bigint, interval: string, sign: 1 | -1): Value | undefined {
  const parts = parseInterval(interval)
  const day = floorDivide(timestamp, dayMicroseconds)
  if (!parts || !withinDays(day) || Math.abs(parts.months) > 12 * 2000) return undefined
  const moved = BigInt(monthsLater(Number(day), sign * parts.months)) + BigInt(sign * parts.days)
  return withinDays(moved) ? moved * dayMicroseconds + (timestamp - day * dayMicroseconds) + BigInt(sign) * parts.microseconds : undefined
}

function monthsLater(day: number, months: number): number {
  if (months === 0) return day
  const date = new Date(day * 86_400_000)
  const ofMonth = date.getUTCDate()
  date.setUTCDate(1)
  date.setUTCMonth(date.getUTCMonth() + months)
  const last = new Date(date)
  last.setUTCMonth(last.getUTCMonth() + 1, 0)
  date.setUTCDate(Math.min(ofMonth, last.getUTCDate()))
  return date.getTime() / 86_400_000
}

const mirrored: Readonly<Record<string, string>> = {
  Less: 'Greater', LessEqual: 'GreaterEqual', Greater: 'Less', GreaterEqual: 'LessEqual', Equal: 'Equal',
}

/** `d::timestamp < timestamp` with a literal, on either side → `d < date`. */
function compareDates(expression: Call): Expression {
  const [left, right] = expression.arguments
  if (!left || !right) return expression
  const kernel = left.kind === 'literal' ? mirrored[expression.kernel] : expression.kernel
  const [cast, bound] = left.kind === 'literal' ? [right, left] : [left, right]
  if (kernel === undefined || bound.kind !== 'literal' || typeof bound.value !== 'bigint') return expression
  if (cast.kind !== 'call' || cast.kernel !== 'DateToTimestamp') return expression
  const [date] = cast.arguments
  const day = floorDivide(bound.value, dayMicroseconds)
  const test = testOfDay(kernel, bound.value === day * dayMicroseconds)
  if (!date || test === undefined || !withinDays(day)) return expression
  return { ...call({ kernel: test, arguments: [date, literal(Number(day), date.type, bound.span)], type: expression.type }), span: expression.span }
}

/** How a day is compared with the day that a timestamp lies in; undefined: no date is equal to noon. */
function testOfDay(kernel: string, isMidnight: boolean): string | undefined {
  switch (kernel) {
    case 'Less': return isMidnight ? 'Less' : 'LessEqual'
    case 'GreaterEqual': return isMidnight ? 'GreaterEqual' : 'Greater'
    case 'LessEqual':
    case 'Greater': return kernel
    case 'Equal': return isMidnight ? 'Equal' : undefined
    default: return undefined
  }
}
