// Expressions as explain shows them: operators between their operands, functions by name.
import { typeName } from '#base/data-type'
import type { Call, Column, Expression } from '#sql/bound'

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
  if (typeof value !== 'string')
    return type.kind === 'date' || type.kind.startsWith('time')
      ? `${typeName(type)} ${String(value)}`
      : String(value)
  const text = `'${value.replaceAll("'", "''")}'`
  return type.kind === 'numeric'
    ? value
    : type.kind === 'text' || type.kind === 'unknown'
      ? text
      : `${typeName(type)} ${text}`
}

function printCall({ kernel, label, arguments: own, type }: Call, name: Naming): string {
  const operands = own.map((operand) => printExpression(operand, name))
  const [first = '', second = ''] = operands
  const operator = infix[kernel]
  if (operator && operands.length === 2) return `(${first} ${operator} ${second})`
  const suffix = postfix[kernel]
  if (suffix) return `(${first} ${suffix})`
  if (kernel === 'Not') return `not ${first}`
  if (label === 'cast' || label === '::') return `${first}::${typeName(type)}`
  return `${label.toLowerCase()}(${operands.join(', ')})`
}
