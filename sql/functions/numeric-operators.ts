// + - * / % ^ and the bitwise operators. Numeric keeps its scale in the type, so the operands are
// rescaled here: sums at the larger scale, products at the sum of both, quotients at sixteen digits or more.
import { EngineError } from '#base/engine-error'
import type { Expression } from '#sql/bound'
import { kernelCall } from './build.ts'
import { castExpression, rescale } from './casts.ts'
import {
  kernel,
  kernelOfFirst,
  overload,
  type Build,
  type CallSite,
  type Overload,
} from './overload.ts'
import {
  kNumericPrecisionMax,
  kQuotientScaleMin,
  numeric,
  scaleOf,
  types,
  type TypeKind,
} from './types.ts'

const integers = ['smallint', 'integer', 'bigint'] as const
const machineNumbers = [...integers, 'real', 'double'] as const

interface Arithmetic {
  readonly symbol: string
  readonly kernel: string
  readonly numeric: Build
  readonly doc: string
}

const arithmetic: readonly Arithmetic[] = [
  { symbol: '+', kernel: 'Add', numeric: atCommonScale('Add'), doc: 'Adds two numbers.' },
  {
    symbol: '-',
    kernel: 'Subtract',
    numeric: atCommonScale('Subtract'),
    doc: 'Subtracts two numbers.',
  },
  { symbol: '*', kernel: 'Multiply', numeric: product, doc: 'Multiplies two numbers.' },
  {
    symbol: '/',
    kernel: 'Divide',
    numeric: quotient,
    doc: 'Divides; integers truncate towards zero. Numeric quotients have sixteen or more digits after the point.',
  },
]

export const numericOperators: readonly Overload[] = [
  ...arithmetic.flatMap(({ symbol, kernel: name, numeric: build, doc }) => [
    ...machineNumbers.map((kind) => overload(symbol, [kind, kind], kernel(name, kind), doc)),
    overload(symbol, ['real', 'double'], asDoubles(name), doc),
    overload(symbol, ['double', 'real'], asDoubles(name), doc),
    overload(symbol, ['numeric', 'numeric'], build, doc),
  ]),
  ...integers.map((kind) =>
    overload(
      '%',
      [kind, kind],
      kernel('Modulo', kind),
      "The remainder; its sign is the dividend's.",
    ),
  ),
  overload('%', ['numeric', 'numeric'], atCommonScale('Modulo'), 'The remainder of a division.'),
  overload('^', ['double', 'double'], kernel('Power', 'double'), 'Raises to a power.'),
  ...unary('-', 'Negate', 'Negates.'),
  ...[...machineNumbers, 'numeric' as const].map((kind) =>
    overload('+', [kind], ([operand], site) => required(operand, site), 'The number itself.'),
  ),
  ...bitwise(),
]

/** real with anything but real is calculated in double, as PostgreSQL does. */
function asDoubles(name: string): Build {
  return (operands, { span, label }) => {
    const doubles = operands.map((operand) => castExpression(operand, types.double, operand.span))
    return kernelCall(name, doubles, types.double, span, { label })
  }
}

function unary(symbol: string, name: string, doc: string): Overload[] {
  return [...machineNumbers, 'numeric' as const].map((kind) =>
    overload(symbol, [kind], kernelOfFirst(name), doc),
  )
}

function bitwise(): Overload[] {
  const symbols = [
    ['&', 'BitAnd', 'Bits set in both.'],
    ['|', 'BitOr', 'Bits set in either.'],
    ['#', 'BitXor', 'Bits set in one only.'],
  ] as const
  return [
    ...symbols.flatMap(([symbol, name, doc]) =>
      integers.map((kind) => overload(symbol, [kind, kind], kernel(name, kind), doc)),
    ),
    ...integers.map((kind) => overload('~', [kind], kernel('BitNot', kind), 'Every bit inverted.')),
    ...shift('<<', 'ShiftLeft'),
    ...shift('>>', 'ShiftRight'),
  ]
}

function shift(symbol: string, name: string): Overload[] {
  return integers.map((kind: TypeKind) =>
    overload(symbol, [kind, 'integer'], kernel(name, kind), 'Shifts the bits.'),
  )
}

/** Operands at the larger scale, which the result has too. */
export function atCommonScale(name: string): Build {
  return (operands, { span, label }) => {
    const scale = Math.max(...operands.map(({ type }) => scaleOf(type)))
    const rescaled = operands.map((operand) => rescale(operand, scale))
    return kernelCall(name, rescaled, numeric(scale), span, { label })
  }
}

function product(operands: readonly Expression[], { span, label }: CallSite): Expression {
  const scale = operands.reduce((sum, { type }) => sum + scaleOf(type), 0)
  if (scale <= kNumericPrecisionMax) {
    return kernelCall('Multiply', operands, numeric(scale), span, { label })
  }
  throw new EngineError('numeric_value_out_of_range', {
    message: `the product would need ${scale} digits after the point`,
    hint: `Numeric has at most ${kNumericPrecisionMax} digits: round() the operands first.`,
    span,
  })
}

function quotient(operands: readonly Expression[], { span, label }: CallSite): Expression {
  const [left = 0, right = 0] = operands.map(({ type }) => scaleOf(type))
  const scale = quotientScale(left, right)
  return kernelCall('DivideDecimal', operands, numeric(scale), span, {
    immediates: [left, right, scale],
    label,
  })
}

/** PostgreSQL chooses by the values; by types alone its usual answer is sixteen digits. */
export function quotientScale(left: number, right: number): number {
  return Math.max(kQuotientScaleMin, left, right)
}

function required(operand: Expression | undefined, { span }: CallSite): Expression {
  if (operand) return operand
  throw new EngineError('undefined_function', { message: 'an operand is missing', span })
}
