// `drop column` and `drop constraint`: what goes with a column, and what keeps it from going.
import { EngineError } from '#base/engine-error'
import type { Span } from '#base/span'
import type * as ast from '#sql/ast'
import { columnNames } from '../ast-tree.ts'
import { constraintsOf, withConstraints, type Constraint, type TableEdit } from './table-edit.ts'

type DropColumn = Extract<ast.AlterAction, { kind: 'drop_column' }>
type DropConstraint = Extract<ast.AlterAction, { kind: 'drop_constraint' }>

/** Constraints that name the column go with it; generated columns that read it only by `cascade`. Errors: 42703, 2BP01. */
export function dropColumn(edit: TableEdit, action: DropColumn): void {
  const { name, span } = action.column
  const isThere = edit.elements.some(({ node }) => isColumnNamed(node, name))
  if (!isThere && action.ifExists) return
  if (!isThere) throw missing('undefined_column', `column "${name}"`, edit, span)
  const reader = edit.elements.find(({ node }) => !isColumnNamed(node, name) && isGeneratedFrom(node, name))
  if (reader?.node.kind === 'column_definition') {
    const { name: other } = reader.node
    if (action.behavior !== 'cascade') throw neededBy(edit, name, other.name, span)
    dropColumn(edit, { ...action, column: { ...other, span } })
    return dropColumn(edit, action)
  }
  edit.elements = edit.elements.flatMap((element) => {
    if (isColumnNamed(element.node, name)) return []
    const node = withConstraints(element.node, (one) => (namesColumn(one, name, edit.name) ? undefined : one))
    if (node === undefined) return []
    return [node === element.node ? element : { node, written: undefined }]
  })
  for (const [before, now] of edit.columns) if (now === name) edit.columns.delete(before)
  edit.using.delete(name)
}

function isColumnNamed(node: ast.TableElement, name: string): boolean {
  return node.kind === 'column_definition' && node.name.name === name
}

function isGeneratedFrom(node: ast.TableElement, name: string): boolean {
  return constraintsOf(node).some((one) => one.kind === 'generated' && columnNames(one).has(name))
}

function namesColumn(constraint: Constraint, name: string, table: string): boolean {
  switch (constraint.kind) {
    case 'check':
      return columnNames(constraint).has(name)
    case 'table_key':
      return constraint.columns.some((column) => column.name === name)
    case 'foreign_key':
      return constraint.columns.some((column) => column.name === name) || refersTo(constraint, name, table)
    case 'references':
      return refersTo(constraint, name, table)
    default:
      return false
  }
}

/** A reference from the table to itself. */
function refersTo({ parent, parentColumns }: ast.ForeignKey | ast.ReferencesConstraint, name: string, table: string): boolean {
  return parent.name === table && (parentColumns ?? []).some((column) => column.name === name)
}

function neededBy(edit: TableEdit, name: string, other: string, span: Span): EngineError {
  return new EngineError('dependent_objects_still_exist', {
    message: `cannot drop column ${name} of table ${edit.name} because other objects depend on it`,
    detail: `Column "${other}" is generated from it.`,
    hint: 'Use drop … cascade to drop it too.',
    span,
  })
}

/** Errors: 42704. */
export function dropConstraint(edit: TableEdit, { constraint: { name, span }, ifExists }: DropConstraint): void {
  const found = edit.elements.flatMap(({ node }) => constraintsOf(node)).find((one) => one.name === name)
  if (found === undefined && ifExists) return
  if (found === undefined) throw missing('undefined_object', `constraint "${name}"`, edit, span)
  edit.elements = edit.elements.flatMap((element) => {
    const node = withConstraints(element.node, (one) => (one === found ? undefined : one))
    if (node === undefined) return []
    if (!isPrimary(found) || !isMember(element.node, found)) return [node === element.node ? element : { node, written: undefined }]
    return [{ node: keptNotNull(node), written: undefined }]
  })
}

function isPrimary(constraint: Constraint): boolean {
  return constraint.kind === 'primary_key' || (constraint.kind === 'table_key' && constraint.primary)
}

function isMember(node: ast.TableElement, key: Constraint): boolean {
  if (node.kind !== 'column_definition') return false
  if (key.kind === 'table_key') return key.columns.some(({ name }) => name === node.name.name)
  return constraintsOf(node).includes(key)
}

/** Columns of a primary key stay `not null` without it. */
function keptNotNull(node: ast.TableElement): ast.TableElement {
  if (node.kind !== 'column_definition' || node.constraints.some(({ kind }) => kind === 'not_null')) return node
  const notNull: ast.NullConstraint = { kind: 'not_null', name: undefined, span: node.span }
  return { ...node, constraints: [...node.constraints, notNull] }
}

/** What the table has not. */
export function missing(condition: 'undefined_column' | 'undefined_object', what: string, edit: TableEdit, span: Span): EngineError {
  return new EngineError(condition, { message: `${what} of relation "${edit.name}" does not exist`, span })
}
