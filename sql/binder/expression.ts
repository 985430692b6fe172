// Binds expressions: names become column ids, operators become kernels, every value gets its type.
// One function a kind of node; the kinds that are whole subjects stand in files of their own.
import { EngineError } from '#base/engine-error'
import { featureNotSupported, tooManyArguments } from '#base/errors'
import type { Span } from '#base/span'
import type * as ast from '#sql/ast'
import type { Expression } from '#sql/bound'
import {
  caseOf,
  conjunction,
  disjunction,
  kernelCall,
  literal,
  not,
  textLiteral,
  type Branch,
} from '#sql/functions/build'
import { toJson } from '#sql/functions/json-functions'
import { decimalText, scaleOfText } from '#sql/functions/literal-input'
import { kNumericPrecisionMax, numeric, types } from '#sql/functions/types'
import { bindFunction, bindOperator } from './call.ts'
import {
  coerceCondition,
  coerceExplicitly,
  coerceImplicitly,
  settle,
  unify,
  unifyAll,
} from './coercion.ts'
import type { BindContext } from './context.ts'
import { bindAggregateNode, bindCall } from './function-call.ts'
import type { AggregateCollector } from './grouping.ts'
import {
  bindBetween,
  bindInList,
  bindIs,
  bindIsDistinct,
  bindPattern,
  bindRowComparison,
} from './predicates.ts'
import { hasSubquery, repeated } from './repeat.ts'
import { isNullable } from './rewrite.ts'
import { findColumn, findQualified, findTable, undefinedColumn, type Scope } from './scope.ts'
import type { Site } from './site.ts'
import { bindExists, bindInSubquery, bindQuantified, bindRowSubquery, bindScalar } from './subquery.ts'
import { bindType } from './type-name.ts'
import type { WindowCollector } from './window-scope.ts'

/** Makes the place in which expressions of one clause are bound. */
export function siteOf(
  context: BindContext,
  scope: Scope,
  clause: string,
  aggregates?: AggregateCollector,
  windows?: WindowCollector,
): Site {
  const site: Site = {
    context,
    scope,
    clause,
    aggregates,
    windows,
    bind: (expression) => bindNode(expression, site),
    inside: (inner) => siteOf(context, scope, inner, inner === 'window' ? aggregates : undefined),
  }
  return site
}

/** Binds a condition: boolean, or an untyped literal that reads as one. */
export function bindCondition(expression: ast.Expression, site: Site): Expression {
  return coerceCondition(site.bind(expression), site.clause, site.context)
}

type Binder<Kind extends ast.Expression['kind']> = (
  node: Extract<ast.Expression, { kind: Kind }>,
  site: Site,
) => Expression

const binders: { readonly [Kind in ast.Expression['kind']]: Binder<Kind> } = {
  number: ({ text, span }) => numberLiteral(text, span),
  string: ({ value, span }) => literal(value, types.unknown, span),
  boolean: ({ value, span }) => literal(value, types.boolean, span),
  null: ({ span }) => literal(null, types.unknown, span),
  typed_literal: bindTypedLiteral,
  bit_string: refused('bit strings are not supported'),
  column: bindColumn,
  star: ({ span }) => {
    throw new EngineError('syntax_error', { message: '"*" is not allowed here', span })
  },
  parameter: ({ index, span }, { context }) => ({
    kind: 'parameter',
    index,
    type: context.parameterType(index),
    span,
  }),
  unary: bindUnary,
  binary: bindBinary,
  and: ({ operands, span }, site) => conjunction(conditions(operands, 'AND', site), span),
  or: ({ operands, span }, site) => disjunction(conditions(operands, 'OR', site), span),
  not: ({ operand, span }, site) =>
    not(coerceCondition(site.bind(operand), 'NOT', site.context), span),
  is: bindIs,
  is_distinct: bindIsDistinct,
  between: bindBetween,
  in_list: bindInList,
  in_subquery: bindInSubquery,
  pattern: bindPattern,
  quantified: bindQuantified,
  exists: bindExists,
  subquery: bindScalar,
  array_subquery: refused('arrays are not supported'),
  row: refused('row values outside of comparisons are not supported'),
  array: refused('arrays are not supported'),
  subscript: refused('subscripts are not supported'),
  field: refused('composite values are not supported'),
  cast: bindCast,
  at_time_zone: bindTimeZone,
  collate: bindCollate,
  case: bindCase,
  call: bindCallOrCoalesce,
  niladic: bindNiladic,
  extract: ({ field, source, span }, site) =>
    bindFunction('extract', [textLiteral(field, span), site.bind(source)], span, site.context),
  json_object: bindJsonObject,
  json_array: bindJsonArray,
  json_array_query: refused('json_array over a query is not supported'),
  json_objectagg: bindAggregateNode,
  json_arrayagg: bindAggregateNode,
  default: ({ span }) => {
    throw new EngineError('syntax_error', {
      message: 'DEFAULT is not allowed in this context',
      span,
    })
  },
}

function bindNode(expression: ast.Expression, site: Site): Expression {
  // The table is indexed by the node's own kind, which the compiler cannot follow through a union.
  const binder = binders[expression.kind] as Binder<ast.Expression['kind']>
  return binder(expression as never, site)
}

function refused(feature: string): (node: ast.Node) => never {
  return ({ span }) => {
    throw featureNotSupported(feature, span)
  }
}

/**
 * integer, else bigint, else numeric, whichever holds the digits first; with a point always numeric,
 * and double where an exponent leads out of numeric's digits. The magnitude of a number with `sign`.
 */
function numberLiteral(text: string, span: Span, sign: '' | '-' = ''): Expression {
  if (/^\d+$/.test(text)) {
    const value = BigInt(text)
    const signed = sign === '-' ? -value : value
    if (signed === BigInt.asIntN(32, signed)) return literal(Number(value), types.integer, span)
    if (signed === BigInt.asIntN(64, signed)) return literal(value, types.bigint, span)
  }
  const scale = Math.min(scaleOfText(text), kNumericPrecisionMax)
  const isTooWide = /e/i.test(text) && !fitsNumeric(text)
  if (isTooWide && Number.isFinite(Number(text))) return literal(Number(text), types.double, span)
  return literal(decimalText(text, scale, kNumericPrecisionMax, span), numeric(scale), span)
}

/** Whether numeric holds every digit that `1.5e300` stands for. */
function fitsNumeric(text: string): boolean {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e')
  const digits = mantissa.replaceAll(/[._]/g, '').length
  return (
    scaleOfText(text) <= kNumericPrecisionMax && digits + Number(exponent) <= kNumericPrecisionMax
  )
}

function bindTypedLiteral(
  { type, value, valueSpan }: ast.TypedLiteral,
  { context }: Site,
): Expression {
  const unit = type.intervalFields
  if (unit !== undefined && unit.includes(' to ')) {
    throw featureNotSupported(`interval ${unit} is not supported`, type.span)
  }
  const isBare = unit !== undefined && /^\s*[+-]?[\d.]+\s*$/.test(value)
  const text = isBare ? `${value} ${unit}` : value
  const constant = literal(text, types.unknown, valueSpan)
  return coerceExplicitly(constant, bindType(type), type.span, context)
}

function bindColumn(node: ast.ColumnRef, { scope }: Site): Expression {
  const { schema, table, name, span } = node
  if (table === undefined) {
    const found = findColumn(scope, name, span)
    if (found) return found
    if (findTable(scope, name))
      throw featureNotSupported('whole rows as values are not supported', span)
    throw undefinedColumn(scope, name, span)
  }
  const found = findQualified(scope, table, name, span, schema)
  if (found) return found
  throw undefinedColumn(scope, name, span, table)
}

/** A sign before digits belongs to the number: keys and bounds stay constants. */
function bindUnary({ operator, operand, span }: ast.Unary, site: Site): Expression {
  if (operator === '-' && operand.kind === 'number')
    return negated(numberLiteral(operand.text, operand.span, '-'), span)
  return bindOperator(operator, [site.bind(operand)], span, site.context)
}

function negated(constant: Expression, span: Span): Expression {
  if (constant.kind !== 'literal' || constant.value === null) return constant
  const { value, type } = constant
  if (typeof value === 'string')
    return literal(/[1-9]/.test(value) ? `-${value}` : value, type, span)
  return literal(typeof value === 'bigint' ? -value : 0 - Number(value), type, span)
}

function bindBinary(node: ast.Binary, site: Site): Expression {
  const { operator, left, right, operatorSpan, span } = node
  if (left.kind === 'row' && right.kind === 'subquery')
    return bindRowSubquery(node, right.query, site)
  if (left.kind === 'row' || right.kind === 'row') {
    return bindRowComparison(operator, left, right, span, site)
  }
  const operands = [site.bind(left), site.bind(right)]
  return bindOperator(operator, operands, operatorSpan, site.context)
}

function conditions(operands: readonly ast.Expression[], clause: string, site: Site): Expression[] {
  return operands.map((operand) => coerceCondition(site.bind(operand), clause, site.context))
}

function bindCast({ operand, type, span }: ast.Cast, site: Site): Expression {
  return coerceExplicitly(site.bind(operand), bindType(type), span, site.context)
}

/** The session's zone is UTC, and UTC is the only zone: the two kinds of timestamp change places. */
function bindTimeZone({ operand, zone, span }: ast.AtTimeZone, site: Site): Expression {
  const isUtc =
    zone === undefined || (zone.kind === 'string' && /^(utc|gmt|z|etc\/utc)$/i.test(zone.value))
  if (!isUtc) throw featureNotSupported('time zones other than UTC are not supported', zone.span)
  const value = site.bind(operand)
  const target = value.type.kind === 'timestamptz' ? types.timestamp : types.timestamptz
  return coerceExplicitly(value, target, span, site.context)
}

function bindCollate({ operand, collation }: ast.Collate, site: Site): Expression {
  if (!['C', 'POSIX', 'default', 'ucs_basic'].includes(collation.name)) {
    throw featureNotSupported(`collation "${collation.name}" is not supported`, collation.span)
  }
  return coerceImplicitly(site.bind(operand), types.text, site.context)
}

function bindCase({ operand, branches, otherwise, span }: ast.Case, site: Site): Expression {
  const subject = operand && repeated(operand, site)
  const whens = branches.map(({ when }) =>
    subject
      ? bindOperator('=', [subject(), site.bind(when)], when.span, site.context)
      : coerceCondition(site.bind(when), 'CASE/WHEN', site.context),
  )
  const results = [...branches.map(({ then }) => then), ...(otherwise ? [otherwise] : [])].map(
    site.bind,
  )
  const type = unify(results, 'CASE')
  const values = results.map((result) => coerceImplicitly(result, type, site.context))
  const bound = whens.map((when, index): Branch => ({ when, then: values[index] ?? when }))
  return caseOf(bound, otherwise ? values.at(-1) : undefined, type, span)
}

function bindCallOrCoalesce(node: ast.Call, site: Site): Expression {
  const { schema, name } = node.function
  if (name === 'coalesce' && schema === undefined) return bindCoalesce(node, site)
  return bindCall(node, site)
}

/** They stand in each other, and what walks trees recurses as deep. */
const kCoalesceArgumentsMax = 256

/**
 * Arguments that cannot fail fold with the kernel; one that may is guarded by a case, because
 * `coalesce(1, 1 / 0)` is 1.
 */
function bindCoalesce({ arguments: list, span }: ast.Call, site: Site): Expression {
  if (list.length > kCoalesceArgumentsMax) throw tooManyArguments(kCoalesceArgumentsMax, span)
  const values = unifyAll(
    list.map(({ value }) => site.bind(value)),
    'COALESCE',
    site.context,
  )
  return values.reduceRight((rest, value, index) => {
    if (isTotal(rest))
      return kernelCall('Coalesce', [value, rest], rest.type, span, { label: 'coalesce' })
    const node = list[index]?.value
    const again = node && hasSubquery(value) ? site.bind(node) : value
    const present = kernelCall('IsNotNull', [again], types.boolean, span, { label: 'is not null' })
    return caseOf([{ when: present, then: value }], rest, rest.type, span)
  })
}

/** Cannot raise an error: a constant, a column, or a coalesce of such. */
function isTotal(expression: Expression): boolean {
  if (expression.kind === 'call' && expression.kernel === 'Coalesce')
    return expression.arguments.every(isTotal)
  return (
    expression.kind === 'literal' || expression.kind === 'column' || expression.kind === 'parameter'
  )
}

function bindNiladic({ name, precision, span }: ast.Niladic, { context }: Site): Expression {
  if (precision !== undefined)
    throw featureNotSupported('the precision of a time is not supported', span)
  if (!/^(current_(date|time|timestamp)|local(time|timestamp))$/.test(name)) {
    throw featureNotSupported(`${name} is not supported`, span)
  }
  return bindFunction(name, [], span, context)
}

function bindJsonObject(node: ast.JsonObject, site: Site): Expression {
  refuseJsonOptions(node)
  if (node.uniqueKeys) throw featureNotSupported('WITH UNIQUE KEYS is not supported', node.span)
  const parts = node.entries.flatMap(({ key, value }) => [
    coerceExplicitly(settle(site.bind(key), site.context), types.text, key.span, site.context),
    jsonValue(value, site),
  ])
  return kernelCall('JsonObject', parts, types.json, node.span, { label: 'json_object' })
}

function bindJsonArray(node: ast.JsonArray, site: Site): Expression {
  refuseJsonOptions(node)
  const items = node.items.map((item) => jsonValue(item, site))
  const { span } = node
  if (!node.absentOnNull || !items.some(isNullable)) {
    return kernelCall('JsonArray', items, types.json, span, { label: 'json_array' })
  }
  // Nulls are left out, which the text of an array shows most simply.
  const inside = kernelCall('ConcatWs', [textLiteral(',', span), ...items], types.text, span)
  const parts = [textLiteral('[', span), inside, textLiteral(']', span)]
  return kernelCall('ConcatAll', parts, types.json, span, { label: 'json_array' })
}

function jsonValue(expression: ast.Expression, site: Site): Expression {
  return toJson(settle(site.bind(expression), site.context))
}

function refuseJsonOptions(node: ast.JsonObject | ast.JsonArray): void {
  if (node.kind === 'json_object' && node.absentOnNull)
    throw featureNotSupported('ABSENT ON NULL is not supported', node.span)
  if (node.returning && !/^jsonb?$/.test(node.returning.name)) {
    throw featureNotSupported(
      'RETURNING of another type than json is not supported',
      node.returning.span,
    )
  }
}
