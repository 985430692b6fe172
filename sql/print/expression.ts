// Expressions as text.
import type {
  Argument,
  Call,
  Expression,
  JsonEntry,
  PatternMatch,
  SortItem,
  TypedLiteral,
} from '../ast.ts'
import {
  printFunctionName,
  printIdentifier,
  printName,
  printString,
  printType,
  quoted,
} from './name.ts'
import { printOrder, printOver, printQuery } from './query.ts'

/** Kinds that need no parentheses as an operand. */
const atoms: ReadonlySet<Expression['kind']> = new Set<Expression['kind']>([
  'number',
  'string',
  'bit_string',
  'boolean',
  'null',
  'column',
  'parameter',
  'exists',
  'subquery',
  'array_subquery',
  'row',
  'array',
  'case',
  'call',
  'niladic',
  'extract',
  'json_object',
  'json_array',
  'json_array_query',
  'json_objectagg',
  'json_arrayagg',
])

function operand(expression: Expression): string {
  return atoms.has(expression.kind)
    ? printExpression(expression)
    : `(${printExpression(expression)})`
}

export function printList(list: readonly Expression[]): string {
  return list.map(printExpression).join(', ')
}

const not = (negated: boolean): string => (negated ? 'not ' : '')

export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return expression.text
    case 'string':
      return printString(expression.value)
    case 'bit_string':
      return `${expression.base === 'binary' ? 'b' : 'x'}'${expression.digits}'`
    case 'boolean':
      return String(expression.value)
    case 'null':
    case 'default':
      return expression.kind
    case 'typed_literal':
      return typedLiteral(expression)
    case 'column':
      return path([expression.schema, expression.table, expression.name])
    case 'star':
      return expression.table === undefined
        ? '*'
        : `${path([expression.schema, expression.table])}.*`
    case 'parameter':
      return `$${String(expression.index + 1)}`
    case 'exists':
      return `exists (${printQuery(expression.query)})`
    case 'subquery':
      return `(${printQuery(expression.query)})`
    case 'array_subquery':
      return `array(${printQuery(expression.query)})`
    case 'row':
      return `row(${printList(expression.items)})`
    case 'array':
      return `array[${printList(expression.items)}]`
    case 'niladic':
      return (
        expression.name +
        (expression.precision === undefined ? '' : `(${String(expression.precision)})`)
      )
    case 'extract':
      return `extract(${quoted(expression.field)} from ${printExpression(expression.source)})`
    case 'call':
      return call(expression)
    case 'case': {
      const branches = expression.branches.map(
        ({ when, then }) => ` when ${printExpression(when)} then ${printExpression(then)}`,
      )
      const on = expression.operand === undefined ? '' : ` ${printExpression(expression.operand)}`
      const otherwise =
        expression.otherwise === undefined ? '' : ` else ${printExpression(expression.otherwise)}`
      return `case${on}${branches.join('')}${otherwise} end`
    }
    default:
      return operation(expression)
  }
}

function path(parts: readonly (string | undefined)[]): string {
  return parts
    .filter((part) => part !== undefined)
    .map(printIdentifier)
    .join('.')
}

function typedLiteral({ type, value }: TypedLiteral): string {
  if (type.intervalFields === undefined) return `${printType(type)} ${printString(value)}`
  return `interval ${printString(value)}${printType(type).slice('interval'.length)}`
}

type Operation = Exclude<
  Expression,
  {
    kind:
      | 'number'
      | 'string'
      | 'bit_string'
      | 'boolean'
      | 'null'
      | 'default'
      | 'typed_literal'
      | 'column'
      | 'star'
      | 'parameter'
      | 'exists'
      | 'subquery'
      | 'array_subquery'
      | 'row'
      | 'array'
      | 'niladic'
      | 'extract'
      | 'call'
      | 'case'
  }
>

/** What is written with operators, and the constructors of JSON. */
function operation(expression: Operation): string {
  switch (expression.kind) {
    case 'unary':
      return `${expression.operator} ${operand(expression.operand)}`
    case 'binary':
      return `${operand(expression.left)} ${expression.operator} ${operand(expression.right)}`
    case 'and':
    case 'or':
      return expression.operands.map(operand).join(` ${expression.kind} `)
    case 'not':
      return `not ${operand(expression.operand)}`
    case 'is':
      return (
        `${operand(expression.operand)} is ${not(expression.negated)}` +
        `${expression.test.replace('_', ' ')}`
      )
    case 'is_distinct':
      return (
        `${operand(expression.left)} is ${not(expression.negated)}distinct from ` +
        `${operand(expression.right)}`
      )
    case 'between': {
      const symmetric = expression.symmetric ? 'symmetric ' : ''
      const bounds = `${symmetric}${operand(expression.low)} and ${operand(expression.high)}`
      return `${operand(expression.operand)} ${not(expression.negated)}between ${bounds}`
    }
    case 'in_list':
      return (
        `${operand(expression.operand)} ${not(expression.negated)}in (` +
        `${printList(expression.items)})`
      )
    case 'in_subquery':
      return (
        `${operand(expression.operand)} ${not(expression.negated)}in (` +
        `${printQuery(expression.query)})`
      )
    case 'pattern':
      return pattern(expression)
    case 'quantified': {
      const right =
        expression.right.kind === 'query'
          ? printQuery(expression.right)
          : printExpression(expression.right)
      return (
        `${operand(expression.left)} ${expression.operator} ${expression.quantifier} (` +
        `${right})`
      )
    }
    case 'subscript': {
      const bound = (end: Expression | undefined): string =>
        end === undefined ? '' : printExpression(end)
      const inside = expression.slice
        ? `${bound(expression.lower)} : ${bound(expression.upper)}`
        : bound(expression.lower)
      return `${indirect(expression.operand, true)}[${inside}]`
    }
    case 'field':
      return (
        `${indirect(expression.operand, false)}.` +
        `${expression.field === '*' ? '*' : printIdentifier(expression.field)}`
      )
    case 'cast':
      return `${operand(expression.operand)}::${printType(expression.type)}`
    case 'at_time_zone':
      return (
        `${operand(expression.operand)} at ` +
        `${expression.zone === undefined ? 'local' : `time zone ${operand(expression.zone)}`}`
      )
    case 'collate':
      return `${operand(expression.operand)} collate ${printName(expression.collation)}`
    case 'json_object':
      return jsonCall(
        'json_object',
        expression.entries.map(jsonEntry).join(', '),
        jsonTail(expression, false),
      )
    case 'json_array':
      return jsonCall('json_array', printList(expression.items), jsonTail(expression, true))
    case 'json_array_query':
      return `json_array(${printQuery(expression.query)}${returning(expression)})`
    case 'json_objectagg':
      return (
        jsonCall('json_objectagg', jsonEntry(expression.entry), jsonTail(expression, false)) +
        aggregateTail(expression)
      )
    case 'json_arrayagg': {
      const inside = [
        printExpression(expression.value) + printOrder(expression.order),
        jsonTail(expression, true),
      ]
      return `json_arrayagg(${inside.filter(Boolean).join(' ')})${aggregateTail(expression)}`
    }
  }
}

function pattern({ operand: value, form, pattern: right, escape, negated }: PatternMatch): string {
  const word = form === 'similar' ? 'similar to' : form
  const end = escape === undefined ? '' : ` escape ${operand(escape)}`
  return `${operand(value)} ${not(negated)}${word} ${operand(right)}${end}`
}

/** Before `[` a column may stand bare; before `.` it would be a table. */
function indirect(expression: Expression, columns: boolean): string {
  const { kind } = expression
  const isBare =
    kind === 'subscript' ||
    kind === 'field' ||
    (columns && (kind === 'column' || kind === 'parameter'))
  return isBare ? printExpression(expression) : `(${printExpression(expression)})`
}

/** Functions that have a grammar of their own; quoted, where the call is not of the plain form. */
const specialNames: ReadonlySet<string> = new Set([
  'coalesce',
  'greatest',
  'least',
  'nullif',
  'grouping',
  'substring',
  'overlay',
  'json',
  'json_scalar',
  'json_serialize',
  'json_object',
])

function call(expression: Call): string {
  const {
    function: name,
    arguments: list,
    star,
    distinct,
    variadic,
    order,
    withinGroup,
    filter,
  } = expression
  const inside = star
    ? '*'
    : `${distinct ? 'distinct ' : ''}${printArguments(list, variadic)}${printOrder(order)}`
  const group =
    withinGroup.length === 0 ? '' : ` within group (${printOrder(withinGroup).trimStart()})`
  const where = filter === undefined ? '' : ` filter (where ${printExpression(filter)})`
  const isPlain =
    list.every((argument) => argument.name === undefined) &&
    !star &&
    !distinct &&
    !variadic &&
    order.length === 0
  const isBare =
    isPlain && group + where === '' && expression.over === undefined && specialNames.has(name.name)
  const isSpecial =
    isBare &&
    name.schema === undefined &&
    list.length > 0 &&
    (name.name !== 'nullif' || list.length === 2)
  const schema = name.schema === undefined ? '' : `${printIdentifier(name.schema)}.`
  return (
    `${schema}${isSpecial ? name.name : printFunctionName(name.name)}(${inside})${group}` +
    `${where}${printOver(expression.over)}`
  )
}

export function printArguments(list: readonly Argument[], variadic = false): string {
  return list
    .map(({ name, value }, index) => {
      const isVariadic = variadic && index === list.length - 1
      return (
        (isVariadic ? 'variadic ' : '') +
        (name === undefined ? '' : `${printFunctionName(name)} => `) +
        printExpression(value)
      )
    })
    .join(', ')
}

/** `name(content tail)`, either part of which may be empty. */
function jsonCall(name: string, content: string, tail: string): string {
  return `${name}(${[content, tail].filter((part) => part !== '').join(' ')})`
}

function jsonEntry({ key, value }: JsonEntry): string {
  return `${printExpression(key)}: ${printExpression(value)}`
}

interface JsonTail {
  readonly absentOnNull: boolean
  readonly uniqueKeys?: boolean
  readonly returning: Extract<Expression, { kind: 'json_array' }>['returning']
}

function jsonTail(tail: JsonTail, absentByDefault: boolean): string {
  const nulls =
    tail.absentOnNull === absentByDefault
      ? ''
      : tail.absentOnNull
        ? 'absent on null'
        : 'null on null'
  const unique = tail.uniqueKeys === true ? 'with unique keys' : ''
  return [nulls, unique, returning(tail).trimStart()].filter(Boolean).join(' ')
}

function returning({ returning: type }: Pick<JsonTail, 'returning'>): string {
  return type === undefined ? '' : ` returning ${printType(type)}`
}

function aggregateTail({
  filter,
  over,
}: Pick<Extract<Expression, { kind: 'json_arrayagg' }>, 'filter' | 'over'>): string {
  return (
    (filter === undefined ? '' : ` filter (where ${printExpression(filter)})`) + printOver(over)
  )
}

export function printSortItems(items: readonly SortItem[]): string {
  return items
    .map(({ expression, descending, nulls }) => {
      return (
        printExpression(expression) +
        (descending ? ' desc' : '') +
        (nulls === undefined ? '' : ` nulls ${nulls}`)
      )
    })
    .join(', ')
}
