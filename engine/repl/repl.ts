// The REPL: statements over several lines until `;`, backslash commands, history that is kept,
// completion and colours. It ends nothing but itself: Ctrl-C cancels the statement, not the engine.
import { createInterface, type Interface } from 'node:readline'
import { performance } from 'node:perf_hooks'
import { EngineError } from '#base/engine-error'
import { parseProgram } from '#sql/parser/index'
import { boxTable, lineWidth, type TableView } from './box.ts'
import { commandHelp, rememberQuery, runCommand, type CommandContext } from './commands.ts'
import { Completions } from './completion.ts'
import { ReportedError, type ReplConnection } from './connection.ts'
import { highlightInput } from './highlight.ts'
import { loadHistory, saveHistory } from './history.ts'

/** As psql has them: a star in a transaction, an exclamation mark in one that has failed. */
const prompts = { none: 'rowtine> ', open: 'rowtine*> ', failed: 'rowtine!> ' } as const
const continuation = '    ...> '

/** Runs until `\q` or the end of the input. */
export async function runRepl(connection: ReplConnection): Promise<void> {
  const repl = new Repl(connection)
  await repl.run()
}

class Repl {
  readonly #connection: ReplConnection
  readonly #isTerminal = process.stdin.isTTY && process.stdout.isTTY
  readonly #completions: Completions
  readonly #readline: Interface
  readonly #lines: AsyncIterableIterator<string>
  #text = ''
  #running: AbortController | undefined
  #isTimed = false
  #ended = false

  constructor(connection: ReplConnection) {
    this.#connection = connection
    this.#completions = new Completions(connection)
    this.#readline = createInterface({
      input: process.stdin,
      output: this.#isTerminal ? process.stdout : undefined,
      terminal: this.#isTerminal,
      history: this.#isTerminal ? loadHistory() : [],
      historySize: 1000,
      removeHistoryDuplicates: true,
      completer: (line: string) => this.#completions.complete(line, this.#text),
    })
    this.#lines = this.#readline[Symbol.asyncIterator]() // from now on: no line is lost to a slow start
    if (this.#isTerminal) highlightInput(this.#readline)
  }

  async run(): Promise<void> {
    await this.#completions.refresh()
    if (this.#isTerminal) this.#print(`Rowtine. ${commandHelp.length} backslash commands, \\? lists them; statements end with ;`)
    this.#readline.on('SIGINT', () => { this.#interrupt() })
    this.#readline.on('history', (history) => {
      if (this.#isTerminal) saveHistory(history)
    })
    this.#ask()
    for await (const line of this.#lines) {
      await this.#takeLine(line)
      if (this.#ended) break
      this.#ask()
    }
    this.#readline.close()
  }

  #ask(): void {
    if (!this.#isTerminal) return
    this.#readline.setPrompt(this.#text === '' ? prompts[this.#connection.transactionStatus()] : continuation)
    this.#readline.prompt(true) // what was typed while a statement ran stays, the cursor behind it
  }

  /** Ctrl-C: ends the running statement, or drops what is typed. */
  #interrupt(): void {
    if (this.#running !== undefined) return this.#running.abort()
    this.#text = ''
    this.#print('')
    this.#readline.write(null, { ctrl: true, name: 'e' }) // to the end of the line,
    this.#readline.write(null, { ctrl: true, name: 'u' }) // of which everything goes
    this.#ask()
  }

  async #takeLine(line: string): Promise<void> {
    if (this.#text === '' && line.trimStart().startsWith('\\')) return this.#command(line.trim())
    this.#text += (this.#text === '' ? '' : '\n') + line
    if (this.#text.trim() === '') {
      this.#text = ''
      return
    }
    if (isIncomplete(this.#text)) return
    const text = this.#text
    this.#text = ''
    await this.#cancellable((signal) => this.#runText(text, signal))
  }

  async #command(line: string): Promise<void> {
    const context: CommandContext = {
      connection: this.#connection,
      print: (text) => { this.#print(text) },
      show: (view) => { this.#show(view) },
      isTimed: () => this.#isTimed,
      setTimed: (on) => { this.#isTimed = on },
      quit: () => { this.#ended = true },
    }
    await this.#cancellable((signal) => runCommand(line, context, signal))
  }

  /** Runs with Ctrl-C meaning "cancel this"; a mistake is shown and the REPL goes on. */
  async #cancellable(run: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const controller = new AbortController()
    this.#running = controller
    try {
      await run(controller.signal)
    } catch (error) {
      if (!(error instanceof ReportedError)) throw error
      this.#print(error.message)
    } finally {
      this.#running = undefined
    }
  }

  async #runText(text: string, signal: AbortSignal): Promise<void> {
    rememberQuery(text)
    const start = performance.now()
    const views = await this.#connection.run(text, signal)
    for (const view of views) this.#show(view)
    if (this.#isTimed) this.#print(`Time: ${(performance.now() - start).toFixed(3)} ms`)
    if (views.some((view) => /^(CREATE|DROP)/.test(view.tag))) await this.#completions.refresh()
  }

  #show(view: TableView): void {
    if (view.columns.length === 0) return this.#print(view.tag)
    this.#print(boxTable(view, lineWidth(process.stdout)))
  }

  #print(text: string): void {
    process.stdout.write(text + '\n')
  }
}

/** Right so far, and merely not finished? Everything else is run, and its mistake reported. */
function isIncomplete(text: string): boolean {
  try {
    parseProgram(text)
    return false
  } catch (error) {
    return error instanceof EngineError && error.parts.incomplete === true
  }
}
