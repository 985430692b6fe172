// union, intersect, except: both sides get the same types, and the result columns of its own.
import { typeName, type DataType } from '#base/data-type'
import { EngineError } from '#base/engine-error'
import type { Span } from '#base/span'
import type * as ast from '#sql/ast'
import type { Column, Plan } from '#sql/bound'
import { commonType } from '#sql/functions/common-type'
import type { BindContext } from './context.ts'
import type { Rows } from './site.ts'
import { withTypes } from './subquery.ts'

/** Makes the types of both sides meet, column by column. Both forms of query come here. */
export function combineRows(
  context: BindContext,
  { operator, all }: Pick<ast.SetOperation, 'operator' | 'all'>,
  left: Rows,
  right: Rows,
  span: Span,
): Rows {
  const name = operator.toUpperCase()
  if (left.columns.length !== right.columns.length) {
    throw new EngineError('syntax_error', {
      message: `each ${name} query must have the same number of columns`,
      span,
    })
  }
  const types = left.columns.map((column, index) =>
    meet(name, column.type, right.columns[index]?.type, span),
  )
  const plans = [left, right].map((rows) => withTypes(rows, types, span, { context }))
  const [leftColumns, rightColumns] = [left, right].map((rows, index) =>
    columnsAfter(rows, plans[index]),
  )
  const columns = left.columns.map((column, index) => {
    const nullable = column.nullable || (right.columns[index]?.nullable ?? true)
    return context.column(column.name, types[index] ?? column.type, nullable)
  })
  const plan: Plan = {
    kind: 'set',
    operator,
    all,
    left: plans[0] ?? left.plan,
    right: plans[1] ?? right.plan,
    leftColumns: leftColumns ?? [],
    rightColumns: rightColumns ?? [],
    columns,
  }
  return { plan, columns }
}

/** The rows' columns, or those of the project that cast them. */
function columnsAfter(rows: Rows, plan: Plan | undefined): readonly Column[] {
  if (plan === rows.plan || plan?.kind !== 'project') return rows.columns
  return plan.items.map(({ column }) => column)
}

function meet(name: string, left: DataType, right: DataType | undefined, span: Span): DataType {
  const common = right && commonType(left, right)
  if (common) return common
  throw new EngineError('datatype_mismatch', {
    message: `${name} types ${typeName(left)} and ${right ? typeName(right) : '?'} cannot be matched`,
    span,
  })
}
