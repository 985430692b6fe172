// σ[t.a = x AND t.b = y](scan t)  →  a lookup in an index of t on (a, b): the equalities of a
// predicate over a scan, and the index that they cover best.
import type { IndexSchema } from '#base/schema'
import type { ColumnId, Expression } from '#sql/bound'
import { isVolatile, readsAny } from '../logical/expression.ts'
import type { Scan } from '../logical/plan.ts'

/** `column` position = `value`, where value reads nothing of the scan itself. */
export interface ScanEquality {
  readonly position: number
  readonly value: Expression
  readonly conjunct: Expression
}

export function equalitiesOf(scan: Scan, conjuncts: readonly Expression[]): ScanEquality[] {
  const positions = new Map<ColumnId, number>(
    scan.columns.map(({ column, position }) => [column.id, position]),
  )
  const own = new Set([...positions.keys(), ...(scan.rowId ? [scan.rowId.id] : [])])
  return conjuncts.flatMap((conjunct) => {
    if (conjunct.kind !== 'call' || conjunct.kernel !== 'Equal') return []
    const [first, second] = conjunct.arguments
    if (!first || !second) return []
    return [...sided(first, second), ...sided(second, first)]

    function sided(side: Expression, value: Expression): ScanEquality[] {
      const position = side.kind === 'column' ? positions.get(side.column.id) : undefined
      if (position === undefined || readsAny(value, own) || isVolatile(value)) return []
      return [{ position, value, conjunct }]
    }
  })
}

export interface ChosenIndex {
  readonly number: number
  readonly unique: boolean
  /** One per index column, in key order. */
  readonly keys: readonly ScanEquality[]
}

/** The index with most columns of those wholly covered, a unique one before others. */
export function bestIndex(
  scan: Scan,
  equalities: readonly ScanEquality[],
): ChosenIndex | undefined {
  const candidates = scan.relation.indexes.flatMap((index, number) => {
    const keys = keysOf(index, equalities)
    return keys ? [{ number, unique: index.unique, keys }] : []
  })
  const weight = ({ unique, keys }: ChosenIndex): number => keys.length + (unique ? 1000 : 0)
  return candidates.reduce<ChosenIndex | undefined>(
    (best, candidate) => (best && weight(best) >= weight(candidate) ? best : candidate),
    undefined,
  )
}

function keysOf(
  index: IndexSchema,
  equalities: readonly ScanEquality[],
): ScanEquality[] | undefined {
  const keys = index.columns.map((column) => equalities.find(({ position }) => position === column))
  const found = keys.filter((key) => key !== undefined)
  return found.length === index.columns.length ? found : undefined
}
