// Walks and changes syntax trees of any kind: nodes are plain data.
import type { ColumnRef } from './ast.ts'

/** The same tree with each part that `change` makes another; what stays the same keeps its identity. */
export function mapTree(value: unknown, change: (part: object) => object): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => mapTree(item, change))
    return items.every((item, i) => item === value[i]) ? value : items
  }
  const entries = Object.entries(value)
  const made = entries.map(([key, part]) => [key, mapTree(part, change)] as const)
  const isSame = made.every(([, part], i) => part === entries[i]?.[1])
  return change(isSame ? value : (Object.fromEntries(made) as object))
}

export function isColumnRef(part: object): part is ColumnRef {
  return 'kind' in part && part.kind === 'column'
}

/** The names of columns that an expression reads, each once. */
export function columnNames(tree: unknown): ReadonlySet<string> {
  const names = new Set<string>()
  mapTree(tree, (part) => {
    if (isColumnRef(part)) names.add(part.name)
    return part
  })
  return names
}
