// The rules in the order in which they run. Unnesting has happened already: logical/from-bound.ts
// makes joins of subqueries while it translates, and without it there is no program.
import type { Column } from '#sql/bound'
import type { ColumnMaker } from '../logical/column-maker.ts'
import type { Logical } from '../logical/plan.ts'
import type { Statistics } from './statistics.ts'
import { dropUnreadItems } from './drop-unread-items.ts'
import { evaluateConstants } from './evaluate-constants.ts'
import { factorOr } from './factor-or.ts'
import { implySideFilters } from './imply-side-filters.ts'
import { orderJoins } from './order-joins.ts'
import { estimateParts } from './estimate-parts.ts'
import { pushSemiJoins } from './push-semi-joins.ts'
import { restrictAggregates } from './restrict-aggregates.ts'
import { shareSubplans } from './share-subplans.ts'
import { simplifyOuterJoins } from './simplify-outer-joins.ts'

export interface RuleContext {
  /** The columns that the reader of the plan wants. */
  readonly output: readonly Column[]
  /** Sizes of tables, where known. */
  readonly statistics: Statistics | undefined
  /** Makes columns that the statement does not have yet. */
  readonly make: ColumnMaker
}

export interface Rule {
  readonly name: string
  readonly apply: (plan: Logical, context: RuleContext) => Logical
}

const rules: readonly Rule[] = [
  { name: 'evaluate_constants', apply: evaluateConstants },
  { name: 'factor_or', apply: factorOr },
  { name: 'imply_side_filters', apply: implySideFilters },
  { name: 'simplify_outer_joins', apply: simplifyOuterJoins },
  { name: 'restrict_aggregates', apply: (plan, { statistics, make }) => restrictAggregates(plan, statistics, make) },
  { name: 'push_semi_joins', apply: (plan, { statistics }) => pushSemiJoins(plan, statistics) },
  { name: 'push_filters_and_order_joins', apply: (plan, { statistics }) => orderJoins(plan, statistics) },
  { name: 'drop_unread_items', apply: (plan, { output }) => dropUnreadItems(plan, output) },
  { name: 'share_subplans', apply: (plan, { statistics, make }) => shareSubplans(plan, statistics, make) },
]

export function optimise(plan: Logical, context: RuleContext): Logical {
  return rules.reduce((current, rule) => rule.apply(current, context), estimateParts(plan, context.statistics))
}

/** The plan after each rule, whether the rule changed it or not. */
export function optimiseByRule(
  plan: Logical,
  context: RuleContext,
): readonly { readonly rule: string; readonly plan: Logical }[] {
  let current = estimateParts(plan, context.statistics)
  return rules.map(({ name, apply }) => {
    current = apply(current, context)
    return { rule: name, plan: current }
  })
}
