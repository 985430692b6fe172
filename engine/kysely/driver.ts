// Runs what Kysely compiled. A database is one session, so all queries share one connection: they may
// overlap, except that a transaction has it alone.
import { CompiledQuery, type DatabaseConnection, type Driver, type QueryResult, type TransactionSettings } from 'kysely'
import { featureNotSupported } from '#base/errors'
import type { Database } from '../database.ts'
import type { ParameterValue } from '../parameters.ts'
import type { Result } from '../result.ts'

const nowhere = { start: 0, end: 0 }

export class RowtineDriver implements Driver {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async init(): Promise<void> {
    await Promise.resolve()
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    return Promise.resolve(new RowtineConnection(this.#database))
  }

  async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    if (settings.isolationLevel !== undefined && settings.isolationLevel !== 'serializable') {
      throw featureNotSupported(`the isolation level ${settings.isolationLevel} is not supported`, nowhere, 'Transactions are serializable.')
    }
    await connection.executeQuery(CompiledQuery.raw('begin'))
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'))
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('rollback'))
  }

  async releaseConnection(): Promise<void> {
    await Promise.resolve()
  }

  async destroy(): Promise<void> {
    await Promise.resolve()
  }
}

class RowtineConnection implements DatabaseConnection {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
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
    return this.#database.query(sql, parameters as readonly ParameterValue[])
  }
}

function isChange({ command }: Result): boolean {
  return command === 'INSERT' || command === 'UPDATE' || command === 'DELETE'
}
