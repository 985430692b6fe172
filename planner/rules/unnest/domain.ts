// A domain is what a correlated plan depends on, as a relation: the instances of a step, or the
// distinct values of the outer columns that a subquery reads.
import type { Column, ColumnId, Expression } from '#sql/bound'
import { freeColumns, hasVolatile, hasWrites, inputsOf } from '../../logical/columns.ts'
import type { ColumnMaker } from '../../logical/column-maker.ts'
import { and, columnRef, integerType, test, type Substitution } from '../../logical/expression.ts'
import type { Logical } from '../../logical/plan.ts'

/** Outer column id → the column that stands for it in a plan. */
export type DomainColumns = ReadonlyMap<ColumnId, Column>

export interface Attached {
  readonly plan: Logical
  readonly columns: DomainColumns
}

export interface Domain {
  /** A copy of the domain's rows with columns of its own. */
  fresh(): Attached
  /** All outer columns the domain stands for, keys among them. */
  readonly outer: ReadonlyMap<ColumnId, Column>
  /** Those that name a row of the domain. */
  readonly keys: readonly ColumnId[]
  /** The instances' ordinal: effects and limits count per instance. */
  readonly ordinal: ColumnId | undefined
  /** with parts whose definition has been attached: they carry the domain's columns already. */
  readonly attachedParts: Map<number, DomainColumns>
  readonly make: ColumnMaker
}

/** Must `plan` be computed for each row of the domain? */
export function dependsOn(plan: Logical, domain: Domain): boolean {
  for (const id of freeColumns(plan).keys()) if (domain.outer.has(id)) return true
  if (scansAttachedPart(plan, domain)) return true
  // Instances run as if one after the other, so each has its own effects and its own random().
  return domain.ordinal !== undefined && (hasWrites(plan) || hasVolatile(plan))
}

function scansAttachedPart(plan: Logical, domain: Domain): boolean {
  if (plan.kind === 'cte_scan' || plan.kind === 'round_scan') return domain.attachedParts.has(plan.id)
  return inputsOf(plan).some((input) => scansAttachedPart(input, domain))
}

export function substitutionOf(columns: DomainColumns): Substitution {
  return new Map([...columns].map(([id, column]) => [id, columnRef(column)]))
}

/** The condition that two plans stand at the same row of the domain. */
export function sameRow(
  left: DomainColumns,
  right: DomainColumns,
  domain: Domain,
): Expression | undefined {
  return and(domain.keys.map((key) => sameValue(left.get(key), right.get(key))))
}

function sameValue(left: Column | undefined, right: Column | undefined): Expression {
  if (!left || !right) throw new TypeError('a domain key is missing from an attached plan')
  const kernel = left.nullable || right.nullable ? 'IsNotDistinct' : 'Equal'
  return test(kernel, columnRef(left), columnRef(right))
}

/** One row per instance; every column that a step may read, fetched only where read. */
export function instancesDomain(columns: readonly Column[], make: ColumnMaker): Domain {
  const ordinal = make.column('ordinal', integerType, false)
  const outer = new Map([ordinal, ...columns].map((column) => [column.id, column]))
  const fresh = (): Attached => {
    const copies = columns.map((origin) => ({ column: make.copy(origin), origin }))
    const ownOrdinal = make.copy(ordinal)
    const own = new Map(copies.map(({ column, origin }) => [origin.id, column]))
    own.set(ordinal.id, ownOrdinal)
    return { plan: { kind: 'instances', columns: copies, ordinal: ownOrdinal }, columns: own }
  }
  return { fresh, outer, keys: [ordinal.id], ordinal: ordinal.id, attachedParts: new Map(), make }
}

/** The distinct values of `columns` in the with part `part`. */
export function valuesDomain(
  part: { readonly id: number; readonly name: string },
  columns: readonly Column[],
  make: ColumnMaker,
): Domain {
  const fresh = (): Attached => {
    const scanned = columns.map((column) => make.copy(column))
    const grouped = scanned.map((column) => ({
      column: make.copy(column),
      expression: columnRef(column),
    }))
    const input: Logical = { kind: 'cte_scan', ...part, columns: scanned, sources: columns }
    const pairs = columns.map(
      (column, index) => [column.id, grouped[index]?.column ?? column] as const,
    )
    return {
      plan: { kind: 'aggregate', input, groups: grouped, aggregates: [] },
      columns: new Map(pairs),
    }
  }
  const outer = new Map(columns.map((column) => [column.id, column]))
  const keys = columns.map(({ id }) => id)
  return { fresh, outer, keys, ordinal: undefined, attachedParts: new Map(), make }
}

/** The rows of `plan` themselves, usable once: no keys, so for plans that never meet twice. */
export function linearDomain(plan: Logical, columns: readonly Column[], make: ColumnMaker): Domain {
  const outer = new Map(columns.map((column) => [column.id, column]))
  const fresh = (): Attached => ({ plan, columns: outer })
  return { fresh, outer, keys: [], ordinal: undefined, attachedParts: new Map(), make }
}
