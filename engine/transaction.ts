// A session's transaction: takes the writer with its first statement, remembers that it failed, and names
// its savepoints, which native code numbers.
import { EngineError } from '#base/engine-error'
import { asEngineError } from '#base/errors'
import { invariant } from '#base/invariant'
import type { Identifier, Transaction as Control } from '#sql/ast'
import type { Executor, RunBy, TransactionHandle } from './executor.ts'
import type { TransactionGate } from './transaction-gate.ts'

export type { Control }

export class Transaction {
  readonly #executor: Executor
  readonly #gate: TransactionGate
  readonly #savepoints: string[] = []
  #begun: Promise<TransactionHandle> | undefined
  #ended: EngineError | undefined
  #hasFailed = false
  readonly isReadOnly: boolean

  constructor(executor: Executor, gate: TransactionGate, isReadOnly: boolean) {
    this.#executor = executor
    this.#gate = gate
    this.isReadOnly = isReadOnly
  }

  /** Only a rollback, or one to a savepoint, is possible. */
  get hasFailed(): boolean {
    return this.#hasFailed
  }

  /**
   * Runs a statement inside: everything that it runs natively is given `by`.
   * Errors: 25P02 when an earlier one failed; 25P04 when the time was up; those of the statement.
   */
  async attempt<T>(run: (by: RunBy) => Promise<T>, signal?: AbortSignal): Promise<T> {
    this.#requireSound()
    try {
      return await run({ signal, transaction: () => this.#number() })
    } catch (error) {
      this.#hasFailed = true
      this.#requireTime()
      throw error
    }
  }

  /** Returns: false when there was nothing but a rollback left to do. Errors: those of the store, and 25P04. */
  async commit(): Promise<boolean> {
    this.#requireTime()
    if (this.#hasFailed) {
      await this.rollback()
      return false
    }
    const handle = await this.#begun
    if (handle === undefined) return true
    try {
      await this.#executor.orderTransaction(handle.number, 'commit')
    } catch (error) {
      this.#requireTime()
      throw error
    }
    return true
  }

  async rollback(): Promise<void> {
    if (this.#begun === undefined) return
    const [begun] = await Promise.allSettled([this.#begun])
    if (begun.status === 'rejected') return
    await this.#executor.orderTransaction(begun.value.number, 'rollback')
  }

  /** A mistake that no statement made. */
  fail(): void {
    this.#hasFailed = true
  }

  /** Sets, releases or goes back to a savepoint. Returns the command tag. Errors: 25P02, 25P04, 3B001. */
  async move({ action, savepoint }: Control): Promise<string> {
    invariant(savepoint !== undefined, 'what is no begin and no end names a savepoint')
    if (action === 'rollback_to') {
      await this.#rollbackTo(savepoint)
      return 'ROLLBACK'
    }
    const isNew = action === 'savepoint'
    await this.attempt(() => (isNew ? this.#set(savepoint) : this.#release(savepoint)))
    return isNew ? 'SAVEPOINT' : 'RELEASE'
  }

  async #set({ name }: Identifier): Promise<void> {
    await this.#executor.orderTransaction(await this.#number(), 'savepoint')
    this.#savepoints.push(name)
  }

  async #release(name: Identifier): Promise<void> {
    const position = this.#positionOf(name)
    await this.#executor.orderTransaction(await this.#number(), 'release', position)
    this.#savepoints.length = position
  }

  /** A transaction that failed is sound again afterwards. */
  async #rollbackTo(name: Identifier): Promise<void> {
    this.#requireTime()
    try {
      const position = this.#positionOf(name)
      await this.#executor.orderTransaction(await this.#number(), 'rollback_to', position)
      this.#savepoints.length = position + 1
      this.#hasFailed = false
    } catch (error) {
      this.#hasFailed = true
      throw error
    }
  }

  #positionOf({ name, span }: Identifier): number {
    const position = this.#savepoints.lastIndexOf(name)
    if (position >= 0) return position
    throw new EngineError('invalid_savepoint_specification', { message: `savepoint "${name}" does not exist`, span })
  }

  async #number(): Promise<number> {
    this.#begun ??= this.#begin()
    return (await this.#begun).number
  }

  async #begin(): Promise<TransactionHandle> {
    const handle = await this.#gate.begin(() => this.#executor.beginTransaction(this.isReadOnly))
    handle.ended.catch((error: unknown) => {
      this.#ended = withHint(asEngineError(error))
      this.#hasFailed = true
    })
    await handle.begun
    return handle
  }

  #requireTime(): void {
    if (this.#ended !== undefined) throw this.#ended.with({})
  }

  #requireSound(): void {
    this.#requireTime()
    if (!this.#hasFailed) return
    throw new EngineError('in_failed_sql_transaction', {
      message: 'current transaction is aborted, commands ignored until end of transaction block',
      hint: 'Use rollback, or rollback to a savepoint.',
    })
  }
}

function withHint(error: EngineError): EngineError {
  if (error.condition !== 'transaction_timeout') return error
  return error.with({ hint: 'Everybody else waits while a transaction has the writer: keep it short, or raise transactionTimeoutMs.' })
}
