// `order by`, wherever it stands.
import type { SortItem } from '../ast.ts'
import type { Cursor } from './cursor.ts'
import { expression } from './expression.ts'

/** The items of an `order by`; none where there is none. */
export function sortItems(cursor: Cursor): readonly SortItem[] {
  return cursor.take('order') ? sortItemsBy(cursor) : []
}

/** The items after `order`. */
export function sortItemsBy(cursor: Cursor): readonly SortItem[] {
  cursor.need('by')
  return cursor.list(sortItem)
}

function sortItem(cursor: Cursor): SortItem {
  const start = cursor.token.start
  const value = expression(cursor)
  if (cursor.at('using')) throw cursor.unsupported('order by … using is not supported')
  const descending = cursor.take('desc')
  if (!descending) cursor.take('asc')
  return { expression: value, descending, nulls: nullsOrder(cursor), span: cursor.spanFrom(start) }
}

/** `nulls first`, `nulls last`, or nothing. */
export function nullsOrder(cursor: Cursor): SortItem['nulls'] {
  if (cursor.takeAll('nulls', 'first')) return 'first'
  return cursor.takeAll('nulls', 'last') ? 'last' : undefined
}
