// A stored relation in `from`: its columns as names, and the scan that reads the ones used. The scan
// is made after the whole query level is bound, because only then is it known what it must read.
import type { ColumnSchema, RelationSchema } from '#base/schema'
import type { Span } from '#base/span'
import type { Column, ColumnId, Expression, Plan, ProjectItem } from '#sql/bound'
import { columnExpression } from '#sql/functions/build'
import { resolvedType, types } from '#sql/functions/types'
import type { BindContext } from './context.ts'
import { scopeOf, type ScopeColumn, type ScopeTable } from './scope.ts'

/** One item of `from`, and how to make its plan once all uses of its columns are known. */
export interface FromItem {
  readonly tables: readonly ScopeTable[]
  /** What unqualified names may mean and `*` expands to, in order. */
  readonly visible: readonly ScopeColumn[]
  /** Stored relations within, for what their keys imply. */
  readonly sources: readonly RelationSource[]
  readonly build: () => Plan
}

export class RelationSource implements FromItem {
  readonly relation: RelationSchema
  readonly tables: readonly ScopeTable[]
  readonly visible: readonly ScopeColumn[]
  readonly sources: readonly RelationSource[] = [this]
  readonly #context: BindContext
  readonly #alias: string
  readonly #span: Span
  readonly #stored = new Map<number, Column>()
  readonly #virtual = new Map<number, ProjectItem>()
  #rowId: Column | undefined

  constructor(
    context: BindContext,
    relation: RelationSchema,
    alias: string,
    names: readonly string[],
    span: Span,
  ) {
    this.#context = context
    this.relation = relation
    this.#alias = alias
    this.#span = span
    this.visible = relation.columns.map((column, position) => ({
      name: names[position] ?? column.name,
      hidden: column.hidden ?? false,
      reference: (at) => columnExpression(this.column(position), at),
    }))
    this.tables = [{ alias, columns: this.visible, relation }]
  }

  /** The column at a position of the schema; from now on the scan delivers it. */
  column(position: number): Column {
    const schema = this.relation.columns[position]
    if (schema?.virtual !== undefined) return this.#virtualColumn(position, schema, schema.virtual)
    const known = this.#stored.get(position)
    if (known) return known
    const column = columnOfSchema(this.#context, schema)
    this.#stored.set(position, column)
    return column
  }

  /** The row's identity, for update and delete. */
  rowId(): Column {
    this.#rowId ??= this.#context.column('rowid', types.bigint, false)
    return this.#rowId
  }

  /** Does a group by these columns have at most one row of the relation (they hold its primary key)? */
  isKeyedBy(ids: ReadonlySet<ColumnId>): boolean {
    const primary = this.relation.indexes.find((index) => index.primary)
    return (
      primary?.columns.every((position) => ids.has(this.#stored.get(position)?.id ?? -1)) ?? false
    )
  }

  produces(id: ColumnId): boolean {
    const virtual = [...this.#virtual.values()].map(({ column }) => column)
    return [...this.#stored.values(), ...virtual].some((column) => column.id === id)
  }

  readonly build = (): Plan => {
    const stored = [...this.#stored].sort(([left], [right]) => left - right)
    const scan: Plan = {
      kind: 'scan',
      relation: this.relation,
      alias: this.#alias,
      span: this.#span,
      columns: stored.map(([position, column]) => ({ column, position })),
      ...(this.#rowId && { rowId: this.#rowId }),
    }
    if (this.#virtual.size === 0) return scan
    const passed = [...stored.map(([, column]) => column), ...(this.#rowId ? [this.#rowId] : [])]
    const items = passed.map((column) => passThrough(column, this.#span))
    return { kind: 'project', input: scan, items: [...items, ...this.#virtual.values()] }
  }

  #virtualColumn(position: number, schema: ColumnSchema, text: string): Column {
    const known = this.#virtual.get(position)
    if (known) return known.column
    const own = scopeOf(this.tables, undefined)
    const expression = this.#context.binders.text(this.#context, text, own, this.#span)
    const column = this.#context.column(schema.name, expression.type, !schema.notNull)
    this.#virtual.set(position, { column, expression })
    return column
  }
}

export function columnOfSchema(context: BindContext, schema: ColumnSchema | undefined): Column {
  return context.column(
    schema?.name ?? '?',
    resolvedType(schema?.type ?? types.text),
    !schema?.notNull,
  )
}

/** A project's item that hands a column on under its own id. */
export function passThrough(column: Column, span: Span): ProjectItem {
  return { column, expression: columnExpression(column, span) }
}

/** Columns of a finished plan under an alias: subqueries, `with`, functions in `from`. */
export function derivedItem(
  alias: string,
  columns: readonly Column[],
  names: readonly string[],
  build: () => Plan,
): FromItem {
  const visible = columns.map((column, index) => ({
    name: names[index] ?? column.name,
    hidden: false,
    reference: (span: Span) => columnExpression(column, span),
  }))
  return { tables: [{ alias, columns: visible }], visible, sources: [], build }
}

/**
 * A row that is already there under an alias: the event of a coroutine, what an insert made, what a
 * conflict found. A virtual column is its expression over the stored ones.
 */
export function rowTable(
  context: BindContext,
  relation: RelationSchema,
  alias: string,
  columnAt: (position: number) => Column,
): ScopeTable {
  const columns: ScopeColumn[] = relation.columns.map((schema, position) => {
    const { virtual } = schema
    const reference = (span: Span): Expression =>
      virtual === undefined
        ? columnExpression(columnAt(position), span)
        : context.binders.text(context, virtual, scopeOf([table], undefined), span)
    return { name: schema.name, hidden: schema.hidden ?? false, reference }
  })
  const table: ScopeTable = { alias, columns, relation }
  return table
}

/** A fresh column for every stored column of the relation, by position. */
export function rowColumnsOf(context: BindContext, relation: RelationSchema): readonly Column[] {
  return relation.columns
    .filter(({ virtual }) => virtual === undefined)
    .map((schema) => columnOfSchema(context, schema))
}
