// What the close of a connection does to the tables that refer to it: a step whose instances are
// the closed rows (event column 0 is their id).
import type { RelationSchema, SchemaLookup } from '#base/schema'
import { noSpan } from '../logical/expression.ts'
import { newTranslation } from '../logical/translation.ts'
import { PipelineBuilder } from '../physical/pipeline-builder.ts'
import { ProgramBuilder } from '../physical/program-builder.ts'
import { carryOn } from '../physical/write-delete.ts'
import type { Program, Register } from '../program.ts'

/**
 * undefined when nothing refers to the relation. A reference without an action is left as it is.
 */
export function planCascade(relation: RelationSchema, schemas: SchemaLookup): Program | undefined {
  const carried = schemas
    .referencing(relation.id)
    .filter(({ key }) => key.onDelete === 'cascade' || key.onDelete === 'set_null')
  if (carried.length === 0) return undefined
  const step = { event: relation.id, columns: new Map() }
  const program = new ProgramBuilder({ schemas, make: newTranslation().make, step })
  for (const reference of carried) {
    const registers: Register[] = []
    const builder = new PipelineBuilder(program, (own) => {
      registers.push(own.register('Int64'), own.register('Int32'))
      const [id = -1, ordinal = -1] = registers
      return {
        kind: 'Instances',
        event: [{ column: 0, register: id }],
        locals: [],
        ordinal,
        guard: -1,
      }
    })
    const [id = -1, ordinal = -1] = registers
    const columns = reference.key.parentColumns
    carryOn({ builder, keys: [id], ordinal }, reference, {
      columns,
      span: noSpan,
      path: [relation.id],
    })
  }
  // A row that several closed connections would delete is met twice, which native code detects.
  return program.build(true)
}
