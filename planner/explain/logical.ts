// The logical plan as indented text, one node a line.
import type {
  Column,
  ColumnId,
  Expression,
  FrameEdge,
  ProjectItem,
  SortKey,
  WindowCall,
  WindowFrame,
} from '#sql/bound'
import { inputsOf } from '../logical/columns.ts'
import type {
  Aggregate,
  Join,
  Limit,
  Logical,
  LogicalAggregate,
  Window,
} from '../logical/plan.ts'
import { plainName, printExpression, type Naming } from './expression.ts'

/**
 * One line per node, children indented by two spaces. Columns are qualified where there are several
 * scans.
 */
export function explainLogical(plan: Logical, remark: Remark = () => ''): string[] {
  return linesOf(plan, new PlanPrinter(namingOf(plan)), remark)
}

/** What a node's line ends with. */
type Remark = (plan: Logical) => string

function linesOf(plan: Logical, printer: PlanPrinter, remark: Remark): string[] {
  const below = inputsOf(plan).flatMap((input) => linesOf(input, printer, remark))
  return [`${printer.describe(plan)}${remark(plan)}`, ...below.map((line) => `  ${line}`)]
}

function namingOf(plan: Logical): Naming {
  const aliases = new Map<ColumnId, string>()
  const scans = collectAliases(plan, aliases)
  if (scans < 2) return plainName
  return (column) => {
    const alias = aliases.get(column.id)
    return alias === undefined ? plainName(column) : `${alias}.${column.name}`
  }
}

/** Returns the number of scans. */
function collectAliases(plan: Logical, aliases: Map<ColumnId, string>): number {
  if (plan.kind === 'scan') {
    for (const { column } of plan.columns) aliases.set(column.id, plan.alias)
    return 1
  }
  return inputsOf(plan).reduce((count, input) => count + collectAliases(input, aliases), 0)
}

/** What a window without a frame clause has. */
function isDefaultFrame({ mode, start, end, exclude }: WindowFrame): boolean {
  const isUsual = start.kind === 'unbounded_preceding' && end.kind === 'current_row'
  return mode === 'range' && isUsual && exclude === 'no_others'
}

class PlanPrinter {
  readonly #name: Naming

  constructor(name: Naming) {
    this.#name = name
  }

  describe(plan: Logical): string {
    switch (plan.kind) {
      case 'dual':
        return 'Dual'
      case 'scan':
        return plan.alias === plan.relation.name
          ? `Scan ${plan.relation.name}`
          : `Scan ${plan.relation.name} as ${plan.alias}`
      case 'constants':
        return `Constants ${String(plan.rows.length)} rows`
      case 'instances':
        return 'Instances'
      case 'series':
        return `Series ${this.#print(plan.start)} to ${this.#print(plan.stop)}`
      case 'extend':
        return `Extend ${this.#items(plan.items)}`
      case 'filter':
        return `Filter ${this.#print(plan.predicate)}`
      case 'join':
        return this.#join(plan)
      case 'aggregate':
        return this.#aggregate(plan)
      case 'window':
        return `Window ${plan.calls.map((own) => this.#windowCall(own, plan)).join(', ')}`
      case 'sort':
        return `Sort ${plan.keys.map((key) => this.#key(key)).join(', ')}`
      case 'limit':
        return this.#limit(plan)
      case 'union':
        return 'Union all'
      case 'with':
        return `With ${plan.name}`
      case 'cte_scan':
        return `Read ${plan.name}`
      case 'recursion':
        return `Recursion ${plan.name}${plan.all ? '' : ' distinct'}`
      case 'round_scan':
        return `Round of ${plan.name}`
      case 'insert':
        return plan.conflict
          ? `Insert ${plan.relation.name} on conflict do ${plan.conflict.action}`
          : `Insert ${plan.relation.name}`
      case 'update': {
        const set = plan.set.map(
          ({ position, value }) =>
            `${plan.relation.columns[position]?.name ?? '?'} = ${this.#print(value)}`,
        )
        return `Update ${plan.relation.name} set ${set.join(', ')}`
      }
      case 'delete':
        return `Delete ${plan.relation.name}`
    }
  }

  #print(expression: Expression): string {
    return printExpression(expression, this.#name)
  }

  #join(plan: Join): string {
    const condition = plan.condition ? ` on ${this.#print(plan.condition)}` : ''
    const { nullAware } = plan
    const aware = nullAware
      ? ` on ${this.#print(nullAware.left)} in ${this.#print(nullAware.right)}`
      : ''
    const name = plan.type === 'inner' && !plan.condition ? 'cross' : plan.type
    return `Join ${name}${condition}${aware}`
  }

  #aggregate({ aggregates, groups }: Aggregate): string {
    const by = groups.length > 0 ? [`by ${this.#items(groups)}`] : []
    const parts = [...aggregates.map((call) => this.#call(call)), ...by]
    return `Aggregate ${parts.join(', ')}`.trimEnd()
  }

  #windowCall(own: WindowCall, { partition, order, frames }: Window): string {
    const by = partition.map((expression) => this.#print(expression)).join(', ')
    const frame = frames[own.frame]
    const clauses = [
      ...(by === '' ? [] : [`partition by ${by}`]),
      ...(order.length === 0 ? [] : [`order by ${order.map((key) => this.#key(key)).join(', ')}`]),
      ...(frame && !isDefaultFrame(frame) ? [this.#frame(frame)] : []),
    ]
    const operands = own.arguments.map((operand) => this.#print(operand)).join(', ')
    const filter = own.filter ? ` filter (${this.#print(own.filter)})` : ''
    const name = own.function === 'count_star' ? 'count(*)' : `${own.function}(${operands})`
    return `${name}${filter} over (${clauses.join(' ')})`
  }

  #frame({ mode, start, end, exclude }: WindowFrame): string {
    const edge = (one: FrameEdge): string => {
      const words = one.kind.replace('_', ' ')
      return 'value' in one ? `${this.#print(one.value)} ${words}` : words
    }
    const excluded = exclude === 'no_others' ? '' : ` exclude ${exclude.replace('_', ' ')}`
    return `${mode} between ${edge(start)} and ${edge(end)}${excluded}`
  }

  #limit(plan: Limit): string {
    const limit = plan.limit ? ` ${this.#print(plan.limit)}` : ''
    const offset = plan.offset ? ` offset ${this.#print(plan.offset)}` : ''
    return `Limit${limit}${offset}${plan.ordinal ? ' per instance' : ''}`
  }

  #items(items: readonly ProjectItem[]): string {
    return items.map(({ column, expression }) => this.#item(column, expression)).join(', ')
  }

  #item(column: Column, expression: Expression): string {
    const isRename = expression.kind === 'column' && expression.column.name === column.name
    return isRename ? this.#print(expression) : `${this.#print(expression)} as ${plainName(column)}`
  }

  #call({ function: name, arguments: own, distinct, filter }: LogicalAggregate): string {
    const inner =
      name === 'count_star' ? '*' : own.map((argument) => this.#print(argument)).join(', ')
    const where = filter ? ` filter ${this.#print(filter)}` : ''
    const called = name === 'count_star' ? 'count' : name
    return `${called}(${distinct ? 'distinct ' : ''}${inner})${where}`
  }

  #key({ expression, descending, nullsFirst }: SortKey): string {
    const nulls = nullsFirst === descending ? '' : nullsFirst ? ' nulls first' : ' nulls last'
    return `${this.#print(expression)}${descending ? ' desc' : ''}${nulls}`
  }
}
