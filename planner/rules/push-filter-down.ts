// σ[p](op(A))  →  op(σ[p](A)) wherever op keeps the rows that p would drop: below sorts, series,
// the left side of outer joins, groups of aggregates, every input of a union.
import type { Column, Expression, ProjectItem } from '#sql/bound'
import { visibleIds } from '../logical/columns.ts'
import {
  and,
  columnsRead,
  isVolatile,
  readsOnly,
  substitute,
  type Substitution,
} from '../logical/expression.ts'
import { filter, type Join, type Logical, type Union, type Window } from '../logical/plan.ts'

/**
 * `plan` with the conjuncts applied as deep as they go. They read only columns of `plan` or none.
 */
export function pushFilterDown(plan: Logical, conjuncts: readonly Expression[]): Logical {
  return conjuncts.reduce(pushConjunct, plan)
}

function pushConjunct(plan: Logical, conjunct: Expression): Logical {
  if (isVolatile(conjunct)) return filter(plan, conjunct)
  switch (plan.kind) {
    case 'filter':
      return withConjunct(plan, conjunct)
    case 'sort':
      return { ...plan, input: pushConjunct(plan.input, conjunct) }
    case 'series':
      if (!readsOnly(conjunct, visibleIds(plan.input))) return filter(plan, conjunct)
      return { ...plan, input: pushConjunct(plan.input, conjunct) }
    case 'extend':
      return pushThroughExtend(plan, conjunct)
    case 'join':
      return pushIntoJoin(plan, conjunct)
    case 'aggregate':
      return pushThroughAggregate(plan, conjunct)
    case 'window':
      return pushThroughWindow(plan, conjunct)
    case 'union':
      return pushIntoUnion(plan, conjunct)
    case 'with':
      return { ...plan, body: pushConjunct(plan.body, conjunct) }
    case 'dual':
    case 'scan':
    case 'constants':
    case 'instances':
    case 'cte_scan':
    case 'limit':
    case 'insert':
    case 'update':
    case 'delete':
      return filter(plan, conjunct)
  }
}

function withConjunct(plan: Extract<Logical, { kind: 'filter' }>, conjunct: Expression): Logical {
  const pushed = pushConjunct(plan.input, conjunct)
  const stayed = pushed.kind === 'filter' && pushed.input === plan.input
  if (!stayed) return filter(pushed, plan.predicate)
  return filter(plan.input, and([plan.predicate, conjunct]))
}

function substitutionOf(items: readonly ProjectItem[]): Substitution {
  return new Map(items.map(({ column, expression }) => [column.id, expression]))
}

function pushThroughExtend(
  plan: Extract<Logical, { kind: 'extend' }>,
  conjunct: Expression,
): Logical {
  const substituted = substitute(conjunct, substitutionOf(plan.items))
  if (isVolatile(substituted)) return filter(plan, conjunct)
  return { ...plan, input: pushConjunct(plan.input, substituted) }
}

function pushIntoJoin(plan: Join, conjunct: Expression): Logical {
  if (plan.type !== 'full' && readsOnly(conjunct, visibleIds(plan.left))) {
    return { ...plan, left: pushConjunct(plan.left, conjunct) }
  }
  if (plan.type === 'inner' && readsOnly(conjunct, visibleIds(plan.right))) {
    return { ...plan, right: pushConjunct(plan.right, conjunct) }
  }
  return filter(plan, conjunct)
}

/** A conjunct over groups alone drops whole groups, so it may drop their rows before. */
function pushThroughAggregate(
  plan: Extract<Logical, { kind: 'aggregate' }>,
  conjunct: Expression,
): Logical {
  const groups = new Map(plan.groups.map(({ column, expression }) => [column.id, expression]))
  if (groups.size === 0 || !readsOnly(conjunct, groups)) return filter(plan, conjunct)
  const substituted = substitute(conjunct, groups)
  if (isVolatile(substituted)) return filter(plan, conjunct)
  return { ...plan, input: pushConjunct(plan.input, substituted) }
}

/** A conjunct over what rows are partitioned by drops whole partitions, but not their checks. */
function pushThroughWindow(plan: Window, conjunct: Expression): Logical {
  const keys = new Set(
    plan.partition.flatMap((key) => (key.kind === 'column' ? [key.column.id] : [])),
  )
  const isWhole = columnsRead(conjunct).size > 0 && readsOnly(conjunct, keys)
  if (!isWhole || plan.checks.length > 0 || isVolatile(conjunct)) return filter(plan, conjunct)
  return { ...plan, input: pushConjunct(plan.input, conjunct) }
}

function pushIntoUnion(plan: Union, conjunct: Expression): Logical {
  const inputs = plan.inputs.map((input) => {
    const by = new Map(
      plan.columns.map((column: Column, index) => [column.id, input.values[index] ?? conjunct]),
    )
    return { ...input, plan: pushConjunct(input.plan, substitute(conjunct, by)) }
  })
  return { ...plan, inputs }
}
