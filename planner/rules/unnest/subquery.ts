// Subqueries in expressions become joins of the plan that the expression stands on:
// exists and in → semi, anti or mark joins; scalar → single joins, or left joins with a grouped
// aggregate; any and all → mark joins.
import { columnsOf } from '#sql/binder/plan-columns'
import type { Call, Column, ColumnId, Expression, Subquery } from '#sql/bound'
import { mapOperands } from '#sql/expression-tree'
import { freeColumns } from '../../logical/columns.ts'
import {
  and,
  booleanType,
  columnRef,
  columnsRead,
  findSubquery,
  literal,
  splitConjuncts,
  test,
} from '../../logical/expression.ts'
import { fromBound } from '../../logical/from-bound.ts'
import { filter, join, type Logical } from '../../logical/plan.ts'
import type { Translation } from '../../logical/translation.ts'
import { inListToJoin } from '../in-list-to-join.ts'
import { dependentJoin } from './dependent-join.ts'
import { existencePlan, unorderedPlan } from './existence.ts'
import { joinScalar } from './scalar.ts'

/** Rewrites expressions over a plan, joining their subqueries to it one after the other. */
export class SubqueryJoiner {
  #plan: Logical
  readonly #context: Translation

  constructor(plan: Logical, context: Translation) {
    this.#plan = plan
    this.#context = context
  }

  get plan(): Logical {
    return this.#plan
  }

  /** The expression without subqueries; the plan has grown by what it reads instead. */
  rewrite(expression: Expression): Expression {
    if (!findSubquery(expression)) return expression
    const rewritten = mapOperands(expression, (operand) => this.rewrite(operand))
    return rewritten.kind === 'subquery' ? this.#join(rewritten) : rewritten
  }

  dependsOnlyOn(expression: Expression, columns: ReadonlySet<ColumnId>): boolean {
    for (const id of columnsRead(expression).keys()) if (!columns.has(id)) return false
    const subquery = findSubquery(expression)
    if (!subquery) return true
    return [...freeColumns(fromBound(subquery.plan, this.#context)).keys()].every((id) =>
      columns.has(id),
    )
  }

  #join(subquery: Subquery): Expression {
    switch (subquery.form) {
      case 'scalar': {
        const { plan, value } = joinScalar(this.#plan, subquery, this.#context)
        this.#plan = plan
        return value
      }
      case 'exists':
        return this.#mark(existencePlan(fromBound(subquery.plan, this.#context)), undefined)
      case 'in':
        return this.#any(subquery, 'Equal')
      case 'any':
        return this.#any(subquery, subquery.comparison ?? 'Equal')
      case 'all':
        // x < all(Q) is not (x >= any(Q)), in three-valued logic too.
        return test(
          'Not',
          this.#any(subquery, negations[subquery.comparison ?? 'Equal'] ?? 'NotEqual'),
        )
    }
  }

  #mark(right: Logical, condition: Expression | undefined): Expression {
    const mark = this.#context.make.column('exists', booleanType, false)
    this.#plan = dependentJoin(
      { type: 'mark', left: this.#plan, right, condition, mark },
      this.#context,
    )
    return columnRef(mark)
  }

  /** Whether some row compares true; null when none does and some is unknown. */
  #any(subquery: Subquery, comparison: string): Expression {
    const {
      plan: right,
      condition,
      isNeverNull,
    } = comparisonOf(subquery, comparison, this.#context)
    if (isNeverNull) return this.#mark(right, condition)
    const key = nullAwareKey(subquery, comparison, right)
    if (key) {
      const mark = this.#context.make.column('in', booleanType)
      this.#plan = join({ type: 'mark', left: this.#plan, right, mark, nullAware: key })
      return columnRef(mark)
    }
    const found = this.#mark(right, condition)
    // The second look needs columns of its own, since ids are unique.
    const again = comparisonOf(subquery, comparison, this.#context)
    const unknown = this.#mark(again.plan, test('IsNull', again.condition))
    const branches = [
      { when: found, then: literal(true, booleanType) },
      { when: unknown, then: literal(null, booleanType) },
    ]
    return {
      kind: 'case',
      branches,
      otherwise: literal(false, booleanType),
      type: booleanType,
      span: subquery.span,
    }
  }
}

const negations: Readonly<Record<string, string>> = {
  Equal: 'NotEqual',
  NotEqual: 'Equal',
  Less: 'GreaterEqual',
  LessEqual: 'Greater',
  Greater: 'LessEqual',
  GreaterEqual: 'Less',
}

interface Comparison {
  readonly plan: Logical
  readonly condition: Expression
  readonly isNeverNull: boolean
}

function comparisonOf(subquery: Subquery, comparison: string, context: Translation): Comparison {
  const columns = columnsOf(subquery.plan)
  const pairs = subquery.operands.map((operand, index) => {
    const column = columns[index]
    if (!column) throw new TypeError('a subquery has as many columns as its operands')
    return { operand, column }
  })
  const condition = and(
    pairs.map(({ operand, column }) => test(comparison, operand, columnRef(column))),
  )
  if (!condition) throw new TypeError('an in or any subquery has an operand')
  const isNeverNull = pairs.every(({ operand, column }) => isNotNull(operand) && !column.nullable)
  return { plan: unorderedPlan(fromBound(subquery.plan, context)), condition, isNeverNull }
}

function isNotNull(expression: Expression): boolean {
  if (expression.kind === 'column') return !expression.column.nullable
  return expression.kind === 'literal' && expression.value !== null
}

/** IN over one column of a plan that stands alone: a hash join that knows NOT IN's nulls. */
function nullAwareKey(
  subquery: Subquery,
  comparison: string,
  right: Logical,
): { left: Expression; right: Expression } | undefined {
  const [operand, ...more] = subquery.operands
  const column: Column | undefined = columnsOf(subquery.plan)[0]
  if (comparison !== 'Equal' || !operand || !column || more.length > 0) return undefined
  return freeColumns(right).size === 0 ? { left: operand, right: columnRef(column) } : undefined
}

/**
 * σ[exists(Q) AND not exists(R) AND p](A)  →  σ[p]((A ⋉ Q) ▷ R)
 *
 * A conjunct that is itself a subquery filters by joining; one within an expression is marked.
 */
export function filterWithSubqueries(
  input: Logical,
  predicate: Expression,
  context: Translation,
): Logical {
  const conjuncts = splitConjuncts(predicate)
  const hard = conjuncts.filter((conjunct) => findSubquery(conjunct))
  const plain: Expression[] = []
  let listed = input
  for (const conjunct of conjuncts.filter((candidate) => !hard.includes(candidate))) {
    const joined = inListToJoin(listed, conjunct, context)
    if (joined) listed = joined
    else plain.push(conjunct)
  }
  return hard.reduce(
    (plan, conjunct) => filterBySubquery(plan, conjunct, context),
    filter(listed, and(plain)),
  )
}

function filterBySubquery(input: Logical, conjunct: Expression, context: Translation): Logical {
  const isNegated = isNot(conjunct)
  const inner = isNegated ? conjunct.arguments[0] : conjunct
  const direct =
    inner?.kind === 'subquery' ? directJoin(input, inner, isNegated, context) : undefined
  if (direct) return direct
  const joiner = new SubqueryJoiner(input, context)
  const rewritten = joiner.rewrite(conjunct)
  return filter(joiner.plan, rewritten)
}

function isNot(expression: Expression): expression is Call {
  return expression.kind === 'call' && expression.kernel === 'Not'
}

function directJoin(
  input: Logical,
  subquery: Subquery,
  isNegated: boolean,
  context: Translation,
): Logical | undefined {
  if (subquery.operands.some(findSubquery)) return undefined
  const type = isNegated ? 'anti' : 'semi'
  if (subquery.form === 'exists') {
    const right = existencePlan(fromBound(subquery.plan, context))
    return dependentJoin({ type, left: input, right, condition: undefined }, context)
  }
  if (subquery.form !== 'in' && subquery.form !== 'any') return undefined
  const comparison = subquery.form === 'in' ? 'Equal' : (subquery.comparison ?? 'Equal')
  const { plan: right, condition, isNeverNull } = comparisonOf(subquery, comparison, context)
  if (!isNegated || isNeverNull)
    return dependentJoin({ type, left: input, right, condition }, context)
  const key = nullAwareKey(subquery, comparison, right)
  return key && join({ type: 'anti', left: input, right, nullAware: key })
}
