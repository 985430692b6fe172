// What logical plans produce, read and leave free. Ids are unique in a statement, so the free
// columns are simply those read somewhere inside and produced nowhere inside.
import type { Column, ColumnId, Expression } from '#sql/bound'
import {
  defined,
  expressionsOfItems,
  expressionsOfKeys,
  expressionsOfWindows,
} from '#sql/expression-tree'
import { columnsRead, isVolatile } from './expression.ts'
import type { Join, Logical, LogicalAggregate } from './plan.ts'

/** Columns that nodes above `plan` can read. */
export function visibleColumns(plan: Logical): readonly Column[] {
  switch (plan.kind) {
    case 'dual':
      return []
    case 'scan':
      return [...plan.columns.map(({ column }) => column), ...(plan.rowId ? [plan.rowId] : [])]
    case 'constants':
    case 'union':
    case 'cte_scan':
    case 'recursion':
    case 'round_scan':
      return plan.columns
    case 'instances':
      return [...plan.columns.map(({ column }) => column), plan.ordinal]
    case 'series':
      return [...visibleColumns(plan.input), plan.column]
    case 'extend':
      return [...visibleColumns(plan.input), ...plan.items.map(({ column }) => column)]
    case 'join':
      return joinColumns(plan)
    case 'aggregate':
      return [...plan.groups, ...plan.aggregates].map(({ column }) => column)
    case 'window':
      return [...visibleColumns(plan.input), ...plan.calls.map(({ column }) => column)]
    case 'filter':
    case 'sort':
    case 'limit':
      return visibleColumns(plan.input)
    case 'with':
      return visibleColumns(plan.body)
    case 'insert':
    case 'update':
    case 'delete':
      return [...visibleColumns(plan.input), ...plan.rowColumns]
  }
}

/** Kept, because a chain of joins would else be walked once for each of its joins. */
const columnsOfJoins = new WeakMap<Join, readonly Column[]>()

function joinColumns(plan: Join): readonly Column[] {
  const known = columnsOfJoins.get(plan)
  if (known) return known
  const columns = columnsOfSides(plan)
  columnsOfJoins.set(plan, columns)
  return columns
}

function columnsOfSides(plan: Join): readonly Column[] {
  const left = visibleColumns(plan.left)
  if (plan.type === 'semi' || plan.type === 'anti') return left
  if (plan.type === 'mark') return plan.mark ? [...left, plan.mark] : left
  const right = visibleColumns(plan.right)
  // What a join may fill with nulls is nullable from here on, whatever its table says.
  const fillsLeft = plan.type === 'full'
  const fillsRight = plan.type === 'full' || plan.type === 'left' || plan.type === 'single'
  return [...(fillsLeft ? left.map(asNullable) : left), ...(fillsRight ? right.map(asNullable) : right)]
}

function asNullable(column: Column): Column {
  return column.nullable ? column : { ...column, nullable: true }
}

export function visibleIds(plan: Logical): ReadonlySet<ColumnId> {
  return new Set(visibleColumns(plan).map(({ id }) => id))
}

export function inputsOf(plan: Logical): readonly Logical[] {
  switch (plan.kind) {
    case 'dual':
    case 'scan':
    case 'constants':
    case 'instances':
    case 'cte_scan':
    case 'round_scan':
      return []
    case 'series':
    case 'extend':
    case 'filter':
    case 'aggregate':
    case 'window':
    case 'sort':
    case 'limit':
    case 'insert':
    case 'update':
    case 'delete':
      return [plan.input]
    case 'join':
      return [plan.left, plan.right]
    case 'union':
      return plan.inputs.map((input) => input.plan)
    case 'with':
      return [plan.definition, plan.body]
    case 'recursion':
      return [plan.base.plan, plan.step.plan]
  }
}

/** The same node over inputs that `change` has replaced. */
export function mapInputs(plan: Logical, change: (input: Logical) => Logical): Logical {
  switch (plan.kind) {
    case 'dual':
    case 'scan':
    case 'constants':
    case 'instances':
    case 'cte_scan':
    case 'round_scan':
      return plan
    case 'series':
    case 'extend':
    case 'filter':
    case 'aggregate':
    case 'window':
    case 'sort':
    case 'limit':
    case 'insert':
    case 'update':
    case 'delete':
      return { ...plan, input: change(plan.input) }
    case 'join':
      return { ...plan, left: change(plan.left), right: change(plan.right) }
    case 'union':
      return {
        ...plan,
        inputs: plan.inputs.map((input) => ({ ...input, plan: change(input.plan) })),
      }
    case 'with':
      return { ...plan, definition: change(plan.definition), body: change(plan.body) }
    case 'recursion': {
      const base = { ...plan.base, plan: change(plan.base.plan) }
      return { ...plan, base, step: { ...plan.step, plan: change(plan.step.plan) } }
    }
  }
}

/** Expressions written in this node itself. */
export function expressionsOf(plan: Logical): readonly Expression[] {
  switch (plan.kind) {
    case 'dual':
    case 'scan':
    case 'instances':
    case 'cte_scan':
    case 'round_scan':
    case 'with':
      return []
    case 'constants':
      return plan.rows.flat()
    case 'series':
      return defined([plan.start, plan.stop, plan.step])
    case 'extend':
      return expressionsOfItems(plan.items)
    case 'filter':
      return [plan.predicate]
    case 'join':
      return defined([plan.condition, plan.nullAware?.left, plan.nullAware?.right])
    case 'aggregate':
      return [...expressionsOfItems(plan.groups), ...plan.aggregates.flatMap(ofAggregate)]
    case 'window':
      return expressionsOfWindows(plan)
    case 'sort':
      return expressionsOfKeys(plan.keys)
    case 'limit':
      return defined([plan.limit, plan.offset])
    case 'union':
      return plan.inputs.flatMap(({ values }) => values)
    case 'recursion':
      return [...plan.base.values, ...plan.step.values]
    case 'insert':
      return [...plan.values.filter((value) => value !== 'identity'), ...ofWrites(plan)]
    case 'update':
      return [...plan.set.map(({ value }) => value), ...ofWrites(plan)]
    case 'delete':
      return []
  }
}

function ofWrites(plan: Extract<Logical, { kind: 'insert' | 'update' }>): Expression[] {
  const conflict =
    plan.kind === 'insert' && plan.conflict?.action === 'update' ? plan.conflict : undefined
  return [
    ...plan.checks.map(({ condition }) => condition),
    ...(conflict?.set ?? []).map(({ value }) => value),
    ...defined([conflict?.where]),
  ]
}

function ofAggregate(aggregate: LogicalAggregate): Expression[] {
  return [...aggregate.arguments, ...defined([aggregate.filter]), ...expressionsOfKeys(aggregate.order)]
}

/** Columns that the plan reads and does not produce: its correlation. */
export function freeColumns(plan: Logical): ReadonlyMap<ColumnId, Column> {
  const read = new Map<ColumnId, Column>()
  const made = new Set<ColumnId>()
  collect(plan, read, made)
  for (const id of made) read.delete(id)
  return read
}

function collect(plan: Logical, read: Map<ColumnId, Column>, made: Set<ColumnId>): void {
  for (const expression of expressionsOf(plan)) columnsRead(expression, read)
  for (const column of madeBy(plan)) made.add(column.id)
  for (const input of inputsOf(plan)) collect(input, read, made)
}

/** Columns that exist because of this node. */
function madeBy(plan: Logical): readonly Column[] {
  switch (plan.kind) {
    case 'dual':
    case 'filter':
    case 'sort':
    case 'limit':
    case 'with':
      return []
    case 'scan':
    case 'constants':
    case 'union':
    case 'cte_scan':
    case 'recursion':
    case 'round_scan':
    case 'instances':
      return visibleColumns(plan)
    case 'series':
      return [plan.column]
    case 'extend':
      return plan.items.map(({ column }) => column)
    case 'join':
      return plan.mark ? [plan.mark] : []
    case 'aggregate':
      return aggregateColumns(plan)
    case 'window':
      return plan.calls.map(({ column }) => column)
    case 'insert': {
      const conflict = plan.conflict?.action === 'update' ? plan.conflict : undefined
      return [...plan.rowColumns, ...(conflict?.existing ?? []), ...(conflict?.excluded ?? [])]
    }
    case 'update':
    case 'delete':
      return plan.rowColumns
  }
}

/** A group that passes a column through makes nothing: the column may be an outer one. */
function aggregateColumns(plan: Extract<Logical, { kind: 'aggregate' }>): readonly Column[] {
  const made = plan.groups.filter(
    ({ column, expression }) => expression.kind !== 'column' || expression.column.id !== column.id,
  )
  return [...made, ...plan.aggregates].map(({ column }) => column)
}

export function hasWrites(plan: Logical): boolean {
  if (plan.kind === 'insert' || plan.kind === 'update' || plan.kind === 'delete') return true
  return inputsOf(plan).some(hasWrites)
}

export function hasVolatile(plan: Logical): boolean {
  return expressionsOf(plan).some(isVolatile) || inputsOf(plan).some(hasVolatile)
}
