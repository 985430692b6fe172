// Which relations a view reads, so that they are not dropped under it.
import { EngineError } from '#base/engine-error'
import type { RelationSchema, SchemaLookup } from '#base/schema'
import { bindStatement } from '#sql/binder/index'
import { parseStatement } from '#sql/parser/index'

/** Ids of what the view's query names, and of what views within it name. */
export function readsOfView(view: RelationSchema, schemas: SchemaLookup): ReadonlySet<number> {
  const read = new Set<number>()
  const recording: SchemaLookup = {
    relation: (name) => {
      const relation = schemas.relation(name)
      if (relation !== undefined) read.add(relation.id)
      return relation
    },
    relationById: (id) => schemas.relationById(id),
    referencing: (parent) => schemas.referencing(parent),
    relationNames: () => schemas.relationNames(),
  }
  const text = view.view ?? ''
  try {
    bindStatement(parseStatement(text), recording, { text, declare: false })
  } catch (error) {
    // A view over one that was replaced by other columns reads what was found so far.
    if (!(error instanceof EngineError)) throw error
  }
  return read
}
