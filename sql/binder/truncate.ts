// truncate: a delete of every row of each table, without a look at the rows that refer to them:
// they go in the same statement.
import { EngineError } from '#base/engine-error'
import { featureNotSupported } from '#base/errors'
import type { RelationSchema } from '#base/schema'
import type * as ast from '#sql/ast'
import type { BoundQuery, Delete, Plan } from '#sql/bound'
import type { BindContext } from './context.ts'
import { relationNamed } from './from.ts'
import { RelationSource } from './relation.ts'

/**
 * Errors: 42P01; 42809 for what is no table; 0A000 for tables that others refer to, without
 * `cascade`, and for `restart identity` of a table that numbers rows.
 */
export function bindTruncate(context: BindContext, truncate: ast.Truncate): BoundQuery {
  const named = truncate.tables.map((name) => tableNamed(context, name))
  const tables = [...new Map(named.map((table) => [table.id, table])).values()]
  if (truncate.cascade) addReferring(context, tables)
  else refuseReferred(context, tables, truncate)
  if (truncate.restartIdentity) refuseNumbered(tables, truncate)
  const deletes = tables.map((table) => deleteAll(context, table, truncate))
  const plan = deletes.reduceRight<Plan | undefined>((body, definition) => {
    if (!body) return definition
    const name = definition.relation.name
    return { kind: 'with', id: context.cteId(), name, definition, definitionColumns: [], body }
  }, undefined)
  if (!plan) throw new TypeError('truncate names a table')
  return { kind: 'query', plan, output: [], tag: 'TRUNCATE TABLE', parameters: [] }
}

function tableNamed(context: BindContext, name: ast.QualifiedName): RelationSchema {
  const relation = relationNamed(context, name)
  if (relation.kind === 'table') return relation
  throw new EngineError('wrong_object_type', {
    message: `"${relation.name}" is not a table`,
    ...(relation.kind === 'event' && {
      hint: 'Event tables are append-only: their retention removes old rows.',
    }),
    span: name.span,
  })
}

function addReferring(context: BindContext, tables: RelationSchema[]): void {
  for (const table of tables) {
    for (const { relation } of context.schemas.referencing(table.id)) {
      if (!tables.some(({ id }) => id === relation.id)) tables.push(relation)
    }
  }
}

function refuseReferred(
  context: BindContext,
  tables: readonly RelationSchema[],
  { span }: ast.Truncate,
): void {
  for (const table of tables) {
    const other = context.schemas
      .referencing(table.id)
      .find(({ relation }) => !tables.some(({ id }) => id === relation.id))
    if (!other) continue
    const { name } = other.relation
    throw new EngineError('feature_not_supported', {
      message: 'cannot truncate a table referenced in a foreign key constraint',
      detail: `Table "${name}" references "${table.name}".`,
      hint: `Truncate table "${name}" at the same time, or use TRUNCATE ... CASCADE.`,
      span,
    })
  }
}

function refuseNumbered(tables: readonly RelationSchema[], { span }: ast.Truncate): void {
  const numbered = tables.find(({ columns }) => columns.some(({ identity }) => identity))
  if (!numbered) return
  throw featureNotSupported(
    `RESTART IDENTITY of table "${numbered.name}", which numbers its rows, is not supported`,
    span,
    'Numbers go on where they are: continue identity.',
  )
}

function deleteAll(context: BindContext, relation: RelationSchema, { span }: ast.Truncate): Delete {
  const source = new RelationSource(context, relation, relation.name, [], span)
  const rowId = source.rowId()
  const input = source.build()
  const rest = { rowColumns: [], returning: undefined, unreferenced: true, span } as const
  return { kind: 'delete', relation, input, rowId, ...rest }
}
