// The decisions that a generator takes, written down so that a failing case can be made smaller: a list with
// fewer or smaller numbers makes a simpler case, because 0 always stands for the simplest alternative.

/** Numbers below a bound: from a seed, or those of a list and then zeros. */
export class Choices {
  readonly taken: number[] = []
  readonly #next: () => number

  private constructor(next: () => number) {
    this.#next = next
  }

  static ofSeed(seed: number): Choices {
    return new Choices(random32(seed))
  }

  static ofList(list: readonly number[]): Choices {
    let at = 0
    return new Choices(() => list[at++] ?? 0)
  }

  /** 0 … bound - 1. */
  below(bound: number): number {
    const value = this.#next() % bound
    this.taken.push(value)
    return value
  }

  /** True once in `times`; false is the simpler answer. */
  once(times: number): boolean {
    return this.below(times) === times - 1
  }

  /** One of them; the first is the simplest. */
  of<T>(alternatives: readonly T[]): T {
    const chosen = alternatives[this.below(alternatives.length)]
    if (chosen === undefined) throw new Error('nothing to choose from')
    return chosen
  }
}

/** Numbers of 32 bits by splitmix. */
function random32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let z = state
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
    return (z ^ (z >>> 16)) >>> 0
  }
}

/**
 * A shorter or smaller list that still fails, by leaving out runs of choices, then by taking smaller ones.
 * `fails` is asked at most `asksMax` times.
 */
export async function shrinkList(list: readonly number[], fails: (list: readonly number[]) => Promise<boolean>, asksMax: number): Promise<readonly number[]> {
  let best = list
  let asks = 0
  const keep = async (candidate: readonly number[]): Promise<boolean> => {
    if (asks >= asksMax) return false
    asks++
    if (!(await fails(candidate))) return false
    best = candidate
    return true
  }
  for (let size = Math.ceil(list.length / 2); size >= 1 && asks < asksMax; size = Math.floor(size / 2)) {
    for (let at = 0; at < best.length;) {
      const isShorter = await keep([...best.slice(0, at), ...best.slice(at + size)])
      if (!isShorter) at += size
    }
  }
  for (let at = 0; at < best.length; at++) {
    if ((best[at] ?? 0) > 0) await keep(best.map((each, i) => (i === at ? 0 : each)))
  }
  return best
}
