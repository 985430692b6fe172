// Expressions as explain shows them: operators between their operands, functions by name.
import { typeName, type DataType } from '#base/data-type'
import type { Call, Column, Expression } from '#sql/bound'
import { dateText, timestampText, timeText } from '#sql/functions/datetime-text'

/** How a call is labelled that was written as an operator: `-` of a date and an interval. */
const operatorName = /^[-+*/%<>=|&^~!@#]+$/

const infix: Readonly<Record<string, string>> = {
  Equal: '=',
  NotEqual: '<>',
  Less: '<',
  LessEqual: '<=',
  Greater: '>',
  GreaterEqual: '>=',
  Add: '+',
  Subtract: '-',
  Multiply: '*',
  Divide: '/',
  Modulo: '%',
  Concat: '||',
  IsDistinct: 'is distinct from',
  IsNotDistinct: 'is not distinct from',
  JsonGet: '->',
  JsonGetText: '->>',
  JsonGetIndex: '->',
  JsonGetIndexText: '->>',
}
const postfix: Readonly<Record<string, string>> = {
  IsNull: 'is null',
  IsNotNull: 'is not null',
  IsTrue: 'is true',
  IsFalse: 'is false',
}

/** What a column is called: with its relation where that helps. */
export type Naming = (column: Column) => string

export const plainName: Naming = (column) => (column.name === '' ? '_' : column.name)

export function printExpression(expression: Expression, name: Naming = plainName): string {
  switch (expression.kind) {
    case 'literal':
      return printLiteral(expression)
    case 'column':
      return name(expression.column)
    case 'parameter':
      return `$${String(expression.index + 1)}`
    case 'call':
      return printCall(expression, name)
    case 'case': {
      const branches = expression.branches.map(
        ({ when, then }) =>
          ` when ${printExpression(when, name)} then ${printExpression(then, name)}`,
      )
      const otherwise = expression.otherwise
        ? ` else ${printExpression(expression.otherwise, name)}`
        : ''
      return `case${branches.join('')}${otherwise} end`
    }
    case 'and':
    case 'or': {
      const operands = expression.operands.map((operand) => printExpression(operand, name))
      return `(${operands.join(` ${expression.kind} `)})`
    }
    case 'subquery':
      return `${expression.form}(…)`
  }
}

function printLiteral({ value, type }: Extract<Expression, { kind: 'literal' }>): string {
  if (value === null) return 'null'
  if (value instanceof Uint8Array) return `'\\x${Buffer.from(value).toString('hex')}'`
  if (typeof value !== 'string') {
    const moment = momentText(value, type)
    return moment === undefined ? String(value) : `${typeName(type)} '${moment}'`
  }
  const text = `'${value.replaceAll("'", "''")}'`
  return type.kind === 'numeric'
    ? value
    : type.kind === 'text' || type.kind === 'unknown'
      ? text
      : `${typeName(type)} ${text}`
}

/** A date or a time as it is written; undefined for values of other types. */
function momentText(value: number | bigint | boolean, type: DataType): string | undefined {
  switch (type.kind) {
    case 'date':
      return dateText(Number(value))
    case 'time':
      return timeText(BigInt(value))
    case 'timestamp':
      return timestampText(BigInt(value), '')
    case 'timestamptz':
      return timestampText(BigInt(value), '+00')
    default:
      return undefined
  }
}

function printCall({ kernel, label, arguments: own, type }: Call, name: Naming): string {
  const operands = own.map((operand) => printExpression(operand, name))
  const [first = '', second = ''] = operands
  const operator = infix[kernel] ?? (operatorName.test(label) ? label : undefined)
  if (operator && operands.length === 2) return `(${first} ${operator} ${second})`
  const suffix = postfix[kernel]
  if (suffix) return `(${first} ${suffix})`
  if (kernel === 'Not') return `not ${first}`
  if (label === 'cast' || label === '::') return `${first}::${typeName(type)}`
  return `${label.toLowerCase()}(${operands.join(', ')})`
}
