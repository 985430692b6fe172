// Keeps definitions apart from transactions and from one another: a definition changes what the programs of
// an open transaction name, so it waits for those that have begun, and those that come later wait for it.

/** What tells when a transaction has ended, one way or the other. */
interface Ending {
  readonly ended: Promise<unknown>
}

export class TransactionGate {
  readonly #open = new Set<Promise<unknown>>()
  readonly #defining = new Set<Promise<unknown>>()

  /** Begins when no definition is under way. */
  async begin<T extends Ending>(begin: () => T): Promise<T> {
    while (this.#defining.size > 0) await Promise.allSettled(this.#defining)
    const transaction = begin()
    const { ended } = transaction
    this.#open.add(ended)
    void Promise.allSettled([ended]).then(() => this.#open.delete(ended))
    return transaction
  }

  /** Defines when the open transactions have ended, which they do by `transaction_timeout` at the latest, and earlier definitions. */
  async define<T>(define: () => Promise<T>): Promise<T> {
    const before = [...this.#open, ...this.#defining]
    const done = before.length === 0 ? define() : Promise.allSettled(before).then(define)
    this.#defining.add(done)
    try {
      return await done
    } finally {
      this.#defining.delete(done)
    }
  }
}
