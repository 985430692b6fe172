// Names and what they mean where an expression stands. A scope is one query level; the level outside
// is its parent, and finding a name there is what makes a subquery correlated.
import { EngineError } from '#base/engine-error'
import type { RelationSchema } from '#base/schema'
import type { Span } from '#base/span'
import type { Column, Expression } from '#sql/bound'
import { nearestName } from '#base/errors'

export interface ScopeColumn {
  readonly name: string
  /** `*` leaves it out; it has to be named. */
  readonly hidden: boolean
  /** Makes the reference; the table learns that the column is used. */
  readonly reference: (span: Span) => Expression
}

/** What stands in `from` under one alias. */
export interface ScopeTable {
  readonly alias: string
  readonly columns: readonly ScopeColumn[]
  readonly relation?: RelationSchema
  /** The rows of a recursive query's round. */
  readonly isRound?: boolean
}

export interface Scope {
  readonly parent: Scope | undefined
  readonly tables: readonly ScopeTable[]
  /** What an unqualified name may mean: columns joined with `using` stand here once. */
  readonly visible: readonly ScopeColumn[]
  /** `locals`: a coroutine's variables; a column of the same name makes both ambiguous. */
  readonly kind: 'query' | 'event' | 'locals'
  /** Queries named by `with`, visible from here inwards. */
  readonly ctes?: ReadonlyMap<string, Cte>
}

export interface Cte {
  readonly id: number
  readonly name: string
  readonly columns: readonly Column[]
  /** Counts readers: a query nobody reads is not run. */
  readers: number
  /** Set within its own recursive term: it is the rows of the round there. */
  readonly isRound?: boolean
}

/** The `with` query of that name. */
export function findCte(scope: Scope | undefined, name: string): Cte | undefined {
  for (const level of levels(scope)) {
    const cte = level.ctes?.get(name)
    if (cte) return cte
  }
  return undefined
}

export function scopeOf(
  tables: readonly ScopeTable[],
  parent: Scope | undefined,
  visible: readonly ScopeColumn[] = tables.flatMap(({ columns }) => columns),
): Scope {
  return { kind: 'query', parent, tables, visible }
}

/** The scope of a name and everything outside it. */
function* levels(scope: Scope | undefined): Generator<Scope> {
  for (let level = scope; level; level = level.parent) yield level
}

/**
 * Resolves an unqualified name; undefined when no level has it.
 *
 * Errors: 42702 when one level has it twice, or when a column and a local share it.
 */
export function findColumn(scope: Scope, name: string, span: Span): Expression | undefined {
  for (const level of levels(scope)) {
    const found = level.visible.filter((column) => column.name === name)
    if (found.length > 1) throw ambiguousColumn(name, span)
    if (level.kind === 'query' && found.length === 1 && isLocal(scope, name)) {
      throw ambiguousColumn(name, span, 'It could refer to either a local variable or a column.')
    }
    if (found[0]) return found[0].reference(span)
  }
  return undefined
}

function isLocal(scope: Scope, name: string): boolean {
  return [...levels(scope)].some(
    (level) => level.kind === 'locals' && level.visible.some((column) => column.name === name),
  )
}

/** The nearest table with this alias. */
export function findTable(scope: Scope, alias: string, schema?: string): ScopeTable | undefined {
  for (const level of levels(scope)) {
    const table = level.tables.find((one) => one.alias === alias && isIn(one, schema))
    if (table) return table
  }
  return undefined
}

/** `sys.errors.state` means the relation itself, not another one that is called so here. */
function isIn({ alias, relation }: ScopeTable, schema: string | undefined): boolean {
  if (schema === undefined) return true
  return relation?.name === (schema === 'public' ? alias : `${schema}.${alias}`)
}

export function findQualified(
  scope: Scope,
  alias: string,
  name: string,
  span: Span,
  schema?: string,
): Expression | undefined {
  const table = findTable(scope, alias, schema)
  if (!table) throw missingTable(scope, alias, span)
  const found = table.columns.filter((column) => column.name === name)
  if (found.length > 1) throw ambiguousColumn(`${alias}.${name}`, span)
  return found[0]?.reference(span)
}

export function undefinedColumn(
  scope: Scope,
  name: string,
  span: Span,
  alias?: string,
): EngineError {
  const candidates = alias === undefined ? namesIn(scope) : tableNames(scope, alias)
  const near = nearestName(name, candidates)
  const shown = alias === undefined ? `"${name}"` : `"${alias}.${name}"`
  return new EngineError('undefined_column', {
    message: `column ${shown} does not exist`,
    span,
    ...(near !== undefined && {
      hint: `Did you mean "${alias === undefined ? '' : `${alias}.`}${near}"?`,
    }),
  })
}

function namesIn(scope: Scope): string[] {
  return [...levels(scope)].flatMap(({ visible }) => visible.map(({ name }) => name))
}

function tableNames(scope: Scope, alias: string): string[] {
  return findTable(scope, alias)?.columns.map(({ name }) => name) ?? []
}

function missingTable(scope: Scope, alias: string, span: Span): EngineError {
  const aliases = [...levels(scope)].flatMap(({ tables }) => tables.map((table) => table.alias))
  const near = nearestName(alias, aliases)
  return new EngineError('undefined_table', {
    message: `missing FROM-clause entry for table "${alias}"`,
    span,
    ...(near !== undefined && { hint: `Did you mean "${near}"?` }),
  })
}

export function ambiguousColumn(name: string, span: Span, detail?: string): EngineError {
  return new EngineError('ambiguous_column', {
    message: `column reference "${name}" is ambiguous`,
    span,
    ...(detail !== undefined && { detail }),
  })
}
