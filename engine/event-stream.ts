// Rows of an event relation as an async iterator: batches wait in a bounded queue, and what a slow
// reader misses is said, not hidden.
import { EngineError } from '#base/engine-error'
import type { RelationSchema } from '#base/schema'
import type { NativeResultBatch } from '#native/binding'
import type { Executor } from './executor.ts'
import { storedColumnsOf } from './relations/stored-columns.ts'
import { Result } from './result.ts'

/** Rows that may wait for the reader; past it the stream ends with 53400. */
const waitingRowsMax = 1_000_000

export function eventStream<T>(executor: Executor, schema: RelationSchema): AsyncIterableIterator<T> & AsyncDisposable {
  const columns = storedColumnsOf(schema).map(({ name, type }) => ({ name, type }))
  const waiting: T[] = []
  let failure: EngineError | undefined
  let ended = false
  let notify: (() => void) | undefined

  const stop = executor.follow(schema.id, (batch: NativeResultBatch, lost) => {
    if (lost > 0 || waiting.length + batch.rowCount > waitingRowsMax) {
      failure = new EngineError('configuration_limit_exceeded', {
        message: `the reader of "${schema.name}" was too slow and has missed rows`,
      })
      stop()
    } else {
      waiting.push(...new Result('SELECT', columns, [batch], 0).toArray<T>())
    }
    notify?.()
  })
  const end = (): Promise<IteratorResult<T>> => {
    ended = true
    stop()
    notify?.()
    return Promise.resolve({ done: true, value: undefined })
  }

  return {
    [Symbol.asyncIterator]() {
      return this
    },
    async next(): Promise<IteratorResult<T>> {
      while (waiting.length === 0 && failure === undefined && !ended) {
        await new Promise<void>((resolve) => { notify = resolve })
      }
      const value = waiting.shift()
      if (value !== undefined) return { done: false, value }
      if (failure !== undefined) throw failure
      return { done: true, value: undefined }
    },
    return: end,
    async [Symbol.asyncDispose]() {
      await end()
    },
  }
}
