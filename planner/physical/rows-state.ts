// Rows kept between pipelines: filled by one or several, read any number of times. Columns are
// stored only once somebody reads them.
import type { Column, ColumnId } from '#sql/bound'
import { physicalTypeOf } from '#base/data-type'
import type { Load, PhysicalType, Register, StateIndex } from '../program.ts'
import { PipelineBuilder, type Supplier } from './pipeline-builder.ts'
import type { ProgramBuilder } from './program-builder.ts'

interface Producer {
  readonly payload: Register[]
  /** The register of a column at the end of the producer's pipeline. */
  readonly column: (column: Column) => Register
}

export class RowsState {
  readonly state: StateIndex
  readonly #types: PhysicalType[] = []
  readonly #producers: Producer[] = []
  readonly #positions = new Map<ColumnId, number>()
  readonly #ids: (id: ColumnId) => boolean

  /** `ids` says which columns its rows have. */
  constructor(program: ProgramBuilder, ids: (id: ColumnId) => boolean) {
    this.state = program.state({ kind: 'Rows', payload: this.#types })
    this.#ids = ids
  }

  has(id: ColumnId): boolean {
    return this.#ids(id)
  }

  /** Ends `builder` here. `column` finds a column of the state in it. */
  fill(
    builder: PipelineBuilder,
    column: (column: Column) => Register = (wanted) => builder.column(wanted),
  ): void {
    if (this.#positions.size > 0)
      throw new TypeError('all producers of a state are known before its readers')
    const payload: Register[] = []
    this.#producers.push({ payload, column })
    builder.finish({ kind: 'Rows', state: this.state, payload })
  }

  /** Position of the column in the stored rows, stored from now on. */
  position(column: Column): number {
    const known = this.#positions.get(column.id)
    if (known !== undefined) return known
    for (const { payload, column: find } of this.#producers) payload.push(find(column))
    const position = this.#types.push(physicalTypeOf(column.type)) - 1
    this.#positions.set(column.id, position)
    return position
  }

  /** A pipeline over the rows. */
  scan(program: ProgramBuilder): PipelineBuilder {
    const columns: Load[] = []
    const builder = new PipelineBuilder(program, () => ({
      kind: 'StateScan',
      state: this.state,
      what: 0,
      columns,
    }))
    builder.addSupplier(this.supplier(builder, columns))
    return builder
  }

  /** Supplies the rows' columns through `loads`, which some operator of `builder` owns. */
  supplier(builder: PipelineBuilder, loads: Load[]): Supplier {
    return {
      has: (id) => this.#ids(id),
      load: (column) => builder.load(column, loads, (wanted) => this.position(wanted)),
    }
  }
}

/** Ends `builder` by keeping its rows and goes on over them. */
export function materialise(builder: PipelineBuilder): PipelineBuilder {
  const rows = new RowsState(builder.program, (id) => builder.has(id))
  rows.fill(builder)
  return rows.scan(builder.program)
}
