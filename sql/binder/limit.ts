// limit and offset: bigint expressions that read no column of the query they end.
import { EngineError } from '#base/engine-error'
import type * as ast from '#sql/ast'
import type { Expression, Plan, SortKey } from '#sql/bound'
import { types } from '#sql/functions/types'
import { tryCoerce } from './coercion.ts'
import type { BindContext } from './context.ts'
import { siteOf } from './expression.ts'
import { limitWithTies } from './limit-ties.ts'
import { scopeOf, type Scope } from './scope.ts'

export interface LimitPlace {
  readonly parent: Scope | undefined
  /** What the input is sorted by, for `with ties`. */
  readonly keys: readonly SortKey[]
}

export function bindLimit(
  context: BindContext,
  input: Plan,
  clause: ast.Limit | undefined,
  { parent, keys }: LimitPlace,
): Plan {
  if (!clause) return input
  if (clause.withTies && clause.count?.kind === 'null') {
    throw new EngineError('invalid_row_count_in_limit_clause', {
      message: 'row count cannot be null in FETCH FIRST ... WITH TIES clause',
      span: clause.count.span,
    })
  }
  const limit = clause.count && bindCount(context, clause.count, 'LIMIT', parent)
  const offset = clause.offset && bindCount(context, clause.offset, 'OFFSET', parent)
  if (!limit && !offset) return input
  if (clause.withTies && limit) return limitWithTies(context, { input, keys, limit, offset })
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
