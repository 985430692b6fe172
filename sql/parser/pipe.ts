// The pipe form: `from …` or any query, then steps that each begin with `|>`.
import type {
  Expression,
  Identifier,
  PipeAggregate,
  Pipeline,
  PipelineFrom,
  PipeStep,
  Query,
  SelectItem,
  SetOperation,
} from '../ast.ts'
import { argument } from './call.ts'
import type { Cursor } from './cursor.ts'
import { expression } from './expression.ts'
import { fromItems, joinCondition, joinHead, optionalAlias, tableItem } from './from.ts'
import { anyName, identifier } from './name.ts'
import { parenthesizedQuery } from './parentheses.ts'
import { insertAhead, limitClause, selectItem } from './query.ts'
import { sortItemsBy } from './sort.ts'

/** `from a, b join c …`, the start of a pipeline. */
export function pipeSource(cursor: Cursor): PipelineFrom {
  const { start } = cursor.advance()
  const items = fromItems(cursor)
  return { kind: 'from', items, span: cursor.spanFrom(start) }
}

/** The steps after `source`; may be none. A final `|> insert into` is left to the statement. */
export function pipeline(cursor: Cursor, source: PipelineFrom | Query, start: number): Pipeline {
  const steps: PipeStep[] = []
  while (cursor.atOperator('|>') && !insertAhead(cursor)) steps.push(pipeStep(cursor))
  return {
    kind: 'pipeline',
    source,
    steps,
    span: cursor.spanFrom(Math.min(start, source.span.start)),
  }
}

type StepRule = (cursor: Cursor, start: number) => PipeStep

function pipeStep(cursor: Cursor): PipeStep {
  const { start } = cursor.advance()
  const { kind, value } = cursor.token
  if (value === 'limit' || value === 'offset' || value === 'fetch') return limitStep(cursor, start)
  const rule = kind === 'keyword' ? stepRules.get(value) : undefined
  if (rule !== undefined) {
    cursor.advance()
    return rule(cursor, start)
  }
  const join = joinStep(cursor, start)
  if (join !== undefined) return join
  throw cursor.unexpected(...stepRules.keys(), 'limit', 'insert')
}

function limitStep(cursor: Cursor, start: number): PipeStep {
  const limit = limitClause(cursor)
  if (limit === undefined) throw cursor.unexpected()
  return { kind: 'pipe_limit', limit, span: cursor.spanFrom(start) }
}

function joinStep(cursor: Cursor, start: number): PipeStep | undefined {
  const head = joinHead(cursor)
  if (head === undefined) return undefined
  const right = tableItem(cursor)
  const condition = joinCondition(cursor, head)
  return { kind: 'pipe_join', ...head, right, ...condition, span: cursor.spanFrom(start) }
}

function selectStep(kind: 'pipe_select' | 'pipe_extend'): StepRule {
  return (cursor, start) => {
    const distinct = kind === 'pipe_select' && cursor.take('distinct')
    const items = cursor.list(selectItem)
    return { kind, distinct, items, span: cursor.spanFrom(start) }
  }
}

const setStep: StepRule = (cursor, start) => {
  const items = cursor.list(assignment)
  return { kind: 'pipe_set', items, span: cursor.spanFrom(start) }
}

function assignment(cursor: Cursor): { column: Identifier; value: Expression } {
  const column = identifier(cursor)
  cursor.needOperator('=')
  return { column, value: expression(cursor) }
}

const dropStep: StepRule = (cursor, start) => {
  const columns = cursor.list(identifier)
  return { kind: 'pipe_drop', columns, span: cursor.spanFrom(start) }
}

const renameStep: StepRule = (cursor, start) => {
  const items = cursor.list((inner) => {
    const from = identifier(inner)
    inner.take('as')
    return { from, to: identifier(inner) }
  })
  return { kind: 'pipe_rename', items, span: cursor.spanFrom(start) }
}

/** `aggregate … [group by …]`, or only `aggregate group by …`. */
const aggregateStep: StepRule = (cursor, start) => {
  const atGroup = cursor.at('group') && cursor.peekIs(1, 'by')
  const items: readonly SelectItem[] = atGroup ? [] : cursor.list(selectItem)
  let group: readonly SelectItem[] = []
  if (cursor.take('group')) {
    cursor.need('by')
    group = cursor.list(selectItem)
  }
  const node: PipeAggregate = { kind: 'pipe_aggregate', items, group, span: cursor.spanFrom(start) }
  return node
}

/** `order by`: the first word is taken already. */
const orderStep: StepRule = (cursor, start) => {
  const items = sortItemsBy(cursor)
  return { kind: 'pipe_order', items, span: cursor.spanFrom(start) }
}

function setOperationStep(operator: SetOperation['operator']): StepRule {
  return (cursor, start) => {
    const all = cursor.take('all')
    if (!all) cursor.take('distinct')
    const queries = cursor.list(parenthesizedQuery)
    return { kind: 'pipe_set_operation', operator, all, queries, span: cursor.spanFrom(start) }
  }
}

const callStep: StepRule = (cursor, start) => {
  const name = anyName(cursor)
  cursor.needPunctuation('(')
  const list = cursor.atPunctuation(')') ? [] : cursor.list(argument)
  cursor.needPunctuation(')')
  const alias = optionalAlias(cursor)
  return { kind: 'pipe_call', function: name, arguments: list, alias, span: cursor.spanFrom(start) }
}

const stepRules: ReadonlyMap<string, StepRule> = new Map<string, StepRule>([
  ['select', selectStep('pipe_select')],
  ['extend', selectStep('pipe_extend')],
  ['set', setStep],
  ['drop', dropStep],
  ['rename', renameStep],
  [
    'as',
    (cursor, start) => ({
      kind: 'pipe_as',
      alias: identifier(cursor),
      span: cursor.spanFrom(start),
    }),
  ],
  [
    'where',
    (cursor, start) => ({
      kind: 'pipe_where',
      condition: expression(cursor),
      span: cursor.spanFrom(start),
    }),
  ],
  ['aggregate', aggregateStep],
  ['order', orderStep],
  ['distinct', (cursor, start) => ({ kind: 'pipe_distinct', span: cursor.spanFrom(start) })],
  ['union', setOperationStep('union')],
  ['intersect', setOperationStep('intersect')],
  ['except', setOperationStep('except')],
  ['call', callStep],
])
