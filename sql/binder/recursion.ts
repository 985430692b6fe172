// A recursive part of `with`: the rows of its first term, then those that its second finds from them,
// round by round. The first term decides the types.
import { sameType, typeName, type DataType } from '#base/data-type'
import { EngineError } from '#base/engine-error'
import type { Span } from '#base/span'
import type * as ast from '#sql/ast'
import type { Column } from '#sql/bound'
import { commonType } from '#sql/functions/common-type'
import type { AggregateCollector } from './grouping.ts'
import { checkColumnCount, renamed } from './common-table.ts'
import type { BindContext } from './context.ts'
import { scopeOf, type Cte, type Scope, type ScopeTable } from './scope.ts'
import { columnsAfter, readUntyped } from './set-operation.ts'
import type { Rows } from './site.ts'
import { withTypes } from './subquery.ts'

/** Errors: 42P19 for recursion without a meaning; 42804 where the second term changes a type. */
export function bindRecursion(
  context: BindContext,
  table: ast.CommonTable,
  { left, right, all, span }: ast.SetOperation,
  scope: Scope,
): Rows {
  const base = context.binders.query(context, asQuery(left), scope)
  checkColumnCount(table, base.columns)
  const columns = renamed(table, base.columns).map(({ name, type }) => context.column(name, type, true))
  const recursion: Cte = { id: context.cteId(), name: table.name, columns, readers: 0, isRound: true }
  const inside: Scope = { ...scopeOf([], scope), ctes: new Map([[table.name, recursion]]) }
  const found = context.binders.query(context, asQuery(right), inside)
  const step = readUntyped(context, found, base)
  checkTypes(table, base.columns, step.columns, left, span)
  const types = base.columns.map(({ type }) => type)
  const plan = withTypes(step, types, span, { context })
  return {
    plan: {
      kind: 'recursion',
      id: recursion.id,
      name: table.name,
      all,
      base: base.plan,
      step: plan,
      baseColumns: base.columns,
      stepColumns: columnsAfter(step, plan),
      columns,
    },
    columns,
  }
}

function asQuery(body: ast.QueryBody): ast.Query {
  const { span } = body
  return { kind: 'query', with: undefined, body, order: [], limit: undefined, locking: [], span }
}

function checkTypes(
  { name }: ast.CommonTable,
  base: readonly Column[],
  step: readonly Column[],
  left: ast.QueryBody,
  span: Span,
): void {
  if (base.length !== step.length) {
    throw new EngineError('syntax_error', {
      message: 'each UNION query must have the same number of columns',
      span,
    })
  }
  for (const [index, { type }] of base.entries()) {
    const other = step[index]?.type ?? type
    const overall = commonType(type, other)
    if (overall && sameType(overall, type)) continue
    throw new EngineError('datatype_mismatch', {
      message: overall
        ? `recursive query "${name}" column ${index + 1} has type ${typeName(type)} in non-recursive term but type ${typeName(overall)} overall`
        : `UNION types ${typeName(type)} and ${typeName(other)} cannot be matched`,
      span: itemSpan(left, index),
      ...(overall && { hint: hintFor(overall) }),
    })
  }
}

function hintFor(overall: DataType): string {
  return `Cast the output of the non-recursive term to the correct type: cast(… as ${typeName(overall)}).`
}

function itemSpan(left: ast.QueryBody, index: number): Span {
  const item = left.kind === 'select' ? left.items[index] : undefined
  return item?.span ?? left.span
}

/** Errors: 42P19 for an aggregate beside a recursive reference: a round is no group. */
export function refuseAggregatesOfRounds(
  { calls }: AggregateCollector,
  tables: readonly ScopeTable[],
): void {
  const [call] = calls
  if (!call || !tables.some(({ isRound }) => isRound === true)) return
  throw new EngineError('invalid_recursion', {
    message: "aggregate functions are not allowed in a recursive query's recursive term",
    span: call.span,
    hint: 'Aggregate in the query that reads the recursive one.',
  })
}
