// Trees are shared by everybody who reads them, so nobody may change them.

/** Freezes a tree with all its parts, from the leaves up, and returns it. */
export function freeze<T extends object>(tree: T): T {
  for (const part of Object.values(tree) as unknown[]) {
    if (typeof part === 'object' && part !== null && !Object.isFrozen(part)) freeze(part)
  }
  return Object.freeze(tree)
}
