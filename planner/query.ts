// A bound statement as a program: translate, optimise, compile, and give the rows to the client.
import type { SchemaLookup } from '#base/schema'
import type { BoundQuery } from '#sql/bound'
import { fromBound } from './logical/from-bound.ts'
import type { Logical } from './logical/plan.ts'
import { newTranslation } from './logical/translation.ts'
import { open } from './physical/compile.ts'
import { ProgramBuilder } from './physical/program-builder.ts'
import type { Program } from './program.ts'
import type { RowCounts } from './rules/cardinality.ts'
import { optimise } from './rules/optimise.ts'

/** The statement's algebra after all rules. Errors: 0A000. */
export function logicalPlan(bound: BoundQuery, schemas?: SchemaLookup): Logical {
  return optimise(fromBound(bound.plan, newTranslation()), bound.output, countsOf(schemas))
}

function countsOf(schemas: SchemaLookup | undefined): RowCounts | undefined {
  return schemas?.rowCount && ((relation) => schemas.rowCount?.(relation))
}

/**
 * Plans a statement.
 *
 * Errors: 0A000 for what cannot be planned yet, under the clause that asks for it.
 */
export function planQuery(bound: BoundQuery, schemas: SchemaLookup): Program {
  const context = newTranslation()
  const plan = optimise(fromBound(bound.plan, context), bound.output, countsOf(schemas))
  const program = new ProgramBuilder({ schemas, make: context.make, parameters: bound.parameters })
  const builder = open(plan, program)
  if (bound.output.length > 0) {
    const registers = bound.output.map((column) => builder.column(column))
    builder.finish({ kind: 'Result', registers })
  } else {
    builder.finish({ kind: 'Discard', counted: true })
  }
  return program.build(false)
}
