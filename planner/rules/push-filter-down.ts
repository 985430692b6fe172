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

/** A plan in which conjuncts have gone down, and those that must be applied to all of it. */
interface Sunk {
  readonly plan: Logical
  readonly stayed: readonly Expression[]
}

/**
 * `plan` with the conjuncts applied as deep as they go. They read only columns of `plan` or none.
 */
export function pushFilterDown(plan: Logical, conjuncts: readonly Expression[]): Logical {
  if (conjuncts.length === 0) return plan
  const { plan: pushed, stayed } = sink(plan, conjuncts)
  return filter(pushed, and(stayed))
}

/** All at once: a thousand conjuncts walk the plan as one. */
function sink(plan: Logical, conjuncts: readonly Expression[]): Sunk {
  const stayed = conjuncts.filter(isVolatile)
  const moving = stayed.length === 0 ? conjuncts : conjuncts.filter((conjunct) => !isVolatile(conjunct))
  if (moving.length === 0) return { plan, stayed }
  const sunk = sinkInto(plan, moving)
  return { plan: sunk.plan, stayed: [...sunk.stayed, ...stayed] }
}

function sinkInto(plan: Logical, conjuncts: readonly Expression[]): Sunk {
  switch (plan.kind) {
    case 'filter': {
      const { plan: input, stayed } = sink(plan.input, conjuncts)
      return { plan: filter(input, and([plan.predicate, ...stayed])), stayed: [] }
    }
    case 'sort':
      return { plan: { ...plan, input: pushFilterDown(plan.input, conjuncts) }, stayed: [] }
    case 'with':
      return { plan: { ...plan, body: pushFilterDown(plan.body, conjuncts) }, stayed: [] }
    case 'series': {
      const ids = visibleIds(plan.input)
      const { yes, no } = parted(conjuncts, (conjunct) => readsOnly(conjunct, ids))
      return { plan: { ...plan, input: pushFilterDown(plan.input, yes) }, stayed: no }
    }
    case 'extend':
      return sinkUnder(plan, conjuncts, substitutionOf(plan.items))
    case 'join':
      return sinkIntoJoin(plan, conjuncts)
    case 'aggregate':
      return sinkIntoAggregate(plan, conjuncts)
    case 'window':
      return sinkIntoWindow(plan, conjuncts)
    case 'union':
      return { plan: pushIntoUnion(plan, conjuncts), stayed: [] }
    case 'dual':
    case 'scan':
    case 'constants':
    case 'instances':
    case 'cte_scan':
    case 'recursion':
    case 'round_scan':
    case 'limit':
    case 'insert':
    case 'update':
    case 'delete':
      return { plan, stayed: conjuncts }
  }
}

function parted(
  conjuncts: readonly Expression[],
  holds: (conjunct: Expression) => boolean,
): { yes: readonly Expression[]; no: readonly Expression[] } {
  const yes: Expression[] = []
  const no: Expression[] = []
  for (const conjunct of conjuncts) (holds(conjunct) ? yes : no).push(conjunct)
  return { yes, no }
}

function substitutionOf(items: readonly ProjectItem[]): Substitution {
  return new Map(items.map(({ column, expression }) => [column.id, expression]))
}

/** Below what computes columns, in its expressions' words; what is volatile then must not be computed twice. */
function sinkUnder(
  plan: Extract<Logical, { kind: 'extend' | 'aggregate' }>,
  conjuncts: readonly Expression[],
  by: Substitution,
): Sunk {
  const below: Expression[] = []
  const stayed: Expression[] = []
  for (const conjunct of conjuncts) {
    const substituted = substitute(conjunct, by)
    if (isVolatile(substituted)) stayed.push(conjunct)
    else below.push(substituted)
  }
  return { plan: { ...plan, input: pushFilterDown(plan.input, below) }, stayed }
}

function sinkIntoJoin(plan: Join, conjuncts: readonly Expression[]): Sunk {
  const [leftIds, rightIds] = [visibleIds(plan.left), visibleIds(plan.right)]
  const left = parted(conjuncts, (conjunct) => plan.type !== 'full' && readsOnly(conjunct, leftIds))
  const right = parted(left.no, (conjunct) => plan.type === 'inner' && readsOnly(conjunct, rightIds))
  const joined = { ...plan, left: pushFilterDown(plan.left, left.yes), right: pushFilterDown(plan.right, right.yes) }
  return { plan: joined, stayed: right.no }
}

/** A conjunct over groups alone drops whole groups, so it may drop their rows before. */
function sinkIntoAggregate(
  plan: Extract<Logical, { kind: 'aggregate' }>,
  conjuncts: readonly Expression[],
): Sunk {
  const groups = substitutionOf(plan.groups)
  const { yes, no } = parted(conjuncts, (conjunct) => groups.size > 0 && readsOnly(conjunct, groups))
  const sunk = sinkUnder(plan, yes, groups)
  return { plan: sunk.plan, stayed: [...sunk.stayed, ...no] }
}

/** A conjunct over what rows are partitioned by drops whole partitions, but not their checks. */
function sinkIntoWindow(plan: Window, conjuncts: readonly Expression[]): Sunk {
  if (plan.checks.length > 0) return { plan, stayed: conjuncts }
  const keys = new Set(
    plan.partition.flatMap((key) => (key.kind === 'column' ? [key.column.id] : [])),
  )
  const { yes, no } = parted(conjuncts, (conjunct) => columnsRead(conjunct).size > 0 && readsOnly(conjunct, keys))
  return { plan: { ...plan, input: pushFilterDown(plan.input, yes) }, stayed: no }
}

function pushIntoUnion(plan: Union, conjuncts: readonly Expression[]): Logical {
  const inputs = plan.inputs.map((input) => {
    const by = new Map(
      plan.columns.flatMap((column: Column, index) => {
        const value = input.values[index]
        return value === undefined ? [] : [[column.id, value] as const]
      }),
    )
    return { ...input, plan: pushFilterDown(input.plan, conjuncts.map((conjunct) => substitute(conjunct, by))) }
  })
  return { ...plan, inputs }
}
