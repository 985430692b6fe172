// a.x = b.y AND a.x < 5 implies b.y < 5: what a comparison with a constant says of one column, it says of all
// that are equal to it, so that every table is filtered, or looked up, before it is joined.
import type { Column, ColumnId, Expression } from '#sql/bound'
import { columnRef, isConstant, splitConjuncts, substitute } from '../logical/expression.ts'
import type { Join, Logical } from '../logical/plan.ts'
import { shapeOf } from '../logical/shape-of.ts'

/** Those that agree for equal values, whatever their type. */
const comparisons = new Set(['Equal', 'Less', 'LessEqual', 'Greater', 'GreaterEqual'])

/** More columns that are equal than this are left as they are: each would get every bound. */
const equalsMax = 8

/** The column that a comparison, or an or of some (`x in (1, 2)`), compares with constants. */
function boundedColumn(conjunct: Expression): Column | undefined {
  if (conjunct.kind === 'or') {
    const columns = conjunct.operands.map(boundedColumn)
    return columns.every((column) => column?.id === columns[0]?.id) ? columns[0] : undefined
  }
  if (conjunct.kind !== 'call' || !comparisons.has(conjunct.kernel)) return undefined
  const [first, second] = conjunct.arguments
  if (!first || !second) return undefined
  if (first.kind === 'column' && isConstant(second)) return first.column
  return second.kind === 'column' && isConstant(first) ? second.column : undefined
}


/** Pairs of columns that conjuncts compare as they are. */
function equalPairs(conjuncts: readonly Expression[]): (readonly [Column, Column])[] {
  return conjuncts.flatMap((conjunct) => {
    if (conjunct.kind !== 'call' || conjunct.kernel !== 'Equal') return []
    const [first, second] = conjunct.arguments
    return first?.kind === 'column' && second?.kind === 'column' ? [[first.column, second.column] as const] : []
  })
}

/** What each column is equal to, itself among it. */
function classesOf(pairs: readonly (readonly [Column, Column])[]): ReadonlyMap<ColumnId, readonly Column[]> {
  const classes = new Map<ColumnId, readonly Column[]>()
  for (const [a, b] of pairs) {
    const together = new Map([a, b, ...(classes.get(a.id) ?? []), ...(classes.get(b.id) ?? [])].map((column) => [column.id, column]))
    for (const id of together.keys()) classes.set(id, [...together.values()])
  }
  return classes
}

/** The conjuncts, and the bounds that follow from them and their equalities. */
export function withImpliedBounds(conjuncts: readonly Expression[]): readonly Expression[] {
  const implied = impliedBounds(conjuncts, conjuncts)
  return implied.length === 0 ? conjuncts : [...conjuncts, ...implied]
}

/** Bounds of columns that are equal to those of `known` by `equalities`, and not among `known`. */
function impliedBounds(known: readonly Expression[], equalities: readonly Expression[]): readonly Expression[] {
  const classes = classesOf(equalPairs(equalities))
  if (classes.size === 0) return []
  const seen = new Set(known.map(shapeOf))
  return known.flatMap((conjunct) => {
    const column = boundedColumn(conjunct)
    const equals = (column && classes.get(column.id)) ?? []
    if (!column || equals.length > equalsMax) return []
    return equals.filter(({ id }) => id !== column.id).flatMap((other) => {
      const bound = substitute(conjunct, new Map([[column.id, columnRef(other)]]))
      if (seen.has(shapeOf(bound))) return []
      seen.add(shapeOf(bound))
      return [bound]
    })
  })
}

/** What the right rows of a left, semi or anti join have to fulfil to match any left row there is. */
export function boundsOfMatches({ type, nullAware, left, condition }: Join): readonly Expression[] {
  const drops = (type === 'left' || type === 'semi' || type === 'anti' || type === 'single') && nullAware === undefined
  return drops ? impliedBounds(filtersOf(left), splitConjuncts(condition)) : []
}

/** What is true of every row of a plan. */
function filtersOf(plan: Logical): readonly Expression[] {
  switch (plan.kind) {
    case 'filter':
      return [...splitConjuncts(plan.predicate), ...filtersOf(plan.input)]
    case 'extend':
    case 'sort':
    case 'limit':
      return filtersOf(plan.input)
    case 'join':
      return plan.type === 'full' ? [] : filtersOf(plan.left)
    default:
      return []
  }
}
