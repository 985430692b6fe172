// How many rows a plan will give, about: sizes of tables as they are now, and rules of thumb for the
// rest. Good enough to tell a dimension from a fact table, which is what the order of joins needs.
import type { Expression } from '#sql/bound'
import { splitConjuncts } from '../logical/expression.ts'
import type { Aggregate, Join, Limit, Logical } from '../logical/plan.ts'
import { rangesOf } from './column-ranges.ts'
import { DistinctCounts, type Statistics } from './statistics.ts'

const unknownRows = 1_000
const rowsOfSeries = 1_000

const equalSelectivity = 0.02
/** The part of the rows for which a condition holds, by its kernel, where nothing is known of its columns. */
const selectivities: Readonly<Record<string, number>> = {
  IsNotDistinct: equalSelectivity,
  NotEqual: 0.95,
  IsDistinct: 0.95,
  Less: 0.35,
  LessEqual: 0.35,
  Greater: 0.35,
  GreaterEqual: 0.35,
  Like: 0.1,
  IsNull: 0.05,
  IsNotNull: 0.95,
}

export function estimateRows(plan: Logical, statistics: Statistics): number {
  const before = statistics.guessed.get(plan)
  if (before !== undefined) return before
  const rows = guessRows(plan, statistics)
  statistics.guessed.set(plan, rows)
  return rows
}

function guessRows(plan: Logical, statistics: Statistics): number {
  switch (plan.kind) {
    case 'scan':
      return statistics.rows(plan.relation.id) ?? unknownRows
    case 'filter':
      return estimateRows(plan.input, statistics) * selectivity(plan.predicate, new DistinctCounts([plan.input], statistics))
    case 'extend':
    case 'sort':
    case 'window':
    case 'insert':
    case 'update':
    case 'delete':
      return estimateRows(plan.input, statistics)
    case 'series':
      return estimateRows(plan.input, statistics) * rowsOfSeries
    case 'aggregate':
      return estimateGroups(plan, statistics)
    case 'limit':
      return Math.min(estimateRows(plan.input, statistics), limitOf(plan))
    case 'union':
      return plan.inputs.reduce((rows, input) => rows + estimateRows(input.plan, statistics), 0)
    case 'with':
      return estimateRows(plan.body, statistics)
    case 'cte_scan':
      return plan.rows ?? unknownRows
    case 'join':
      return estimateJoin(plan, statistics)
    case 'dual':
      return 1
    case 'constants':
      return plan.rows.length
    case 'instances':
    case 'recursion':
    case 'round_scan':
      return unknownRows
  }
}

/** As many as the keys have values, where those were counted; a tenth of the rows where not. */
function estimateGroups({ groups, input }: Aggregate, statistics: Statistics): number {
  if (groups.length === 0) return 1
  const rows = estimateRows(input, statistics)
  const distinct = new DistinctCounts([input], statistics)
  const counts = groups.map(({ expression }) => (expression.kind === 'column' ? distinct.of(expression.column.id) : undefined))
  const isCounted = counts.every((count) => count !== undefined)
  return Math.max(1, isCounted ? Math.min(rows, counts.reduce((product, count) => product * count, 1)) : rows / 10)
}

function limitOf({ limit }: Limit): number {
  return limit?.kind === 'literal' && limit.value !== null ? Number(limit.value) : Infinity
}

/** Rows before any filter: what has to be read. */
export function baseRows(plan: Logical, statistics: Statistics): number {
  return plan.kind === 'filter' || plan.kind === 'extend' ? baseRows(plan.input, statistics) : estimateRows(plan, statistics)
}

/** Where nothing is known of its columns, an equality is one between the smaller table's key and references to it. */
function estimateJoin(plan: Join, statistics: Statistics): number {
  const left = estimateRows(plan.left, statistics)
  if (plan.type === 'semi') return left * (keptBySemiJoin(plan, statistics) ?? 0.5)
  if (plan.type === 'anti') return left / 2
  const right = estimateRows(plan.right, statistics)
  const smaller = Math.max(1, Math.min(baseRows(plan.left, statistics), baseRows(plan.right, statistics)))
  const distinct = new DistinctCounts([plan.left, plan.right], statistics)
  const [equality] = splitConjuncts(plan.condition).filter(isEquality)
  const inner = equality ? (left * right) / (distinct.ofEquality(equality) ?? smaller) : left * right
  return plan.type === 'inner' ? inner : Math.max(left, inner)
}

/** The part of the left rows that a semi join keeps, at most: as if every right row had a key of its own. */
export function keptBySemiJoin(plan: Join, statistics: Statistics): number | undefined {
  const distinct = new DistinctCounts([plan.left], statistics)
  const keys = splitConjuncts(plan.condition).filter(isEquality).flatMap((each) => distinct.ofEquality(each) ?? [])
  return keys.length === 0 ? undefined : Math.min(1, estimateRows(plan.right, statistics) / Math.max(...keys))
}

function isEquality(expression: Expression): boolean {
  return expression.kind === 'call' && expression.kernel === 'Equal'
}

/** The part of the rows for which a condition holds. */
function selectivity(predicate: Expression, distinct: DistinctCounts): number {
  const conjuncts = splitConjuncts(predicate)
  const ranges = rangesOf(conjuncts, distinct)
  const others = conjuncts.filter((conjunct) => !ranges.conjuncts.has(conjunct))
  return others.reduce((part, conjunct) => part * oneSelectivity(conjunct, distinct), ranges.share)
}

function oneSelectivity(conjunct: Expression, distinct: DistinctCounts): number {
  if (conjunct.kind === 'or') return Math.min(1, conjunct.operands.reduce((part, arm) => part + selectivity(arm, distinct), 0))
  if (conjunct.kind !== 'call') return 0.5
  const [first] = conjunct.arguments
  if (conjunct.kernel === 'Not' && first) return 1 - selectivity(first, distinct)
  if (conjunct.kernel === 'Equal') return 1 / (distinct.ofEquality(conjunct) ?? 1 / equalSelectivity) // all values as frequent
  return selectivities[conjunct.kernel] ?? 0.3
}
