// create table and create event table: columns with their types and constraints as the catalog keeps
// them. Expressions are bound here once, so that a mistake in one is shown when the table is made.
import type { CheckSchema, ColumnSchema, ForeignKeySchema, IndexSchema } from '#base/schema'
import { EngineError } from '#base/engine-error'
import { featureNotSupported } from '#base/errors'
import type * as ast from '#sql/ast'
import type { BoundCreateRelation, RelationDraft } from '#sql/bound'
import { resolvedType, types } from '#sql/functions/types'
import { columnNames } from '../ast-tree.ts'
import { bindForeignKey } from './foreign-key.ts'
import { ConstraintNames } from './constraint-names.ts'
import type { BindContext } from './context.ts'
import { eventOptions, isLogged } from './event-options.ts'
import { validateExpressions } from './schema-expressions.ts'
import { bindType } from './type-name.ts'

/** Columns of a table; native code takes 4,096. */
const kColumnCountMax = 2_000

const systemColumns: readonly ColumnSchema[] = [
  { name: 'seq', type: types.bigint, notNull: true, hidden: true },
  { name: 'at', type: types.timestamptz, notNull: true, hidden: true },
  { name: 'root', type: types.bigint, notNull: false, hidden: true },
  { name: 'cause', type: types.bigint, notNull: false, hidden: true },
]

export function bindCreateTable(
  context: BindContext,
  create: ast.CreateTable,
): BoundCreateRelation {
  const name = newRelationName(context, create.name, create.ifNotExists)
  if (create.persistence === 'temporary')
    throw featureNotSupported('temporary tables are not supported', create.span)
  const option = create.options[0]
  if (option) throw featureNotSupported('options of tables are not supported', option.span)
  const draft = new TableDraft(context, name, create.persistence === 'durable')
  for (const element of create.elements) draft.add(element)
  const relation = draft.finish(create.elements)
  validateExpressions(context, relation, create.elements)
  return {
    kind: 'create_relation',
    relation,
    ifNotExists: create.ifNotExists,
    events: undefined,
    span: create.span,
  }
}

export function bindCreateEventTable(
  context: BindContext,
  create: ast.CreateEventTable,
): BoundCreateRelation {
  const name = newRelationName(context, create.name, create.ifNotExists)
  for (const element of create.elements) refuseOnEvents(element)
  const draft = new TableDraft(context, name, isLogged(create.options))
  for (const element of create.elements) draft.add(element)
  const table = draft.finish(create.elements)
  const relation: RelationDraft = {
    ...table,
    kind: 'event',
    columns: [...table.columns, ...systemColumns],
    mutable: false,
  }
  validateExpressions(context, relation, create.elements)
  const events = eventOptions(create.options)
  return {
    kind: 'create_relation',
    relation,
    ifNotExists: create.ifNotExists,
    events,
    span: create.span,
  }
}

/** The name of a relation to be made, in the only schema there is. Errors: 42P07. */
export function newRelationName(
  context: BindContext,
  { schema, name, span }: ast.QualifiedName,
  mayExist: boolean,
): string {
  if (schema !== undefined && schema !== 'public') {
    throw featureNotSupported(`creating relations in schema "${schema}" is not supported`, span)
  }
  if (mayExist || context.declare || !context.schemas.relation(name)) return name
  throw new EngineError('duplicate_table', { message: `relation "${name}" already exists`, span })
}

/** An event table keeps a window of what happened: it has no keys to look rows up by. */
function refuseOnEvents(element: ast.TableElement): void {
  const parts: readonly (ast.TableElement | ast.ColumnConstraint)[] =
    element.kind === 'column_definition' ? element.constraints : [element]
  for (const part of parts) {
    const isKey = ['primary_key', 'unique', 'references', 'table_key', 'foreign_key'].includes(
      part.kind,
    )
    if (isKey) throw featureNotSupported('keys of event tables are not supported', part.span)
    if (part.kind === 'identity') {
      throw featureNotSupported(
        'identity columns of event tables are not supported',
        part.span,
        'Every event has the system column seq.',
      )
    }
    if (part.kind === 'generated')
      throw featureNotSupported('generated columns of event tables are not supported', part.span)
  }
  const name = element.kind === 'column_definition' ? element.name : undefined
  if (!name || !systemColumns.some((column) => column.name === name.name)) return
  throw new EngineError('duplicate_column', {
    message: `column name "${name.name}" conflicts with a system column name`,
    span: name.span,
    hint: 'Every event has seq, at, root and cause.',
  })
}

type Key = ast.KeyConstraint | ast.TableKey

class TableDraft {
  readonly #context: BindContext
  readonly #name: string
  readonly #durable: boolean
  readonly #columns: ColumnSchema[] = []
  readonly #indexes: IndexSchema[] = []
  readonly #checks: CheckSchema[] = []
  readonly #foreignKeys: ForeignKeySchema[] = []
  readonly #names: ConstraintNames

  constructor(context: BindContext, name: string, durable: boolean) {
    this.#context = context
    this.#name = name
    this.#durable = durable
    this.#names = new ConstraintNames(name)
  }

  /** Columns first: constraints of the table may stand before the columns they name. */
  add(element: ast.TableElement): void {
    if (element.kind === 'like')
      throw featureNotSupported('LIKE in CREATE TABLE is not supported', element.span)
    if (element.kind !== 'column_definition') return
    const { name } = element
    if (this.#columns.some((column) => column.name === name.name)) {
      throw new EngineError('duplicate_column', {
        message: `column "${name.name}" specified more than once`,
        span: name.span,
      })
    }
    if (this.#columns.length === kColumnCountMax) {
      throw new EngineError('too_many_columns', {
        message: `tables can have at most ${kColumnCountMax} columns`,
        span: name.span,
      })
    }
    this.#columns.push(columnSchema(this.#context, element))
  }

  finish(elements: readonly ast.TableElement[]): RelationDraft {
    for (const element of elements) this.#constrain(element)
    const draft = this.#draft()
    for (const element of elements) this.#reference(element, draft)
    this.#indexForeignKeys()
    return this.#draft()
  }

  #draft(): RelationDraft {
    return {
      name: this.#name,
      kind: 'table',
      durable: this.#durable,
      columns: [...this.#columns],
      indexes: [...this.#indexes],
      checks: [...this.#checks],
      foreignKeys: [...this.#foreignKeys],
      insertable: true,
      mutable: true,
    }
  }

  #constrain(element: ast.TableElement): void {
    if (element.kind === 'table_key') {
      if (element.include[0])
        throw featureNotSupported('INCLUDE is not supported', element.include[0].span)
      this.#addKey(
        element,
        element.primary,
        element.columns.map((column) => this.#position(column)),
      )
    }
    if (element.kind === 'check') this.#addCheck(element, onlyName(element.condition))
    if (element.kind !== 'column_definition') return
    const position = this.#position(element.name)
    for (const constraint of element.constraints) {
      const isKey = constraint.kind === 'primary_key' || constraint.kind === 'unique'
      if (isKey) this.#addKey(constraint, constraint.kind === 'primary_key', [position])
      if (constraint.kind === 'check') this.#addCheck(constraint, [element.name.name])
    }
  }

  #position({ name, span }: ast.Identifier): number {
    const position = this.#columns.findIndex((column) => column.name === name)
    if (position >= 0) return position
    throw new EngineError('undefined_column', {
      message: `column "${name}" named in key does not exist`,
      span,
    })
  }

  #addKey(key: Key, primary: boolean, columns: readonly number[]): void {
    if (key.nullsNotDistinct)
      throw featureNotSupported('NULLS NOT DISTINCT is not supported', key.span)
    if (key.deferral !== 'immediate')
      throw featureNotSupported('deferrable constraints are not supported', key.span)
    if (primary && this.#indexes.some((index) => index.primary)) {
      throw new EngineError('invalid_table_definition', {
        message: `multiple primary keys for table "${this.#name}" are not allowed`,
        span: key.span,
      })
    }
    const name = this.#names.choose(
      key.name,
      primary ? [] : this.#namesOf(columns),
      primary ? 'pkey' : 'key',
      key.span,
    )
    this.#indexes.push({ name, columns, unique: true, primary })
    if (!primary) return
    for (const position of columns) {
      const column = this.#columns[position]
      if (column) this.#columns[position] = { ...column, notNull: true }
    }
  }

  #addCheck({ name, condition, span }: ast.CheckConstraint, columns: readonly string[]): void {
    const chosen = this.#names.choose(name, columns, 'check', span)
    this.#checks.push({ name: chosen, condition: this.#context.textOf(condition) })
  }

  #reference(element: ast.TableElement, draft: RelationDraft): void {
    if (element.kind === 'foreign_key') {
      this.#addForeignKey(
        element,
        element.columns.map((column) => this.#position(column)),
        draft,
      )
    }
    if (element.kind !== 'column_definition') return
    for (const constraint of element.constraints) {
      if (constraint.kind !== 'references') continue
      this.#addForeignKey(constraint, [this.#position(element.name)], draft)
    }
  }

  #addForeignKey(
    reference: ast.ForeignKey | ast.ReferencesConstraint,
    columns: readonly number[],
    draft: RelationDraft,
  ): void {
    const key = bindForeignKey(this.#context, reference, columns, draft)
    const name = this.#names.choose(reference.name, this.#namesOf(columns), 'fkey', reference.span)
    this.#foreignKeys.push({ ...key, name })
  }

  /** A delete of the parent looks its children up by these columns. */
  #indexForeignKeys(): void {
    for (const { columns } of this.#foreignKeys) {
      const isIndexed = this.#indexes.some((index) => index.columns.join() === columns.join())
      if (isIndexed) continue
      const name = this.#names.choose(undefined, this.#namesOf(columns), 'idx', {
        start: 0,
        end: 0,
      })
      this.#indexes.push({ name, columns, unique: false, primary: false })
    }
  }

  #namesOf(columns: readonly number[]): readonly string[] {
    return columns.map((position) => this.#columns[position]?.name ?? '')
  }
}

/** A check of one column is called after it, wherever it stands. */
function onlyName(condition: ast.Expression): readonly string[] {
  const names = [...columnNames(condition)]
  return names.length === 1 ? names : []
}

function columnSchema(
  context: BindContext,
  { name, type, collation, constraints }: ast.ColumnDefinition,
): ColumnSchema {
  if (collation && !['C', 'POSIX', 'default', 'ucs_basic'].includes(collation.name)) {
    throw featureNotSupported(`collation "${collation.name}" is not supported`, collation.span)
  }
  const dataType = resolvedType(bindType(type))
  let column: ColumnSchema = { name: name.name, type: dataType, notNull: false }
  for (const constraint of constraints) column = constrained(context, column, constraint)
  return column
}

/** The column with what one of its own constraints says of it; keys and checks belong to the table. */
function constrained(
  context: BindContext,
  column: ColumnSchema,
  constraint: ast.ColumnConstraint,
): ColumnSchema {
  switch (constraint.kind) {
    case 'not_null':
      return { ...column, notNull: true }
    case 'default_value':
      return { ...column, default: context.textOf(constraint.expression) }
    case 'identity': {
      const [option] = constraint.options
      if (option) throw featureNotSupported('sequence options are not supported', option.span)
      requireInteger(column, constraint)
      return {
        ...column,
        notNull: true,
        identity: constraint.when === 'always' ? 'always' : 'default',
      }
    }
    case 'generated':
      if (!constraint.stored)
        throw featureNotSupported(
          'generated columns that are not STORED are not supported',
          constraint.span,
        )
      return { ...column, generated: context.textOf(constraint.expression) }
    case 'null':
    case 'check':
    case 'primary_key':
    case 'unique':
    case 'references':
      return column
  }
}

function requireInteger({ type }: ColumnSchema, { span }: ast.IdentityConstraint): void {
  if (type.kind === 'smallint' || type.kind === 'integer' || type.kind === 'bigint') return
  throw new EngineError('invalid_parameter_value', {
    message: 'identity column type must be smallint, integer, or bigint',
    span,
  })
}
