// What is known of the rows that a plan reads: how many a table has, and how many different values a column.
import type { SchemaLookup } from '#base/schema'
import type { ColumnId, Expression } from '#sql/bound'
import { inputsOf } from '../logical/columns.ts'
import { isConstant, splitConjuncts } from '../logical/expression.ts'
import type { Logical } from '../logical/plan.ts'

/** undefined: nobody knows. */
export interface Statistics {
  /** Rows of a relation, by its number. */
  rows(relation: number): number | undefined
  /** Different values of a relation's column, by its position; nulls are none. */
  distinct(relation: number, position: number): number | undefined
  /** The part of a relation's rows with a value of a column in low..high, as numbers lie in memory. */
  share(relation: number, position: number, low: bigint, high: bigint): number | undefined
  /** Rows of plans that have been guessed: a guess asks for those of its inputs several times over. */
  readonly guessed: WeakMap<Logical, number>
}

/** Returns: undefined where even sizes of tables are unknown. */
export function statisticsOf(schemas: SchemaLookup | undefined): Statistics | undefined {
  if (!schemas?.rowCount) return undefined
  return {
    rows: (relation) => schemas.rowCount?.(relation),
    distinct: (relation, position) => schemas.distinctCount?.(relation, position),
    share: sharesOf(schemas),
    guessed: new WeakMap(),
  }
}

/** Every rule guesses anew, and a share is not told for nothing: each is asked for once. */
function sharesOf(schemas: SchemaLookup): Statistics['share'] {
  const shares = new Map<string, number | undefined>()
  return (relation, position, low, high) => {
    const key = `${String(relation)} ${String(position)} ${String(low)} ${String(high)}`
    if (!shares.has(key)) shares.set(key, schemas.shareWithin?.(relation, position, low, high))
    return shares.get(key)
  }
}

/** Different values of the columns of some plans, by the columns' numbers; those of tables alone. */
export class DistinctCounts {
  readonly #origins = new Map<ColumnId, { readonly relation: number; readonly position: number }>()
  readonly #fixed = new Set<ColumnId>()
  readonly #statistics: Statistics

  constructor(plans: readonly Logical[], statistics: Statistics) {
    this.#statistics = statistics
    for (const plan of plans) this.#collect(plan)
  }

  of(column: ColumnId): number | undefined {
    if (this.#fixed.has(column)) return 1
    const origin = this.#origins.get(column)
    return origin && this.#statistics.distinct(origin.relation, origin.position)
  }

  /** The part of the rows in which a column lies in low..high. */
  share(column: ColumnId, low: bigint, high: bigint): number | undefined {
    const origin = this.#origins.get(column)
    return origin && this.#statistics.share(origin.relation, origin.position, low, high)
  }

  /** Of the side that has more of them. */
  ofEquality(equality: Expression): number | undefined {
    if (equality.kind !== 'call') return undefined
    const counts = equality.arguments.flatMap((side) => (side.kind === 'column' ? (this.of(side.column.id) ?? []) : []))
    return counts.length === 0 ? undefined : Math.max(1, ...counts)
  }

  /** Columns that are compared for equality with a constant have one value. */
  #fix(predicate: Expression): void {
    for (const conjunct of splitConjuncts(predicate)) {
      const bound = conjunct.kind === 'call' && conjunct.kernel === 'Equal' ? conjunct.arguments : []
      const [column] = bound.filter(({ kind }) => kind === 'column')
      if (column?.kind === 'column' && bound.some(isConstant)) this.#fixed.add(column.column.id)
    }
  }

  #collect(plan: Logical): void {
    if (plan.kind === 'filter') this.#fix(plan.predicate)
    if (plan.kind === 'scan') {
      for (const { column, position } of plan.columns) this.#origins.set(column.id, { relation: plan.relation.id, position })
    }
    for (const input of inputsOf(plan)) this.#collect(input)
  }
}
