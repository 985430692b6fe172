// One statement: a table from its first word to its rule.
import type { Statement } from '../ast.ts'
import type { Cursor } from './cursor.ts'
import { alter, comment, create, drop } from './definition.ts'
import { rowSource } from './row-source.ts'
import {
  begin,
  copy,
  deallocate,
  endTransaction,
  execute,
  explain,
  prepare,
  release,
  reset,
  savepoint,
  setVariable,
  show,
  subscribe,
  truncate,
} from './session.ts'

type StatementRule = (cursor: Cursor) => Statement

const rules: ReadonlyMap<string, StatementRule> = new Map<string, StatementRule>([
  ['select', rowSource],
  ['insert', rowSource],
  ['update', rowSource],
  ['delete', rowSource],
  ['with', rowSource],
  ['from', rowSource],
  ['values', rowSource],
  ['table', rowSource],
  ['merge', rowSource],
  ['create', create],
  ['drop', drop],
  ['alter', alter],
  ['comment', comment],
  ['truncate', truncate],
  ['copy', copy],
  ['begin', begin],
  ['start', begin],
  ['commit', endTransaction],
  ['end', endTransaction],
  ['rollback', endTransaction],
  ['abort', endTransaction],
  ['savepoint', savepoint],
  ['release', release],
  ['prepare', prepare],
  ['execute', execute],
  ['deallocate', deallocate],
  ['set', setVariable],
  ['reset', reset],
  ['show', show],
  ['explain', explain],
  ['subscribe', subscribe],
])

/** Statements of PostgreSQL that Rowtine does not have. */
const foreignStatements: ReadonlySet<string> = new Set([
  'analyze',
  'analyse',
  'call',
  'checkpoint',
  'close',
  'cluster',
  'declare',
  'discard',
  'do',
  'fetch',
  'grant',
  'import',
  'listen',
  'load',
  'lock',
  'move',
  'notify',
  'reassign',
  'refresh',
  'reindex',
  'revoke',
  'security',
  'unlisten',
  'vacuum',
])

/** Words that begin statements, for hints and completion. */
export const statementWords: readonly string[] = [...rules.keys()]

export function statement(cursor: Cursor): Statement {
  const { kind, value } = cursor.token
  if (kind === 'keyword') {
    const rule = rules.get(value)
    if (rule !== undefined) return rule(cursor)
    if (foreignStatements.has(value)) throw cursor.unsupported(`${value} is not supported`)
  }
  if (cursor.atPunctuation('(')) return rowSource(cursor)
  throw cursor.unexpected(...statementWords)
}
