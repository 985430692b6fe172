// Binds the expressions of a new table as they will be bound at every insert: a default that does not
// fit its column, or a check that names a column that is not there, is refused now.
import type { RelationSchema } from '#base/schema'
import { EngineError } from '#base/engine-error'
import { featureNotSupported } from '#base/errors'
import type * as ast from '#sql/ast'
import type { Expression, RelationDraft } from '#sql/bound'
import { coerceForAssignment } from './coercion.ts'
import type { BindContext } from './context.ts'
import { bindCondition, siteOf } from './expression.ts'
import { walkExpression } from '../expression-tree.ts'
import { rowColumnsOf, rowTable } from './relation.ts'
import { scopeOf, type Scope } from './scope.ts'
import { columnAt, rowAt } from './target.ts'

export function validateExpressions(
  context: BindContext,
  draft: RelationDraft,
  elements: readonly ast.TableElement[],
): void {
  // Nothing here asks for the number that the catalog will give it.
  const relation: RelationSchema = { ...draft, id: 0 }
  const row = rowTable(context, relation, draft.name, rowAt(rowColumnsOf(context, relation)))
  const scope = scopeOf([row], undefined)
  for (const element of elements) {
    if (element.kind === 'check') bindCheck(context, element, scope)
    if (element.kind !== 'column_definition') continue
    const position = draft.columns.findIndex(({ name }) => name === element.name.name)
    for (const constraint of element.constraints) {
      if (constraint.kind === 'check') bindCheck(context, constraint, scope)
      if (constraint.kind === 'default_value')
        bindDefault(context, constraint, columnAt(relation, position))
      if (constraint.kind === 'generated')
        bindGenerated(context, constraint, columnAt(relation, position), relation, scope)
    }
  }
}

type Column = ReturnType<typeof columnAt>

function bindCheck(context: BindContext, { condition }: ast.CheckConstraint, scope: Scope): void {
  const bound = bindCondition(condition, siteOf(context, scope, 'CHECK'))
  refuseSubqueries(bound, 'check constraints')
}

function bindDefault(
  context: BindContext,
  { expression }: ast.DefaultConstraint,
  column: Column,
): void {
  if (column.identity !== undefined || column.generated !== undefined) {
    throw new EngineError('syntax_error', {
      message: `both default and ${column.identity === undefined ? 'generation expression' : 'identity'} specified for column "${column.name}"`,
      span: expression.span,
    })
  }
  const site = siteOf(context, scopeOf([], undefined), 'DEFAULT')
  refuseSubqueries(coerceForAssignment(site.bind(expression), column, context), 'defaults')
}

function bindGenerated(
  context: BindContext,
  { expression }: ast.GeneratedConstraint,
  column: Column,
  relation: RelationDraft,
  scope: Scope,
): void {
  const bound = coerceForAssignment(
    siteOf(context, scope, 'GENERATED').bind(expression),
    column,
    context,
  )
  refuseSubqueries(bound, 'generated columns')
  for (const node of walkExpression(bound)) {
    if (node.kind === 'call' && node.volatility !== 'immutable') {
      throw new EngineError('invalid_object_definition', {
        message: 'generation expression is not immutable',
        span: node.span,
      })
    }
    const read =
      node.kind === 'column'
        ? relation.columns.find(({ name }) => name === node.column.name)
        : undefined
    if (read?.generated !== undefined || read?.identity !== undefined) {
      throw featureNotSupported(
        'a generated column that reads an identity or generated column is not supported',
        node.span,
      )
    }
  }
}

function refuseSubqueries(bound: Expression, place: string): void {
  for (const node of walkExpression(bound)) {
    if (node.kind === 'subquery')
      throw featureNotSupported(`subqueries in ${place} are not supported`, node.span)
  }
}
