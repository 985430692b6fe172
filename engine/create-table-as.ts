// `create table … as query`, as two statements: a table with the query's columns, and an insert of its
// rows. What cannot be filled is dropped again.
import { EngineError } from '#base/engine-error'
import { typeName } from '#base/data-type'
import { featureNotSupported } from '#base/errors'
import type { CreateTableAs, Insert } from '#sql/ast'
import type { BoundQuery } from '#sql/bound'
import { printIdentifier, printName } from '#sql/print/name'

/** The `create table` statement. Errors: 42601 for more names than the query has columns; 0A000 for a temporary table. */
export function createStatement({ name, columns, persistence, span }: CreateTableAs, query: BoundQuery): string {
  if (persistence === 'temporary') throw featureNotSupported('a temporary table is not supported', span)
  const excess = columns[query.output.length]
  if (excess !== undefined) {
    throw new EngineError('syntax_error', { message: `too many column names: the query has ${String(query.output.length)}`, span: excess.span })
  }
  const definitions = query.output.map((column, i) => `${printIdentifier(columns[i]?.name ?? column.name)} ${typeName(column.type)}`)
  return `create ${persistence === 'unlogged' ? 'unlogged ' : ''}table ${printName(name)} (${definitions.join(', ')})`
}

/** Keeps the query's places, so that its errors show them. */
export function fillStatement({ name, query, span }: CreateTableAs): Insert {
  return {
    kind: 'insert', target: name, source: query, span,
    with: undefined, alias: undefined, columns: undefined, overriding: undefined, conflict: undefined, returning: undefined,
  }
}
