// Binds SQL text over a catalog made by hand, as tests of binder and planner do all day.
import type { SchemaLookup } from '#base/schema'
import { EngineError } from '#base/engine-error'
import { bindStatement } from '#sql/binder/index'
import type { BoundStatement } from '#sql/bound'
import { printBound } from '#sql/binder/print-bound'
import { parseStatement } from '#sql/parser/index'
import { sampleSchemas } from './schemas.ts'

export function bind(sql: string, schemas: SchemaLookup = sampleSchemas): BoundStatement {
  return bindStatement(parseStatement(sql), schemas, { text: sql })
}

/** The bound plan as text, each line as explain shows it. */
export function boundText(sql: string, schemas: SchemaLookup = sampleSchemas): string {
  const bound = bind(sql, schemas)
  if (bound.kind === 'query' || bound.kind === 'coroutine') return printBound(bound)
  throw new TypeError(`a ${bound.kind} has no plan`)
}

/** The report of the mistake in the text; fails when there is none. */
export function reportOf(sql: string, schemas: SchemaLookup = sampleSchemas): string {
  try {
    bind(sql, schemas)
  } catch (error) {
    if (error instanceof EngineError) return error.render({ name: 'query', text: sql })
    throw error
  }
  throw new Error(`nothing is wrong with: ${sql}`)
}
