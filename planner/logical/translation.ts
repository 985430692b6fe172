// What translating a bound statement carries along: the maker of columns, and which with parts
// have been replaced by their definition.
import { EngineError } from '#base/engine-error'
import type { Column } from '#sql/bound'
import { ColumnMaker } from './column-maker.ts'
import type { Logical } from './plan.ts'

export interface InlinedPart {
  readonly definition: Logical
  readonly columns: readonly Column[]
}

/**
 * Nodes that a statement may be translated to. A subquery that is read twice (NOT IN with nulls) is
 * translated twice, so nesting multiplies; past this the statement is refused before it takes long.
 */
const planNodesMax = 5_000

export interface Translation {
  /** Nodes translated so far. */
  nodes: number
  readonly make: ColumnMaker
  readonly inlined: Map<number, InlinedPart>
  /** Columns of the definitions that stay shared. */
  readonly shared: Map<number, { readonly name: string; readonly columns: readonly Column[] }>
}

export function newTranslation(): Translation {
  return { nodes: 0, make: new ColumnMaker(), inlined: new Map(), shared: new Map() }
}

/** Counts one more node. Errors: 54001 when there are too many. */
export function countNode(context: Translation): void {
  context.nodes += 1
  if (context.nodes <= planNodesMax) return
  throw new EngineError('statement_too_complex', {
    message: 'the statement is too complex',
    detail: `Its plan has more than ${String(planNodesMax)} nodes.`,
  })
}
