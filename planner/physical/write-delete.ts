// Delete, and what foreign keys make of it: refused where children stand in the way, carried on
// to them by cascade and set null.
import type { ForeignKeySchema, RelationSchema } from '#base/schema'
import { physicalTypeOf } from '#base/data-type'
import type { Span } from '#base/span'
import type { Delete } from '../logical/plan.ts'
import type { Register } from '../program.ts'
import { notSupported } from '../refuse.ts'
import { indexOver, pushMark, raiseWhere, truthOf } from './constraints.ts'
import { everywhere, type PipelineBuilder } from './pipeline-builder.ts'
import { RowsState } from './rows-state.ts'
import { fetchColumn, supplyByRowId } from './row-columns.ts'

export interface Reference {
  readonly relation: RelationSchema
  readonly key: ForeignKeySchema
}

export function pushDelete(plan: Delete, builder: PipelineBuilder): PipelineBuilder {
  const { relation, span } = plan
  const ordinal = plan.ordinal ? builder.column(plan.ordinal) : -1
  const rowId = builder.column(plan.rowId)
  // The binder names columns of the input where it can; only others are fetched.
  if (plan.rowColumns.some(({ id }) => !builder.has(id)))
    supplyByRowId(builder, relation, rowId, plan.rowColumns)
  const isReferenced = relation.kind === 'table' && !plan.unreferenced
  const references = isReferenced ? builder.program.schemas.referencing(relation.id) : []
  const path = [relation.id]
  refuseReferenced(builder, relation, rowId, { references, span })
  builder.push({
    kind: 'Delete',
    relation: relation.id,
    rowId,
    ordinal,
    active: everywhere,
    spanStart: span.start,
    spanEnd: span.end,
  })
  const carried = references.filter(({ key }) => isCarried(key))
  if (carried.length === 0) return builder
  const keys = keysOf(builder, relation, rowId, carried)
  // Children are looked for when the pipeline that deletes their parents has ended.
  const columns = keys.map(({ column }) => column)
  const kept = keepKeys(builder, keys, ordinal)
  for (const reference of carried) carryOn(kept.open(), reference, { columns, span, path })
  return kept.rows.scan(builder.program)
}

function isCarried(key: ForeignKeySchema): boolean {
  return key.onDelete === 'cascade' || key.onDelete === 'set_null'
}

/** 23503 where a row that is to go has children that nothing is done about. */
function refuseReferenced(
  builder: PipelineBuilder,
  relation: RelationSchema,
  rowId: Register,
  { references, span }: { references: readonly Reference[]; span: Span },
): void {
  for (const { relation: child, key } of references.filter(({ key: own }) => !isCarried(own))) {
    const { index, columns } = indexOver(child, key.columns, key.parentColumns)
    const keys = columns.map((position) => fetchColumn(builder, relation, rowId, position))
    const mark = pushMark(builder, child, index, keys)
    const message = `update or delete on table "${relation.name}" violates foreign key constraint "${key.name}" on table "${child.name}"`
    const detail = `Key is still referenced from table "${child.name}".`
    raiseWhere(builder, truthOf(builder, 'IsTrue', mark), {
      state: '23503',
      message,
      detail,
      constraint: key.name,
      span,
    })
  }
}

interface FetchedKey {
  readonly column: number
  readonly register: Register
}

/** The columns that children refer to, each once. */
function keysOf(
  builder: PipelineBuilder,
  relation: RelationSchema,
  rowId: Register,
  references: readonly Reference[],
): FetchedKey[] {
  const columns = new Set(references.flatMap(({ key }) => key.parentColumns))
  return [...columns].map((column) => ({
    column,
    register: fetchColumn(builder, relation, rowId, column),
  }))
}

/** Keys of deleted rows, and the instance that deleted them, in a pipeline of their own. */
export interface KeyRows {
  readonly builder: PipelineBuilder
  readonly keys: readonly Register[]
  readonly ordinal: Register
}

/** Ends `builder`; open() gives a pipeline over the keys, as often as there are children. */
function keepKeys(
  builder: PipelineBuilder,
  keys: readonly FetchedKey[],
  ordinal: Register,
): { rows: RowsState; open(): KeyRows } {
  const { program } = builder
  const columns = keys.map(({ register }) => builder.anonymous(register))
  const instance = ordinal < 0 ? undefined : builder.anonymous(ordinal)
  const rows = new RowsState(program, (id) => builder.has(id))
  rows.fill(builder)
  const open = (): KeyRows => {
    const scan = rows.scan(program)
    const ownKeys = columns.map((column) => scan.column(column))
    return { builder: scan, keys: ownKeys, ordinal: instance ? scan.column(instance) : -1 }
  }
  return { rows, open }
}

interface Carried {
  /** Positions of the keys in the parent. */
  readonly columns: readonly number[]
  readonly span: Span
  /** Relations on the way here: a cascade that comes back would need a fixpoint. */
  readonly path: readonly number[]
}

/** Deletes the children of the rows, and theirs, or takes their reference away. */
export function carryOn(
  parents: KeyRows,
  { relation: child, key }: Reference,
  carried: Carried,
): void {
  const { builder, ordinal } = parents
  const { span } = carried
  if (carried.path.includes(child.id) && key.onDelete === 'cascade') {
    throw notSupported(`a cascade that comes back to table "${child.name}"`, span)
  }
  const { index, columns } = indexOver(child, key.columns, key.parentColumns)
  const keys = columns.map((column) => parents.keys[carried.columns.indexOf(column)] ?? -1)
  const rowId = builder.register('Int64')
  builder.push({
    kind: 'IndexProbe',
    relation: child.id,
    index,
    type: 'Inner',
    keys,
    columns: [],
    rowId,
    mark: -1,
    keep: [],
    residual: { instructions: [], register: -1 },
  })
  if (key.onDelete === 'set_null') pushNulls(parents, child, { key, rowId, span })
  else deleteChildren({ builder, rowId, ordinal }, child, carried)
}

function pushNulls(
  { builder, ordinal }: KeyRows,
  child: RelationSchema,
  { key, rowId, span }: { key: ForeignKeySchema; rowId: Register; span: Span },
): void {
  const columns = key.columns.map((column) => {
    const type = child.columns[column]?.type ?? { kind: 'unknown' as const }
    return {
      column,
      register: builder.constant(
        builder.program.constants.addPhysical({ type: physicalTypeOf(type), value: undefined }),
      ),
    }
  })
  builder.push({
    kind: 'Update',
    relation: child.id,
    rowId,
    columns,
    ordinal,
    newRowId: builder.register('Int64'),
    active: everywhere,
    spanStart: span.start,
    spanEnd: span.end,
  })
  builder.finish({ kind: 'Discard', counted: false })
}

function deleteChildren(
  { builder, rowId, ordinal }: { builder: PipelineBuilder; rowId: Register; ordinal: Register },
  child: RelationSchema,
  { span, path }: Carried,
): void {
  const references = builder.program.schemas.referencing(child.id)
  refuseReferenced(builder, child, rowId, { references, span })
  builder.push({
    kind: 'Delete',
    relation: child.id,
    rowId,
    ordinal,
    active: everywhere,
    spanStart: span.start,
    spanEnd: span.end,
  })
  const carried = references.filter(({ key }) => isCarried(key))
  if (carried.length === 0) return builder.finish({ kind: 'Discard', counted: false })
  const keys = keysOf(builder, child, rowId, carried)
  const kept = keepKeys(builder, keys, ordinal)
  const columns = keys.map(({ column }) => column)
  for (const reference of carried)
    carryOn(kept.open(), reference, { columns, span, path: [...path, child.id] })
}
