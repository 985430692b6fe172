// Runs what Kysely compiled. A connection is a session: transactions of several connections take their turns.
import { CompiledQuery, type DatabaseConnection, type Driver, type QueryResult, type TransactionSettings } from 'kysely'
import type { Database } from '../database.ts'
import type { ParameterValue } from '../parameters.ts'
import type { Result } from '../result.ts'
import type { Session } from '../session.ts'

export class RowtineDriver implements Driver {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async init(): Promise<void> {
    await Promise.resolve()
  }

  async acquireConnection(): Promise<RowtineConnection> {
    return Promise.resolve(new RowtineConnection(this.#database.session()))
  }

  /** Transactions are serializable, which is all that weaker levels ask for. */
  async beginTransaction(connection: DatabaseConnection, { accessMode }: TransactionSettings): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(accessMode === 'read only' ? 'begin read only' : 'begin'))
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'))
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('rollback'))
  }

  async savepoint(connection: DatabaseConnection, name: string): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(`savepoint ${quoted(name)}`))
  }

  async rollbackToSavepoint(connection: DatabaseConnection, name: string): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(`rollback to savepoint ${quoted(name)}`))
  }

  async releaseSavepoint(connection: DatabaseConnection, name: string): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(`release savepoint ${quoted(name)}`))
  }

  async releaseConnection(connection: RowtineConnection): Promise<void> {
    await connection.close()
  }

  async destroy(): Promise<void> {
    await Promise.resolve()
  }
}

class RowtineConnection implements DatabaseConnection {
  readonly #session: Session

  constructor(session: Session) {
    this.#session = session
  }

  /** What was not committed is rolled back. */
  close(): Promise<void> {
    return this.#session.close()
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const result = await this.#run(query)
    return { rows: result.toArray<R>(), ...(isChange(result) && { numAffectedRows: BigInt(result.rowCount) }) }
  }

  /** The engine has the whole result in columns; rows become objects `chunkSize` at a time. */
  async *streamQuery<R>(query: CompiledQuery, chunkSize = 1_000): AsyncIterableIterator<QueryResult<R>> {
    const result = await this.#run(query)
    for (const rows of result.chunks<R>(chunkSize)) yield { rows }
  }

  #run({ sql, parameters }: CompiledQuery): Promise<Result> {
    return this.#session.query(sql, parameters as readonly ParameterValue[])
  }
}

function isChange({ command }: Result): boolean {
  return command === 'INSERT' || command === 'UPDATE' || command === 'DELETE'
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
