// The one type that values of two types can share in case, coalesce, union, values and in.
import type { DataType } from '#base/data-type'
import { castContext } from './cast-matrix.ts'
import { categoryOf, numeric, precisionOf, resolvedType, scaleOf, types } from './types.ts'

/** undefined when the types have nothing in common. Numerics meet at the larger scale. */
export function commonType(left: DataType, right: DataType): DataType | undefined {
  if (left.kind === 'unknown') return withUntyped(right)
  if (right.kind === 'unknown') return withUntyped(left)
  if (left.kind === 'numeric' || right.kind === 'numeric') return withNumeric(left, right)
  if (left.kind === right.kind) return sameKind(left, right)
  if (categoryOf(left.kind) !== categoryOf(right.kind)) return undefined
  if (castContext(left.kind, right.kind) === 'implicit') return right
  if (castContext(right.kind, left.kind) === 'implicit') return left
  return undefined
}

/** What has no type has no length limit either. */
function withUntyped(known: DataType): DataType {
  return known.kind === 'text' ? types.text : resolvedType(known)
}

/** Text of two length limits has none. */
function sameKind(left: DataType, right: DataType): DataType {
  if (left.kind !== 'text' || right.kind !== 'text') return left
  return left.length === right.length ? left : types.text
}

function withNumeric(left: DataType, right: DataType): DataType | undefined {
  if (categoryOf(left.kind) !== 'number' || categoryOf(right.kind) !== 'number') return undefined
  const other = left.kind === 'numeric' ? right : left
  if (other.kind === 'real' || other.kind === 'double') return other
  const scale = Math.max(scaleOf(left), scaleOf(right))
  return numeric(scale, Math.max(precisionOf(left), precisionOf(right)))
}
