// Which relations a coroutine reads and writes, and whether a batch of its instances may run set at
// a time: it may unless that could show a state that running them one by one would not.
import type { SchemaLookup } from '#base/schema'
import { expressionsOf, inputsOf } from '#sql/binder/plan-columns'
import type { BoundCoroutine, ColumnId, Delete, Expression, Plan, Step, Update } from '#sql/bound'
import { walkExpression } from '#sql/expression-tree'

export interface Effects {
  readonly reads: readonly number[]
  readonly writes: readonly number[]
  readonly vectorised: boolean
}

interface Found {
  readonly reads: Set<number>
  /** How many statements write the relation. */
  readonly writes: Map<number, number>
  readonly schemas: SchemaLookup
}

export function effectsOf(
  { guard, body }: Pick<BoundCoroutine, 'guard' | 'body'>,
  schemas: SchemaLookup,
): Effects {
  const found: Found = { reads: new Set(), writes: new Map(), schemas }
  if (guard) visitExpression(guard, found)
  visitSteps(body, found)
  const writes = [...found.writes.keys()]
  const isRepeated = [...found.writes].some(
    ([id, count]) => count > 1 && schemas.relationById(id)?.kind === 'table',
  )
  const isReadBack = writes.some((id) => found.reads.has(id))
  return { reads: [...found.reads], writes, vectorised: !isRepeated && !isReadBack }
}

function visitSteps(steps: readonly Step[], found: Found): void {
  for (const step of steps) visitStep(step, found)
}

function visitStep(step: Step, found: Found): void {
  switch (step.kind) {
    case 'run':
      return visitPlan(step.plan, found)
    case 'assign':
      return visitExpression(step.value, found)
    case 'raise':
      return visitExpression(step.message, found)
    case 'return':
      return
    case 'if':
      for (const { condition, body } of step.branches) {
        visitExpression(condition, found)
        visitSteps(body, found)
      }
      return visitSteps(step.otherwise, found)
    case 'block':
      visitSteps(step.body, found)
      for (const { body } of step.handlers) visitSteps(body, found)
  }
}

function visitExpression(expression: Expression, found: Found): void {
  for (const node of walkExpression(expression))
    if (node.kind === 'subquery') visitPlan(node.plan, found)
}

function visitPlan(plan: Plan, found: Found): void {
  for (const expression of expressionsOf(plan)) visitExpression(expression, found)
  switch (plan.kind) {
    case 'scan':
      found.reads.add(plan.relation.id)
      return
    case 'insert':
      addWrite(plan.relation.id, found)
      for (const { parent } of plan.relation.foreignKeys) found.reads.add(parent)
      break
    case 'update':
      addWrite(plan.relation.id, found)
      visitUpdateKeys(plan, found)
      return visitTarget(plan, found)
    case 'delete':
      addDelete(plan.relation.id, found, new Set())
      return visitTarget(plan, found)
    default:
      break
  }
  for (const input of inputsOf(plan)) visitPlan(input, found)
}

function addWrite(relation: number, found: Found): void {
  found.writes.set(relation, (found.writes.get(relation) ?? 0) + 1)
}

function addDelete(relation: number, found: Found, path: Set<number>): void {
  addWrite(relation, found)
  path.add(relation)
  for (const { relation: child, key } of found.schemas.referencing(relation)) {
    if (key.onDelete === 'cascade' && !path.has(child.id)) addDelete(child.id, found, path)
    else if (key.onDelete === 'set_null') addWrite(child.id, found)
    else found.reads.add(child.id)
  }
}

function visitUpdateKeys(plan: Update, found: Found): void {
  const changed = new Set(plan.set.map(({ position }) => position))
  for (const { columns, parent } of plan.relation.foreignKeys) {
    if (columns.some((column) => changed.has(column))) found.reads.add(parent)
  }
  for (const { relation: child, key } of found.schemas.referencing(plan.relation.id)) {
    if (key.parentColumns.some((column) => changed.has(column))) found.reads.add(child.id)
  }
}

/**
 * The target that an update or delete scans counts as read only if its choice of rows could depend
 * on what other instances have written: rows met twice are detected when they are written.
 */
function visitTarget(plan: Update | Delete, found: Found): void {
  const target = plainTarget(plan.input)
  const changed =
    plan.kind === 'update' ? new Set(plan.set.map(({ position }) => position)) : new Set<number>()
  if (target) {
    const { positions, conditions } = target
    const isSettled = conditions.every((condition) =>
      [...walkExpression(condition)].every(
        (node) =>
          node.kind !== 'subquery' &&
          !(node.kind === 'column' && changed.has(positions.get(node.column.id) ?? -1)),
      ),
    )
    if (isSettled) return
  }
  for (const input of inputsOf(plan)) visitPlan(input, found)
}

interface Target {
  readonly positions: ReadonlyMap<ColumnId, number>
  readonly conditions: readonly Expression[]
}

/** A scan under filters and projects, and the conditions on it. */
function plainTarget(plan: Plan): Target | undefined {
  if (plan.kind === 'scan') {
    return {
      positions: new Map(plan.columns.map(({ column, position }) => [column.id, position])),
      conditions: [],
    }
  }
  if (plan.kind !== 'filter' && plan.kind !== 'project') return undefined
  const below = plainTarget(plan.input)
  if (!below) return undefined
  return plan.kind === 'filter'
    ? { ...below, conditions: [...below.conditions, plan.predicate] }
    : below
}
