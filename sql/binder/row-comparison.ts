// What comparing rows is in terms of comparing their fields.
import { featureNotSupported } from '#base/errors'
import type { Span } from '#base/span'
import type { Expression } from '#sql/bound'
import { conjunction, disjunction } from '#sql/functions/build'

/** Compares the fields of one place by `=`, `<>`, `<`, …. */
export type CompareFields<Pair> = (symbol: string, pair: Pair) => Expression

/**
 * `=` and `<>` field by field, the others by the first field that differs.
 *
 * Errors: 0A000 for an operator that is no comparison.
 */
export function compareRows<Pair>(
  operator: string,
  pairs: readonly Pair[],
  span: Span,
  compare: CompareFields<Pair>,
): Expression {
  const all = (symbol: string): Expression[] => pairs.map((pair) => compare(symbol, pair))
  switch (operator) {
    case '=':
      return conjunction(all('='), span)
    case '<>':
      return disjunction(all('<>'), span)
    case '<':
    case '<=':
    case '>':
    case '>=':
      return lexicographic(operator, pairs, span, compare)
    default:
      throw featureNotSupported(`operator ${operator} on row values is not supported`, span)
  }
}

function lexicographic<Pair>(
  operator: '<' | '<=' | '>' | '>=',
  pairs: readonly Pair[],
  span: Span,
  compare: CompareFields<Pair>,
): Expression {
  const strict = operator.charAt(0)
  const alternatives = pairs.map((pair, index) => {
    const before = pairs.slice(0, index).map((earlier) => compare('=', earlier))
    const symbol = index === pairs.length - 1 ? operator : strict
    return conjunction([...before, compare(symbol, pair)], span)
  })
  return disjunction(alternatives, span)
}
