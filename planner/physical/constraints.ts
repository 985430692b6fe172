// What a written row must satisfy, as instructions before the write: check constraints, and the
// parents and children that foreign keys ask for.
import type { ForeignKeySchema, RelationSchema } from '#base/schema'
import type { Span } from '#base/span'
import type { Column, Expression } from '#sql/bound'
import { test } from '../logical/expression.ts'
import type { CheckedCondition } from '../logical/plan.ts'
import type { Opcode } from '../opcodes.gen.ts'
import { packSqlState } from '../sql-state.ts'
import { everywhere, type PipelineBuilder } from './pipeline-builder.ts'
import type { FailureNote, Register } from '../program.ts'

/** Fails the rows where `condition` is true; the failure's words are a note of the program. */
export function raiseWhere(
  builder: PipelineBuilder,
  condition: Register,
  failure: FailureNote,
  active: Register = everywhere,
): void {
  const note = builder.program.note(failure)
  builder.compute({
    opcode: 'Raise',
    arguments: [condition],
    immediates: [packSqlState(failure.state)],
    type: 'Bool',
    active,
    span: { start: -1 - note, end: 0 },
    isVolatile: true,
  })
}

export function truthOf(
  builder: PipelineBuilder,
  opcode: Opcode,
  ...registers: readonly Register[]
): Register {
  const span = { start: 0, end: 0 }
  return builder.compute({ opcode, arguments: registers, type: 'Bool', active: everywhere, span })
}

export function allOf(builder: PipelineBuilder, registers: readonly Register[]): Register {
  const [first, ...rest] = registers
  if (first === undefined) throw new TypeError('there is a condition to combine')
  return rest.reduce((left, right) => truthOf(builder, 'And', left, right), first)
}

/** A check holds unless it is false: null passes. */
export function raiseChecks(
  builder: PipelineBuilder,
  relation: RelationSchema,
  {
    checks,
    span,
    active = everywhere,
  }: { checks: readonly CheckedCondition[]; span: Span; active?: Register },
): void {
  for (const { name, condition } of checks) {
    const violated = builder.compile(test('IsFalse', condition), active)
    const message = `new row for relation "${relation.name}" violates check constraint "${name}"`
    raiseWhere(builder, violated, { state: '23514', message, constraint: name, span }, active)
  }
}

/** 23502 where a column that must have a value has none, for relations that no table watches over. */
export function raiseNulls(
  builder: PipelineBuilder,
  relation: RelationSchema,
  { values, span }: { values: readonly (Expression | 'identity')[]; span: Span },
): void {
  relation.columns.forEach(({ name, notNull }, position) => {
    const value = values[position]
    if (!notNull || value === undefined || value === 'identity') return
    if (value.kind === 'literal' && value.value !== null) return
    const missing = builder.compile(test('IsNull', value))
    const message = `null value in column "${name}" of relation "${relation.name}" violates not-null constraint`
    raiseWhere(builder, missing, { state: '23502', message, span })
  })
}

export interface ParentCheck {
  readonly key: ForeignKeySchema
  /** The new row's columns, by position. */
  readonly row: readonly Column[]
  readonly span: Span
  readonly active?: Register
}

/** 23503 where a foreign key without nulls finds no parent. */
export function raiseWithoutParent(
  builder: PipelineBuilder,
  relation: RelationSchema,
  check: ParentCheck,
): void {
  const { key, row, span, active = everywhere } = check
  const parent = relationOf(builder, key.parent)
  const { index, columns } = indexOver(parent, key.parentColumns, key.columns)
  const keys = columns.map((position) => builder.column(columnAt(row, position), active))
  const mark = pushMark(builder, parent, index, keys)
  const present = keys.map((register) => truthOf(builder, 'IsNotNull', register))
  const missing = allOf(builder, [truthOf(builder, 'IsFalse', mark), ...present])
  const message = `insert or update on table "${relation.name}" violates foreign key constraint "${key.name}"`
  const detail = `Key is not present in table "${parent.name}".`
  raiseWhere(
    builder,
    missing,
    { state: '23503', message, detail, constraint: key.name, span },
    active,
  )
}

export function pushMark(
  builder: PipelineBuilder,
  relation: RelationSchema,
  index: number,
  keys: readonly Register[],
): Register {
  const mark = builder.register('Bool')
  builder.push({
    kind: 'IndexProbe',
    relation: relation.id,
    index,
    type: 'Mark',
    keys,
    columns: [],
    rowId: -1,
    mark,
    keep: [],
    residual: { instructions: [], register: -1 },
  })
  return mark
}

export function relationOf(builder: PipelineBuilder, id: number): RelationSchema {
  const relation = builder.program.schemas.relationById(id)
  if (!relation) throw new TypeError(`relation ${String(id)} of a foreign key is gone`)
  return relation
}

export function columnAt(row: readonly Column[], position: number): Column {
  const column = row[position]
  if (!column) throw new TypeError(`a row has no column ${String(position)}`)
  return column
}

/**
 * The index of `relation` over exactly `columns`, and `others` (which correspond to columns)
 * brought into the order of its keys.
 */
export function indexOver(
  relation: RelationSchema,
  columns: readonly number[],
  others: readonly number[],
): { index: number; columns: number[] } {
  // A device's rows are found by id, its index 0, whether or not its schema lists one.
  if (relation.kind !== 'table') return { index: 0, columns: [...others] }
  const matches = relation.indexes.map(
    (index) =>
      index.columns.length === columns.length &&
      index.columns.every((column) => columns.includes(column)),
  )
  const index = matches.indexOf(true)
  const keys = relation.indexes[index]?.columns
  if (!keys)
    throw new TypeError(`relation ${relation.name} lacks the index that a foreign key needs`)
  const paired = keys.map((column) => others[columns.indexOf(column)])
  return { index, columns: paired.filter((column) => column !== undefined) }
}
