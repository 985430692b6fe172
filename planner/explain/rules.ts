// What the rules do to a plan, one after the other: the plan after each that changed it.
import type { RuleStep } from '../query.ts'
import { explainLogical } from './logical.ts'

/** The first step's plan, and after it those that differ, each under its rule's name and a colon. */
export function explainRules(steps: readonly RuleStep[]): string[] {
  let last = ''
  return steps.flatMap(({ rule, plan }) => {
    const lines = explainLogical(plan)
    const text = lines.join('\n')
    if (text === last) return []
    const space = last === '' ? [] : ['']
    last = text
    return [...space, `${rule}:`, ...lines.map((line) => `  ${line}`)]
  })
}
