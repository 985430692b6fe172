// Who refers to whom among the parts of `with recursive`, read from the text: a part is bound after all
// that it refers to, and may refer to itself only where PostgreSQL gives that a meaning.
import { EngineError } from '#base/engine-error'
import { featureNotSupported } from '#base/errors'
import type * as ast from '#sql/ast'
import { referencesIn, type Place, type Reference } from './references.ts'

export interface RecursivePart {
  readonly table: ast.CommonTable
  readonly isRecursive: boolean
}

/** The parts, each behind those it refers to. Errors: 0A000 for parts that refer to each other. */
export function inBindingOrder({ recursive, tables }: ast.With): readonly RecursivePart[] {
  if (!recursive) return tables.map((table) => ({ table, isRecursive: false }))
  const names = new Set(tables.map(({ name }) => name))
  const waiting = tables.map((table) => {
    const found = [...referencesIn(table.definition, names, 'free')].map(({ name }) => name)
    return { table, isRecursive: found.includes(table.name), needs: new Set(found) }
  })
  const ordered: RecursivePart[] = []
  while (waiting.length > 0) {
    const open = new Set(waiting.map(({ table }) => table.name))
    const next = waiting.findIndex(({ table, needs }) =>
      [...needs].every((name) => name === table.name || !open.has(name)),
    )
    const [part] = waiting.splice(Math.max(0, next), 1)
    if (!part) break
    if (next < 0) throw mutualRecursion(part.table)
    ordered.push({ table: part.table, isRecursive: part.isRecursive })
  }
  return ordered
}

function mutualRecursion({ span }: ast.CommonTable): EngineError {
  return featureNotSupported(
    'mutual recursion between WITH items is not implemented',
    span,
    'Write one query that is recursive alone, with a column that says which of the two a row is of.',
  )
}

const refusals: Readonly<Record<Exclude<Place, 'free'>, string>> = {
  'non-recursive term': 'must not appear within its non-recursive term',
  subquery: 'must not appear within a subquery',
  'outer join': 'must not appear within an outer join',
  intersect: 'must not appear within INTERSECT',
  except: 'must not appear within EXCEPT',
}

const hints: Readonly<Record<Exclude<Place, 'free'>, string>> = {
  'non-recursive term': 'Refer to the query only behind the last UNION.',
  subquery: 'Join the query in FROM.',
  'outer join': 'Let the query stand on the side of which every row is kept.',
  intersect: 'Join the query in FROM.',
  except: 'Refer to the query left of EXCEPT, or keep out the rows by NOT EXISTS.',
}

/** `query` is a recursive part as it has to be: two terms, the second of which reads it once. */
export interface RecursiveUnion {
  readonly query: ast.Query
  readonly union: ast.SetOperation
}

/** Takes a recursive part apart. Errors: 42P19, 0A000, as PostgreSQL has them. */
export function recursiveUnionOf(table: ast.CommonTable): RecursiveUnion {
  const { name, definition } = table
  if (definition.kind !== 'query')
    throw invalid(`recursive query "${name}" must not contain data-modifying statements`, table)
  const query = unwrapped(definition)
  const { body } = query
  if (body.kind !== 'set_operation' || body.operator !== 'union') {
    throw invalid(
      `recursive query "${name}" does not have the form non-recursive-term UNION [ALL] recursive-term`,
      table,
      'Write first the rows to start from, then UNION ALL, then the query that finds more of them.',
    )
  }
  const names = new Set([name])
  refuse(referencesIn(body.left, names, 'non-recursive term'))
  refuse(referencesIn(body.right, names, 'free'))
  refuse((query.with?.tables ?? []).flatMap((part) => [...referencesIn(part.definition, names, 'subquery')]))
  refuseAround(query)
  return { query, union: body }
}

/** A query in parentheses with nothing around it. */
function unwrapped(query: ast.Query): ast.Query {
  const { body } = query
  const isBare = !query.with && query.order.length === 0 && !query.limit && query.locking.length === 0
  return isBare && body.kind === 'query' ? unwrapped(body) : query
}

function refuse(references: Iterable<Reference>): void {
  let count = 0
  for (const { name, span, place } of references) {
    if (place !== 'free')
      throw invalid(`recursive reference to query "${name}" ${refusals[place]}`, { span }, hints[place])
    count += 1
    if (count > 1)
      throw invalid(`recursive reference to query "${name}" must not appear more than once`, { span })
  }
}

function refuseAround({ order, limit, locking }: ast.Query): void {
  const hint = 'Order and limit the query that reads it: a limit there ends the recursion.'
  const refused = (what: string, { span }: Pick<ast.Query, 'span'>, advice?: string): EngineError =>
    featureNotSupported(`${what} in a recursive query is not implemented`, span, advice)
  if (order[0]) throw refused('ORDER BY', order[0], hint)
  if (limit?.offset) throw refused('OFFSET', limit.offset, hint)
  if (limit?.count) throw refused('LIMIT', limit.count, hint)
  if (locking[0]) throw refused('FOR UPDATE/SHARE', locking[0])
}

function invalid(message: string, { span }: Pick<ast.Query, 'span'>, hint?: string): EngineError {
  return new EngineError('invalid_recursion', { message, span, ...(hint !== undefined && { hint }) })
}
