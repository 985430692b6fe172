// Update: new values, the constraints that they touch, the update.
import type { RelationSchema } from '#base/schema'
import type { Span } from '#base/span'
import type { Column } from '#sql/bound'
import { inputsOf } from '../logical/columns.ts'
import { readsAny } from '../logical/expression.ts'
import type { Logical, Update } from '../logical/plan.ts'
import type { Register } from '../program.ts'
import {
  allOf,
  columnAt,
  indexOver,
  pushMark,
  raiseChecks,
  raiseWhere,
  raiseWithoutParent,
  truthOf,
} from './constraints.ts'
import { everywhere, type PipelineBuilder } from './pipeline-builder.ts'
import { fetchColumn, supplyByRowId } from './row-columns.ts'

export function pushUpdate(plan: Update, builder: PipelineBuilder): PipelineBuilder {
  const { relation, span } = plan
  const ordinal = plan.ordinal ? builder.column(plan.ordinal) : -1
  const rowId = builder.column(plan.rowId)
  const columns = plan.set.map(({ position, value }) => ({
    column: position,
    register: builder.compile(value),
  }))
  supplyByRowId(builder, relation, rowId, plan.rowColumns)
  for (const { column, register } of columns)
    builder.bind(columnAt(plan.rowColumns, column), register)
  checkRow(plan, builder)
  const changed = new Set(plan.set.map(({ position }) => position))
  checkReferenced(builder, { ...plan, rowId, changed, active: everywhere })
  const newRowId = builder.register('Int64')
  builder.push({
    kind: 'Update',
    relation: relation.id,
    rowId,
    columns,
    ordinal,
    newRowId,
    active: everywhere,
    spanStart: span.start,
    spanEnd: span.end,
  })
  // A row that the input names twice is changed once; native code says -1 the second time.
  if (ordinal < 0 && joins(plan.input)) {
    const none = builder.literal(0n, { kind: 'bigint' })
    builder.push({
      kind: 'Filter',
      register: truthOf(builder, 'GreaterEqual', newRowId, none),
      keep: [],
    })
  }
  return builder
}

function joins(plan: Logical): boolean {
  return plan.kind === 'join' || inputsOf(plan).some(joins)
}

function checkRow(plan: Update, builder: PipelineBuilder): void {
  const { relation, span } = plan
  const changed = new Set(plan.set.map(({ position }) => position))
  const ids = new Set(
    plan.rowColumns.filter((_, position) => changed.has(position)).map(({ id }) => id),
  )
  // A check over columns that stay has been true and stays true.
  raiseChecks(builder, relation, {
    checks: plan.checks.filter(({ condition }) => readsAny(condition, ids)),
    span,
  })
  for (const key of relation.foreignKeys) {
    if (!key.columns.some((column) => changed.has(column))) continue
    raiseWithoutParent(builder, relation, { key, row: plan.rowColumns, span })
  }
}

export interface ChangedRow {
  readonly relation: RelationSchema
  /** The row as it is before the change. */
  readonly rowId: Register
  /** Positions of the columns that get another value, and the row as it will be. */
  readonly changed: ReadonlySet<number>
  readonly rowColumns: readonly Column[]
  readonly active: Register
  readonly span: Span
}

/** 23503 where a key that others refer to would change under them. */
export function checkReferenced(
  builder: PipelineBuilder,
  { relation, rowId, changed, rowColumns, active, span }: ChangedRow,
): void {
  for (const { relation: child, key } of builder.program.schemas.referencing(relation.id)) {
    const moved = key.parentColumns.filter((column) => changed.has(column))
    if (moved.length === 0) continue
    const { index, columns } = indexOver(child, key.columns, key.parentColumns)
    const old = columns.map((position) => fetchColumn(builder, relation, rowId, position))
    const mark = pushMark(builder, child, index, old)
    const differs = columns.map((position, place) =>
      truthOf(builder, 'IsDistinct', old[place] ?? -1, builder.column(columnAt(rowColumns, position))),
    )
    const isChanged = differs.reduce((left, right) => truthOf(builder, 'Or', left, right))
    const message = `update on table "${relation.name}" violates foreign key constraint "${key.name}" on table "${child.name}"`
    const detail = `Key is still referenced from table "${child.name}".`
    const conditions = [truthOf(builder, 'IsTrue', mark), isChanged]
    if (active !== everywhere) conditions.push(active)
    raiseWhere(builder, allOf(builder, conditions), {
      state: '23503',
      message,
      detail,
      constraint: key.name,
      span,
    })
  }
}
