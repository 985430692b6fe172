// a = b AND b = c implies a = c: tables that are joined through a third may be joined with each other. What
// follows from equalities that were tested below is not tested again.
import type { ColumnId, Expression } from '#sql/bound'
import { test } from '../logical/expression.ts'

/** An equality of two columns. */
function sidesOf(conjunct: Expression): readonly [Expression & { kind: 'column' }, Expression & { kind: 'column' }] | undefined {
  if (conjunct.kind !== 'call' || conjunct.kernel !== 'Equal') return undefined
  const [first, second] = conjunct.arguments
  return first?.kind === 'column' && second?.kind === 'column' ? [first, second] : undefined
}

/** More equal columns than this are left as they are: every pair of them would be a condition. */
const equalsMax = 8

/** The conjuncts, and those equalities of their columns that follow from them. */
export function withImpliedEqualities(conjuncts: readonly Expression[]): readonly Expression[] {
  const known = new EqualColumns()
  const columns = new Map<ColumnId, Expression>()
  const stated = new Set<string>()
  for (const conjunct of conjuncts) {
    const sides = sidesOf(conjunct)
    if (!sides) continue
    known.add(conjunct)
    stated.add(pairName(sides[0].column.id, sides[1].column.id))
    for (const side of sides) columns.set(side.column.id, side)
  }
  const implied = known.classes().filter((ids) => ids.length > 2 && ids.length <= equalsMax).flatMap((ids) => pairsOf(ids))
  const added = implied.flatMap(([a, b]) => {
    const [left, right] = [columns.get(a), columns.get(b)]
    return left && right && !stated.has(pairName(a, b)) ? [test('Equal', left, right)] : []
  })
  return added.length === 0 ? conjuncts : [...conjuncts, ...added]
}

function pairsOf(ids: readonly ColumnId[]): readonly (readonly [ColumnId, ColumnId])[] {
  return ids.flatMap((a, i) => ids.slice(i + 1).map((b) => [a, b] as const))
}

const pairName = (a: ColumnId, b: ColumnId): string => `${String(Math.min(a, b))} ${String(Math.max(a, b))}`

/** Which columns are equal to which others. */
export class EqualColumns {
  readonly #above = new Map<ColumnId, ColumnId>()

  /** Returns: false for an equality that is known already. */
  add(conjunct: Expression): boolean {
    const sides = sidesOf(conjunct)
    if (!sides) return true
    const [a, b] = sides.map(({ column }) => this.classOf(column.id))
    if (a === undefined || b === undefined || a === b) return false
    this.#above.set(a, b)
    return true
  }

  /** One column stands for all that are equal. */
  classOf(id: ColumnId): ColumnId {
    const above = this.#above.get(id)
    return above === undefined ? id : this.classOf(above)
  }

  classes(): readonly (readonly ColumnId[])[] {
    const all = new Map<ColumnId, ColumnId[]>()
    const members = new Set([...this.#above.keys(), ...this.#above.values()])
    for (const id of members) all.set(this.classOf(id), [...(all.get(this.classOf(id)) ?? []), id])
    return [...all.values()]
  }
}
