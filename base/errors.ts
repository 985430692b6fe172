// Named constructors of the mistakes that several folders report. Each writes its message once, so
// that the same mistake reads the same everywhere.
import { EngineError } from './engine-error.ts'
import type { Span } from './span.ts'

/** `text` is the offending token as written; undefined at the end of the input. */
export function syntaxError(text: string | undefined, span: Span, hint?: string): EngineError {
  const message =
    text === undefined ? 'syntax error at end of input' : `syntax error at or near "${text}"`
  return new EngineError('syntax_error', {
    message,
    span,
    ...(hint !== undefined && { hint }),
    ...(text === undefined && { incomplete: true }),
  })
}

/** `message` is the whole clause: `window functions are not supported`. */
export function featureNotSupported(message: string, span?: Span, hint?: string): EngineError {
  return new EngineError('feature_not_supported', {
    message,
    ...(span && { span }),
    ...(hint !== undefined && { hint }),
  })
}

/** `name` resolves to nothing in scope. `candidates` are the columns that are. */
export function undefinedColumn(
  name: string,
  span: Span,
  candidates: readonly string[] = [],
): EngineError {
  const hint = didYouMean(name, candidates)
  return new EngineError('undefined_column', {
    message: `column "${name}" does not exist`,
    span,
    ...hint,
  })
}

export function undefinedTable(
  name: string,
  span: Span,
  candidates: readonly string[] = [],
): EngineError {
  const hint = didYouMean(name, candidates)
  return new EngineError('undefined_table', {
    message: `relation "${name}" does not exist`,
    span,
    ...hint,
  })
}

export function undefinedObject(
  kind: string,
  name: string,
  span: Span,
  candidates: readonly string[] = [],
): EngineError {
  const hint = didYouMean(name, candidates)
  return new EngineError('undefined_object', {
    message: `${kind} "${name}" does not exist`,
    span,
    ...hint,
  })
}

export function ambiguousAlias(name: string, span: Span): EngineError {
  return new EngineError('ambiguous_alias', {
    message: `table name "${name}" specified more than once`,
    span,
  })
}

/** A named limit of the language was exceeded. */
export function statementTooComplex(limit: string, max: number, span: Span): EngineError {
  return new EngineError('statement_too_complex', {
    message: `${limit} exceeds the limit of ${String(max)}`,
    span,
    hint: 'Split the statement into several.',
  })
}

export function tooManyArguments(max: number, span: Span): EngineError {
  return new EngineError('too_many_arguments', {
    message: `calls can have at most ${String(max)} arguments`,
    span,
  })
}

/** What to show for anything thrown: an EngineError as it is, a bug as internal_error. */
export function asEngineError(thrown: unknown): EngineError {
  if (thrown instanceof EngineError) return thrown
  if (isStackOverflow(thrown)) return stackOverflow(thrown)
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new EngineError('internal_error', {
    message,
    hint: 'This is a bug in Rowtine. Please report it, with the statement.',
    cause: thrown,
  })
}

/** Trees are walked by recursion: how high they may be depends on the stack, not on a count. */
function isStackOverflow(thrown: unknown): boolean {
  return thrown instanceof RangeError && thrown.message.includes('call stack')
}

function stackOverflow(cause: unknown): EngineError {
  return new EngineError('statement_too_complex', {
    message: 'the statement is too complex',
    detail: 'Its parts depend on each other in a chain that is too long.',
    hint: 'Split the statement into several.',
    cause,
  })
}

function didYouMean(name: string, candidates: readonly string[]): { hint: string } | undefined {
  const best = nearestName(name, candidates)
  return best === undefined ? undefined : { hint: `Did you mean "${best}"?` }
}

/** Returns the candidate that differs least from `name`, if it differs little. */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const farthest = Math.max(1, Math.floor(name.length / 3))
  let best: string | undefined
  let bestDistance = farthest + 1
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) > farthest) continue
    const distance = editDistance(name, candidate)
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}

/** Insertions, deletions, replacements and swaps of neighbours between two names. */
function editDistance(from: string, to: string): number {
  let beforePrevious: readonly number[] = []
  let previous: readonly number[] = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i += 1) {
    const current = [i]
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = (previous[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      const isSwap = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      const swapped = isSwap ? (beforePrevious[j - 2] ?? Infinity) + 1 : Infinity
      current.push(Math.min(replaced, swapped, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1))
    }
    beforePrevious = previous
    previous = current
  }
  return previous[to.length] ?? 0
}
