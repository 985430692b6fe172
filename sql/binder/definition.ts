// create index, create view and drop.
import { EngineError } from '#base/engine-error'
import { featureNotSupported, undefinedColumn, undefinedTable } from '#base/errors'
import type { RelationSchema } from '#base/schema'
import type * as ast from '#sql/ast'
import type { BoundCreateIndex, BoundCreateView, BoundDrop } from '#sql/bound'
import { names, printIdentifier } from '../print/name.ts'
import { defaultName } from './constraint-names.ts'
import type { BindContext } from './context.ts'
import { newRelationName } from './create-table.ts'
import { fullName, relationNamed } from './from.ts'
import { bindQuery } from './query.ts'

export function bindCreateIndex(context: BindContext, create: ast.CreateIndex): BoundCreateIndex {
  refuseIndexForms(create)
  const relation = relationNamed(context, create.table)
  if (relation.kind !== 'table') {
    throw new EngineError('wrong_object_type', {
      message: `"${relation.name}" is not a table`,
      detail: 'Only tables have indexes.',
      span: create.table.span,
    })
  }
  const columns = create.elements.map(({ expression, span }) => {
    if (expression.kind !== 'column')
      throw featureNotSupported('indexes on expressions are not supported', span)
    return columnPosition(relation, expression)
  })
  const names = columns.map((position) => relation.columns[position]?.name ?? '')
  const isTaken = (name: string): boolean => relation.indexes.some((index) => index.name === name)
  const name = create.name?.name ?? defaultName(relation.name, names, 'idx', isTaken)
  const index = { name, columns, unique: create.unique, primary: false }
  return {
    kind: 'create_index',
    relation,
    index,
    ifNotExists: create.ifNotExists,
    span: create.span,
  }
}

function refuseIndexForms(create: ast.CreateIndex): void {
  if (create.where)
    throw featureNotSupported('partial indexes are not supported', create.where.span)
  if (create.include[0])
    throw featureNotSupported('INCLUDE is not supported', create.include[0].span)
  if (create.nullsNotDistinct)
    throw featureNotSupported('NULLS NOT DISTINCT is not supported', create.span)
  if (create.options[0])
    throw featureNotSupported('options of indexes are not supported', create.options[0].span)
  if (create.method !== undefined && !['btree', 'hash'].includes(create.method)) {
    throw featureNotSupported(`index method ${create.method} is not supported`, create.span)
  }
  const operators = create.elements.find((element) => element.operatorClass)
  if (operators) throw featureNotSupported('operator classes are not supported', operators.span)
}

function columnPosition(relation: RelationSchema, { name, span }: ast.ColumnRef): number {
  const position = relation.columns.findIndex((column) => column.name === name)
  if (position >= 0) return position
  throw undefinedColumn(
    name,
    span,
    relation.columns.map((column) => column.name),
  )
}

export function bindCreateView(context: BindContext, create: ast.CreateView): BoundCreateView {
  refuseViewForms(create)
  const name = newRelationName(context, create.name, create.orReplace || create.ifNotExists)
  const existing = context.schemas.relation(name)
  if (existing && existing.kind !== 'view') {
    throw new EngineError('wrong_object_type', {
      message: `"${name}" is not a view`,
      span: create.name.span,
    })
  }
  const { columns } = bindQuery(context, viewQuery(create), undefined)
  if (create.columns.length > columns.length) {
    throw new EngineError('syntax_error', {
      message: 'CREATE VIEW specifies more column names than columns',
      span: create.columns[columns.length]?.span ?? create.span,
    })
  }
  const named = columns.map((column, index) => ({
    name: create.columns[index]?.name ?? column.name,
    type: column.type,
    notNull: !column.nullable,
  }))
  const repeated = named.find(
    (column, index) => named.findIndex((other) => other.name === column.name) !== index,
  )
  if (repeated) {
    throw new EngineError('duplicate_column', {
      message: `column "${repeated.name}" specified more than once`,
      span: create.name.span,
    })
  }
  const relation = {
    name,
    kind: 'view',
    durable: true,
    columns: named,
    indexes: [],
    checks: [],
    foreignKeys: [],
    insertable: false,
    mutable: false,
    view: viewText(create, context.textOf(create.query)),
  } as const
  return { kind: 'create_view', relation, replace: create.orReplace, span: create.span }
}

/** `create recursive view v (n) as Q` is `create view v (n) as with recursive v (n) as (Q) table v`. */
function viewQuery({ recursive, query, name: { name }, columns, span }: ast.CreateView): ast.Query {
  if (!recursive) return query
  const table: ast.CommonTable = { name, columns, materialized: undefined, definition: query, span }
  const body: ast.TableQuery = { kind: 'table_query', name: { schema: undefined, name, span }, span }
  const around = { with: { recursive, tables: [table], span }, order: [], limit: undefined, locking: [] }
  return { kind: 'query', ...around, body, span }
}

function viewText({ recursive, name: { name }, columns }: ast.CreateView, query: string): string {
  if (!recursive) return query
  const own = printIdentifier(name)
  return `with recursive ${own} (${names(columns)}) as (${query}) table ${own}`
}

function refuseViewForms(create: ast.CreateView): void {
  if (create.materialized)
    throw featureNotSupported('materialized views are not supported', create.span)
  if (create.options[0])
    throw featureNotSupported('options of views are not supported', create.options[0].span)
  if (create.checkOption)
    throw featureNotSupported('WITH CHECK OPTION is not supported', create.span)
}

const droppable = {
  table: 'table',
  'event table': 'table',
  view: 'view',
  index: 'index',
  coroutine: 'coroutine',
} as const

export function bindDrop(context: BindContext, drop: ast.Drop): BoundDrop {
  const object = isDroppable(drop.object) ? droppable[drop.object] : undefined
  if (!object)
    throw featureNotSupported(`DROP ${drop.object.toUpperCase()} is not supported`, drop.span)
  if (drop.concurrently)
    throw featureNotSupported('DROP … CONCURRENTLY is not supported', drop.span)
  const names = drop.targets.map(({ name }) => {
    if (object === 'table' || object === 'view') checkDropped(context, drop, name)
    return fullName(name)
  })
  return {
    kind: 'drop',
    object,
    names,
    ifExists: drop.ifExists,
    cascade: drop.behavior === 'cascade',
    span: drop.span,
  }
}

function isDroppable(object: ast.ObjectKind): object is keyof typeof droppable {
  return Object.hasOwn(droppable, object)
}

function checkDropped(context: BindContext, drop: ast.Drop, name: ast.QualifiedName): void {
  const { span } = name
  const full = fullName(name)
  const relation = context.schemas.relation(full)
  if (!relation) {
    if (drop.ifExists) return
    throw undefinedTable(full, span, context.schemas.relationNames())
  }
  const wanted = drop.object === 'event table' ? 'event' : drop.object
  if (relation.kind === wanted) return
  throw new EngineError('wrong_object_type', {
    message: `"${full}" is not ${wanted === 'event' ? 'an event table' : `a ${wanted}`}`,
    detail: `It is a ${relation.kind} relation.`,
    span,
  })
}
