// How a definition is meant, and when two texts are the same definition.

/** Which text a definition stands in, and how it is meant. */
export interface DefinitionContext {
  readonly text: string
  /** An application's file: what is there already, and the same, is fine. */
  readonly declare: boolean
  /** From the store's own catalog at start-up: not written back. */
  readonly restoring: boolean
}

/** Layout, comments and case outside quotes do not make another definition. */
export function normalisedText(text: string): string {
  const pieces = text.match(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\s+|[^\s'"]/g) ?? []
  return pieces
    .filter((piece) => !/^(--|\/\*|\s)/.test(piece))
    .map((piece) => (/^['"]/.test(piece) ? piece : piece.toLowerCase()))
    .join('')
}
