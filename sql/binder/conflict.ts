// on conflict: the index that is meant, and the update of the row already there.
import type { RelationSchema } from '#base/schema'
import { EngineError } from '#base/engine-error'
import { featureNotSupported, undefinedObject } from '#base/errors'
import type * as ast from '#sql/ast'
import type { Span } from '#base/span'
import type { Column, Insert, Update } from '#sql/bound'
import { bindSet, hasGenerated, recomputed } from './assignment.ts'
import type { BindContext } from './context.ts'
import { bindCondition, siteOf } from './expression.ts'
import { walkExpression } from '../expression-tree.ts'
import { rowColumnsOf, rowTable } from './relation.ts'
import { scopeOf, type Scope } from './scope.ts'
import { rowAt } from './target.ts'

export function bindConflict(
  context: BindContext,
  relation: RelationSchema,
  alias: string,
  { target, action, span }: ast.Conflict,
  parent: Scope | undefined,
): Insert['conflict'] {
  if (relation.kind !== 'table') {
    throw new EngineError('wrong_object_type', {
      message: `ON CONFLICT needs a table, and "${relation.name}" is a ${relation.kind} relation`,
      span,
    })
  }
  const index = target && conflictIndex(relation, target)
  if (action.kind === 'nothing') return { action: 'nothing', index }
  if (index === undefined) {
    throw new EngineError('syntax_error', {
      message: 'ON CONFLICT DO UPDATE requires a conflict target',
      span,
      hint: 'Name the key: ON CONFLICT (column) DO UPDATE ….',
    })
  }
  const existing = rowColumnsOf(context, relation)
  const excluded = rowColumnsOf(context, relation)
  const row = rowTable(context, relation, alias, rowAt(existing))
  const proposed = rowTable(context, relation, 'excluded', rowAt(excluded))
  // Unqualified names mean the row already there; the proposed one is always called excluded.
  const scope = scopeOf([row, proposed], parent, row.columns)
  const set = bindSet(context, relation, action.set, scope)
  const generated = recomputedInPlace(context, relation, set, existing, span)
  const where = action.where && bindCondition(action.where, siteOf(context, scope, 'WHERE'))
  return { action: 'update', index, existing, excluded, set: [...set, ...generated], where }
}

/** There is no row below a conflict in which the new values could be computed once. */
function recomputedInPlace(
  context: BindContext,
  relation: RelationSchema,
  set: Update['set'],
  existing: readonly Column[],
  span: Span,
): Update['set'] {
  if (!hasGenerated(relation)) return []
  const repeatable = set.every(({ value }) =>
    [...walkExpression(value)].every(
      (node) =>
        node.kind !== 'subquery' && !(node.kind === 'call' && node.volatility === 'volatile'),
    ),
  )
  if (repeatable) return recomputed(context, relation, set, rowAt(existing), span)
  throw featureNotSupported(
    'ON CONFLICT DO UPDATE with subqueries or volatile functions on a table with generated columns is not supported',
    span,
  )
}

function conflictIndex(relation: RelationSchema, target: ast.ConflictTarget): number {
  if (target.kind === 'constraint') {
    const named = relation.indexes.findIndex(({ name, unique }) => unique && name === target.name)
    if (named >= 0) return named
    throw undefinedObject(
      'constraint',
      target.name,
      target.span,
      relation.indexes.map(({ name }) => name),
    )
  }
  if (target.where)
    throw featureNotSupported('a conflict target with WHERE is not supported', target.where.span)
  const wanted = target.elements.map(({ expression }) => {
    if (expression.kind !== 'column')
      throw featureNotSupported(
        'a conflict target of expressions is not supported',
        expression.span,
      )
    return relation.columns.findIndex(({ name }) => name === expression.name)
  })
  const found = relation.indexes.findIndex(
    ({ unique, columns }) =>
      unique &&
      columns.length === new Set(wanted).size &&
      columns.every((column) => wanted.includes(column)),
  )
  if (found >= 0) return found
  throw new EngineError('invalid_column_reference', {
    message: 'there is no unique or exclusion constraint matching the ON CONFLICT specification',
    span: target.span,
  })
}
