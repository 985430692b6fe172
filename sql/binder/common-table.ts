// The columns of a part of `with`: its query's, under the names that stand behind its own.
import { EngineError } from '#base/engine-error'
import type * as ast from '#sql/ast'
import type { Column } from '#sql/bound'

/** Errors: 42P10 for more names than columns. */
export function checkColumnCount(table: ast.CommonTable, columns: readonly Column[]): void {
  if (table.columns.length <= columns.length) return
  throw new EngineError('invalid_column_reference', {
    message: `WITH query "${table.name}" has ${columns.length} columns available but ${table.columns.length} columns specified`,
    span: table.span,
  })
}

/** The columns under the names that the part gives them. */
export function renamed(table: ast.CommonTable, columns: readonly Column[]): readonly Column[] {
  return columns.map((column, index) => ({
    ...column,
    name: table.columns[index]?.name ?? column.name,
  }))
}
