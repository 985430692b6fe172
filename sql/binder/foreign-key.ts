// references: which parent, by which of its keys, and whether the two can go together.
import type { ForeignKeySchema, RelationSchema } from '#base/schema'
import { EngineError } from '#base/engine-error'
import { featureNotSupported } from '#base/errors'
import { typeName } from '#base/data-type'
import type * as ast from '#sql/ast'
import type { RelationDraft } from '#sql/bound'
import type { BindContext } from './context.ts'
import { relationNamed } from './from.ts'

type Reference = ast.ForeignKey | ast.ReferencesConstraint

/** In a draft's foreign key: the parent is the relation itself, which has no number yet. */
const kSelf = 0

export function bindForeignKey(
  context: BindContext,
  reference: Reference,
  columns: readonly number[],
  draft: RelationDraft,
): Omit<ForeignKeySchema, 'name'> {
  const onDelete = supportedAction(reference)
  const { schema, name } = reference.parent
  const isSelf = schema === undefined && name === draft.name
  if (isSelf && onDelete === 'cascade' && !isThere(context, draft.name)) {
    throw featureNotSupported(
      'ON DELETE CASCADE from a table to itself is not supported',
      reference.span,
      'Use ON DELETE RESTRICT or SET NULL.',
    )
  }
  const parent = isSelf ? { ...draft, id: kSelf } : relationNamed(context, reference.parent)
  checkParent(parent, draft, reference)
  const parentColumns = keyOf(parent, reference)
  checkTypes(parent, parentColumns, draft, columns, reference)
  return { columns, parent: parent.id, parentColumns, onDelete }
}

/** A table of a data directory keeps what was allowed when it was made; an application may declare it again. */
function isThere(context: BindContext, name: string): boolean {
  return context.restoring || (context.declare && context.schemas.relation(name) !== undefined)
}

function supportedAction({
  match,
  onUpdate,
  onDelete,
  deferral,
  span,
}: Reference): ForeignKeySchema['onDelete'] {
  if (match !== 'simple')
    throw featureNotSupported(`MATCH ${match.toUpperCase()} is not supported`, span)
  if (onUpdate !== 'no_action' && onUpdate !== 'restrict') {
    throw featureNotSupported('ON UPDATE actions other than RESTRICT are not supported', span)
  }
  if (deferral !== 'immediate')
    throw featureNotSupported('deferrable constraints are not supported', span)
  if (onDelete === 'set_default')
    throw featureNotSupported('ON DELETE SET DEFAULT is not supported', span)
  return onDelete
}

function checkParent(
  parent: RelationSchema,
  draft: RelationDraft,
  { parent: name }: Reference,
): void {
  const isConnections = parent.kind === 'device' && parent.mutable
  if (parent.kind !== 'table' && !isConnections) {
    throw new EngineError('wrong_object_type', {
      message: `referenced relation "${parent.name}" is not a table`,
      span: name.span,
    })
  }
  if (!draft.durable || parent.durable) return
  throw new EngineError('invalid_table_definition', {
    message: 'constraints on durable tables may reference only durable tables',
    detail: `"${parent.name}" does not survive a restart.`,
    hint: 'Make it: create unlogged table ….',
    span: name.span,
  })
}

/** Positions of the parent's columns, which a unique key must hold. */
function keyOf(
  parent: RelationSchema,
  { parentColumns, parent: name }: Reference,
): readonly number[] {
  if (!parentColumns) {
    const primary = parent.indexes.find((index) => index.primary)
    if (primary) return primary.columns
    if (parent.kind === 'device')
      return [parent.columns.findIndex((column) => column.name === 'id')]
    throw invalid(`there is no primary key for referenced table "${parent.name}"`, name)
  }
  const positions = parentColumns.map((column) => {
    const position = parent.columns.findIndex((one) => one.name === column.name)
    if (position >= 0) return position
    throw new EngineError('undefined_column', {
      message: `column "${column.name}" referenced in foreign key constraint does not exist`,
      span: column.span,
    })
  })
  const isKey = parent.indexes.some(({ unique, columns }) => unique && sameSet(columns, positions))
  const isDeviceId =
    parent.kind === 'device' && positions.length === 1 && parentColumns[0]?.name === 'id'
  if (isKey || isDeviceId) return positions
  throw invalid(
    `there is no unique constraint matching given keys for referenced table "${parent.name}"`,
    name,
  )
}

function sameSet(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((one) => right.includes(one))
}

function checkTypes(
  parent: RelationSchema,
  parentColumns: readonly number[],
  draft: RelationDraft,
  columns: readonly number[],
  { parent: name, span }: Reference,
): void {
  if (columns.length !== parentColumns.length) {
    throw invalid('number of referencing and referenced columns for foreign key disagree', name)
  }
  columns.forEach((position, index) => {
    const child = draft.columns[position]
    const key = parent.columns[parentColumns[index] ?? -1]
    if (!child || !key || child.type.kind === key.type.kind) return
    throw new EngineError('datatype_mismatch', {
      message: `foreign key column "${child.name}" is of type ${typeName(child.type)}, and "${parent.name}.${key.name}" of type ${typeName(key.type)}`,
      hint: `Declare "${child.name}" ${typeName(key.type)}.`,
      span,
    })
  })
}

function invalid(message: string, { span }: ast.QualifiedName): EngineError {
  return new EngineError('invalid_foreign_key', { message, span })
}
