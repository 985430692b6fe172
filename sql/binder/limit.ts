// limit and offset: bigint expressions that read no column of the query they end.
import { featureNotSupported } from '#base/errors'
import { EngineError } from '#base/engine-error'
import type * as ast from '#sql/ast'
import type { Expression, Plan } from '#sql/bound'
import { types } from '#sql/functions/types'
import { tryCoerce } from './coercion.ts'
import type { BindContext } from './context.ts'
import { siteOf } from './expression.ts'
import { scopeOf, type Scope } from './scope.ts'

export function bindLimit(
  context: BindContext,
  input: Plan,
  clause: ast.Limit | undefined,
  parent: Scope | undefined,
): Plan {
  if (!clause) return input
  if (clause.withTies) throw featureNotSupported('FETCH … WITH TIES is not supported', clause.span)
  const limit = clause.count && bindCount(context, clause.count, 'LIMIT', parent)
  const offset = clause.offset && bindCount(context, clause.offset, 'OFFSET', parent)
  if (!limit && !offset) return input
  return { kind: 'limit', input, limit, offset }
}

const negativeCount = {
  LIMIT: 'invalid_row_count_in_limit_clause',
  OFFSET: 'invalid_row_count_in_result_offset_clause',
} as const

function bindCount(
  context: BindContext,
  expression: ast.Expression,
  name: 'LIMIT' | 'OFFSET',
  parent: Scope | undefined,
): Expression {
  const site = siteOf(context, scopeOf([], parent), name)
  const bound = tryCoerce(site.bind(expression), types.bigint, 'assignment', context)
  if (!bound || bound.type.kind !== 'bigint') {
    throw new EngineError('datatype_mismatch', {
      message: `argument of ${name} must be type bigint`,
      span: expression.span,
    })
  }
  if (bound.kind === 'literal' && typeof bound.value === 'bigint' && bound.value < 0n) {
    throw new EngineError(negativeCount[name], {
      message: `${name} must not be negative`,
      span: expression.span,
    })
  }
  return bound
}
