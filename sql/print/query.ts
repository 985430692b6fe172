// Queries, set operations, pipelines and what stands in `from`, as text.
import type {
  CommonTable,
  FrameBound,
  FromItem,
  GroupingElement,
  Join,
  Limit,
  Locking,
  NamedWindow,
  Pipeline,
  PipeRename,
  PipeSet,
  PipeStep,
  Query,
  QueryBody,
  Select,
  SelectItem,
  SortItem,
  WindowSpecification,
  With,
} from '../ast.ts'
import { printChange } from './change.ts'
import { printArguments, printExpression, printList, printSortItems } from './expression.ts'
import { columnList, names, printAlias, printIdentifier, printName, printString } from './name.ts'

export function printQuery(query: Query): string {
  const order = printOrder(query.order)
  return (
    printWith(query.with) +
    printBody(query.body) +
    order +
    printLimit(query.limit) +
    query.locking.map(printLocking).join('')
  )
}

export function printWith(clause: With | undefined): string {
  if (clause === undefined) return ''
  return `with ${clause.recursive ? 'recursive ' : ''}${clause.tables.map(commonTable).join(', ')} `
}

function commonTable({ name, columns, materialized, definition }: CommonTable): string {
  const kept =
    materialized === undefined ? '' : materialized ? 'materialized ' : 'not materialized '
  const text = definition.kind === 'query' ? printQuery(definition) : printChange(definition)
  return `${printIdentifier(name)}${columnList(columns)} as ${kept}(${text})`
}

function printBody(body: QueryBody): string {
  switch (body.kind) {
    case 'select':
      return select(body)
    case 'values':
      return `values ${body.rows.map((row) => `(${printList(row)})`).join(', ')}`
    case 'table_query':
      return `table ${printName(body.name)}`
    case 'set_operation':
      return `${side(body.left)} ${body.operator}${body.all ? ' all' : ''} ${side(body.right)}`
    case 'pipeline':
      return pipeline(body)
    case 'query':
      return `(${printQuery(body)})`
  }
}

function side(body: QueryBody): string {
  return body.kind === 'set_operation' || body.kind === 'pipeline'
    ? `(${printBody(body)})`
    : printBody(body)
}

function select(body: Select): string {
  const { distinct, items, from, where, group, having, windows } = body
  const on =
    distinct === 'all'
      ? ''
      : distinct === 'distinct'
        ? ' distinct'
        : ` distinct on (${printList(distinct)})`
  return [
    `select${on}${items.length === 0 ? '' : ` ${printItems(items)}`}`,
    from.length > 0 && `from ${printFrom(from)}`,
    where && `where ${printExpression(where)}`,
    group && `group by ${group.distinct ? 'distinct ' : ''}${group.items.map(grouping).join(', ')}`,
    having && `having ${printExpression(having)}`,
    windows.length > 0 && `window ${windows.map(namedWindow).join(', ')}`,
  ]
    .filter(Boolean)
    .join(' ')
}

export function printItems(items: readonly SelectItem[]): string {
  return items
    .map(
      ({ expression, alias }) =>
        printExpression(expression) + (alias === undefined ? '' : ` as ${printIdentifier(alias)}`),
    )
    .join(', ')
}

function grouping(element: GroupingElement): string {
  switch (element.kind) {
    case 'group_expression':
      return printExpression(element.expression)
    case 'group_empty':
      return '()'
    case 'rollup':
    case 'cube':
      return `${element.kind} (${printList(element.items)})`
    case 'grouping_sets':
      return `grouping sets (${element.items.map(grouping).join(', ')})`
  }
}

export function printOrder(order: readonly SortItem[]): string {
  return order.length === 0 ? '' : ` order by ${printSortItems(order)}`
}

function printLimit(limit: Limit | undefined): string {
  if (limit === undefined) return ''
  const { count, offset, withTies } = limit
  const skip = offset === undefined ? '' : ` offset ${printExpression(offset)}`
  if (withTies && count !== undefined) {
    const written = count.kind === 'number' ? printExpression(count) : `(${printExpression(count)})`
    return `${skip} fetch first ${written} rows with ties`
  }
  if (count === undefined) return skip === '' ? ' limit all' : skip
  return ` limit ${printExpression(count)}${skip}`
}

function printLocking({ strength, tables, wait }: Locking): string {
  const of = tables.length === 0 ? '' : ` of ${tables.map(printName).join(', ')}`
  return ` for ${strength}${of}${wait === 'wait' ? '' : ` ${wait}`}`
}

function namedWindow({ name, specification }: NamedWindow): string {
  return `${printIdentifier(name)} as ${window(specification)}`
}

export function printOver(specification: WindowSpecification | undefined): string {
  if (specification === undefined) return ''
  const { isReference, base } = specification
  return ` over ${isReference ? printIdentifier(base ?? '') : window(specification)}`
}

function window({ base, partition, order, frame }: WindowSpecification): string {
  const parts = [
    base !== undefined && printIdentifier(base),
    partition.length > 0 && `partition by ${printList(partition)}`,
    order.length > 0 && printOrder(order).trimStart(),
    frame && `${frame.unit} between ${frameBound(frame.start)} and ${frameBound(frame.end)}`,
    frame && frame.exclude !== 'no others' && `exclude ${frame.exclude}`,
  ]
  return `(${parts.filter(Boolean).join(' ')})`
}

function frameBound(bound: FrameBound): string {
  if (bound.kind === 'preceding' || bound.kind === 'following')
    return `${printExpression(bound.offset)} ${bound.kind}`
  return bound.kind.replace('_', ' ')
}

export function printFrom(items: readonly FromItem[]): string {
  return items.map(printFromItem).join(', ')
}

export function printFromItem(item: FromItem): string {
  switch (item.kind) {
    case 'table':
      return `${item.only ? 'only ' : ''}${printName(item.name)}${printAlias(item.alias)}`
    case 'file':
      return printString(item.path) + printAlias(item.alias)
    case 'derived':
      return `${item.lateral ? 'lateral ' : ''}(${printQuery(item.query)})${printAlias(item.alias)}`
    case 'function_table': {
      const ordinality = item.ordinality ? ' with ordinality' : ''
      return (
        `${item.lateral ? 'lateral ' : ''}${printExpression(item.call)}${ordinality}` +
        `${printAlias(item.alias)}`
      )
    }
    case 'join':
      return join(item)
  }
}

function join(item: Join): string {
  const right =
    item.right.kind === 'join' && aliasNotInside(item.right)
      ? `(${printFromItem(item.right)})`
      : printFromItem(item.right)
  const text = `${printFromItem(item.left)} ${joinWords(item)} ${right}${joinCondition(item)}`
  if (item.alias === undefined) return text
  return item.aliasOf === 'using'
    ? text + printAlias(item.alias)
    : `(${text})${printAlias(item.alias)}`
}

/** A join with an alias of its own has its parentheses already. */
function aliasNotInside(item: Join): boolean {
  return item.alias === undefined || item.aliasOf === 'using'
}

function joinWords({ type, asof, natural }: Pick<Join, 'type' | 'asof' | 'natural'>): string {
  const kind = type === 'inner' ? '' : `${type} `
  return `${asof ? 'asof ' : ''}${natural ? 'natural ' : ''}${kind}join`
}

function joinCondition({ on, using }: Pick<Join, 'on' | 'using'>): string {
  if (on !== undefined) return ` on ${printExpression(on)}`
  return using === undefined ? '' : ` using (${names(using)})`
}

function pipeline({ source, steps }: Pipeline): string {
  return [pipelineSource(source), ...steps.map(pipeStep)].join(' |> ')
}

function pipelineSource(source: Pipeline['source']): string {
  if (source.kind === 'from') return `from ${printFrom(source.items)}`
  const text = printQuery(source)
  return source.with !== undefined || source.body.kind === 'pipeline' ? `(${text})` : text
}

function assignment({ column, value }: PipeSet['items'][number]): string {
  return `${printIdentifier(column.name)} = ${printExpression(value)}`
}

function renaming({ from, to }: PipeRename['items'][number]): string {
  return `${printIdentifier(from.name)} as ${printIdentifier(to.name)}`
}

function pipeStep(step: PipeStep): string {
  switch (step.kind) {
    case 'pipe_select':
      return `select ${step.distinct ? 'distinct ' : ''}${printItems(step.items)}`
    case 'pipe_extend':
      return `extend ${printItems(step.items)}`
    case 'pipe_set':
      return `set ${step.items.map(assignment).join(', ')}`
    case 'pipe_drop':
      return `drop ${names(step.columns)}`
    case 'pipe_rename':
      return `rename ${step.items.map(renaming).join(', ')}`
    case 'pipe_as':
      return `as ${printIdentifier(step.alias.name)}`
    case 'pipe_where':
      return `where ${printExpression(step.condition)}`
    case 'pipe_aggregate': {
      const group = step.group.length === 0 ? [] : [`group by ${printItems(step.group)}`]
      return [
        'aggregate',
        ...(step.items.length === 0 ? [] : [printItems(step.items)]),
        ...group,
      ].join(' ')
    }
    case 'pipe_join': {
      const right =
        step.right.kind === 'join' && aliasNotInside(step.right)
          ? `(${printFromItem(step.right)})`
          : printFromItem(step.right)
      return `${joinWords(step)} ${right}${joinCondition(step)}`
    }
    case 'pipe_order':
      return `order by ${printSortItems(step.items)}`
    case 'pipe_limit':
      return printLimit(step.limit).trimStart()
    case 'pipe_distinct':
      return 'distinct'
    case 'pipe_set_operation':
      return (
        `${step.operator}${step.all ? ' all' : ''} ` +
        `${step.queries.map((query) => `(${printQuery(query)})`).join(', ')}`
      )
    case 'pipe_call':
      return (
        `call ${printName(step.function)}(${printArguments(step.arguments)})` +
        `${printAlias(step.alias)}`
      )
  }
}
