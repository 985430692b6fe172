// Conditions that are more than one operator: is, between, in, like, and comparisons of row values.
import { EngineError } from '#base/engine-error'
import { featureNotSupported } from '#base/errors'
import type { Span } from '#base/span'
import type * as ast from '#sql/ast'
import type { Expression, Plan } from '#sql/bound'
import {
  conjunction,
  disjunction,
  isNotNull,
  isNull,
  kernelCall,
  literal,
  not,
} from '#sql/functions/build'
import { types } from '#sql/functions/types'
import { bindOperator } from './call.ts'
import { coerceCondition, coerceImplicitly, settle, unify } from './coercion.ts'
import { repeated } from './repeat.ts'
import { compareRows } from './row-comparison.ts'
import type { Site } from './site.ts'

/** From this many constants on, `in` probes a table of them instead of comparing one by one. */
const kInListProbeMin = 32

function negatedIf(negated: boolean, condition: Expression, span: Span): Expression {
  return negated ? not(condition, span) : condition
}

export function bindIs({ test, negated, operand, span }: ast.Is, site: Site): Expression {
  switch (test) {
    case 'null':
      return bindIsNull(operand, negated, span, site)
    case 'true':
    case 'false': {
      const value = coerceCondition(site.bind(operand), `IS ${test.toUpperCase()}`, site.context)
      const kernel = test === 'true' ? 'IsTrue' : 'IsFalse'
      const tested = kernelCall(kernel, [value], types.boolean, span, { label: `is ${test}` })
      return negatedIf(negated, tested, span)
    }
    case 'unknown': {
      const value = coerceCondition(site.bind(operand), 'IS UNKNOWN', site.context)
      return negated ? isNotNull(value, span) : isNull(value, span)
    }
    default:
      throw featureNotSupported(`IS ${test.replace('_', ' ').toUpperCase()} is not supported`, span)
  }
}

/** A row is null when all its fields are, and not null when none is: these are no opposites. */
function bindIsNull(operand: ast.Expression, negated: boolean, span: Span, site: Site): Expression {
  const fields = operand.kind === 'row' ? operand.items : [operand]
  const tests = fields.map((field) => {
    const value = settle(site.bind(field), site.context)
    return negated ? isNotNull(value, span) : isNull(value, span)
  })
  return conjunction(tests, span)
}

export function bindIsDistinct(
  { negated, left, right, span }: ast.IsDistinct,
  site: Site,
): Expression {
  if (left.kind !== 'row' && right.kind !== 'row') {
    const symbol = negated ? 'is not distinct from' : 'is distinct from'
    return bindOperator(symbol, [site.bind(left), site.bind(right)], span, site.context)
  }
  const pairs = pairsOf(left, right, span)
  const same = pairs.map(([one, other]) =>
    bindOperator('is not distinct from', [site.bind(one), site.bind(other)], span, site.context),
  )
  return negatedIf(!negated, conjunction(same, span), span)
}

export function bindBetween(node: ast.Between, site: Site): Expression {
  const { span, symmetric, negated } = node
  if (node.operand.kind === 'row') return bindRowBetween(node, node.operand, site)
  const operand = repeated(node.operand, site)
  const [low, high] = [repeated(node.low, site), repeated(node.high, site)]
  const within = (from: () => Expression, to: () => Expression): Expression => {
    const above = bindOperator('>=', [operand(), from()], span, site.context)
    const below = bindOperator('<=', [operand(), to()], span, site.context)
    return conjunction([above, below], span)
  }
  const inside = symmetric
    ? disjunction([within(low, high), within(high, low)], span)
    : within(low, high)
  return negatedIf(negated, inside, span)
}

function bindRowBetween(
  { low, high, span, symmetric, negated }: ast.Between,
  operand: ast.Row,
  site: Site,
): Expression {
  const within = (from: ast.Expression, to: ast.Expression): Expression => {
    const above = bindRowComparison('>=', operand, from, span, site)
    const below = bindRowComparison('<=', operand, to, span, site)
    return conjunction([above, below], span)
  }
  const inside = symmetric
    ? disjunction([within(low, high), within(high, low)], span)
    : within(low, high)
  return negatedIf(negated, inside, span)
}

export function bindInList({ operand, items, negated, span }: ast.InList, site: Site): Expression {
  if (operand.kind === 'row') {
    const equal = items.map((item) => bindRowComparison('=', operand, item, item.span, site))
    return negatedIf(negated, disjunction(equal, span), span)
  }
  const left = repeated(operand, site)
  const values = items.map(site.bind)
  if (values.length >= kInListProbeMin && values.every(({ kind }) => kind === 'literal')) {
    return negatedIf(negated, probe(left(), values, span, site), span)
  }
  const equal = values.map((value) => bindOperator('=', [left(), value], value.span, site.context))
  return negatedIf(negated, disjunction(equal, span), span)
}

/** `left in (values …)` as a subquery over a table of constants. */
function probe(
  left: Expression,
  values: readonly Expression[],
  span: Span,
  { context }: Site,
): Expression {
  const type = unify([left, ...values], 'IN')
  const column = context.column('value', type, true)
  const rows = values.map((value) => [coerceImplicitly(value, type, context)])
  const plan: Plan = { kind: 'values', rows, columns: [column] }
  const operands = [coerceImplicitly(left, type, context)]
  return { kind: 'subquery', form: 'in', plan, operands, type: types.boolean, span }
}

const patternKernels = { like: 'Like', ilike: 'ILike' } as const

export function bindPattern(node: ast.PatternMatch, site: Site): Expression {
  const { form, span, negated } = node
  const parts = [node.operand, node.pattern, ...(node.escape ? [node.escape] : [])]
  const [value, pattern, ...escape] = parts.map((part) => textOperand(part, form, site))
  if (!value || !pattern) return literal(null, types.boolean, span)
  const matched =
    form === 'similar'
      ? similar(value, [pattern, ...escape], span)
      : kernelCall(patternKernels[form], [value, pattern, ...escape], types.boolean, span, {
          label: form,
        })
  return negatedIf(negated, matched, span)
}

function similar(value: Expression, pattern: readonly Expression[], span: Span): Expression {
  const regex = kernelCall('SimilarToRegex', pattern, types.text, span)
  return kernelCall('RegexMatch', [value, regex], types.boolean, span, {
    immediates: [0],
    label: 'similar to',
  })
}

function textOperand(operand: ast.Expression, form: string, site: Site): Expression {
  const bound = site.bind(operand)
  if (bound.type.kind === 'text' || bound.type.kind === 'unknown') {
    return coerceImplicitly(bound, types.text, site.context)
  }
  throw new EngineError('undefined_function', {
    message: `operator does not exist: ${bound.type.kind} ${form} text`,
    span: operand.span,
    hint: 'Patterns match text. You might need to add an explicit cast to text.',
  })
}

type Pair = readonly [ast.Expression, ast.Expression]

function pairsOf(left: ast.Expression, right: ast.Expression, span: Span): readonly Pair[] {
  const [lefts, rights] = [left, right].map((side) =>
    side.kind === 'row' ? side.items : undefined,
  )
  if (!lefts || !rights || lefts.length !== rights.length) {
    throw new EngineError('syntax_error', {
      message: 'unequal number of entries in row expressions',
      span,
    })
  }
  return lefts.map((one, index) => [one, rights[index] ?? one])
}

/** `(a, b) = (c, d)` field by field, `(a, b) < (c, d)` by the first field that differs. */
export function bindRowComparison(
  operator: string,
  left: ast.Expression,
  right: ast.Expression,
  span: Span,
  site: Site,
): Expression {
  const pairs = pairsOf(left, right, span)
  return compareRows(operator, pairs, span, (symbol, [one, other]) =>
    bindOperator(symbol, [site.bind(one), site.bind(other)], span, site.context),
  )
}
