// What translating a bound statement carries along: the maker of columns, and which with parts
// have been replaced by their definition.
import type { Column } from '#sql/bound'
import { ColumnMaker } from './column-maker.ts'
import type { Logical } from './plan.ts'

export interface InlinedPart {
  readonly definition: Logical
  readonly columns: readonly Column[]
}

export interface Translation {
  readonly make: ColumnMaker
  readonly inlined: Map<number, InlinedPart>
  /** Columns of the definitions that stay shared. */
  readonly shared: Map<number, { readonly name: string; readonly columns: readonly Column[] }>
}

export function newTranslation(): Translation {
  return { make: new ColumnMaker(), inlined: new Map(), shared: new Map() }
}
