// Binds a whole statement: what kind it is decides everything else.
import { featureNotSupported } from '#base/errors'
import type * as ast from '#sql/ast'
import type { BoundExplain, BoundQuery, BoundStatement, ExplainAnalyze } from '#sql/bound'
import { bindAlter } from './alter.ts'
import type { BindContext } from './context.ts'
import { bindCoroutine } from './coroutine.ts'
import { bindCreateEventTable, bindCreateTable } from './create-table.ts'
import { bindCreateIndex, bindCreateView, bindDrop } from './definition.ts'
import { refused } from './refuse.ts'
import { bindTopRows } from './rows.ts'
import { bindTruncate } from './truncate.ts'

export function bindAny(context: BindContext, statement: ast.Statement): BoundStatement {
  switch (statement.kind) {
    case 'query':
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge':
      return bindQueryStatement(context, statement)
    case 'create_coroutine':
      return bindCoroutine(context, statement)
    case 'create_table':
      return bindCreateTable(context, statement)
    case 'create_event_table':
      return bindCreateEventTable(context, statement)
    case 'create_index':
      return bindCreateIndex(context, statement)
    case 'create_view':
      return bindCreateView(context, statement)
    case 'drop':
      return bindDrop(context, statement)
    case 'alter_table':
    case 'rename':
      return bindAlter(context, statement)
    case 'truncate':
      return bindTruncate(context, statement)
    case 'explain':
      return bindExplain(context, statement)
    default:
      throw refused(statement)
  }
}

function bindQueryStatement(context: BindContext, statement: ast.Query | ast.Change): BoundQuery {
  const { plan, columns } = bindTopRows(context, statement, undefined)
  const tag = statement.kind === 'query' ? 'SELECT' : statement.kind.toUpperCase()
  return { kind: 'query', plan, output: columns, tag, parameters: context.parameterTypes() }
}

function bindExplain(context: BindContext, explain: ast.Explain): BoundExplain {
  const { show, analyze, options, span } = explain
  const format = options.find(({ name, value }) => name === 'format' && value !== 'text')
  if (format) throw featureNotSupported('EXPLAIN (FORMAT …) is not supported', format.span)
  if (show === 'grid') throw featureNotSupported('EXPLAIN (GRID) is not supported', span)
  const statement = bindAny(context, explain.statement)
  if (statement.kind !== 'query' && statement.kind !== 'coroutine') {
    throw featureNotSupported('EXPLAIN of this statement is not supported', explain.statement.span)
  }
  if (show === 'rules' && statement.kind === 'coroutine') {
    throw featureNotSupported('EXPLAIN (RULES) of a coroutine is not supported', explain.statement.span)
  }
  if (analyze && show !== 'plan') throw featureNotSupported(`EXPLAIN (ANALYZE, ${show.toUpperCase()}) is not supported`, span)
  if (analyze && statement.kind === 'coroutine') {
    throw featureNotSupported('EXPLAIN ANALYZE of a coroutine is not supported', explain.statement.span, 'What its steps took is not measured.')
  }
  return { kind: 'explain', mode: show, analyze: analyze ? analyzeOptions(options) : undefined, statement, span }
}

/** PostgreSQL's options of what is shown; all are on unless they are turned off. */
function analyzeOptions(options: readonly ast.Option[]): ExplainAnalyze {
  const isOn = (name: string): boolean => options.every((each) => each.name !== name || each.value !== false)
  return { costs: isOn('costs'), timing: isOn('timing'), summary: isOn('summary') }
}
