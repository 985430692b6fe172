// A named text and its positions as people count them: lines and columns from 1, and the drawing of
// carets under a span, aligned also below tabs and characters that are two cells wide.
import type { Span } from './span.ts'

export interface Source {
  /** File name, or `query`. */
  readonly name: string
  readonly text: string
}

export interface Position {
  /** From 1. */
  readonly line: number
  /** From 1, in characters (code points). */
  readonly column: number
}

/** Longest piece of a line that a report shows; generated SQL may be one line of megabytes. */
const kExcerptCharactersMax = 160
/** How much of a long line is shown before the span. */
const kExcerptCharactersBefore = 60

/** Returns the line and column of an offset; offsets past the end are the end. */
export function positionAt(text: string, offset: number): Position {
  const end = Math.min(offset, text.length)
  let line = 1
  let lineStart = 0
  for (
    let next = text.indexOf('\n');
    next !== -1 && next < end;
    next = text.indexOf('\n', next + 1)
  ) {
    line += 1
    lineStart = next + 1
  }
  return { line, column: [...text.slice(lineStart, end)].length + 1 }
}

/**
 * Draws the place, its first line and carets:
 *
 *     --> query:1:8
 *    1 | select sue from events
 *      |        ^^^
 */
export function renderSpan(source: Source, span: Span): string {
  const { line, column } = positionAt(source.text, span.start)
  const excerpt = excerptAt(source.text, span)
  const number = String(line)
  const gutter = ' '.repeat(number.length)
  return [
    `${gutter}--> ${source.name}:${number}:${String(column)}`,
    `${number} | ${excerpt.line}`,
    `${gutter} | ${excerpt.carets}`,
  ].join('\n')
}

interface Excerpt {
  readonly line: string
  readonly carets: string
}

/** A span over several lines is marked to the end of its first line. */
function excerptAt(text: string, span: Span): Excerpt {
  const start = Math.min(span.start, text.length)
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const newline = text.indexOf('\n', start)
  const lineEnd = newline === -1 ? text.length : newline
  const from =
    lineEnd - lineStart > kExcerptCharactersMax
      ? Math.max(lineStart, start - kExcerptCharactersBefore)
      : lineStart
  const to = Math.min(lineEnd, from + kExcerptCharactersMax)
  const head = from > lineStart ? '…' : ''
  const tail = to < lineEnd ? '…' : ''
  const line = (head + text.slice(from, to) + tail).replace(/\r$/, '')
  const marked = text.slice(start, Math.max(start, Math.min(span.end, to)))
  const padding = blanks(head + text.slice(from, start))
  return { line, carets: padding + '^'.repeat(Math.max(1, cellsOf(marked))) }
}

/** Blanks as wide as `text`; tabs stay tabs, so that they stop where the line's own tabs do. */
function blanks(text: string): string {
  let out = ''
  for (const character of text) out += character === '\t' ? '\t' : ' '.repeat(cellsOf(character))
  return out
}

function cellsOf(text: string): number {
  let cells = 0
  for (const character of text) cells += cellWidth(character)
  return cells
}

const kZeroWidth = /^[\p{Mn}\p{Me}\p{Cf}]$/u
/** East Asian Wide and Fullwidth (UAX 11), and emoji: two cells in every terminal that matters. */
const kWide = new RegExp(
  '^(?:[' +
    '\\u1100-\\u115f\\u2e80-\\u303e\\u3041-\\u33ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\ua000-\\ua4cf' +
    '\\ua960-\\ua97f\\uac00-\\ud7a3\\uf900-\\ufaff\\ufe30-\\ufe6f\\uff00-\\uff60\\uffe0-\\uffe6' +
    '\\u{1b000}-\\u{1b2ff}\\u{20000}-\\u{3fffd}]|\\p{Emoji_Presentation})$',
  'u',
)

function cellWidth(character: string): number {
  if (character < '\u0300') return 1
  if (kZeroWidth.test(character)) return 0
  return kWide.test(character) ? 2 : 1
}
