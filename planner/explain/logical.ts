// The logical plan as indented text, one node a line.
import { inputsOf } from '../logical/columns.ts'
import type { Join, Logical, LogicalAggregate } from '../logical/plan.ts'
import type { ProjectItem, SortKey } from '#sql/bound'
import { printColumn, printExpression } from './expression.ts'

/** One line per node, children indented by two spaces. */
export function explainLogical(plan: Logical): string[] {
  const below = inputsOf(plan).flatMap(explainLogical).map((line) => `  ${line}`)
  return [describe(plan), ...below]
}

function describe(plan: Logical): string {
  switch (plan.kind) {
    case 'dual':
      return 'Dual'
    case 'scan':
      return `Scan ${plan.relation.name}${plan.alias === plan.relation.name ? '' : ` as ${plan.alias}`}`
    case 'constants':
      return `Constants ${String(plan.rows.length)} rows`
    case 'instances':
      return 'Instances'
    case 'series':
      return `Series ${printExpression(plan.start)} to ${printExpression(plan.stop)}`
    case 'extend':
      return `Extend ${printItems(plan.items)}`
    case 'filter':
      return `Filter ${printExpression(plan.predicate)}`
    case 'join':
      return describeJoin(plan)
    case 'aggregate':
      return `Aggregate ${[...plan.aggregates.map(printAggregate), ...(plan.groups.length > 0 ? [`by ${printItems(plan.groups)}`] : [])].join(', ')}`
    case 'sort':
      return `Sort ${plan.keys.map(printKey).join(', ')}`
    case 'limit': {
      const limit = plan.limit ? ` ${printExpression(plan.limit)}` : ''
      const offset = plan.offset ? ` offset ${printExpression(plan.offset)}` : ''
      return `Limit${limit}${offset}${plan.ordinal ? ' per instance' : ''}`
    }
    case 'union':
      return 'Union all'
    case 'with':
      return `With ${plan.name}`
    case 'cte_scan':
      return `Read ${plan.name}`
    case 'insert':
      return `Insert ${plan.relation.name}${plan.conflict ? ` on conflict do ${plan.conflict.action}` : ''}`
    case 'update':
      return `Update ${plan.relation.name} set ${plan.set.map(({ position, value }) => `${plan.relation.columns[position]?.name ?? '?'} = ${printExpression(value)}`).join(', ')}`
    case 'delete':
      return `Delete ${plan.relation.name}`
  }
}

function describeJoin(plan: Join): string {
  const condition = plan.condition ? ` on ${printExpression(plan.condition)}` : ''
  const aware = plan.nullAware ? ` on ${printExpression(plan.nullAware.left)} in ${printExpression(plan.nullAware.right)}` : ''
  const name = plan.type === 'inner' && !plan.condition ? 'cross' : plan.type
  return `Join ${name}${condition}${aware}`
}

function printItems(items: readonly ProjectItem[]): string {
  return items.map(({ column, expression }) => {
    const text = printExpression(expression)
    return text === printColumn(column) ? text : `${text} as ${printColumn(column)}`
  }).join(', ')
}

function printAggregate({ function: name, arguments: own, distinct, filter }: LogicalAggregate): string {
  const inner = name === 'count_star' ? '*' : own.map(printExpression).join(', ')
  const where = filter ? ` filter ${printExpression(filter)}` : ''
  return `${name === 'count_star' ? 'count' : name}(${distinct ? 'distinct ' : ''}${inner})${where}`
}

function printKey({ expression, descending, nullsFirst }: SortKey): string {
  const nulls = nullsFirst === descending ? '' : nullsFirst ? ' nulls first' : ' nulls last'
  return `${printExpression(expression)}${descending ? ' desc' : ''}${nulls}`
}
