// Bound plans as indented text: one node a line, columns as name#id. Tests compare it and explain
// shows it, so it says everything that decides a plan's meaning and nothing about spans.
import { typeName } from '#base/data-type'
import type {
  AggregateCall,
  BoundCoroutine,
  BoundQuery,
  Column,
  Expression,
  FrameEdge,
  Insert,
  Plan,
  ProjectItem,
  SortKey,
  SqlValue,
  Step,
  Subquery,
  WindowCall,
  WindowFrame,
  Windows,
} from '#sql/bound'
import { walkExpression } from '../expression-tree.ts'
import { expressionsOf, inputsOf } from './plan-columns.ts'

export function printBound(bound: BoundQuery | BoundCoroutine): string {
  return bound.kind === 'query' ? printQuery(bound) : printCoroutine(bound)
}

function printQuery(query: BoundQuery): string {
  const output = query.output.map((column) => `${printColumn(column)} ${typeName(column.type)}`)
  return [`${query.tag} → ${output.join(', ')}`, ...planLines(query.plan, 1)].join('\n')
}

function printCoroutine(coroutine: BoundCoroutine): string {
  const columns = coroutine.eventColumns.map(({ column }) => printColumn(column))
  const lines = [
    `coroutine ${coroutine.name} on ${coroutine.relation.name} (${columns.join(', ')})`,
  ]
  if (coroutine.guard) lines.push(`  where ${printExpression(coroutine.guard)}`)
  for (const local of coroutine.locals) {
    lines.push(`  local ${printColumn(local)} ${typeName(local.type)}`)
  }
  return [...lines, ...coroutine.body.flatMap((step) => stepLines(step, 1))].join('\n')
}

export function printPlan(plan: Plan): string {
  return planLines(plan, 0).join('\n')
}

function indent(depth: number, text: string): string {
  return '  '.repeat(depth) + text
}

function planLines(plan: Plan, depth: number): string[] {
  const line = indent(depth, headline(plan))
  const subqueries = subqueryLines(expressionsOf(plan), depth + 1)
  return [line, ...subqueries, ...inputsOf(plan).flatMap((child) => planLines(child, depth + 1))]
}

/** Plans of the subqueries in the node's expressions, in the order they are printed. */
function subqueryLines(expressions: readonly Expression[], depth: number): string[] {
  return expressions
    .flatMap((expression) => [...walkExpression(expression)])
    .filter((expression) => expression.kind === 'subquery')
    .flatMap(({ form, plan }) => [indent(depth, `${form}:`), ...planLines(plan, depth + 1)])
}

function stepLines(step: Step, depth: number): string[] {
  switch (step.kind) {
    case 'run': {
      const into = step.into ? ` into ${columnList(step.into)}` : ''
      const found = step.found ? ` found ${printColumn(step.found)}` : ''
      const line = `run (${columnList(step.output)})${into}${step.strict ? ' strict' : ''}${found}`
      return [indent(depth, line), ...planLines(step.plan, depth + 1)]
    }
    case 'assign': {
      const line = `${printColumn(step.target)} := ${printExpression(step.value)}`
      return [indent(depth, line), ...subqueryLines([step.value], depth + 1)]
    }
    case 'if':
      return ifLines(step, depth)
    case 'raise':
      return [indent(depth, `raise ${step.state} ${printExpression(step.message)}`)]
    case 'return':
      return [indent(depth, 'return')]
    case 'block':
      return blockLines(step, depth)
  }
}

function ifLines(step: Extract<Step, { kind: 'if' }>, depth: number): string[] {
  const branches = step.branches.flatMap(({ condition, body }, index) => [
    indent(depth, `${index === 0 ? 'if' : 'elsif'} ${printExpression(condition)}`),
    ...subqueryLines([condition], depth + 2),
    ...body.flatMap((inner) => stepLines(inner, depth + 1)),
  ])
  if (step.otherwise.length === 0) return branches
  return [
    ...branches,
    indent(depth, 'else'),
    ...step.otherwise.flatMap((inner) => stepLines(inner, depth + 1)),
  ]
}

function blockLines(step: Extract<Step, { kind: 'block' }>, depth: number): string[] {
  const handlers = step.handlers.flatMap(({ states, body }) => [
    indent(depth, `when ${states === 'others' ? states : states.join(', ')}`),
    ...body.flatMap((inner) => stepLines(inner, depth + 1)),
  ])
  return [
    indent(depth, 'block'),
    ...step.body.flatMap((inner) => stepLines(inner, depth + 1)),
    ...handlers,
  ]
}

function headline(plan: Plan): string {
  switch (plan.kind) {
    case 'dual':
      return 'dual'
    case 'scan': {
      const columns = plan.columns.map(({ column }) => printColumn(column))
      if (plan.rowId) columns.push(`row ${printColumn(plan.rowId)}`)
      return `scan ${plan.relation.name} ${plan.alias} (${columns.join(', ')})`
    }
    case 'values':
      return `values (${columnList(plan.columns)}) ${plan.rows.map((row) => `(${expressions(row)})`).join(' ')}`
    case 'instances':
      return `instances (${columnList(plan.columns)})`
    case 'series': {
      const bounds = plan.step ? [plan.start, plan.stop, plan.step] : [plan.start, plan.stop]
      return `series ${printColumn(plan.column)} (${expressions(bounds)})`
    }
    case 'project':
      return `project ${items(plan.items)}`
    case 'filter':
      return `filter ${printExpression(plan.predicate)}`
    case 'join': {
      const on = plan.condition ? ` on ${printExpression(plan.condition)}` : ''
      return `join ${plan.type}${plan.lateral ? ' lateral' : ''}${on}`
    }
    case 'aggregate': {
      const calls = plan.aggregates.map(aggregate).join(', ')
      const by = plan.groups.length > 0 ? `group by ${items(plan.groups)}` : ''
      return ['aggregate', calls, by].filter((part) => part !== '').join(' ')
    }
    case 'window':
      return `window ${plan.calls.map((call) => windowCall(call, plan)).join(', ')}`
    case 'distinct':
      return plan.on ? `distinct on (${expressions(plan.on)})` : 'distinct'
    case 'sort':
      return `sort ${plan.keys.map(sortKey).join(', ')}`
    case 'limit':
      return [
        'limit',
        plan.limit ? printExpression(plan.limit) : 'all',
        ...(plan.offset ? ['offset', printExpression(plan.offset)] : []),
      ].join(' ')
    case 'set':
      return `${plan.operator}${plan.all ? ' all' : ''} (${columnList(plan.columns)}) of (${columnList(plan.leftColumns)}), (${columnList(plan.rightColumns)})`
    case 'with':
      return `with ${plan.name}@${plan.id} (${columnList(plan.definitionColumns)})`
    case 'cte_scan':
      return `cte_scan @${plan.id} (${columnList(plan.columns)})`
    case 'recursion':
      return `recursion${plan.all ? ' all' : ''} ${plan.name}@${plan.id} (${columnList(plan.columns)}) of (${columnList(plan.baseColumns)}), (${columnList(plan.stepColumns)})`
    case 'round_scan':
      return `round_scan ${plan.name}@${plan.id} (${columnList(plan.columns)})`
    case 'insert':
      return insertLine(plan)
    case 'update': {
      const set = plan.set.map(
        ({ position, value }) =>
          `${plan.relation.columns[position]?.name ?? position} = ${printExpression(value)}`,
      )
      return `update ${plan.relation.name} row ${printColumn(plan.rowId)} set ${set.join(', ')}${checks(plan.checks)}${returning(plan.returning)}`
    }
    case 'delete':
      return `delete ${plan.relation.name} row ${printColumn(plan.rowId)}${returning(plan.returning)}`
  }
}

function insertLine(plan: Insert): string {
  const values = plan.values.map((value) =>
    value === 'identity' ? 'identity' : printExpression(value),
  )
  return `insert ${plan.relation.name} (${values.join(', ')})${conflict(plan)}${checks(plan.checks)}${returning(plan.returning)}`
}

function conflict({ conflict: clause, relation }: Insert): string {
  if (!clause) return ''
  const target =
    clause.index === undefined ? '' : ` ${relation.indexes[clause.index]?.name ?? clause.index}`
  if (clause.action === 'nothing') return ` on conflict${target} do nothing`
  const set = clause.set.map(
    ({ position, value }) =>
      `${relation.columns[position]?.name ?? position} = ${printExpression(value)}`,
  )
  const where = clause.where ? ` where ${printExpression(clause.where)}` : ''
  return ` on conflict${target} do update set ${set.join(', ')}${where}`
}

function checks(conditions: Insert['checks']): string {
  return conditions
    .map(({ name, condition }) => ` check ${name} ${printExpression(condition)}`)
    .join('')
}

function returning(list: readonly ProjectItem[] | undefined): string {
  return list ? ` returning ${items(list)}` : ''
}

function items(list: readonly ProjectItem[]): string {
  return list
    .map(({ column, expression }) => {
      if (expression.kind === 'column' && expression.column.id === column.id)
        return printColumn(column)
      return `${printExpression(expression)} as ${printColumn(column)}`
    })
    .join(', ')
}

function aggregate(call: AggregateCall): string {
  const order = call.order.length > 0 ? ` order by ${call.order.map(sortKey).join(', ')}` : ''
  const filter = call.filter ? ` filter ${printExpression(call.filter)}` : ''
  const distinct = call.distinct ? 'distinct ' : ''
  return `${call.function}(${distinct}${expressions(call.arguments)}${order})${filter} as ${printColumn(call.column)}`
}

function sortKey({ expression, descending, nullsFirst }: SortKey): string {
  const nulls = nullsFirst === descending ? '' : nullsFirst ? ' nulls first' : ' nulls last'
  return `${printExpression(expression)}${descending ? ' desc' : ''}${nulls}`
}

function columnList(columns: readonly Column[]): string {
  return columns.map(printColumn).join(', ')
}

function expressions(list: readonly Expression[]): string {
  return list.map((one) => printExpression(one)).join(', ')
}

export function printColumn({ name, id }: Column): string {
  return `${name}#${id}`
}

/** A subquery prints as `scalar(…)`; its plan stands on the lines below its node. */
export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'literal':
      return printLiteral(expression.value, typeName(expression.type))
    case 'column':
      return printColumn(expression.column)
    case 'parameter':
      return `$${expression.index + 1}::${typeName(expression.type)}`
    case 'call':
      return printCall(expression)
    case 'case': {
      const branches = expression.branches.map(
        ({ when, then }) => `when ${printExpression(when)} then ${printExpression(then)}`,
      )
      const otherwise = expression.otherwise ? ` else ${printExpression(expression.otherwise)}` : ''
      return `case ${branches.join(' ')}${otherwise} end`
    }
    case 'and':
    case 'or':
      return `(${expression.operands.map((one) => printExpression(one)).join(` ${expression.kind} `)})`
    case 'subquery':
      return printSubquery(expression)
  }
}

function printCall(call: Extract<Expression, { kind: 'call' }>): string {
  if (call.label === 'cast') return `${expressions(call.arguments)}::${typeName(call.type)}`
  const [left, right] = call.arguments
  const isSymbol = /^[^a-z]+$/i.test(call.label)
  if (isSymbol && left && right)
    return `(${printExpression(left)} ${call.label} ${printExpression(right)})`
  const immediates = call.immediates.length > 0 ? `; ${call.immediates.join(', ')}` : ''
  return `${call.kernel}(${expressions(call.arguments)}${immediates})`
}

function printSubquery({ form, operands, comparison }: Subquery): string {
  const left = operands.length > 0 ? `${expressions(operands)} ` : ''
  return `${left}${comparison ? `${comparison} ` : ''}${form}(…)`
}

function printLiteral(value: SqlValue, type: string): string {
  if (value === null) return `null::${type}`
  // Quotes are doubled: equal texts have to mean equal expressions (expressionKey).
  if (typeof value === 'string')
    return `'${value.replaceAll("'", "''")}'${type === 'text' ? '' : `::${type}`}`
  if (value instanceof Uint8Array) return `'\\x${hexadecimal(value)}'`
  if (typeof value === 'boolean' || type === 'integer') return String(value)
  return `${String(value)}::${type}`
}

function hexadecimal(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function windowCall(call: WindowCall, { partition, order, frames }: Windows): string {
  const filter = call.filter ? ` filter (${printExpression(call.filter)})` : ''
  const frame = frames[call.frame]
  const clauses = [
    ...(partition.length > 0 ? [`partition by ${expressions(partition)}`] : []),
    ...(order.length > 0 ? [`order by ${order.map(sortKey).join(', ')}`] : []),
    ...(frame ? [printFrame(frame)] : []),
  ]
  const over = `${filter} over (${clauses.join(' ')})`
  return `${printColumn(call.column)} = ${call.function}(${expressions(call.arguments)})${over}`
}

function printFrame({ mode, start, end, exclude }: WindowFrame): string {
  const edge = (one: FrameEdge): string => {
    const words = one.kind.replace('_', ' ')
    return 'value' in one ? `${printExpression(one.value)} ${words}` : words
  }
  const excluded = exclude === 'no_others' ? '' : ` exclude ${exclude.replace('_', ' ')}`
  return `${mode} between ${edge(start)} and ${edge(end)}${excluded}`
}
