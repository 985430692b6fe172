// σ[x = 1 OR x = 2 OR … OR x = n](A)  →  A ⋉[x = c] constants(c), for long lists; negated to the
// null-aware ▷. A list then costs one lookup a row instead of n comparisons. A list over an indexed
// column, however short, is joined to it instead, so that each constant is one lookup.
import type { Call, Expression } from '#sql/bound'
import { columnRef, isConstant, isVolatile, test } from '../logical/expression.ts'
import { join, type Logical } from '../logical/plan.ts'
import { shapeOf } from '../logical/shape-of.ts'
import type { Translation } from '../logical/translation.ts'

/** Shorter lists are compared one by one. */
const listItemsMin = 24

interface InList {
  readonly operand: Expression
  readonly items: readonly Expression[]
}

/** The join, or undefined when the conjunct is no long list of constants. */
export function inListToJoin(
  input: Logical,
  conjunct: Expression,
  context: Translation,
): Logical | undefined {
  const isNegated = conjunct.kind === 'call' && conjunct.kernel === 'Not'
  const list = inListOf(isNegated ? conjunct.arguments[0] : conjunct)
  if (!list) return undefined
  const { operand, items } = list
  if (!isNegated && isIndexed(input, operand)) return lookUpEach(input, list, context)
  if (items.length < listItemsMin) return undefined
  const column = context.make.column('item', operand.type)
  const right: Logical = { kind: 'constants', rows: items.map((item) => [item]), columns: [column] }
  if (!isNegated)
    return join({
      type: 'semi',
      left: input,
      right,
      condition: test('Equal', operand, columnRef(column)),
    })
  return join({
    type: 'anti',
    left: input,
    right,
    nullAware: { left: operand, right: columnRef(column) },
  })
}

/** σ[x in (c…)](A) with x indexed  →  distinct(c…) ⋈[x = c] A, which starts from the list. */
function lookUpEach(input: Logical, { operand, items }: InList, { make }: Translation): Logical {
  const column = make.column('item', operand.type)
  const distinct = [...new Map(items.map((item) => [shapeOf(item), item])).values()]
  const constants: Logical = {
    kind: 'constants',
    rows: distinct.map((item) => [item]),
    columns: [column],
  }
  // Only literals are known to differ; parameters may turn out equal.
  const isDistinct = distinct.every(({ kind }) => kind === 'literal')
  const groups = [{ column, expression: columnRef(column) }]
  const left: Logical = isDistinct
    ? constants
    : { kind: 'aggregate', input: constants, groups, aggregates: [] }
  return join({
    type: 'inner',
    left,
    right: input,
    condition: test('Equal', operand, columnRef(column)),
  })
}

/** Is the operand a column of a scan with an index on it alone? */
function isIndexed(plan: Logical, operand: Expression): boolean {
  if (operand.kind !== 'column') return false
  if (plan.kind === 'extend') {
    const item = plan.items.find(({ column }) => column.id === operand.column.id)
    return isIndexed(plan.input, item?.expression ?? operand)
  }
  if (plan.kind === 'filter') return isIndexed(plan.input, operand)
  if (plan.kind === 'join')
    return (
      plan.type === 'inner' && (isIndexed(plan.left, operand) || isIndexed(plan.right, operand))
    )
  if (plan.kind !== 'scan') return false
  const position = plan.columns.find(({ column }) => column.id === operand.column.id)?.position
  return plan.relation.indexes.some(
    ({ columns }) => columns.length === 1 && columns[0] === position,
  )
}

function inListOf(expression: Expression | undefined): InList | undefined {
  if (expression?.kind !== 'or') return undefined
  const [first] = expression.operands
  const operand = isEquality(first) ? first.arguments[0] : undefined
  if (!operand || isVolatile(operand) || isConstant(operand)) return undefined
  const same = shapeOf(operand)
  const items = expression.operands.flatMap((equality) => {
    const [left, right] = isEquality(equality) ? equality.arguments : []
    return left && right && isConstant(right) && shapeOf(left) === same ? [right] : []
  })
  return items.length === expression.operands.length ? { operand, items } : undefined
}

function isEquality(expression: Expression | undefined): expression is Call {
  return expression?.kind === 'call' && expression.kernel === 'Equal'
}
