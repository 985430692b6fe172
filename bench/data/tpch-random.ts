// TPC-H's random numbers: one stream of Lehmer's generator per column, each taking a fixed number of steps
// per row, so that every column's values are those of the published data whatever else is generated.

const modulus = 2147483647
const multiplier = 16807

/** The next number of the sequence; exact, since products stay below 2^53. */
function step(seed: number): number {
  const product = seed * multiplier
  return product - Math.floor(product / modulus) * modulus
}

/** a * b modulo 2^31 - 1, where a and b are below it. */
function times(a: number, b: number): number {
  const high = (a * Math.floor(b / 65536)) % modulus
  return (high * 65536 + a * (b % 65536)) % modulus
}

/** What `count` steps multiply a seed by. */
function power(count: number): number {
  let [result, base] = [1, multiplier]
  for (let left = count; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = times(result, base)
    base = times(base, base)
  }
  return result
}

export class Stream {
  readonly #perRow: number
  readonly #powers: readonly number[]
  #seed: number
  #used = 0

  /** `perRow`: steps that a row takes, whether its values need them or not. */
  constructor(seed: number, perRow = 1) {
    this.#seed = seed
    this.#perRow = perRow
    this.#powers = Array.from({ length: perRow + 1 }, (_, count) => power(count))
  }

  /** A number from `low` to `high`. */
  between(low: number, high: number): number {
    return low + Math.floor(this.#fraction() * (high - low + 1))
  }

  /** Thirty-two random bits, as the generator makes them: the range of all integers overflows to a negative one. */
  bits(): number {
    return -Math.floor(this.#fraction() * 2147483648)
  }

  endRow(): void {
    const left = this.#perRow - this.#used
    if (left > 0) this.#seed = times(this.#seed, this.#powers[left] ?? 1)
    this.#used = 0
  }

  #fraction(): number {
    this.#seed = step(this.#seed)
    this.#used += 1
    return this.#seed / modulus
  }
}
