// Columns that the planner adds to a statement's own.
import type { DataType } from '#base/data-type'
import type { Column } from '#sql/bound'

/** Above every id that the binder gives out, so that the two never meet. */
const firstPlannerColumnId = 1_000_000

export class ColumnMaker {
  #next = firstPlannerColumnId

  column(name: string, type: DataType, nullable = true): Column {
    return { id: this.#next++, name, type, nullable }
  }

  /** The same name and type under an id of its own. */
  copy(column: Column): Column {
    return { ...column, id: this.#next++ }
  }

  /** Numbers for with parts that the planner makes. */
  number(): number {
    return this.#next++
  }
}
