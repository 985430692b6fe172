// Functions over numbers.
import type { Expression } from '#sql/bound'
import { kernelCall, literal } from './build.ts'
import { atCommonScale, quotientScale } from './numeric-operators.ts'
import {
  kernel,
  kernelOfFirst,
  overload,
  type Build,
  type CallSite,
  type Overload,
} from './overload.ts'
import { castExpression } from './casts.ts'
import { numeric, scaleOf, types } from './types.ts'

const machineNumbers = ['smallint', 'integer', 'bigint', 'real', 'double'] as const
const integers = ['smallint', 'integer', 'bigint'] as const

/** A kernel over a numeric whose result is a whole number. */
function wholeNumeric(name: string): Build {
  return (operands, { span, label }) => {
    const immediates = [scaleOf(operands[0]?.type ?? types.integer)]
    return kernelCall(name, operands, numeric(0), span, { immediates, label })
  }
}

/**
 * Round and Truncate of a numeric. The kernel keeps the scale; a constant number of digits (none
 * given: 0) becomes the result's scale, as PostgreSQL prints it.
 */
function atDigits(name: string): Build {
  return (operands, { span, label }) => {
    const [value, digits = literal(0, types.integer, span)] = operands
    if (!value) return literal(null, types.integer, span)
    const scale = scaleOf(value.type)
    const cut = kernelCall(name, [value, digits], numeric(scale), span, {
      immediates: [scale],
      label,
    })
    if (digits.kind !== 'literal' || typeof digits.value !== 'number') return cut
    const wanted = Math.min(Math.max(digits.value, 0), scale)
    return castExpression(cut, numeric(wanted), span)
  }
}

/** `div`: the quotient at the larger scale, its fraction cut off. */
function wholeQuotient(operands: readonly Expression[], site: CallSite): Expression {
  const [left = 0, right = 0] = operands.map(({ type }) => scaleOf(type))
  const scale = quotientScale(left, right)
  const immediates = [left, right, scale]
  const quotient = kernelCall('DivideDecimal', operands, numeric(scale), site.span, {
    immediates,
    label: site.label,
  })
  return atDigits('Truncate')([quotient], site)
}

function ofDouble(name: string, kernelName: string, doc: string): Overload {
  return overload(name, ['double'], kernel(kernelName, 'double'), doc)
}

const magnitude: readonly Overload[] = [
  ...[...machineNumbers, 'numeric' as const].map((kind) =>
    overload('abs', [kind], kernelOfFirst('Abs'), 'The absolute value.'),
  ),
  overload('sign', ['double'], kernel('Sign', 'double'), '-1, 0 or 1.'),
  overload('sign', ['numeric'], wholeNumeric('Sign'), '-1, 0 or 1.'),
  ...integers.map((kind) =>
    overload('mod', [kind, kind], kernel('Modulo', kind), 'The remainder.'),
  ),
  overload('mod', ['numeric', 'numeric'], atCommonScale('Modulo'), 'The remainder.'),
  overload('div', ['numeric', 'numeric'], wholeQuotient, 'The quotient without its fraction.'),
]

const rounding: readonly Overload[] = [
  ofDouble('floor', 'Floor', 'The next whole number below.'),
  overload('floor', ['numeric'], wholeNumeric('Floor'), 'The next whole number below.'),
  ...['ceil', 'ceiling'].flatMap((name) => [
    ofDouble(name, 'Ceil', 'The next whole number above.'),
    overload(name, ['numeric'], wholeNumeric('Ceil'), 'The next whole number above.'),
  ]),
  ofDouble('round', 'Round', 'The nearest whole number, half to even.'),
  overload(
    'round',
    ['numeric'],
    atDigits('Round'),
    'The nearest whole number, half away from zero.',
  ),
  overload(
    'round',
    ['numeric', 'integer'],
    atDigits('Round'),
    'Rounded to so many digits after the point.',
  ),
  ofDouble('trunc', 'Truncate', 'Without the fraction.'),
  overload('trunc', ['numeric'], atDigits('Truncate'), 'Without the fraction.'),
  overload(
    'trunc',
    ['numeric', 'integer'],
    atDigits('Truncate'),
    'Cut to so many digits after the point.',
  ),
]

const mathematics: readonly Overload[] = [
  ofDouble('sqrt', 'Sqrt', 'The square root.'),
  ofDouble('cbrt', 'Cbrt', 'The cube root.'),
  ofDouble('exp', 'Exp', 'e raised to a power.'),
  ofDouble('ln', 'Ln', 'The natural logarithm.'),
  ofDouble('log', 'Log10', 'The logarithm to base ten.'),
  ofDouble('log10', 'Log10', 'The logarithm to base ten.'),
  overload(
    'log',
    ['double', 'double'],
    kernel('LogBase', 'double'),
    'The logarithm of the second to the base of the first.',
  ),
  ...['power', 'pow'].map((name) =>
    overload(name, ['double', 'double'], kernel('Power', 'double'), 'Raises to a power.'),
  ),
  overload('pi', [], (_, { span }) => literal(Math.PI, types.double, span), 'π.'),
]

const trigonometry: readonly Overload[] = [
  ofDouble('sin', 'Sin', 'The sine.'),
  ofDouble('cos', 'Cos', 'The cosine.'),
  ofDouble('tan', 'Tan', 'The tangent.'),
  ofDouble('asin', 'Asin', 'The inverse sine.'),
  ofDouble('acos', 'Acos', 'The inverse cosine.'),
  ofDouble('atan', 'Atan', 'The inverse tangent.'),
  overload(
    'atan2',
    ['double', 'double'],
    kernel('Atan2', 'double'),
    'The inverse tangent of a quotient.',
  ),
  ofDouble('sinh', 'Sinh', 'The hyperbolic sine.'),
  ofDouble('cosh', 'Cosh', 'The hyperbolic cosine.'),
  ofDouble('tanh', 'Tanh', 'The hyperbolic tangent.'),
  ofDouble('degrees', 'Degrees', 'Radians as degrees.'),
  ofDouble('radians', 'Radians', 'Degrees as radians.'),
]

export const mathFunctions: readonly Overload[] = [
  ...magnitude,
  ...rounding,
  ...mathematics,
  ...trigonometry,
  overload('random', [], kernel('Random', 'double', [], 'volatile'), 'Uniform in [0, 1).', {
    volatility: 'volatile',
  }),
]
