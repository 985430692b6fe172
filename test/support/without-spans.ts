// For tests: a tree without the places it came from, so that trees of different texts compare.

/** A copy of the tree without spans and without fields that are undefined. */
export function withoutSpans(tree: unknown): unknown {
  if (Array.isArray(tree)) return tree.map(withoutSpans)
  if (typeof tree !== 'object' || tree === null) return tree
  const fields = Object.entries(tree).filter(
    ([name, value]) => value !== undefined && !/span$/i.test(name),
  )
  return Object.fromEntries(fields.map(([name, value]) => [name, withoutSpans(value)]))
}
