// The columns of a relation that have a place in memory; virtual ones are computed where they are read.
import type { ColumnSchema, RelationSchema } from '#base/schema'
import type { StoredRelation } from '../stores/store.ts'

export function storedColumnsOf(schema: RelationSchema): readonly ColumnSchema[] {
  return schema.columns.filter((column) => column.virtual === undefined)
}

/** A table as its store has to know it. */
export function storedRelation(schema: RelationSchema): StoredRelation {
  const columns = storedColumnsOf(schema)
  return {
    id: schema.id,
    name: schema.name,
    columns: columns.map(({ name, type }) => ({ name, type })),
    identity: columns.findIndex((column) => column.identity !== undefined),
  }
}
