// What the planner knows and cannot do yet is said in one way.
import { EngineError } from '#base/engine-error'
import type { Span } from '#base/span'

/** Errors: 0A000. `what` is a lowercase clause such as "a full join with a correlated side". */
export function notSupported(what: string, span?: Span): EngineError {
  return new EngineError('feature_not_supported', {
    message: `${what} is not supported`,
    ...(span && { span }),
  })
}
