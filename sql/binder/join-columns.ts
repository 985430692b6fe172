// Which names a join makes visible, and that the optional side of an outer join may be null.
import type { Span } from '#base/span'
import type { Expression, JoinType } from '#sql/bound'
import { kernelCall } from '#sql/functions/build'
import type { FromItem } from './relation.ts'
import { nullableColumn } from './rewrite.ts'
import type { ScopeColumn } from './scope.ts'

/** Both sides, their columns nullable where the join may fill them with nulls. */
export function optional(
  type: JoinType,
  left: FromItem,
  right: FromItem,
): readonly [FromItem, FromItem] {
  const nullableLeft = type === 'right' || type === 'full'
  const nullableRight = type === 'left' || type === 'full'
  return [nullableLeft ? nullable(left) : left, nullableRight ? nullable(right) : right]
}

function nullable(item: FromItem): FromItem {
  const known = new Map<ScopeColumn, ScopeColumn>()
  const change = (column: ScopeColumn): ScopeColumn => {
    const made = known.get(column) ?? {
      ...column,
      reference: (span: Span) => orNull(column.reference(span)),
    }
    known.set(column, made)
    return made
  }
  return {
    ...item,
    tables: item.tables.map((table) => ({ ...table, columns: table.columns.map(change) })),
    visible: item.visible.map(change),
    // A class instance spreads without its methods.
    build: () => item.build(),
  }
}

function orNull(expression: Expression): Expression {
  if (expression.kind !== 'column') return expression
  return { ...expression, column: nullableColumn(expression.column) }
}

/** Columns joined by name come first and once, then what is left of both sides. */
export function joinColumns(
  type: JoinType,
  left: FromItem,
  right: FromItem,
  shared: readonly string[],
): readonly ScopeColumn[] {
  const merged = shared.map((name) => mergedColumn(type, name, left, right))
  const rest = [...left.visible, ...right.visible].filter(({ name }) => !shared.includes(name))
  return [...merged, ...rest]
}

/** The side that is never missing gives the value; a full join takes whichever is there. */
function mergedColumn(type: JoinType, name: string, left: FromItem, right: FromItem): ScopeColumn {
  const [one, other] = [left, right].map((side) =>
    side.visible.find((column) => column.name === name),
  )
  const reference = (span: Span): Expression => {
    const chosen = type === 'right' ? other : one
    const value = chosen?.reference(span)
    const second = type === 'full' ? other?.reference(span) : undefined
    if (!value) return { kind: 'literal', value: null, type: { kind: 'unknown' }, span }
    if (!second) return value
    return kernelCall('Coalesce', [value, second], value.type, span, { label: 'coalesce' })
  }
  return { name, hidden: false, reference }
}
