// Insert: constraints, the insert itself, and what on conflict asks for. Rows for event tables and
// devices are appended instead.
import type { Column } from '#sql/bound'
import { columnsRead, test } from '../logical/expression.ts'
import type { CheckedCondition, ConflictUpdate, Insert } from '../logical/plan.ts'
import type { Register } from '../program.ts'
import { notSupported } from '../refuse.ts'
import { allOf, raiseChecks, raiseWithoutParent, truthOf } from './constraints.ts'
import { everywhere, type PipelineBuilder } from './pipeline-builder.ts'
import { materialise } from './rows-state.ts'
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

function pushAppend(plan: Insert, builder: PipelineBuilder, { ordinal, values }: Row): PipelineBuilder {
  const { relation, span } = plan
  if (plan.conflict) throw notSupported('on conflict for an event table or device', span)
  raiseChecks(builder, relation, plan)
  const numbered = plan.rowColumns[plan.values.indexOf('identity')]
  const id = numbered ? builder.bindNew(numbered) : -1
  builder.push({
    kind: 'Append', relation: relation.id, values, ordinal, id, spanStart: span.start, spanEnd: span.end,
  })
  return builder
}

function pushTableInsert(plan: Insert, builder: PipelineBuilder, { ordinal, values }: Row): PipelineBuilder {
  const { relation, span, conflict } = plan
  const isNumbered = (column: Column): boolean => plan.values[plan.rowColumns.indexOf(column)] === 'identity'
  const readsNumbered = ({ condition }: CheckedCondition): boolean => [...columnsRead(condition).values()]
    .some((read) => plan.rowColumns.some((column) => column.id === read.id && isNumbered(column)))
  raiseChecks(builder, relation, { span, checks: plan.checks.filter((check) => !readsNumbered(check)) })
  const isSelf = (parent: number): boolean => parent === relation.id
  for (const key of relation.foreignKeys.filter(({ parent }) => !isSelf(parent))) {
    raiseWithoutParent(builder, relation, { key, row: plan.rowColumns, span })
  }
  const needsRowId = conflict?.action === 'update' || plan.values.includes('identity')
  const rowId = needsRowId ? builder.register('Int64') : -1
  const conflicted = conflict ? builder.register('Bool') : -1
  builder.push({
    kind: 'Insert', relation: relation.id, values, conflict: conflict ? 1 : 0, index: conflict?.index ?? -1,
    // Between instances a second row with the key is a conflict of the batch, which native code detects.
    once: conflict?.action === 'update' && ordinal < 0,
    ordinal, rowId, conflicted, active: everywhere, spanStart: span.start, spanEnd: span.end,
  })
  if (conflict?.action === 'update') return pushConflictUpdate({ plan, conflict, builder, values, ordinal, rowId, conflicted })
  if (conflict) builder.push({ kind: 'Filter', register: truthOf(builder, 'Not', conflicted), keep: [] })
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
  const { plan, conflict, builder, values, ordinal, rowId, conflicted } = parts
  const { relation, span } = plan
  supplyByRowId(builder, relation, rowId, conflict.existing)
  conflict.excluded.forEach((column, position) => {
    const register = values[position]
    if (register === undefined || register < 0) supplyByRowId(builder, relation, rowId, at(position, column))
    else builder.bind(column, register)
  })
  const isWanted = conflict.where && builder.compile(test('IsTrue', conflict.where), conflicted)
  const active = isWanted === undefined ? conflicted : allOf(builder, [conflicted, isWanted])
  builder.nestMask(active, conflicted)
  const columns = conflict.set.map(({ position, value }) => ({ column: position, register: builder.compile(value, active) }))
  const changed = new Map(columns.map(({ column, register }) => [column, register]))
  const proposed = plan.rowColumns.map((column, position) => ({ column, register: changed.get(position) }))
  const row = proposed.map(({ column, register }, position) =>
    register === undefined ? (conflict.existing[position] ?? column) : column)
  for (const { column, register } of proposed) if (register !== undefined) builder.bind(column, register)
  checkChanged(parts, { row, changed: new Set(changed.keys()), active })
  const newRowId = builder.register('Int64')
  builder.push({
    kind: 'Update', relation: relation.id, rowId, columns, ordinal, newRowId, active,
    spanStart: span.start, spanEnd: span.end,
  })
  const isWritten = truthOf(builder, 'Or', truthOf(builder, 'Not', conflicted), active)
  const final = builder.compute({ opcode: 'Select', arguments: [active, newRowId, rowId], type: 'Int64', active: everywhere, span })
  builder.push({ kind: 'Filter', register: isWritten, keep: [] })
  builder.forget(plan.rowColumns)
  supplyByRowId(builder, relation, final, plan.rowColumns)
  return builder
}

/** Only the position's column, the others left out of reach. */
function at(position: number, column: Column): Column[] {
  const columns: Column[] = []
  columns[position] = column
  return columns
}

function checkChanged(
  { plan, builder, conflict }: ConflictParts,
  { row, changed, active }: { row: readonly Column[]; changed: ReadonlySet<number>; active: Register },
): void {
  const { relation, span } = plan
  // Unchanged columns of the row are those of the row already there.
  plan.rowColumns.forEach((column, position) => {
    const existing = conflict.existing[position]
    if (existing && !changed.has(position)) builder.bind(column, builder.column(existing))
  })
  raiseChecks(builder, relation, { checks: plan.checks, span, active })
  for (const key of relation.foreignKeys.filter(({ columns }) => columns.some((column) => changed.has(column)))) {
    raiseWithoutParent(builder, relation, { key, row, span, active })
  }
}
