// Assertions that stay in every build. A failed one is a bug of ours, never a user's mistake.

/** A broken assumption of the engine. The outermost edge reports it as XX000. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError'
}

/** Throws unless `condition` holds; `whatBroke` completes the sentence "broken invariant: …". */
export function invariant(condition: unknown, whatBroke: string): asserts condition {
  if (!condition) throw new InvariantError(`broken invariant: ${whatBroke}`)
}

/** Marks a place that the types prove unreachable. */
export function unreachable(value: never, whatBroke: string): never {
  throw new InvariantError(`broken invariant: ${whatBroke}: ${JSON.stringify(value)}`)
}
