// A column's new name wherever a definition says the old one: in keys, references, checks and what is
// generated.
import type * as ast from '#sql/ast'
import { isColumnRef, mapTree } from '../ast-tree.ts'

/** `table` is the definition's own name, for references to itself. */
export function renameColumn<T extends ast.TableElement>(
  element: T,
  from: string,
  to: string,
  table: string,
): T {
  const renamed = (names: readonly ast.Identifier[]): readonly ast.Identifier[] =>
    names.some(({ name }) => name === from)
      ? names.map((each) => (each.name === from ? { ...each, name: to } : each))
      : names
  return mapTree(element, (part) => {
    if (isColumnRef(part)) return part.name === from ? { ...part, name: to } : part
    if (!('kind' in part)) return part
    const node = part as ast.TableElement | ast.ColumnConstraint
    switch (node.kind) {
      case 'column_definition':
        return node.name.name === from ? { ...node, name: { ...node.name, name: to } } : node
      case 'table_key':
        return changed(node, { columns: renamed(node.columns) })
      case 'foreign_key':
        return changed(node, {
          columns: renamed(node.columns),
          ...parentColumns(node, renamed, table),
        })
      case 'references':
        return changed(node, parentColumns(node, renamed, table))
      default:
        return part
    }
  }) as T
}

function parentColumns(
  { parent, parentColumns: names }: ast.ForeignKey | ast.ReferencesConstraint,
  renamed: (names: readonly ast.Identifier[]) => readonly ast.Identifier[],
  table: string,
): { readonly parentColumns?: readonly ast.Identifier[] } {
  return parent.name === table && names ? { parentColumns: renamed(names) } : {}
}

function changed<T extends object>(node: T, parts: Partial<T>): T {
  const isSame = Object.entries(parts).every(
    ([key, part]) => part === (node as Record<string, unknown>)[key],
  )
  return isSame ? node : { ...node, ...parts }
}
