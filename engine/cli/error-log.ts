// What goes wrong in coroutines while an application is served, written as it happens: a request that is
// answered 500 leaves its reason where its operator looks first.

export interface LoggedError {
  readonly coroutine: string | null
  readonly line: number | null
  /** The text of the step that failed. */
  readonly statement: string | null
  readonly state: string
  readonly message: string
}

/** A failing application is told of, not drowned in its own log: all rows stay in sys.errors. */
const linesPerSecondMax = 20

export class ErrorLog {
  readonly #write: (text: string) => void
  #written = 0
  #omitted = 0
  #second: NodeJS.Timeout | undefined

  constructor(write: (text: string) => void) {
    this.#write = write
  }

  add(error: LoggedError): void {
    this.#second ??= setTimeout(() => { this.#endSecond() }, 1_000).unref()
    if (this.#written === linesPerSecondMax) {
      ++this.#omitted
      return
    }
    ++this.#written
    this.#write(line(error))
  }

  /** Says how many were omitted. Further errors may be added. */
  close(): void {
    if (this.#second === undefined) return
    clearTimeout(this.#second)
    this.#endSecond()
  }

  #endSecond(): void {
    if (this.#omitted > 0) this.#write(`… and ${String(this.#omitted)} more: select * from sys.errors\n`)
    this.#written = 0
    this.#omitted = 0
    this.#second = undefined
  }
}

function line({ coroutine, line, statement, state, message }: LoggedError): string {
  const at = coroutine === null ? '' : ` in coroutine ${coroutine}${line === null ? '' : `, line ${String(line)}`}`
  const step = statement === null ? '' : `, at ${firstLine(statement)}`
  return `error[${state}]${at}${step}: ${message}\n`
}

function firstLine(text: string): string {
  const [first = '', ...more] = text.trim().split('\n')
  return more.length > 0 ? `${first.trimEnd()} …` : first
}
