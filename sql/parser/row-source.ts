// What gives rows and may stand after `with … as (`, `await`, `prepare … as`: a query or a change.
import type { Change, Insert, Query, With } from '../ast.ts'
import { deleteFrom, insertColumns, insertInto, insertTail, merge, update } from './change.ts'
import type { Cursor } from './cursor.ts'
import { anyName } from './name.ts'
import { queryWith, withClause } from './query.ts'

type ChangeRule = (cursor: Cursor, withTables: With | undefined, start: number) => Change

const changeRules: ReadonlyMap<string, ChangeRule> = new Map<string, ChangeRule>([
  ['insert', insertInto],
  ['update', update],
  ['delete', deleteFrom],
  ['merge', merge],
])

export function rowSource(cursor: Cursor): Query | Change {
  const start = cursor.token.start
  const withTables = withClause(cursor)
  const rule = cursor.token.kind === 'keyword' ? changeRules.get(cursor.token.value) : undefined
  if (rule !== undefined) return rule(cursor, withTables, start)
  for (const word of changeRules.keys()) cursor.expect(word)
  const source = queryWith(cursor, withTables, start)
  return cursor.token.kind === 'operator' && cursor.token.value === '|>'
    ? pipeInsert(cursor, source, start)
    : source
}

/** `… |> insert into relation [(columns)]`: an insert whose source is the pipeline. */
function pipeInsert(cursor: Cursor, source: Query, start: number): Insert {
  cursor.advance()
  cursor.needAll('insert', 'into')
  const target = anyName(cursor)
  const columns = insertColumns(cursor)
  const { with: withTables, ...rest } = source
  const inner: Query = { ...rest, with: undefined, span: source.body.span }
  const tail = insertTail(cursor)
  return {
    kind: 'insert',
    with: withTables,
    target,
    alias: undefined,
    columns,
    overriding: undefined,
    source: inner,
    ...tail,
    span: cursor.spanFrom(start),
  }
}
