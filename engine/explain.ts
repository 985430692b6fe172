// `explain`: a statement's plan, its rules or its program, as lines of text.
import type { SchemaLookup } from '#base/schema'
import {
  explainLogical,
  explainPipelines,
  explainProgram,
  explainRules,
  logicalPlan,
  planByRule,
  planCoroutine,
  planQuery,
  type PlanOptions,
} from '#planner/index'
import type { BoundExplain } from '#sql/bound'

/** Errors: 0A000 for what cannot be planned. */
export function explain({ statement, mode }: BoundExplain, schemas: SchemaLookup, options: PlanOptions): string[] {
  if (statement.kind === 'coroutine') {
    const { program } = planCoroutine(statement, schemas)
    return mode === 'program' ? explainProgram(program) : ['', ...explainPipelines(program, schemas)]
  }
  if (mode === 'rules') return explainRules(planByRule(statement, schemas))
  const program = planQuery(statement, schemas, options)
  if (mode === 'program') return explainProgram(program)
  return [...explainLogical(logicalPlan(statement, schemas, options)), '', ...explainPipelines(program, schemas)]
}
