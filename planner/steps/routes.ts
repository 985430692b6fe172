// The constant comparisons of a coroutine's guard: a table of them finds the coroutines of an event
// in one lookup, so a thousand routes cost what one does.
import type { DataType } from '#base/data-type'
import type { BoundCoroutine, Expression, SqlValue } from '#sql/bound'
import { and, splitConjuncts } from '../logical/expression.ts'
import { foldConstants } from '../rules/fold-constants.ts'

/** The event's column at `column` equals `value`. */
export interface Route {
  readonly column: number
  readonly value: Exclude<SqlValue, null>
  readonly type: DataType
}

export interface SplitGuard {
  readonly routes: readonly Route[]
  /** What the routes do not say. */
  readonly residual: Expression | undefined
}

const routableKinds: ReadonlySet<DataType['kind']> = new Set([
  'boolean',
  'smallint',
  'integer',
  'bigint',
  'text',
] as const)

export function splitGuard({ guard, eventColumns }: BoundCoroutine): SplitGuard {
  const positions = new Map(eventColumns.map(({ column, position }) => [column.id, position]))
  const routes: Route[] = []
  const rest: Expression[] = []
  for (const conjunct of splitConjuncts(guard && foldConstants(guard))) {
    const route = routeOf(conjunct, positions)
    const isNew = route && !routes.some(({ column }) => column === route.column)
    if (isNew) routes.push(route)
    else rest.push(conjunct)
  }
  return { routes, residual: and(rest) }
}

function routeOf(conjunct: Expression, positions: ReadonlyMap<number, number>): Route | undefined {
  if (conjunct.kind !== 'call' || conjunct.kernel !== 'Equal') return undefined
  const [first, second] = conjunct.arguments
  if (!first || !second) return undefined
  return sided(first, second, positions) ?? sided(second, first, positions)
}

function sided(
  side: Expression,
  other: Expression,
  positions: ReadonlyMap<number, number>,
): Route | undefined {
  if (side.kind !== 'column' || other.kind !== 'literal' || other.value === null) return undefined
  const column = positions.get(side.column.id)
  if (column === undefined || !routableKinds.has(side.column.type.kind)) return undefined
  return { column, value: other.value, type: side.column.type }
}
