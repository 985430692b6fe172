// Lookups in a relation's hash index: one operator that takes rows and appends the columns of the
// rows found, instead of a scan and a hash table.
import type { Column, Expression } from '#sql/bound'
import { and } from '../logical/expression.ts'
import type { Scan } from '../logical/plan.ts'
import type { Load, ProbeType } from '../program.ts'
import type { ChosenIndex } from '../rules/select-index.ts'
import { scanSupplier } from './compile.ts'
import type { PipelineBuilder } from './pipeline-builder.ts'

export interface IndexProbeParts {
  readonly scan: Scan
  readonly index: ChosenIndex
  readonly type: ProbeType
  /** What a match must satisfy beyond the keys. */
  readonly conjuncts: readonly Expression[]
  readonly mark: Column | undefined
}

export function pushIndexProbe(builder: PipelineBuilder, parts: IndexProbeParts): void {
  const { scan, index, type } = parts
  const keys = index.keys.map(({ value }) => builder.compile(value))
  const columns: Load[] = []
  const supplier = scanSupplier(scan, builder, columns)
  builder.addSupplier(supplier)
  const rowId = scan.rowId ? builder.bindNew(scan.rowId) : -1
  const residual = builder.residual(and(parts.conjuncts))
  const mark = parts.mark ? builder.bindNew(parts.mark) : -1
  builder.push({
    kind: 'IndexProbe',
    relation: scan.relation.id,
    index: index.number,
    type,
    keys,
    columns,
    rowId,
    mark,
    keep: [],
    residual,
  })
  if (hidesRight(type)) builder.removeSupplier(supplier)
}

/** Do rows behind the probe know nothing of the columns that matched? */
export function hidesRight(type: ProbeType): boolean {
  return type === 'Semi' || type === 'Anti' || type === 'Mark'
}
