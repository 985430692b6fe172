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

/** The text with colours; without them it is the same text. A backslash command has none. */
export function highlight(text: string): string {
  if (text.startsWith('\\')) return text
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
 * Colours the line as it is typed. readline writes what the user sees through `_writeToOutput`: the
 * whole line when it draws it anew, else the piece that was typed at its end. A piece that changes the
 * colours has the line drawn anew. Colours take no cells, so readline's cursor arithmetic stays right.
 */
export function highlightInput(readline: Interface): void {
  const inner = readline as unknown as { _writeToOutput?: (text: string) => void; _refreshLine?: () => void; line: string; getPrompt(): string }
  const write = inner._writeToOutput?.bind(readline)
  if (write === undefined) return
  inner._writeToOutput = (text) => {
    const { line } = inner
    if (text === inner.getPrompt() + line) return write(inner.getPrompt() + highlight(line))
    const isTyped = text !== '' && line.endsWith(text)
    const before = isTyped ? line.slice(0, -text.length) : ''
    if (isTyped && highlight(line) !== highlight(before) + text) inner._refreshLine?.()
    else write(text)
  }
}
