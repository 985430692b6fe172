// What each action of `alter table` does to a definition. Errors are PostgreSQL's.
import { EngineError } from '#base/engine-error'
import { featureNotSupported } from '#base/errors'
import type { Span } from '#base/span'
import type * as ast from '#sql/ast'
import { dropColumn, dropConstraint, missing } from './drop-parts.ts'
import { renameColumn } from './rename-column.ts'
import {
  constraintsOf,
  isReference,
  textAt,
  withConstraints,
  type Constraint,
  type TableEdit,
} from './table-edit.ts'

/** `text` is what the statement stands in. Errors: 42701, 42703, 42704, 42710, 42P16, 42601, 2BP01, 0A000. */
export function applyActions(
  edit: TableEdit,
  { actions }: ast.AlterTable,
  text: string,
): void {
  for (const action of actions) applyAction(edit, action, text)
}

function applyAction(edit: TableEdit, action: ast.AlterAction, text: string): void {
  switch (action.kind) {
    case 'add_column':
      return addColumn(edit, action, text)
    case 'drop_column':
      return dropColumn(edit, action)
    case 'add_constraint':
      return addConstraint(edit, action.constraint, text)
    case 'drop_constraint':
      return dropConstraint(edit, action)
    case 'set_type': {
      const { column, type, using } = action
      changeColumn(edit, column, (node) => ({ ...node, type }))
      if (using) edit.using.set(column.name, textAt(text, using.span))
      return
    }
    case 'set_default':
      return changeDefault(edit, action.column, action.expression, action.span)
    case 'drop_default':
      return changeDefault(edit, action.column, undefined, action.span)
    case 'set_not_null':
    case 'drop_not_null':
      return changeNull(edit, action.column, action.kind === 'set_not_null', action.span)
    case 'set_options':
      throw featureNotSupported('options of tables are not supported', action.span)
  }
}

function addColumn(
  edit: TableEdit,
  { column, ifNotExists, span }: Extract<ast.AlterAction, { kind: 'add_column' }>,
  text: string,
): void {
  if (findColumn(edit, column.name.name)) {
    if (ifNotExists) return
    throw duplicateColumn(edit, column.name.name, span)
  }
  const written = { text: textAt(text, column.span), start: column.span.start }
  edit.elements.push({ node: column, written })
}

function addConstraint(edit: TableEdit, constraint: ast.TableConstraint, text: string): void {
  const { name, span } = constraint
  const isTaken = edit.elements
    .flatMap(({ node }) => constraintsOf(node))
    .some((one) => name !== undefined && one.name === name)
  if (isTaken) {
    throw new EngineError('duplicate_object', {
      message: `constraint "${String(name)}" for relation "${edit.name}" already exists`,
      span,
    })
  }
  edit.elements.push({ node: constraint, written: { text: textAt(text, span), start: span.start } })
}

function changeDefault(
  edit: TableEdit,
  column: ast.Identifier,
  expression: ast.Expression | undefined,
  span: Span,
): void {
  changeColumn(edit, column, (node) => {
    const fixed = node.constraints.find(({ kind }) => kind === 'identity' || kind === 'generated')
    if (fixed) {
      const what = fixed.kind === 'identity' ? 'an identity' : 'a generated'
      throw new EngineError('syntax_error', {
        message: `column "${node.name.name}" of relation "${edit.name}" is ${what} column`,
        span,
      })
    }
    const rest = node.constraints.filter(({ kind }) => kind !== 'default_value')
    if (expression === undefined) return { ...node, constraints: rest }
    const value: ast.DefaultConstraint = { kind: 'default_value', name: undefined, expression, span }
    return { ...node, constraints: [...rest, value] }
  })
}

function changeNull(
  edit: TableEdit,
  column: ast.Identifier,
  isNotNull: boolean,
  span: Span,
): void {
  const isKeyColumn = (node: ast.TableElement): boolean =>
    node.kind === 'table_key' && node.primary && node.columns.some(({ name }) => name === column.name)
  changeColumn(edit, column, (node) => {
    const rest = node.constraints.filter((one) => one.kind !== 'not_null' && one.kind !== 'null')
    if (isNotNull) {
      return { ...node, constraints: [...rest, { kind: 'not_null', name: undefined, span }] }
    }
    const isPrimary = node.constraints.some((one) => one.kind === 'primary_key')
    if (isPrimary || edit.elements.some((element) => isKeyColumn(element.node))) {
      throw new EngineError('invalid_table_definition', {
        message: `column "${column.name}" is in a primary key`,
        span,
      })
    }
    if (node.constraints.some((one) => one.kind === 'identity')) {
      throw new EngineError('syntax_error', {
        message: `column "${column.name}" of relation "${edit.name}" is an identity column`,
        span,
      })
    }
    return { ...node, constraints: rest }
  })
}

/** `rename …`, of the table itself, a column or a constraint. Errors: 42701, 42703, 42704, 42710. */
export function applyRename(edit: TableEdit, { part, to }: ast.Rename): void {
  if (part === undefined) return renameTable(edit, to.name)
  if (part.kind === 'constraint') return renameConstraint(edit, part.name, to)
  const from = part.name.name
  requireColumn(edit, part.name)
  if (findColumn(edit, to.name)) throw duplicateColumn(edit, to.name, to.span)
  for (const [before, now] of edit.columns) if (now === from) edit.columns.set(before, to.name)
  touch(edit, (node) => renameColumn(node, from, to.name, edit.name))
}

function renameTable(edit: TableEdit, to: string): void {
  const from = edit.name
  const renamed = (constraint: Constraint): Constraint => {
    if (!isReference(constraint) || !('parent' in constraint)) return constraint
    const { parent } = constraint
    return parent.name === from ? { ...constraint, parent: { ...parent, name: to } } : constraint
  }
  touch(edit, (node) => withConstraints(node, renamed))
  edit.name = to
}

function renameConstraint(edit: TableEdit, { name, span }: ast.Identifier, to: ast.Identifier): void {
  const all = edit.elements.flatMap(({ node }) => constraintsOf(node))
  if (!all.some((one) => one.name === name)) throw missing('undefined_object', `constraint "${name}"`, edit, span)
  if (all.some((one) => one.name === to.name)) {
    throw new EngineError('duplicate_object', {
      message: `constraint "${to.name}" for relation "${edit.name}" already exists`,
      span: to.span,
    })
  }
  const renamed = (one: Constraint): Constraint => (one.name === name ? { ...one, name: to.name } : one)
  touch(edit, (node) => withConstraints(node, renamed))
}

/** Changes every element; one that comes back the same keeps its text. */
function touch(edit: TableEdit, change: (node: ast.TableElement) => ast.TableElement | undefined): void {
  edit.elements = edit.elements.flatMap((element) => {
    const node = change(element.node)
    if (node === undefined) return []
    return [node === element.node ? element : { node, written: undefined }]
  })
}

function changeColumn(
  edit: TableEdit,
  column: ast.Identifier,
  change: (node: ast.ColumnDefinition) => ast.ColumnDefinition,
): void {
  requireColumn(edit, column)
  touch(edit, (node) =>
    node.kind === 'column_definition' && node.name.name === column.name ? change(node) : node,
  )
}

function findColumn({ elements }: TableEdit, name: string): ast.ColumnDefinition | undefined {
  for (const { node } of elements) {
    if (node.kind === 'column_definition' && node.name.name === name) return node
  }
  return undefined
}

function requireColumn(edit: TableEdit, { name, span }: ast.Identifier): void {
  if (findColumn(edit, name)) return
  throw missing('undefined_column', `column "${name}"`, edit, span)
}

function duplicateColumn(edit: TableEdit, name: string, span: Span): EngineError {
  return new EngineError('duplicate_column', {
    message: `column "${name}" of relation "${edit.name}" already exists`,
    span,
  })
}
