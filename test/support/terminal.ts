// A command on a pseudo terminal, as a person uses it: what is typed goes in key by key, what the
// terminal shows comes back with its control sequences. Python, which building native code needs
// anyway, has the pseudo terminal; Node has none.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'

/** How long a wait may take on a loaded machine; a wait ends as soon as what it waits for is there. */
const patienceMs = 25_000

export const key = { enter: '\r', tab: '\t', up: '\u001b[A', ctrlC: '\u0003', ctrlD: '\u0004' } as const

/** Whether the platform has pseudo terminals: all but Windows do. Without Python tests fail, they do not skip. */
export const hasTerminals = process.platform !== 'win32'

const open = new Set<ChildProcess>()

export class Terminal {
  readonly #child: ChildProcess
  readonly #exit: Promise<number | null>
  #shown = ''
  #seen = 0
  #changed: (() => void) | undefined

  /** Starts `command` on a terminal that many columns wide. `environment` adds to this process's. */
  constructor(columns: number, command: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    requirePython()
    this.#child = spawn('python3', ['test/support/pseudo_terminal.py', String(columns), ...command], {
      stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, TERM: 'xterm', ...environment },
    })
    open.add(this.#child)
    this.#child.stdin?.on('error', () => undefined) // the command may be gone
    this.#child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
      this.#shown += piece
      this.#changed?.()
    })
    this.#exit = new Promise((resolve) => {
      this.#child.once('close', (code) => {
        open.delete(this.#child)
        resolve(code)
        this.#changed?.()
      })
    })
  }

  type(text: string): void {
    this.#child.stdin?.write(text)
  }

  /** Waits until the terminal shows what matches, after what was waited for before. Returns: what it showed up to there. */
  shows(what: string | RegExp): Promise<string> {
    const matches = (text: string): number => {
      if (typeof what === 'string') return text.includes(what) ? text.indexOf(what) + what.length : -1
      const found = what.exec(text)
      return found === null ? -1 : found.index + found[0].length
    }
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => { reject(new Error(`${why}; waited for ${String(what)}, the terminal shows ${JSON.stringify(this.#shown.slice(this.#seen))}`)) }
      const timer = setTimeout(() => { fail('waited in vain') }, patienceMs)
      this.#changed = () => {
        const rest = this.#shown.slice(this.#seen)
        const end = matches(rest)
        if (end < 0 && open.has(this.#child)) return
        clearTimeout(timer)
        this.#changed = undefined
        if (end < 0) return fail('the command ended')
        this.#seen += end
        resolve(rest.slice(0, end))
      }
      this.#changed()
    })
  }

  /** Types a line and waits for what it shows. */
  enter(line: string, what: string | RegExp): Promise<string> {
    this.type(line + key.enter)
    return this.shows(what)
  }

  /** Waits for the command's end. Returns: its exit code. */
  ended(): Promise<number | null> {
    return this.#exit
  }
}

let foundPython = false

function requirePython(): void {
  foundPython ||= spawnSync('python3', ['-c', 'import pty']).status === 0
  if (!foundPython) throw new Error('tests on a terminal need python3 with its module pty, as the native build needs python3')
}

/** Ends what a failed test left behind. */
export function closeTerminals(): void {
  for (const child of open) child.kill('SIGKILL')
}
