// What a plan produces and what it reads from outside: the two questions everybody asks of a plan.
import type { Column, ColumnId, Expression, Plan } from '#sql/bound'
import { defined, expressionsOfItems, expressionsOfKeys, expressionsOfWindows, walkExpression } from '../expression-tree.ts'

/** Lists the columns of the plan's rows, in order. */
export function columnsOf(plan: Plan): readonly Column[] {
  switch (plan.kind) {
    case 'dual':
      return []
    case 'scan': {
      const columns = plan.columns.map(({ column }) => column)
      return plan.rowId ? [...columns, plan.rowId] : columns
    }
    case 'values':
    case 'instances':
    case 'set':
    case 'cte_scan':
    case 'recursion':
    case 'round_scan':
      return plan.columns
    case 'series':
      return [plan.column]
    case 'project':
      return plan.items.map(({ column }) => column)
    case 'filter':
    case 'distinct':
    case 'sort':
    case 'limit':
      return columnsOf(plan.input)
    case 'join':
      return joinColumns(plan)
    case 'aggregate':
      return [...plan.groups, ...plan.aggregates].map(({ column }) => column)
    case 'window':
      return [...columnsOf(plan.input), ...plan.calls.map(({ column }) => column)]
    case 'with':
      return columnsOf(plan.body)
    case 'insert':
    case 'update':
    case 'delete':
      return (plan.returning ?? []).map(({ column }) => column)
  }
}

function joinColumns(plan: Extract<Plan, { kind: 'join' }>): readonly Column[] {
  const left = columnsOf(plan.left)
  if (plan.type === 'semi' || plan.type === 'anti') return left
  return [...left, ...columnsOf(plan.right)]
}

/** Direct subplans, not those inside expressions. */
export function inputsOf(plan: Plan): readonly Plan[] {
  switch (plan.kind) {
    case 'dual':
    case 'scan':
    case 'values':
    case 'instances':
    case 'series':
    case 'cte_scan':
    case 'round_scan':
      return []
    case 'project':
    case 'filter':
    case 'aggregate':
    case 'window':
    case 'distinct':
    case 'sort':
    case 'limit':
    case 'insert':
    case 'update':
    case 'delete':
      return [plan.input]
    case 'join':
    case 'set':
      return [plan.left, plan.right]
    case 'with':
      return [plan.definition, plan.body]
    case 'recursion':
      return [plan.base, plan.step]
  }
}

/** Expressions written in this node itself. */
export function expressionsOf(plan: Plan): readonly Expression[] {
  switch (plan.kind) {
    case 'dual':
    case 'scan':
    case 'instances':
    case 'cte_scan':
    case 'set':
    case 'with':
    case 'recursion':
    case 'round_scan':
      return []
    case 'values':
      return plan.rows.flat()
    case 'series':
      return defined([plan.start, plan.stop, plan.step])
    case 'project':
      return expressionsOfItems(plan.items)
    case 'filter':
      return [plan.predicate]
    case 'join':
      return defined([plan.condition])
    case 'aggregate':
      return [
        ...expressionsOfItems(plan.groups),
        ...plan.aggregates.flatMap((call) => [
          ...call.arguments,
          ...defined([call.filter]),
          ...expressionsOfKeys(call.order),
        ]),
      ]
    case 'window':
      return expressionsOfWindows(plan)
    case 'distinct':
      return plan.on ?? []
    case 'sort':
      return expressionsOfKeys(plan.keys)
    case 'limit':
      return defined([plan.limit, plan.offset])
    case 'insert':
      return insertExpressions(plan)
    case 'update':
      return [
        ...plan.set.map(({ value }) => value),
        ...plan.checks.map(({ condition }) => condition),
        ...expressionsOfItems(plan.returning ?? []),
      ]
    case 'delete':
      return expressionsOfItems(plan.returning ?? [])
  }
}

function insertExpressions(plan: Extract<Plan, { kind: 'insert' }>): Expression[] {
  const conflict = plan.conflict?.action === 'update' ? plan.conflict : undefined
  return [
    ...plan.values.filter((value) => value !== 'identity'),
    ...(conflict?.set ?? []).map(({ value }) => value),
    ...defined([conflict?.where]),
    ...plan.checks.map(({ condition }) => condition),
    ...expressionsOfItems(plan.returning ?? []),
  ]
}

/** Columns that an expression reads, those its subqueries read from outside included. */
export function columnsRead(expression: Expression): Map<ColumnId, Column> {
  const read = new Map<ColumnId, Column>()
  for (const node of walkExpression(expression)) {
    if (node.kind === 'column') read.set(node.column.id, node.column)
    if (node.kind === 'subquery')
      for (const [id, column] of freeColumnMap(node.plan)) read.set(id, column)
  }
  return read
}

/** Ids that the plan reads and does not produce: its correlation. */
export function freeColumns(plan: Plan): ReadonlySet<ColumnId> {
  return new Set(freeColumnMap(plan).keys())
}

function freeColumnMap(plan: Plan): Map<ColumnId, Column> {
  const read = new Map<ColumnId, Column>()
  const made = new Set<ColumnId>()
  collect(plan, read, made)
  for (const id of made) read.delete(id)
  return read
}

function collect(plan: Plan, read: Map<ColumnId, Column>, made: Set<ColumnId>): void {
  for (const expression of expressionsOf(plan)) {
    for (const [id, column] of columnsRead(expression)) read.set(id, column)
  }
  for (const column of madeBy(plan)) made.add(column.id)
  for (const input of inputsOf(plan)) collect(input, read, made)
}

/** Columns with an id that this node gives out for its own expressions or its parents'. */
function madeBy(plan: Plan): readonly Column[] {
  if (plan.kind === 'insert') {
    const conflict = plan.conflict?.action === 'update' ? plan.conflict : undefined
    return [
      ...plan.rowColumns,
      ...(conflict?.existing ?? []),
      ...(conflict?.excluded ?? []),
      ...columnsOf(plan),
    ]
  }
  if (plan.kind === 'update' || plan.kind === 'delete')
    return [...plan.rowColumns, ...columnsOf(plan)]
  if (plan.kind === 'window') return plan.calls.map(({ column }) => column)
  // A project that passes a column through makes nothing: the column may be an outer one.
  const items = plan.kind === 'project' ? plan.items : plan.kind === 'aggregate' ? plan.groups : []
  const passed = new Set(
    items
      .filter(
        ({ column, expression }) =>
          expression.kind === 'column' && expression.column.id === column.id,
      )
      .map(({ column }) => column.id),
  )
  const isSource =
    inputsOf(plan).length === 0 ||
    plan.kind === 'project' ||
    plan.kind === 'aggregate' ||
    plan.kind === 'recursion' ||
    plan.kind === 'set'
  return isSource ? columnsOf(plan).filter(({ id }) => !passed.has(id)) : []
}
