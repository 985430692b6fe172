// Tells every reader of a with part how many rows it has, about: a reader alone does not show what it reads.
import { inputsOf, mapInputs } from '../logical/columns.ts'
import type { Logical } from '../logical/plan.ts'
import { estimateRows } from './cardinality.ts'
import type { Statistics } from './statistics.ts'

export function estimateParts(plan: Logical, statistics: Statistics | undefined): Logical {
  return statistics && hasPart(plan) ? estimated(plan, statistics, new Map()) : plan
}

function hasPart(plan: Logical): boolean {
  return plan.kind === 'with' || inputsOf(plan).some(hasPart)
}

function estimated(plan: Logical, statistics: Statistics, known: ReadonlyMap<number, number>): Logical {
  if (plan.kind === 'cte_scan') {
    const rows = known.get(plan.id)
    return rows === undefined ? plan : { ...plan, rows }
  }
  if (plan.kind !== 'with') return mapInputs(plan, (input) => estimated(input, statistics, known))
  const definition = estimated(plan.definition, statistics, known)
  const own = new Map(known).set(plan.id, estimateRows(definition, statistics))
  return { ...plan, definition, body: estimated(plan.body, statistics, own) }
}
