// The relation a change is made to: which of its columns may be given, what fills the others, and what
// a row must satisfy.
import type { ColumnSchema, RelationSchema } from '#base/schema'
import { EngineError } from '#base/engine-error'
import { featureNotSupported, undefinedColumn } from '#base/errors'
import type { Span } from '#base/span'
import type * as ast from '#sql/ast'
import type { Column, Expression, Insert } from '#sql/bound'
import { literal } from '#sql/functions/build'
import { resolvedType } from '#sql/functions/types'
import { coerceCondition, coerceForAssignment } from './coercion.ts'
import type { BindContext } from './context.ts'
import { rowTable } from './relation.ts'
import { scopeOf } from './scope.ts'

const systemNames = new Set(['seq', 'at', 'root', 'cause'])

/** seq, at, root and cause of an event relation: the engine fills them. */
export function isSystemColumn(relation: RelationSchema, column: ColumnSchema): boolean {
  return relation.kind !== 'table' && column.hidden === true && systemNames.has(column.name)
}

/** Positions that an insert gives values for, in native order. */
export function givenPositions(relation: RelationSchema): readonly number[] {
  return relation.columns.flatMap((column, position) =>
    column.virtual === undefined && !isSystemColumn(relation, column) ? [position] : [],
  )
}

export function columnAt(relation: RelationSchema, position: number): ColumnSchema {
  const column = relation.columns[position]
  if (column) return column
  throw new RangeError(`relation ${relation.name} has no column ${position}`)
}

/** The position of a column that a statement assigns to. Errors: 42703, 428C9, 0A000. */
export function assignable(relation: RelationSchema, { name, span }: ast.Identifier): number {
  const position = relation.columns.findIndex((column) => column.name === name)
  const column = relation.columns[position]
  if (!column) {
    const known = relation.columns.map((one) => one.name)
    throw withRelation(undefinedColumn(name, span, known), relation, name)
  }
  if (column.virtual !== undefined || isSystemColumn(relation, column)) {
    throw new EngineError('generated_always', {
      message: `column "${name}" of "${relation.name}" is made by the engine and cannot be given`,
      span,
    })
  }
  if (column.unsupported !== undefined) throw featureNotSupported(column.unsupported, span)
  return position
}

function withRelation(
  error: EngineError,
  { name: relation }: RelationSchema,
  name: string,
): EngineError {
  return error.with({ message: `column "${name}" of relation "${relation}" does not exist` })
}

/** A generated column, or an identity column that is always numbered by the engine. */
export function generatedAlways(column: ColumnSchema, span: Span): EngineError {
  return new EngineError('generated_always', {
    message: `cannot write a non-DEFAULT value into column "${column.name}"`,
    detail:
      column.generated === undefined
        ? `Column "${column.name}" is an identity column defined as GENERATED ALWAYS.`
        : `Column "${column.name}" is a generated column.`,
    ...(column.generated === undefined && {
      hint: 'Leave the column out, or write OVERRIDING SYSTEM VALUE.',
    }),
    span,
  })
}

/** What a column gets that nobody gave a value. */
export function defaultOf(
  context: BindContext,
  column: ColumnSchema,
  span: Span,
): Expression | 'identity' {
  if (column.identity !== undefined) return 'identity'
  if (column.default === undefined) return literal(null, resolvedType(column.type), span)
  const value = context.binders.text(context, column.default, undefined, span)
  return coerceForAssignment(value, column, context)
}

/** The expression of a generated column over the row that `columnOf` describes. */
export function generatedValue(
  context: BindContext,
  relation: RelationSchema,
  column: ColumnSchema,
  columnOf: (position: number) => Column,
  span: Span,
): Expression {
  const row = rowTable(context, relation, relation.name, columnOf)
  const value = context.binders.text(
    context,
    column.generated ?? 'null',
    scopeOf([row], undefined),
    span,
  )
  return coerceForAssignment(value, column, context)
}

/** The relation's check constraints over the row as it will be. */
export function bindChecks(
  context: BindContext,
  relation: RelationSchema,
  rowColumns: readonly Column[],
  span: Span,
): Insert['checks'] {
  const row = rowTable(context, relation, relation.name, rowAt(rowColumns))
  return relation.checks.map(({ name, condition }) => {
    const bound = context.binders.text(context, condition, scopeOf([row], undefined), span)
    return { name, condition: coerceCondition(bound, 'CHECK', context) }
  })
}

/** Looks the columns of a row up by their position. */
export function rowAt(columns: readonly Column[]): (position: number) => Column {
  return (position) => {
    const column = columns[position]
    if (column) return column
    throw new RangeError(`the row has no column ${position}`)
  }
}
