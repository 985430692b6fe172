// Calls by name: functions of the catalogue, and aggregates, which leave a column behind for the
// aggregation to fill.
import { EngineError } from '#base/engine-error'
import { featureNotSupported } from '#base/errors'
import type { Span } from '#base/span'
import type * as ast from '#sql/ast'
import type { Expression } from '#sql/bound'
import { aggregateOverloads, type AggregateOverload } from '#sql/functions/aggregates'
import { columnExpression } from '#sql/functions/build'
import { toJson } from '#sql/functions/json-functions'
import { types } from '#sql/functions/types'
import { windowOverloads } from '#sql/functions/window-functions'
import { bindFunction, chooseAggregate } from './call.ts'
import { coerceCondition, coerceImplicitly, settle } from './coercion.ts'
import type { CollectedCall } from './ordered-set.ts'
import type { Site } from './site.ts'
import { sortKey } from './sort-key.ts'
import { bindWindowCall } from './window-call.ts'
import { windowingError } from './window-scope.ts'

/** Set-returning functions stand in `from`. */
const setReturning = new Set([
  'generate_series',
  'unnest',
  'json_array_elements',
  'jsonb_array_elements',
  'regexp_split_to_table',
])
export function bindCall(node: ast.Call, site: Site): Expression {
  refuseForms(node)
  const { name } = node.function
  if (name === 'grouping') return bindGroupingCall(node, site)
  if (node.over) return bindWindowCall({ ...partsOf(node), over: node.over }, site)
  const overloads = aggregateOverloads(name)
  if (overloads) return bindAggregate(partsOf(node), overloads, site)
  if (windowOverloads(name))
    throw windowingError(`window function ${name} requires an OVER clause`, node.span)
  refuseAggregateForms(node)
  const operands = node.arguments.map(({ value }) => site.bind(value))
  return bindFunction(name, operands, node.span, site.context)
}

const groupingOperandsMax = 31

/** The arguments are bound like group by's; the groups decide later whether they are among them. */
function bindGroupingCall({ arguments: list, span }: ast.Call, site: Site): Expression {
  const { context, aggregates, clause } = site
  if (!aggregates) {
    const message =
      clause === 'aggregate'
        ? 'aggregate function calls cannot be nested'
        : `grouping operations are not allowed in ${clause}`
    throw new EngineError('grouping_error', { message, span })
  }
  if (list.length > groupingOperandsMax) {
    const message = `GROUPING must have fewer than ${String(groupingOperandsMax + 1)} arguments`
    throw new EngineError('too_many_arguments', { message, span })
  }
  const inside = site.inside('aggregate')
  const operands = list.map(({ value }) => settle(inside.bind(value), context))
  const column = context.column('grouping', types.integer, false)
  aggregates.addGrouping({ column, operands, span })
  return columnExpression(column, span)
}

function refuseForms(node: ast.Call): void {
  const { schema, name, span } = node.function
  refuseOrderedSet(node)
  if (node.variadic) throw featureNotSupported('VARIADIC arguments are not supported', node.span)
  if (schema !== undefined && schema !== 'pg_catalog') {
    throw new EngineError('undefined_function', {
      message: `function ${schema}.${name} does not exist`,
      span,
    })
  }
  const named = node.arguments.find((argument) => argument.name !== undefined)
  if (named) throw featureNotSupported('named arguments are not supported', named.span)
  if (setReturning.has(name)) {
    throw featureNotSupported(
      'set-returning functions outside FROM are not supported',
      node.span,
      'Call it in FROM, with LATERAL if it reads other tables.',
    )
  }
}

/** Aggregates whose values stand in `within group (order by …)`. */
const orderedSets = new Set(['percentile_cont', 'percentile_disc', 'mode'])

function refuseOrderedSet(node: ast.Call): void {
  const [first, second] = node.withinGroup
  const { name } = node.function
  if (!orderedSets.has(name)) {
    if (first) throw featureNotSupported(`WITHIN GROUP of ${name} is not supported`, first.span)
    return
  }
  if (!first) {
    throw new EngineError('wrong_object_type', {
      message: `WITHIN GROUP is required for ordered-set aggregate ${name}`,
      span: node.span,
      hint: `Write ${name}(${name === 'mode' ? '' : '0.5'}) within group (order by x).`,
    })
  }
  const extra = second?.span ?? (node.distinct || node.order.length > 0 ? node.span : undefined)
  if (extra) throw featureNotSupported(`${name} of this form is not supported`, extra)
  if (first.descending && name === 'percentile_cont') {
    throw featureNotSupported(
      `${name} of a descending order is not supported`,
      first.span,
      'One minus the fraction of the ascending order is the same.',
    )
  }
}

function refuseAggregateForms(node: ast.Call): void {
  const { name, span } = node.function
  const form = node.star
    ? '*'
    : node.distinct
      ? 'DISTINCT'
      : node.filter
        ? 'FILTER'
        : node.order.length > 0
          ? 'ORDER BY'
          : undefined
  if (form === undefined) return
  throw new EngineError('wrong_object_type', {
    message: `${form} specified, but ${name} is not an aggregate function`,
    span,
  })
}

interface AggregateParts {
  readonly name: string
  readonly arguments: readonly ast.Expression[]
  readonly distinct: boolean
  readonly filter: ast.Expression | undefined
  readonly order: readonly ast.SortItem[]
  readonly span: Span
}

function partsOf(node: ast.Call): AggregateParts {
  const { name } = node.function
  if (node.arguments.length === 0 && !node.star && name === 'count') {
    throw new EngineError('wrong_object_type', {
      message: 'count(*) must be used to call a parameterless aggregate function',
      span: node.span,
    })
  }
  return {
    name,
    arguments: [
      ...node.withinGroup.map(({ expression }) => expression),
      ...node.arguments.map(({ value }) => value),
    ],
    distinct: node.distinct,
    filter: node.filter,
    order: node.withinGroup.length > 0 && name !== 'percentile_cont' ? node.withinGroup : node.order,
    span: node.span,
  }
}

/** json_objectagg(k: v) and json_arrayagg(v), SQL's spelling of the json aggregates. */
export function bindAggregateNode(
  node: ast.JsonObjectAggregate | ast.JsonArrayAggregate,
  site: Site,
): Expression {
  if (node.kind === 'json_objectagg') {
    if (node.absentOnNull || node.uniqueKeys)
      throw featureNotSupported('options of json_objectagg are not supported', node.span)
    const parts = { name: node.kind, arguments: [node.entry.key, node.entry.value], order: [] }
    return bindParts(
      { ...parts, distinct: false, filter: node.filter, span: node.span },
      node.over,
      site,
    )
  }
  const parts = {
    name: node.kind,
    arguments: [node.value],
    distinct: false,
    order: node.order,
    span: node.span,
  }
  const absent: ast.Expression = {
    kind: 'is',
    test: 'null',
    negated: true,
    operand: node.value,
    span: node.span,
  }
  const filter = !node.absentOnNull ? node.filter : and(node.filter, absent)
  return bindParts({ ...parts, filter }, node.over, site)
}

function bindParts(
  parts: AggregateParts,
  over: ast.WindowSpecification | undefined,
  site: Site,
): Expression {
  if (over) return bindWindowCall({ ...parts, over }, site)
  return bindAggregate(parts, aggregateOverloads(parts.name) ?? [], site)
}

function and(left: ast.Expression | undefined, right: ast.Expression): ast.Expression {
  return left ? { kind: 'and', operands: [left, right], span: right.span } : right
}

function bindAggregate(
  parts: AggregateParts,
  overloads: readonly AggregateOverload[],
  site: Site,
): Expression {
  const { context, aggregates } = site
  if (!aggregates) throw misplaced(parts, site)
  const inside: Site = site.inside('aggregate')
  const given = parts.arguments.map((argument, index) => {
    const bound = inside.bind(argument)
    // The fraction is a number, whatever an untyped literal is elsewhere.
    const isFraction = index === 1 && orderedSets.has(parts.name) && bound.type.kind === 'unknown'
    return isFraction ? coerceImplicitly(bound, types.double, context) : settle(bound, context)
  })
  const { overload, operands } = chooseAggregate(parts.name, overloads, given, parts.span, context)
  const call: Omit<CollectedCall, 'column'> = {
    function: overload.function,
    arguments: operands.map((operand, index) =>
      overload.json.includes(index) ? toJson(operand) : operand,
    ),
    distinct: parts.distinct,
    filter: parts.filter && coerceCondition(inside.bind(parts.filter), 'FILTER', context),
    order: parts.order.map((item) => sortKey(item, inside.bind(item.expression))),
    span: parts.span,
  }
  const result = overload.result(operands[0]?.type ?? { kind: 'bigint' })
  const column = aggregates.add(call, () =>
    context.column(parts.name, result, overload.nullWhenEmpty),
  )
  return columnExpression(column, parts.span)
}

function misplaced({ name, span }: AggregateParts, { clause }: Site): EngineError {
  const message =
    clause === 'aggregate'
      ? 'aggregate function calls cannot be nested'
      : `aggregate functions are not allowed in ${clause}`
  return new EngineError('grouping_error', {
    message,
    span,
    detail: `"${name}" is an aggregate function.`,
  })
}
