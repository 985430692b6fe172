// `set` of update and on conflict: values for columns, generated columns recomputed from them.
import type { RelationSchema } from '#base/schema'
import { EngineError } from '#base/engine-error'
import { featureNotSupported } from '#base/errors'
import type { Span } from '#base/span'
import type * as ast from '#sql/ast'
import type { Column, ColumnId, Expression, Update } from '#sql/bound'
import { coerceForAssignment } from './coercion.ts'
import type { BindContext } from './context.ts'
import { siteOf } from './expression.ts'
import { substitute } from './rewrite.ts'
import type { Scope } from './scope.ts'
import type { Site } from './site.ts'
import { assignable, columnAt, defaultOf, generatedAlways, generatedValue } from './target.ts'

interface Assignment {
  readonly column: ast.Identifier
  readonly value: ast.Expression
}

/** What the clauses set; generated columns are not among them. */
export function bindSet(
  context: BindContext,
  relation: RelationSchema,
  clauses: readonly ast.SetClause[],
  scope: Scope,
): Update['set'] {
  const site = siteOf(context, scope, 'SET')
  const set = clauses.flatMap(assignmentsOf).map(({ column, value }) => {
    const position = assignable(relation, column)
    return { position, value: bindValue(relation, position, value, site), column }
  })
  set.forEach(({ position, column }, index) => {
    if (set.findIndex((other) => other.position === position) === index) return
    throw new EngineError('syntax_error', {
      message: `multiple assignments to same column "${column.name}"`,
      span: column.span,
    })
  })
  return set.map(({ position, value }) => ({ position, value }))
}

function assignmentsOf(clause: ast.SetClause): readonly Assignment[] {
  if (clause.kind === 'set_column') return [clause]
  const { columns, value } = clause
  if (value.kind !== 'row')
    throw featureNotSupported(
      'setting several columns from a subquery is not supported',
      value.span,
    )
  if (value.items.length !== columns.length) {
    throw new EngineError('syntax_error', {
      message: 'number of columns does not match number of values',
      span: clause.span,
    })
  }
  return columns.map((column, index) => ({ column, value: value.items[index] ?? value }))
}

function bindValue(
  relation: RelationSchema,
  position: number,
  value: ast.Expression,
  site: Site,
): Expression {
  const schema = columnAt(relation, position)
  const isDefault = value.kind === 'default'
  if (schema.generated !== undefined || (schema.identity === 'always' && !isDefault)) {
    throw generatedAlways(schema, value.span)
  }
  if (!isDefault) return coerceForAssignment(site.bind(value), schema, site.context)
  const chosen = defaultOf(site.context, schema, value.span)
  if (chosen === 'identity')
    throw featureNotSupported('setting an identity column to DEFAULT is not supported', value.span)
  return chosen
}

export function hasGenerated({ columns }: RelationSchema): boolean {
  return columns.some(({ generated }) => generated !== undefined)
}

/**
 * Generated columns over the new values where there are some, the old ones elsewhere. The new values
 * are repeated in them, so whoever sets more than columns and constants computes those first.
 */
export function recomputed(
  context: BindContext,
  relation: RelationSchema,
  set: Update['set'],
  existing: (position: number) => Column,
  span: Span,
): Update['set'] {
  return relation.columns.flatMap((schema, position) => {
    if (schema.generated === undefined) return []
    const value = generatedValue(context, relation, schema, existing, span)
    const changed = new Map<ColumnId, Expression>(
      set.map((one) => [existing(one.position).id, one.value]),
    )
    return [{ position, value: substitute(value, changed) }]
  })
}
