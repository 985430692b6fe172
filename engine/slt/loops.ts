// Writes the loops of a sqllogictest file out: `loop`, `foreach` and their concurrent kinds, which run one after the other here.

/** A line of the file, with its number there: lines of a loop come once a turn. */
export interface SltLine {
  readonly text: string
  readonly line: number
}

export interface Expanded {
  readonly lines: readonly SltLine[]
  /** Why the rest of the file could not be read. */
  readonly problem: { readonly line: number; readonly message: string } | undefined
}

const linesMax = 2_000_000

/** Errors: loops that do not end, are not closed or become too long are a `problem`; what stands before them is kept. */
export function expandLoops(text: string): Expanded {
  const lines = text.split(/\r?\n/).map((line, i) => ({ text: line, line: i + 1 }))
  if (!/^(concurrent)?(loop|foreach)\b/m.test(text)) return { lines, problem: undefined }
  const into: SltLine[] = []
  return { lines: into, problem: expandInto(into, lines) }
}

function expandInto(into: SltLine[], lines: readonly SltLine[]): Expanded['problem'] {
  for (let at = 0; at < lines.length; at++) {
    const current = lines[at] ?? { text: '', line: 0 }
    if (!opens(current.text)) {
      into.push(current)
      continue
    }
    const end = closing(lines, at)
    const turns = turnsOf(current.text.trim().split(/\s+/))
    if (end === undefined) return { line: current.line, message: 'a loop without endloop' }
    if (turns === undefined) return { line: current.line, message: 'loop asks for a name, a start and an end' }
    for (const value of turns.values) {
      const body = lines.slice(at + 1, end).map(({ text, line }) => ({ text: text.replaceAll(`\${${turns.name}}`, value), line }))
      const problem = expandInto(into, body)
      if (problem !== undefined) return problem
      if (into.length > linesMax) return { line: current.line, message: `loops make more than ${linesMax} lines` }
    }
    at = end
  }
  return undefined
}

function opens(text: string): boolean {
  return /^(concurrent)?(loop|foreach)\s/.test(text)
}

function closing(lines: readonly SltLine[], from: number): number | undefined {
  let depth = 0
  for (let at = from; at < lines.length; at++) {
    const text = lines[at]?.text ?? ''
    if (opens(text)) depth += 1
    else if (/^endloop\b/.test(text) && --depth === 0) return at
  }
  return undefined
}

/** `loop i 0 10` counts below its end; `foreach x a b` takes each word. */
function turnsOf(words: readonly string[]): { name: string; values: string[] } | undefined {
  const [kind = '', name, ...rest] = words
  if (name === undefined) return undefined
  if (kind.endsWith('foreach')) return { name, values: rest }
  const [from, to] = [Number(rest[0]), Number(rest[1])]
  if (!Number.isInteger(from) || !Number.isInteger(to) || to - from > linesMax) return undefined
  return { name, values: Array.from({ length: Math.max(0, to - from) }, (_, i) => String(from + i)) }
}
