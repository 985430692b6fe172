// Where a piece of text stands in its source. Offsets count UTF-16 code units, as JavaScript does.

export interface Span {
  readonly start: number
  /** One past the last code unit. */
  readonly end: number
}

/** The smallest span that covers both. */
export function covering(first: Span, last: Span): Span {
  return { start: Math.min(first.start, last.start), end: Math.max(first.end, last.end) }
}

/** An empty span: where something is missing. */
export function pointAt(offset: number): Span {
  return { start: offset, end: offset }
}

/** Moves a span that was measured inside a slice starting at `offset`. */
export function shifted(span: Span, offset: number): Span {
  return { start: span.start + offset, end: span.end + offset }
}
