// The columns of a relation that have a place in memory; virtual ones are computed where they are read.
import type { ColumnSchema, RelationSchema } from '#base/schema'

export function storedColumnsOf(schema: RelationSchema): readonly ColumnSchema[] {
  return schema.columns.filter((column) => column.virtual === undefined)
}
