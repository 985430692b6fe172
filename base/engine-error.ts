// The one error class for mistakes in a user's input, data or environment, and the report drawn
// from it. Bugs are `invariant` failures, never this class.
import { sqlState, type Condition } from './sql-state.gen.ts'
import { renderSpan, type Source } from './source.ts'
import type { Span } from './span.ts'

export type { Condition } from './sql-state.gen.ts'

/** A second place or fact that belongs to the report. */
export interface Note {
  readonly message: string
  readonly span?: Span
}

export interface ErrorParts {
  /** What is wrong, one lowercase clause, no full stop, no advice. */
  readonly message: string
  /** More facts, in sentences. */
  readonly detail?: string
  /** What to do about it, in sentences. */
  readonly hint?: string
  /** Where in the source the mistake is. */
  readonly span?: Span
  /** Other places that matter: where it was declared, what it collides with. */
  readonly notes?: readonly Note[]
  /** The text is right as far as it goes and merely ends too early: a REPL asks for more. */
  readonly incomplete?: boolean
  readonly cause?: unknown
}

/** What crosses the wire: no functions, no cause. */
export interface ErrorReport {
  readonly severity: 'ERROR'
  readonly code: string
  readonly condition: Condition
  readonly message: string
  readonly detail?: string
  readonly hint?: string
  readonly span?: Span
  readonly notes?: readonly Note[]
}

export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly condition: Condition
  /** SQLSTATE, five characters. */
  readonly code: string
  readonly parts: ErrorParts

  constructor(condition: Condition, parts: ErrorParts) {
    super(parts.message, { cause: parts.cause })
    this.condition = condition
    this.code = sqlState[condition]
    this.parts = parts
  }

  /** The whole report a person reads: headline, source with carets, detail, hint, notes. */
  render(source: Source): string {
    const { message, span, detail, hint, notes } = this.parts
    const sections = [`error[${this.code}]: ${message}`]
    if (span) sections.push(renderSpan(source, span))
    if (detail !== undefined) sections.push(`detail: ${detail}`)
    if (hint !== undefined) sections.push(`hint: ${hint}`)
    for (const note of notes ?? []) {
      sections.push(`note: ${note.message}`)
      if (note.span) sections.push(renderSpan(source, note.span))
    }
    return sections.join('\n')
  }

  toJSON(): ErrorReport {
    const { message, detail, hint, span, notes } = this.parts
    return {
      severity: 'ERROR',
      code: this.code,
      condition: this.condition,
      message,
      ...(detail !== undefined && { detail }),
      ...(hint !== undefined && { hint }),
      ...(span && { span }),
      ...(notes && { notes }),
    }
  }

  /** The same mistake with more said about it, as it is handed up. */
  with(more: Partial<ErrorParts>): EngineError {
    return new EngineError(this.condition, { ...this.parts, ...more, cause: more.cause ?? this })
  }
}
