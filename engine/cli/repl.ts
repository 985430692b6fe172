// `rowtine repl`: on a database of its own, or on a running engine's socket.
import { open, renderError } from '../index.ts'
import { memoryOption } from '../memory-limit.ts'
import { localConnection } from '../repl/connection.ts'
import { runRepl } from '../repl/repl.ts'
import { connectControl } from './control-socket.ts'

export interface ReplOptions {
  readonly data?: string
  readonly connect?: string
  readonly memoryLimit?: number
}

/** Returns the exit code. */
export async function repl(options: ReplOptions): Promise<number> {
  try {
    if (options.connect !== undefined) {
      const connection = await connectControl(options.connect)
      await runRepl(connection)
      await connection.close()
      return 0
    }
    const database = await open({ ...(options.data !== undefined && { data: options.data }), ...memoryOption(options.memoryLimit) })
    try {
      await runRepl(localConnection(database))
    } finally {
      await database.close()
    }
    return 0
  } catch (error) {
    process.stderr.write(renderError(error) + '\n')
    return 1
  }
}
