// What the REPL talks to: the engine in this process, or a running one through its socket.
import type { Database } from '../database.ts'
import { renderError } from '../index.ts'
import { Result } from '../result.ts'
import type { Session } from '../session.ts'
import type { TableView } from './box.ts'

/** A mistake, as the report that a person reads. */
export class ReportedError extends Error {
  override readonly name = 'ReportedError'
}

export interface ReplConnection {
  /** Runs statements. Rejects with a ReportedError. `signal` cancels the running one. */
  run(sql: string, signal: AbortSignal): Promise<readonly TableView[]>
  /** Calls `each` with new rows of a relation until the returned function is called. Rejects with a ReportedError. */
  follow(relation: string, each: (rows: TableView) => void): Promise<() => void>
  /** What of a transaction is open; as of the last run(). */
  transactionStatus(): Session['transactionStatus']
  /** Rolls back what is not committed. */
  close(): Promise<void>
}

export function localConnection(database: Database): ReplConnection {
  const session = database.session()
  return {
    async run(sql, signal) {
      try {
        return (await session.exec(sql, { signal })).map((result) => result.toView())
      } catch (error) {
        throw new ReportedError(renderError(error))
      }
    },
    follow(relation, each) {
      return new Promise((resolve, reject) => {
        try {
          resolve(database.follow(relation, (columns, batch) => { each(new Result('SELECT', columns, [batch], 0).toView()) }))
        } catch (error) {
          reject(new ReportedError(renderError(error)))
        }
      })
    },
    transactionStatus: () => session.transactionStatus,
    close: () => session.close(),
  }
}
