// The program of one step under construction: statements become pipelines over the instances, and
// control flow becomes Bool locals that guard them.
import type { SchemaLookup } from '#base/schema'
import { physicalTypeOf } from '#base/data-type'
import type { BoundCoroutine, Column, ColumnId, Expression, Plan, ProjectItem } from '#sql/bound'
import { booleanType, test } from '../logical/expression.ts'
import { freeColumns } from '../logical/columns.ts'
import { fromBound } from '../logical/from-bound.ts'
import { dual, extend, type Logical } from '../logical/plan.ts'
import { newTranslation } from '../logical/translation.ts'
import { open } from '../physical/compile.ts'
import type { PipelineBuilder } from '../physical/pipeline-builder.ts'
import { ProgramBuilder, type InstanceColumn } from '../physical/program-builder.ts'
import type { LocalIndex, Register } from '../program.ts'
import { optimise } from '../rules/optimise.ts'
import { attach } from '../rules/unnest/attach.ts'
import { instancesDomain } from '../rules/unnest/domain.ts'
import { SubqueryJoiner } from '../rules/unnest/subquery.ts'

/** A pipeline whose rows name their instance. */
export interface InstanceRows {
  readonly builder: PipelineBuilder
  readonly ordinal: Register
}

export class StepProgram {
  readonly program: ProgramBuilder
  readonly #context = newTranslation()
  readonly #places = new Map<ColumnId, InstanceColumn>()
  readonly #columns: Column[] = []

  constructor(bound: Pick<BoundCoroutine, 'relation' | 'eventColumns'>, schemas: SchemaLookup) {
    for (const { column, position } of bound.eventColumns) {
      this.#places.set(column.id, { event: position })
      this.#columns.push(column)
    }
    const step = { event: bound.relation.id, columns: this.#places }
    this.program = new ProgramBuilder({ schemas, make: this.#context.make, step })
  }

  /** Gives the column a local of its own. */
  addLocal(column: Column): LocalIndex {
    const local = this.program.local(physicalTypeOf(column.type))
    this.#places.set(column.id, { local })
    this.#columns.push(column)
    return local
  }

  newLocal(
    name: string,
    type: Column['type'] = booleanType,
  ): { column: Column; local: LocalIndex } {
    const column = this.#context.make.column(name, type)
    return { column, local: this.addLocal(column) }
  }

  newColumn(name: string, type: Column['type']): Column {
    return this.#context.make.column(name, type)
  }

  /** The column's local; found, sqlstate and sqlerrm get theirs where they are first written. */
  localOf(column: Column): LocalIndex {
    const place = this.#places.get(column.id)
    if (!place) return this.addLocal(column)
    if (!('local' in place)) throw new TypeError(`${column.name} belongs to the event`)
    return place.local
  }

  translate(plan: Plan): Logical {
    return fromBound(plan, this.#context)
  }

  /** The plan for each guarded instance, after all rules. */
  unnest(plan: Logical, output: readonly Column[]): { plan: Logical; ordinal: Column } {
    const domain = instancesDomain(this.#columns, this.#context.make)
    const attached = attach(plan, domain)
    const ordinal = domain.ordinal === undefined ? undefined : attached.columns.get(domain.ordinal)
    if (!ordinal) throw new TypeError('an attached plan names its instance')
    return { plan: optimise(attached.plan, { output: [...output, ordinal], statistics: undefined, make: this.#context.make }), ordinal }
  }

  open(plan: Logical, output: readonly Column[], guard: LocalIndex): InstanceRows {
    const unnested = this.unnest(plan, output)
    this.program.guard = guard
    const builder = open(unnested.plan, this.program)
    return { builder, ordinal: builder.column(unnested.ordinal) }
  }

  /** One pipeline that stores expressions over the instances in locals. */
  assign(
    values: readonly { readonly local: LocalIndex; readonly value: Expression }[],
    guard: LocalIndex,
  ): void {
    const joiner = new SubqueryJoiner(dual, this.#context)
    const items = values.map(({ value }): ProjectItem => ({
      column: this.#context.make.column('value', value.type),
      expression: joiner.rewrite(value),
    }))
    const columns = items.map(({ column }) => column)
    const { builder, ordinal } = this.open(extend(joiner.plan, items), columns, guard)
    const registers = columns.map((column) => builder.column(column))
    const assign = values.map(({ local }, index) => ({ local, register: registers[index] ?? -1 }))
    builder.finish({ kind: 'Locals', ordinal, assign, found: -1, reset: false, strict: false })
  }

  /** Bool locals become true or false, never null, for the guarded instances. */
  assignTruths(
    values: readonly { readonly local: LocalIndex; readonly value: Expression }[],
    guard: LocalIndex,
  ): void {
    this.assign(
      values.map(({ local, value }) => ({ local, value: test('IsTrue', value) })),
      guard,
    )
  }

  /** Does the plan read any of the columns from the instances? */
  reads(plan: Logical, columns: readonly Column[]): boolean {
    const free = freeColumns(plan)
    return columns.some(({ id }) => free.has(id))
  }
}
