// `case` as a step: an if whose conditions may compare one operand, computed once, with lists of values.
// As in PL/pgSQL, no match and no else is an error.
import type * as ast from '#sql/ast'
import type { Expression, Step } from '#sql/bound'
import { columnExpression, disjunction, textLiteral } from '#sql/functions/build'
import { bindOperator } from './call.ts'
import { settle } from './coercion.ts'
import { stateOf } from './condition.ts'
import { bindCondition, siteOf } from './expression.ts'
import type { Site } from './site.ts'
import { bindSteps, type StepScope } from './step.ts'

export function bindCaseStep(place: StepScope, step: ast.CaseStep): Step {
  const { branches, otherwise, span } = step
  const site = siteOf(place.context, place.scope, 'CASE')
  const operand = step.operand && bindOperand(place, step.operand, site)
  const bound = branches.map(({ when, steps }) => ({
    condition: operand
      ? isOneOf(operand.target, when, site)
      : disjunction(when.map((condition) => bindCondition(condition, site)), span),
    body: bindSteps(place, steps),
  }))
  const rest = otherwise ? bindSteps(place, otherwise) : [caseNotFound(step)]
  const choice: Step = { kind: 'if', branches: bound, otherwise: rest, span }
  if (!operand) return choice
  return {
    kind: 'block',
    body: [operand, choice],
    handlers: [],
    errorState: undefined,
    errorMessage: undefined,
    span,
  }
}

type Assign = Extract<Step, { kind: 'assign' }>

/** The operand waits in a variable without a name that a program could write. */
function bindOperand(place: StepScope, operand: ast.Expression, site: Site): Assign {
  const value = settle(site.bind(operand), place.context)
  const target = place.context.column('case', value.type, true)
  return { kind: 'assign', target, value, span: operand.span }
}

function isOneOf(
  target: Assign['target'],
  values: readonly ast.Expression[],
  site: Site,
): Expression {
  const equalities = values.map((value) =>
    bindOperator(
      '=',
      [columnExpression(target, value.span), site.bind(value)],
      value.span,
      site.context,
    ),
  )
  return disjunction(equalities, values[0]?.span ?? { start: 0, end: 0 })
}

function caseNotFound({ span }: ast.CaseStep): Step {
  const condition = { kind: 'condition', name: 'case_not_found', span } as const
  return { kind: 'raise', state: stateOf(condition), message: textLiteral('case not found', span), span }
}
