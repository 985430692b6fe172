// Items and aggregates that nobody reads go. Nothing would compute them anyway; without them a
// plan is shorter to read, and unread subqueries' columns do not hide an index.
import type { Column, ColumnId } from '#sql/bound'
import { expressionsOf, inputsOf, mapInputs } from '../logical/columns.ts'
import { columnsRead, isVolatile } from '../logical/expression.ts'
import { extend, type Logical } from '../logical/plan.ts'

export function dropUnreadItems(plan: Logical, output: readonly Column[]): Logical {
  const read = new Set(output.map(({ id }) => id))
  collectReads(plan, read)
  const dropped = drop(plan, read)
  // What a dropped item read may be unread now.
  return countItems(dropped) < countItems(plan) ? dropUnreadItems(dropped, output) : dropped
}

function collectReads(plan: Logical, read: Set<ColumnId>): void {
  for (const expression of expressionsOf(plan))
    for (const id of columnsRead(expression).keys()) read.add(id)
  for (const { id } of namedColumns(plan)) read.add(id)
  for (const input of inputsOf(plan)) collectReads(input, read)
}

/** Columns that a node names outside of expressions. */
function namedColumns(plan: Logical): readonly Column[] {
  switch (plan.kind) {
    case 'update':
    case 'delete':
      return plan.ordinal ? [plan.rowId, plan.ordinal] : [plan.rowId]
    case 'insert':
    case 'limit':
      return plan.ordinal ? [plan.ordinal] : []
    case 'cte_scan':
    case 'round_scan':
      return plan.sources
    default:
      return []
  }
}

function drop(plan: Logical, read: ReadonlySet<ColumnId>): Logical {
  const below = mapInputs(plan, (input) => drop(input, read))
  if (below.kind === 'aggregate') {
    return { ...below, aggregates: below.aggregates.filter(({ column }) => read.has(column.id)) }
  }
  if (below.kind === 'window') {
    const calls = below.calls.filter(({ column }) => read.has(column.id))
    return calls.length + below.checks.length === 0 ? below.input : { ...below, calls }
  }
  if (below.kind !== 'extend') return below
  const items = below.items.filter(
    ({ column, expression }) => read.has(column.id) || isVolatile(expression),
  )
  return extend(below.input, items)
}

function countItems(plan: Logical): number {
  const own =
    plan.kind === 'extend'
      ? plan.items.length
      : plan.kind === 'aggregate'
        ? plan.aggregates.length
        : plan.kind === 'window'
          ? plan.calls.length
          : 0
  return inputsOf(plan).reduce((count, input) => count + countItems(input), own)
}
