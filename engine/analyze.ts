// `explain analyze`: plans a statement, runs it as it would run alone, and tells what the run did. Its
// rows go nowhere; what it changes stays changed, unless its transaction is rolled back.
import { invariant } from '#base/invariant'
import { encodeProgram, explainAnalyzed, planTraced, readProfile } from '#planner/index'
import type { BoundQuery, ExplainAnalyze } from '#sql/bound'
import type { Executor } from './executor.ts'
import type { FileOptions, StatementFiles } from './files/statement-files.ts'
import { parameterValues, type ParameterValue } from './parameters.ts'
import type { Statements } from './statements.ts'

export interface Analysis {
  readonly bound: BoundQuery
  readonly files: StatementFiles
  readonly values: readonly ParameterValue[]
  readonly show: ExplainAnalyze
}

/** Returns: lines of text. Errors: those of planning and of running the statement. */
export async function analyze({ bound, files, values, show }: Analysis, { planOptions }: Statements, executor: Executor, options: FileOptions): Promise<string[]> {
  const start = performance.now()
  const traced = planTraced(bound, files, planOptions)
  const planned = performance.now() - start
  if (!files.isEmpty) await files.load(traced.program, options)
  const handle = executor.prepare(encodeProgram(traced.program))
  try {
    const parameters = parameterValues(bound.parameters, values)
    const { profile } = await executor.run(handle, parameters, traced.program.notes, { ...options, profiled: true })
    invariant(profile !== undefined, 'a profiled run tells what it did')
    return explainAnalyzed({ traced, profile: readProfile(profile), planned }, files, show)
  } finally {
    executor.release(handle)
  }
}
