// No store at all: everything is gone with the process. What `open()` without a directory uses.
import type { Store } from './store.ts'

export function memoryStore(): Store {
  return {
    isDurable: false,
    entries: () => [],
    load: () => [],
    lastIdentity: () => undefined,
    start: () => Promise.resolve(),
    create: () => Promise.resolve(),
    drop: () => Promise.resolve(),
    stage: () => Promise.resolve(),
    unstage: () => Promise.resolve(),
    replace: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
}
