// Inserts, updates and deletes as the operators of a pipeline. Its rows go on behind the write
// with the written row's columns, for returning.
import type { Delete, Insert, Logical, Update } from '../logical/plan.ts'
import { columnRef } from '../logical/expression.ts'
import { inputsOf } from '../logical/columns.ts'
import { open } from './compile.ts'
import type { PipelineBuilder } from './pipeline-builder.ts'
import type { ProgramBuilder } from './program-builder.ts'
import { materialise } from './rows-state.ts'
import { pushDelete } from './write-delete.ts'
import { pushInsert } from './write-insert.ts'
import { pushUpdate } from './write-update.ts'

export function openWrite(
  plan: Insert | Update | Delete,
  program: ProgramBuilder,
): PipelineBuilder {
  const builder = openOrdered(plan, program)
  switch (plan.kind) {
    case 'insert':
      return pushInsert(plan, builder)
    case 'update':
      return pushUpdate(plan, builder)
    case 'delete':
      return pushDelete(plan, builder)
  }
}

/**
 * The rows to write. Effects leave in the order of their instances, and a relation that is scanned
 * while it is written is read to its end first.
 */
function openOrdered(plan: Insert | Update | Delete, program: ProgramBuilder): PipelineBuilder {
  const { input, ordinal } = plan
  if (ordinal && !isInInstanceOrder(input, ordinal.id)) {
    const keys = [{ expression: columnRef(ordinal), descending: false, nullsFirst: false }]
    return open({ kind: 'sort', input, keys }, program)
  }
  const builder = open(input, program)
  const isProbed = plan.kind === 'insert' && readsRelation(input, plan.relation.id)
  return isProbed || readsWhileWriting(builder, plan.relation.id) ? materialise(builder) : builder
}

/** Would a later batch of the pipeline meet what an earlier one has written? */
function readsWhileWriting({ source, operators }: PipelineBuilder, relation: number): boolean {
  if (source.kind === 'Scan' && source.relation === relation) return true
  // Rounds run between batches and read what was there before the statement.
  if (source.kind === 'Recursion') return true
  // One row needs one batch; instances that meet each other's rows are a conflict of the batch.
  if (source.kind === 'Dual' || source.kind === 'Instances') return false
  return operators.some(
    (operator) => operator.kind === 'IndexProbe' && operator.relation === relation,
  )
}

function readsRelation(plan: Logical, relation: number): boolean {
  if (plan.kind === 'scan') return plan.relation.id === relation
  return inputsOf(plan).some((input) => readsRelation(input, relation))
}

function isInInstanceOrder(plan: Logical, ordinal: number): boolean {
  switch (plan.kind) {
    case 'instances':
      return true
    case 'extend':
    case 'filter':
    case 'series':
    case 'limit':
    case 'insert':
    case 'update':
    case 'delete':
      return isInInstanceOrder(plan.input, ordinal)
    case 'join':
      return plan.type !== 'full' && isInInstanceOrder(plan.left, ordinal)
    case 'with':
      return isInInstanceOrder(plan.body, ordinal)
    case 'window': {
      const [first] = plan.partition
      return first?.kind === 'column' && first.column.id === ordinal
    }
    case 'sort': {
      const [first] = plan.keys
      return (
        first?.expression.kind === 'column' &&
        first.expression.column.id === ordinal &&
        !first.descending
      )
    }
    case 'dual':
    case 'scan':
    case 'constants':
    case 'aggregate':
    case 'union':
    case 'cte_scan':
    case 'recursion':
    case 'round_scan':
      return false
  }
}
