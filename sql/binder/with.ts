// `with`: names for queries and changes. Each part sees those before it, and of `with recursive` all of
// them and itself.
import { EngineError } from '#base/engine-error'
import { statementTooComplex } from '#base/errors'
import type * as ast from '#sql/ast'
import type { Plan } from '#sql/bound'
import { checkColumnCount, renamed } from './common-table.ts'
import type { BindContext } from './context.ts'
import { bindRecursion } from './recursion.ts'
import { inBindingOrder, recursiveUnionOf } from './recursive-parts.ts'
import { scopeOf, type Cte, type Scope } from './scope.ts'
import type { Rows } from './site.ts'
import { isChange } from './with-changes.ts'

/** Queries of one `with`: each knows all before it. */
export const kWithQueriesMax = 2_000

/** Binds what follows `with` in a scope that knows its queries, and puts their definitions around it. */
export function bindWith(
  context: BindContext,
  clause: ast.With | undefined,
  parent: Scope | undefined,
  bindRest: (scope: Scope | undefined) => Rows,
): Rows {
  if (!clause) return bindRest(parent)
  if (clause.tables.length > kWithQueriesMax)
    throw statementTooComplex('number of WITH queries', kWithQueriesMax, clause.span)
  refuseDuplicates(clause)
  const ctes = new Map<string, Cte>()
  const definitions: { readonly cte: Cte; readonly rows: Rows }[] = []
  for (const { table, isRecursive } of inBindingOrder(clause)) {
    const scope: Scope = { ...scopeOf([], parent), ctes: new Map(ctes) }
    const rows = isRecursive ? bindRecursive(context, table, scope) : bindCommonTable(context, table, scope)
    const columns = renamed(table, rows.columns)
    const cte: Cte = { id: context.cteId(), name: table.name, columns, readers: 0 }
    ctes.set(table.name, cte)
    definitions.push({ cte, rows })
  }
  const { plan, columns } = bindRest({ ...scopeOf([], parent), ctes })
  const wrapped = definitions.reduceRight<Plan>((body, { cte, rows }) => {
    if (cte.readers === 0 && !isChange(rows.plan)) return body
    return {
      kind: 'with',
      id: cte.id,
      name: cte.name,
      definition: rows.plan,
      definitionColumns: rows.columns,
      body,
    }
  }, plan)
  return { plan: wrapped, columns }
}

function bindCommonTable(context: BindContext, table: ast.CommonTable, scope: Scope): Rows {
  const rows = context.binders.rows(context, table.definition, scope)
  checkColumnCount(table, rows.columns)
  return rows
}

function bindRecursive(context: BindContext, table: ast.CommonTable, scope: Scope): Rows {
  const { query, union } = recursiveUnionOf(table)
  return bindWith(context, query.with, scope, (inner) => bindRecursion(context, table, union, inner ?? scope))
}

function refuseDuplicates({ tables }: ast.With): void {
  const names = new Set<string>()
  for (const { name, span } of tables) {
    if (names.has(name)) {
      throw new EngineError('ambiguous_alias', {
        message: `WITH query name "${name}" specified more than once`,
        span,
      })
    }
    names.add(name)
  }
}
