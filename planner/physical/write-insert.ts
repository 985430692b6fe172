// Insert: constraints, the insert itself, and what on conflict asks for. Rows for event tables and
// devices are appended instead.
import { physicalTypeOf } from '#base/data-type'
import type { Column } from '#sql/bound'
import { columnsRead, test } from '../logical/expression.ts'
import type { CheckedCondition, ConflictUpdate, Insert } from '../logical/plan.ts'
import type { Load, Register } from '../program.ts'
import { notSupported } from '../refuse.ts'
import {
  allOf,
  columnAt,
  raiseChecks,
  raiseNulls,
  raiseWhere,
  raiseWithoutParent,
  truthOf,
} from './constraints.ts'
import { everywhere, type PipelineBuilder } from './pipeline-builder.ts'
import { materialise } from './rows-state.ts'
import { checkReferenced } from './write-update.ts'
import { supplyByRowId } from './row-columns.ts'

export function pushInsert(plan: Insert, builder: PipelineBuilder): PipelineBuilder {
  const ordinal = plan.ordinal ? builder.column(plan.ordinal) : -1
  const values = plan.values.map((value) => (value === 'identity' ? -1 : builder.compile(value)))
  plan.rowColumns.forEach((column, position) => {
    const register = values[position]
    if (register !== undefined && register >= 0) builder.bind(column, register)
  })
  if (plan.relation.kind !== 'table') return pushAppend(plan, builder, { ordinal, values })
  return pushTableInsert(plan, builder, { ordinal, values })
}

interface Row {
  readonly ordinal: Register
  readonly values: readonly Register[]
}

function pushAppend(
  plan: Insert,
  builder: PipelineBuilder,
  { ordinal, values }: Row,
): PipelineBuilder {
  const { relation, span } = plan
  if (plan.conflict) throw notSupported('on conflict for an event table or device', span)
  raiseNulls(builder, relation, plan)
  raiseChecks(builder, relation, plan)
  const numbered = plan.rowColumns[plan.values.indexOf('identity')]
  const id = numbered ? builder.bindNew(numbered) : -1
  builder.push({
    kind: 'Append',
    relation: relation.id,
    values,
    ordinal,
    id,
    spanStart: span.start,
    spanEnd: span.end,
  })
  return builder
}

function pushTableInsert(
  plan: Insert,
  builder: PipelineBuilder,
  { ordinal, values }: Row,
): PipelineBuilder {
  const { relation, span, conflict } = plan
  const isNumbered = (column: Column): boolean =>
    plan.values[plan.rowColumns.indexOf(column)] === 'identity'
  const readsNumbered = ({ condition }: CheckedCondition): boolean =>
    [...columnsRead(condition).values()].some((read) =>
      plan.rowColumns.some((column) => column.id === read.id && isNumbered(column)),
    )
  raiseChecks(builder, relation, {
    span,
    checks: plan.checks.filter((check) => !readsNumbered(check)),
  })
  const isSelf = (parent: number): boolean => parent === relation.id
  for (const key of relation.foreignKeys.filter(({ parent }) => !isSelf(parent))) {
    raiseWithoutParent(builder, relation, { key, row: plan.rowColumns, span })
  }
  const needsRowId = conflict?.action === 'update' || plan.values.includes('identity')
  const rowId = needsRowId ? builder.register('Int64') : -1
  const conflicted = conflict ? builder.register('Bool') : -1
  builder.push({
    kind: 'Insert',
    relation: relation.id,
    values,
    conflict: conflict ? 1 : 0,
    index: conflict?.index ?? -1,
    once: conflict?.action === 'update',
    ordinal,
    rowId,
    conflicted,
    active: everywhere,
    spanStart: span.start,
    spanEnd: span.end,
  })
  if (conflict?.action === 'update')
    return pushConflictUpdate({ plan, conflict, builder, values, ordinal, rowId, conflicted })
  if (conflict)
    builder.push({ kind: 'Filter', register: truthOf(builder, 'Not', conflicted), keep: [] })
  if (rowId >= 0) supplyByRowId(builder, relation, rowId, plan.rowColumns)
  raiseChecks(builder, relation, { span, checks: plan.checks.filter(readsNumbered) })
  return checkOwnParents(plan, builder)
}

/** A row may refer to itself or to one inserted with it, so its parent is looked for afterwards. */
function checkOwnParents(plan: Insert, builder: PipelineBuilder): PipelineBuilder {
  const { relation, span } = plan
  const keys = relation.foreignKeys.filter(({ parent }) => parent === relation.id)
  if (keys.length === 0) return builder
  const written = materialise(builder)
  for (const key of keys) raiseWithoutParent(written, relation, { key, row: plan.rowColumns, span })
  return written
}

interface ConflictParts {
  readonly plan: Insert
  readonly conflict: ConflictUpdate
  readonly builder: PipelineBuilder
  readonly values: readonly Register[]
  readonly ordinal: Register
  readonly rowId: Register
  readonly conflicted: Register
}

/** Rows that met one with their key change that one; what goes on is the row as it is then. */
function pushConflictUpdate(parts: ConflictParts): PipelineBuilder {
  const { plan, conflict, builder, ordinal, rowId, conflicted } = parts
  const { relation, span } = plan
  // At rowId stands the row inserted, or the one already there as it was before the update.
  supplyByRowId(builder, relation, rowId, conflict.existing)
  bindExcluded(parts)
  const isWanted = conflict.where && builder.compile(test('IsTrue', conflict.where), conflicted)
  const active = isWanted === undefined ? conflicted : allOf(builder, [conflicted, isWanted])
  builder.nestMask(active, conflicted)
  const columns = conflict.set.map(({ position, value }) => ({
    column: position,
    register: builder.compile(value, active),
  }))
  bindRow(parts, { columns, active })
  const changed = new Set(columns.map(({ column }) => column))
  checkChanged(parts, { changed, active })
  checkReferenced(builder, { ...plan, rowId, changed, active })
  const newRowId = builder.register('Int64')
  builder.push({
    kind: 'Update',
    relation: relation.id,
    rowId,
    columns,
    ordinal,
    newRowId,
    active,
    spanStart: span.start,
    spanEnd: span.end,
  })
  // The update passes over a row that the statement has changed already.
  raiseWhere(builder, allOf(builder, [active, truthOf(builder, 'IsNull', newRowId)]), {
    state: '21000',
    message: 'on conflict do update cannot change a row a second time',
    span,
  })
  const isWritten = truthOf(builder, 'Or', truthOf(builder, 'Not', conflicted), active)
  builder.push({ kind: 'Filter', register: isWritten, keep: [] })
  return builder
}

function bindExcluded({ plan, conflict, builder, values }: ConflictParts): void {
  conflict.excluded.forEach((column, position) => {
    const register = values[position]
    if (register !== undefined && register >= 0) return builder.bind(column, register)
    // A number that identity would give is known only where the row went in.
    const type = plan.relation.columns[position]?.type ?? column.type
    builder.bind(column, builder.literal(null, type))
  })
}

/**
 * The row after the statement: changed columns where the update is active, else what rowId names.
 */
function bindRow(
  { plan, conflict, builder }: ConflictParts,
  { columns, active }: { columns: readonly Load[]; active: Register },
): void {
  const changed = new Map(columns.map(({ column, register }) => [column, register]))
  const rows = new Map(plan.rowColumns.map((column, position) => [column.id, position]))
  builder.forget(plan.rowColumns)
  builder.addSupplier({
    has: (id) => rows.has(id),
    load: (column) => {
      const position = rows.get(column.id) ?? -1
      const existing = builder.column(columnAt(conflict.existing, position))
      const register = changed.get(position)
      if (register === undefined) return existing
      return builder.compute({
        opcode: 'Select',
        arguments: [active, register, existing],
        type: physicalTypeOf(column.type),
        active: everywhere,
        span: plan.span,
      })
    },
  })
}

function checkChanged(
  { plan, builder }: ConflictParts,
  { changed, active }: { changed: ReadonlySet<number>; active: Register },
): void {
  const { relation, span } = plan
  raiseChecks(builder, relation, { checks: plan.checks, span, active })
  for (const key of relation.foreignKeys.filter(({ columns }) =>
    columns.some((column) => changed.has(column)),
  )) {
    raiseWithoutParent(builder, relation, { key, row: plan.rowColumns, span, active })
  }
}
