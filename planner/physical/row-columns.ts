// The columns of rows named by a row id, fetched where somebody reads them.
import { physicalTypeOf } from '#base/data-type'
import type { RelationSchema } from '#base/schema'
import type { Column } from '#sql/bound'
import type { Load, Register } from '../program.ts'
import type { PipelineBuilder } from './pipeline-builder.ts'

/** columns[i] is column i of the relation; those bound already keep their register. */
export function supplyByRowId(
  builder: PipelineBuilder,
  relation: RelationSchema,
  rowId: Register,
  columns: readonly Column[],
): void {
  const positions = new Map(columns.map((column, position) => [column.id, position]))
  let loads: Load[] | undefined
  builder.addSupplier({
    has: (id) => positions.has(id),
    load: (column) => {
      if (!loads) {
        loads = []
        builder.push({ kind: 'Fetch', relation: relation.id, rowId, columns: loads })
      }
      return builder.load(column, loads, ({ id }) => positions.get(id) ?? -1)
    },
  })
}

/** One column of the relation at the row named. */
export function fetchColumn(
  builder: PipelineBuilder,
  relation: RelationSchema,
  rowId: Register,
  position: number,
): Register {
  const schema = relation.columns[position]
  if (!schema) throw new TypeError(`relation ${relation.name} has no column ${String(position)}`)
  const register = builder.register(physicalTypeOf(schema.type))
  builder.push({
    kind: 'Fetch',
    relation: relation.id,
    rowId,
    columns: [{ column: position, register }],
  })
  return register
}
