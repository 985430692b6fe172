// Conditions as exception handlers and raise name them → SQLSTATEs.
import { EngineError } from '#base/engine-error'
import { undefinedObject } from '#base/errors'
import { sqlState } from '#base/sql-state.gen'
import type * as ast from '#sql/ast'

/** What one handler catches. */
export function statesOf(
  conditions: readonly ast.HandlerCondition[],
): readonly string[] | 'others' {
  const states = conditions.map(stateOf)
  return states.includes('others') ? 'others' : states
}

/** The SQLSTATE of a condition by name or by state. Errors: 42704. */
export function stateOf(condition: ast.HandlerCondition): string {
  if (condition.kind === 'sqlstate') {
    if (/^[0-9A-Z]{5}$/.test(condition.state)) return condition.state
    throw new EngineError('syntax_error', {
      message: `invalid SQLSTATE "${condition.state}"`,
      span: condition.span,
    })
  }
  if (condition.name === 'others') return 'others'
  const known: Readonly<Record<string, string>> = sqlState
  const state = known[condition.name]
  if (state !== undefined) return state
  throw undefinedObject('condition', condition.name, condition.span, Object.keys(known))
}
