// The REPL's history, kept between runs where the XDG conventions say state belongs.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

const linesMax = 1000

function historyPath(): string {
  const state = process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state')
  return join(state, 'rowtine', 'history')
}

/** Newest first, as readline wants it; empty when there is none yet. */
export function loadHistory(): string[] {
  try {
    return readFileSync(historyPath(), 'utf8').split('\n').filter((line) => line !== '').reverse()
  } catch {
    return []
  }
}

/** A history that cannot be written is lost; the REPL is not disturbed. */
export function saveHistory(newestFirst: readonly string[]): void {
  try {
    mkdirSync(dirname(historyPath()), { recursive: true })
    writeFileSync(historyPath(), newestFirst.slice(0, linesMax).reverse().join('\n') + '\n', { mode: 0o600 })
  } catch {
    // Nothing depends on it.
  }
}
