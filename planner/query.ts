// A bound statement as a program: translate, optimise, compile, and give the rows to the client.
import type { SchemaLookup } from '#base/schema'
import type { BoundQuery } from '#sql/bound'
import { fromBound } from './logical/from-bound.ts'
import type { Logical } from './logical/plan.ts'
import { newTranslation, type Translation } from './logical/translation.ts'
import { open } from './physical/compile.ts'
import { ProgramBuilder } from './physical/program-builder.ts'
import type { Program } from './program.ts'
import { statisticsOf } from './rules/statistics.ts'
import { optimise, optimiseByRule, type RuleContext } from './rules/optimise.ts'

export interface PlanOptions {
  /** False: no rules but those without which there is no program. Answers are the same. */
  readonly optimise?: boolean
}

/** A plan and the rule that made it. */
export interface RuleStep {
  readonly rule: string
  readonly plan: Logical
}

/** The statement's algebra after all rules. Errors: 0A000. */
export function logicalPlan(bound: BoundQuery, schemas?: SchemaLookup, options: PlanOptions = {}): Logical {
  const context = newTranslation()
  return optimised(fromBound(bound.plan, context), ruleContext(bound, context, schemas), options)
}

/** The plan as it was translated, then after each rule in turn. Errors: 0A000. */
export function planByRule(bound: BoundQuery, schemas?: SchemaLookup): readonly RuleStep[] {
  const context = newTranslation()
  const plan = fromBound(bound.plan, context)
  return [{ rule: 'unnest_subqueries', plan }, ...optimiseByRule(plan, ruleContext(bound, context, schemas))]
}

function ruleContext({ output }: BoundQuery, { make }: Translation, schemas: SchemaLookup | undefined): RuleContext {
  return { output, statistics: statisticsOf(schemas), make }
}

function optimised(plan: Logical, context: RuleContext, options: PlanOptions): Logical {
  return options.optimise === false ? plan : optimise(plan, context)
}

/**
 * Plans a statement.
 *
 * Errors: 0A000 for what cannot be planned yet, under the clause that asks for it.
 */
export function planQuery(bound: BoundQuery, schemas: SchemaLookup, options: PlanOptions = {}): Program {
  return planTraced(bound, schemas, options).program
}

/** A program, the plan that it was made of, and what connects the two. */
export interface TracedPlan {
  readonly plan: Logical
  readonly program: Program
  readonly builder: ProgramBuilder
}

/** Plans a statement to be explained by what a run of it counts. Errors: as planQuery(). */
export function planTraced(bound: BoundQuery, schemas: SchemaLookup, options: PlanOptions = {}): TracedPlan {
  const context = newTranslation()
  const plan = optimised(fromBound(bound.plan, context), ruleContext(bound, context, schemas), options)
  const programBuilder = new ProgramBuilder({ schemas, make: context.make, parameters: bound.parameters })
  const builder = open(plan, programBuilder)
  if (bound.output.length > 0) {
    const registers = bound.output.map((column) => builder.column(column))
    builder.finish({ kind: 'Result', registers })
  } else {
    builder.finish({ kind: 'Discard', counted: true })
  }
  return { plan, program: programBuilder.build(false), builder: programBuilder }
}
