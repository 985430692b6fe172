// explain analyze: the plan with what was expected of each node and what a run of it counted, then
// the pipelines as they ran.
import type { SchemaLookup } from '#base/schema'
import type { ExplainAnalyze } from '#sql/bound'
import { inputsOf } from '../logical/columns.ts'
import type { Logical } from '../logical/plan.ts'
import type { TracedPlan } from '../query.ts'
import { estimateRows } from '../rules/cardinality.ts'
import { statisticsOf } from '../rules/statistics.ts'
import { explainLogical } from './logical.ts'
import { explainPipelines } from './pipelines.ts'
import type { PipelineProfile, RunProfile } from './run-profile.ts'

/**
 * `planned`: milliseconds that planning took. A node without rows of its own is done together with
 * the one above it; its time is what its own stages took, on all threads.
 */
export interface AnalyzedRun {
  readonly traced: TracedPlan
  readonly profile: RunProfile
  readonly planned: number
}

export function explainAnalyzed(run: AnalyzedRun, schemas: SchemaLookup, show: ExplainAnalyze): string[] {
  const { traced, profile } = run
  return [
    ...explainLogical(traced.plan, nodeRemarks(run, schemas, show)),
    '',
    ...pipelineLines(run, schemas, show),
    ...(show.summary ? ['', summary(profile, run.planned, show)] : []),
  ]
}

function nodeRemarks({ traced, profile }: AnalyzedRun, schemas: SchemaLookup, show: ExplainAnalyze): (plan: Logical) => string {
  const { builder, plan: root } = traced
  const statistics = show.costs ? statisticsOf(schemas) : undefined
  const times = timesOf(traced, profile)
  return (plan) => {
    const place = builder.trace.rowsOf(plan, builder.pipelines)
    const stage = place && profile.pipelines[place.pipeline]?.stages[place.stage]
    return remark([
      stage ? `rows ${String(stage.rows)}` : '',
      skipped(plan.kind === 'scan' && place ? profile.pipelines[place.pipeline] : undefined),
      stage && statistics ? `estimated ${String(Math.round(estimateRows(plan, statistics)))}` : '',
      show.timing && (stage || plan === root) ? milliseconds(times.get(plan) ?? 0) : '',
    ])
  }
}

/** Nanoseconds of the stages that work for each node; what prepares the result counts for the plan's root. */
function timesOf({ plan, builder }: TracedPlan, { pipelines }: RunProfile): ReadonlyMap<Logical, number> {
  const nodes = new Set(nodesOf(plan))
  const times = new Map<Logical, number>()
  builder.pipelines.forEach((pipeline, index) => {
    pipeline.stageOwners().forEach((node, stage) => {
      const owner = builder.trace.ownerIn(nodes, node) ?? plan
      const spent = pipelines[index]?.stages[stage]?.nanoseconds ?? 0
      times.set(owner, (times.get(owner) ?? 0) + spent)
    })
  })
  return times
}

function nodesOf(plan: Logical): Logical[] {
  return [plan, ...inputsOf(plan).flatMap(nodesOf)]
}

/** Rows stand behind the stage that they leave; the last one keeps them. */
function pipelineLines({ traced, profile }: AnalyzedRun, schemas: SchemaLookup, show: ExplainAnalyze): string[] {
  const lines = explainPipelines(traced.program, schemas, (index, stage) => {
    const after = profile.pipelines[index]?.stages[stage + 1]
    return after ? ` (${String(after.rows)})` : ''
  })
  return lines.map((line, index) => `${line}${pipelineRemark(profile.pipelines[index], show)}`)
}

function pipelineRemark(pipeline: PipelineProfile | undefined, { summary: isWhole, timing }: ExplainAnalyze): string {
  if (!pipeline) return ''
  return remark([
    isWhole ? counted(pipeline.stages[1]?.batches ?? 0, 'batch', 'batches') : '',
    isWhole && pipeline.threads > 1 ? counted(pipeline.threads, 'thread', 'threads') : '',
    timing ? milliseconds(pipeline.nanoseconds) : '',
  ])
}

function summary({ nanoseconds, bytes }: RunProfile, planned: number, { timing }: ExplainAnalyze): string {
  const memory = `${String(Math.ceil(bytes / 1024))} KiB of memory`
  return timing ? `Planned in ${milliseconds(planned * 1e6)}, ran in ${milliseconds(nanoseconds)} with ${memory}.` : `Ran with ${memory}.`
}

/** Of a scan: versions of rows in blocks that its filter excludes. */
function skipped(pipeline: PipelineProfile | undefined): string {
  const rows = pipeline?.stages[0]?.rows ?? 0
  return rows === 0 ? '' : `skipped ${String(rows)}`
}

function remark(parts: readonly string[]): string {
  const said = parts.filter((part) => part !== '')
  return said.length === 0 ? '' : `  (${said.join(', ')})`
}

function counted(count: number, one: string, several: string): string {
  return `${String(count)} ${count === 1 ? one : several}`
}

/** Three digits are enough to compare. */
function milliseconds(nanoseconds: number): string {
  const value = nanoseconds / 1e6
  return `${value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(2) : value.toFixed(3)} ms`
}
