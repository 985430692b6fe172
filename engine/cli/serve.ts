// `rowtine serve`: runs an application's file, says where it listens, and goes on until it is told to end.
import { join } from 'node:path'
import { EngineError } from '#base/engine-error'
import { open, renderError, Result, type Database } from '../index.ts'
import { parseProgram } from '#sql/parser/index'
import { memoryOption } from '../memory-limit.ts'
import { openControlSocket, type ControlSocket } from './control-socket.ts'
import { ErrorLog, type LoggedError } from './error-log.ts'
import { readSource } from './source-file.ts'

export interface ServeOptions {
  readonly data?: string
  readonly workers?: number
  readonly threads?: number
  readonly memoryLimit?: number
  readonly reactor?: 'uring' | 'uv'
  readonly topology?: 'shared' | 'split_io'
  readonly repl?: boolean
  /** Statements may read and write files in this folder; without it none. */
  readonly allowFiles?: string
}

/** How long requests in flight may take when the server is told to end. */
const shutdownMs = 10_000

/** Returns the exit code: 0 after SIGINT or SIGTERM, 1 when the application could not be started. */
export async function serve(file: string, options: ServeOptions): Promise<number> {
  let database: Database
  let control: ControlSocket | undefined
  const errors = new ErrorLog((line) => process.stderr.write(line))
  const hasRepl = options.repl === true && process.stdin.isTTY && process.stdout.isTTY
  const ended = signalled() // from now on: who waits for `listening` may signal at once
  try {
    const text = readSource(file)
    mustParse(text, file)
    const { repl: _, allowFiles, memoryLimit, ...settings } = options
    database = await open({ ...settings, ...memoryOption(memoryLimit), files: allowFiles ?? false })
    try {
      control = options.data === undefined ? undefined : await openControlSocket(database, join(options.data, 'rowtine.sock'))
      const log = hasRepl ? undefined : logErrors(database, errors) // a terminal with the REPL is left alone
      await start(database, text, file)
      log?.started()
    } catch (error) {
      await control?.close()
      await database.close()
      throw error
    }
  } catch (error) {
    process.stderr.write(renderError(error) + '\n')
    return 1
  }
  if (hasRepl) {
    const { runRepl } = await import('../repl/repl.ts')
    const { localConnection } = await import('../repl/connection.ts')
    const connection = localConnection(database)
    await Promise.race([runRepl(connection), ended])
    await connection.close()
  } else {
    await ended
  }
  await control?.close()
  await database.shutdown(shutdownMs)
  errors.close()
  return 0
}

/** Adds to the log what fails in coroutines. A start that fails says so itself: what fails meanwhile waits for `started`. */
function logErrors(database: Database, log: ErrorLog): { started(): void } {
  let waiting: LoggedError[] | undefined = []
  database.follow('sys.errors', (columns, batch) => {
    for (const error of new Result('SELECT', columns, [batch], 0).toArray<LoggedError>()) {
      if (waiting) waiting.push(error)
      else log.add(error)
    }
  })
  return {
    started() {
      for (const error of waiting ?? []) log.add(error)
      waiting = undefined
    },
  }
}

/** A program that does not parse starts nothing. */
function mustParse(text: string, name: string): void {
  try {
    parseProgram(text, { terminated: false })
  } catch (error) {
    throw error instanceof EngineError ? Object.assign(error, { source: { name, text } }) : error
  }
}

/** Runs the application; prints a line per listener; a listener that cannot open ends the start. */
async function start(database: Database, text: string, name: string): Promise<void> {
  let failure: EngineError | undefined
  const stop = database.onListening(({ protocol, address, error }) => {
    if (error === undefined) process.stdout.write(`listening ${protocol}://${address}\n`)
    else failure ??= new EngineError(error.condition, { message: `cannot listen on ${protocol}://${address}: ${error.message}` })
  })
  await database.exec(text, { name, declare: true })
  await database.settled()
  if (failure === undefined) return // later listeners go on being announced
  stop()
  throw failure
}

function signalled(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => { resolve() })
    process.once('SIGTERM', () => { resolve() })
  })
}
