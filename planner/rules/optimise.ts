// The rules in the order in which they run. Unnesting has happened already: logical/from-bound.ts
// makes joins of subqueries while it translates, and without it there is no program.
import type { Column } from '#sql/bound'
import type { Logical } from '../logical/plan.ts'
import type { Statistics } from './statistics.ts'
import { dropUnreadItems } from './drop-unread-items.ts'
import { evaluateConstants } from './evaluate-constants.ts'
import { factorOr } from './factor-or.ts'
import { implySideFilters } from './imply-side-filters.ts'
import { orderJoins } from './order-joins.ts'
import { pushSemiJoins } from './push-semi-joins.ts'

export interface RuleContext {
  /** The columns that the reader of the plan wants. */
  readonly output: readonly Column[]
  /** Sizes of tables, where known. */
  readonly statistics: Statistics | undefined
}

export interface Rule {
  readonly name: string
  readonly apply: (plan: Logical, context: RuleContext) => Logical
}

const rules: readonly Rule[] = [
  { name: 'evaluate_constants', apply: evaluateConstants },
  { name: 'factor_or', apply: factorOr },
  { name: 'imply_side_filters', apply: implySideFilters },
  { name: 'push_semi_joins', apply: (plan, { statistics }) => pushSemiJoins(plan, statistics) },
  { name: 'push_filters_and_order_joins', apply: (plan, { statistics }) => orderJoins(plan, statistics) },
  { name: 'drop_unread_items', apply: (plan, { output }) => dropUnreadItems(plan, output) },
]

/** `output`: the columns that the reader of the plan wants. `statistics`: sizes of tables, where known. */
export function optimise(plan: Logical, output: readonly Column[], statistics?: Statistics): Logical {
  return rules.reduce((current, rule) => rule.apply(current, { output, statistics }), plan)
}

/** The plan after each rule, whether the rule changed it or not. */
export function optimiseByRule(
  plan: Logical,
  context: RuleContext,
): readonly { readonly rule: string; readonly plan: Logical }[] {
  let current = plan
  return rules.map(({ name, apply }) => {
    current = apply(current, context)
    return { rule: name, plan: current }
  })
}
