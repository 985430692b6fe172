// Colours for SQL on a terminal, token by token; tolerant of text that is not finished.
import type { Interface } from 'node:readline'
import { lex } from '#sql/lexer'

const colours: Partial<Record<string, string>> = {
  keyword: '\u001b[1;34m',
  string: '\u001b[32m',
  number: '\u001b[36m',
  comment: '\u001b[90m',
  error: '\u001b[31m',
}
const reset = '\u001b[0m'

/** The text with colours; without them it is the same text. */
export function highlight(text: string): string {
  let out = ''
  let at = 0
  for (const { kind, start, end } of lex(text)) {
    const colour = colours[kind]
    const piece = text.slice(start, end)
    out += text.slice(at, start) + (colour === undefined ? piece : colour + piece + reset)
    at = end
  }
  return out + text.slice(at)
}

/**
 * Colours the line as it is typed. readline writes what the user sees through `_writeToOutput`; colours
 * take no cells, so its cursor arithmetic stays right.
 */
export function highlightInput(readline: Interface): void {
  const inner = readline as unknown as { _writeToOutput?: (text: string) => void; line: string; getPrompt(): string }
  const write = inner._writeToOutput?.bind(readline)
  if (write === undefined) return
  inner._writeToOutput = (text) => {
    const shown = inner.getPrompt() + inner.line
    write(text === shown ? inner.getPrompt() + highlight(inner.line) : text)
  }
}
