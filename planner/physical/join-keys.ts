// The equalities of a join condition that become hash keys.
import { physicalTypeOf, type DataType } from '#base/data-type'
import type { Expression, SqlValue } from '#sql/bound'
import { visibleIds } from '../logical/columns.ts'
import {
  call,
  isVolatile,
  literal,
  readsAny,
  readsOnly,
  splitConjuncts,
  test,
} from '../logical/expression.ts'
import type { Join } from '../logical/plan.ts'

export interface Equality {
  readonly left: Expression
  readonly right: Expression
  /** Two nulls are equal: IS NOT DISTINCT FROM. */
  readonly nullSafe: boolean
}

/** Conjuncts `left expression = right expression`, and what remains. */
export function splitEqualities(plan: Join): { equalities: Equality[]; rest: Expression[] } {
  const left = visibleIds(plan.left)
  const right = visibleIds(plan.right)
  const equalities: Equality[] = []
  const rest: Expression[] = []
  for (const conjunct of splitConjuncts(plan.condition)) {
    const equality = equalityOf(conjunct, left, right)
    if (equality) equalities.push(equality)
    else rest.push(conjunct)
  }
  return { equalities, rest }
}

type Ids = ReadonlySet<number>

function equalityOf(conjunct: Expression, left: Ids, right: Ids): Equality | undefined {
  if (conjunct.kind !== 'call' || isVolatile(conjunct)) return undefined
  if (conjunct.kernel !== 'Equal' && conjunct.kernel !== 'IsNotDistinct') return undefined
  const [first, second] = conjunct.arguments
  if (!first || !second) return undefined
  const nullSafe = conjunct.kernel === 'IsNotDistinct'
  if (isSideOf(first, left) && isSideOf(second, right))
    return { left: first, right: second, nullSafe }
  if (isSideOf(second, left) && isSideOf(first, right))
    return { left: second, right: first, nullSafe }
  return undefined
}

function isSideOf(expression: Expression, columns: Ids): boolean {
  return readsOnly(expression, columns) && readsAny(expression, columns)
}

/** A null-safe key is two: whether it is null, and the value with something for null. */
export function keyPair({
  left,
  right,
  nullSafe,
}: Equality): { left: Expression; right: Expression }[] {
  if (!nullSafe) return [{ left, right }]
  return [
    { left: test('IsNull', left), right: test('IsNull', right) },
    { left: orZero(left), right: orZero(right) },
  ]
}

function orZero(expression: Expression): Expression {
  const { type } = expression
  return call({ kernel: 'Coalesce', arguments: [expression, literal(zeroOf(type), type)], type })
}

function zeroOf(type: DataType): SqlValue {
  switch (physicalTypeOf(type)) {
    case 'Bool':
      return false
    case 'Int16':
    case 'Int32':
    case 'Float32':
    case 'Float64':
      return 0
    case 'Int64':
      return 0n
    case 'Decimal':
      return '0'
    case 'String':
      return ''
    case 'Interval':
      return '00:00:00'
    case 'Uuid':
      return '00000000-0000-0000-0000-000000000000'
  }
}
