// insert, update and delete inside `with`: only at the top of a statement, and only where nobody else in it
// meets the table they change, because all parts of a statement see what was there before it.
import type { RelationSchema, SchemaLookup } from '#base/schema'
import { featureNotSupported } from '#base/errors'
import type { Delete, Insert, Plan, Update } from '#sql/bound'
import { walkExpression } from '../expression-tree.ts'
import { expressionsOf, inputsOf } from './plan-columns.ts'

type Change = Insert | Update | Delete

export function isChange(plan: Plan): plan is Change {
  return plan.kind === 'insert' || plan.kind === 'update' || plan.kind === 'delete'
}

/** Errors: 0A000 for a change that is not at the top, or whose table another part reads or changes. */
export function checkChanges(plan: Plan, schemas: SchemaLookup): void {
  const parts = partsOf(plan)
  for (const part of parts) refuseInside(isChange(part) ? part.input : part)
  // The last one is the statement itself: it runs when all others have read what they read.
  for (const change of parts.slice(0, -1).filter(isChange)) {
    const changed = changedBy(change, schemas)
    for (const other of parts) if (other !== change) refuseMeeting(other, changed, change)
  }
}

/** The definitions of `with` at the top of the statement, and what follows them. */
function partsOf(plan: Plan): readonly Plan[] {
  if (plan.kind !== 'with') return [plan]
  return [...partsOf(plan.definition), ...partsOf(plan.body)]
}

function refuseInside(plan: Plan): void {
  for (const node of nodesOf(plan)) {
    if (!isChange(node)) continue
    throw featureNotSupported(
      'a data-modifying statement in WITH below the top of a statement is not supported',
      node.span,
    )
  }
}

function refuseMeeting(other: Plan, changed: readonly RelationSchema[], { span }: Change): void {
  for (const node of nodesOf(other)) {
    const met = node.kind === 'scan' || isChange(node) ? node.relation : undefined
    if (!met || !changed.some(({ id }) => id === met.id)) continue
    throw featureNotSupported(
      `a statement that changes table "${met.name}" in WITH and meets it elsewhere is not supported`,
      span,
      'Use two statements, or read the rows by RETURNING.',
    )
  }
}

function* nodesOf(plan: Plan): Generator<Plan> {
  yield plan
  for (const expression of expressionsOf(plan)) {
    for (const node of walkExpression(expression))
      if (node.kind === 'subquery') yield* nodesOf(node.plan)
  }
  for (const input of inputsOf(plan)) yield* nodesOf(input)
}

/** The relation, and those that a delete reaches by cascade and set null. */
function changedBy(change: Change, schemas: SchemaLookup): readonly RelationSchema[] {
  const changed = [change.relation]
  if (change.kind !== 'delete') return changed
  for (const relation of changed) {
    for (const { relation: child, key } of schemas.referencing(relation.id)) {
      const isReached = key.onDelete === 'cascade' || key.onDelete === 'set_null'
      if (isReached && !changed.includes(child)) changed.push(child)
    }
  }
  return changed
}
