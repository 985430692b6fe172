// Select lists and returning lists: stars expanded, every item named as PostgreSQL names it.
import { EngineError } from '#base/engine-error'
import type { Span } from '#base/span'
import type * as ast from '#sql/ast'
import type { Expression } from '#sql/bound'
import { settle, tryCoerce } from './coercion.ts'
import { findTable } from './scope.ts'
import type { Expected, Site } from './site.ts'

/** Columns of a select list, stars expanded, and of a row of values. */
export const kOutputColumnsMax = 16_384

export interface OutputItem {
  readonly name: string
  readonly expression: Expression
  /** An aggregate occurs in it. */
  readonly hasAggregate: boolean
}

/** `expected` types, by position, are what untyped literals become. */
export function expandItems(
  items: readonly ast.SelectItem[],
  site: Site,
  expected: Expected = [],
): readonly OutputItem[] {
  const made: OutputItem[] = []
  for (const item of items) {
    // One by one: as arguments of a single call they could be more than the stack holds.
    if (item.expression.kind === 'star')
      for (const column of expandStar(item.expression, site)) made.push(column)
    else made.push(bindItem(item, site, expected[made.length]))
    if (made.length > kOutputColumnsMax) throw tooManyColumns(item.expression.span)
  }
  return made
}

export function tooManyColumns(span: Span): EngineError {
  return new EngineError('too_many_columns', {
    message: `rows of a query can have at most ${kOutputColumnsMax} columns`,
    span,
  })
}

function bindItem(item: ast.SelectItem, site: Site, expected: Expected[number]): OutputItem {
  const { context } = site
  const before = site.aggregates?.uses ?? 0
  const bound = site.bind(item.expression)
  const isTyped = bound.type.kind !== 'unknown' || expected === undefined
  const expression = isTyped
    ? settle(bound, context)
    : (tryCoerce(bound, expected, 'assignment', context) ?? bound)
  const hasAggregate = (site.aggregates?.uses ?? 0) > before
  return { name: item.alias ?? outputName(item.expression), expression, hasAggregate }
}

function expandStar({ schema, table, span }: ast.Star, { scope }: Site): OutputItem[] {
  const columns = table === undefined ? scope.visible : findTable(scope, table, schema)?.columns
  if (!columns) {
    throw new EngineError('undefined_table', {
      message: `missing FROM-clause entry for table "${table ?? ''}"`,
      span,
    })
  }
  if (table === undefined && scope.tables.length === 0) {
    throw new EngineError('syntax_error', {
      message: 'SELECT * with no tables specified is not valid',
      span,
    })
  }
  return columns
    .filter(({ hidden }) => !hidden)
    .map(({ name, reference }) => ({ name, expression: reference(span), hasAggregate: false }))
}

/** What PostgreSQL calls a column that has no alias. */
function outputName(expression: ast.Expression): string {
  switch (expression.kind) {
    case 'column':
      return expression.name
    case 'call':
      return expression.function.name
    case 'cast':
      return innerName(expression.operand) ?? expression.type.name
    case 'typed_literal':
      return expression.type.name
    case 'case':
      return (expression.otherwise && innerName(expression.otherwise)) ?? 'case'
    case 'niladic':
      return expression.name
    case 'extract':
    case 'exists':
    case 'json_object':
    case 'json_array':
    case 'json_objectagg':
    case 'json_arrayagg':
      return expression.kind
    case 'boolean':
      return 'bool'
    case 'subquery':
      return subqueryName(expression.query) ?? '?column?'
    case 'collate':
      return outputName(expression.operand)
    default:
      return '?column?'
  }
}

function innerName(expression: ast.Expression): string | undefined {
  const name = outputName(expression)
  return name === '?column?' ? undefined : name
}

function subqueryName({ body }: ast.Query): string | undefined {
  const item = body.kind === 'select' ? body.items[0] : undefined
  return item && (item.alias ?? innerName(item.expression))
}
