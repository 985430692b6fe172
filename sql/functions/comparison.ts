// = <> < <= > >= and `is distinct from`: one overload a type, both sides of that type.
import type { Expression } from '#sql/bound'
import { kernelCall } from './build.ts'
import { rescale } from './casts.ts'
import { overload, type CallSite, type Overload } from './overload.ts'
import { scaleOf, types, type TypeKind } from './types.ts'

const comparable: readonly TypeKind[] = [
  'boolean',
  'smallint',
  'integer',
  'bigint',
  'real',
  'double',
  'numeric',
  'text',
  'bytea',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'interval',
  'uuid',
]

/** Compared for equality only, as normalised text. */
const equatable: readonly TypeKind[] = [...comparable, 'json']

/** Operator → kernel; also what a quantified comparison (`= any`) carries. */
export const comparisonKernels: Readonly<Record<string, string>> = {
  '=': 'Equal',
  '<>': 'NotEqual',
  '<': 'Less',
  '<=': 'LessEqual',
  '>': 'Greater',
  '>=': 'GreaterEqual',
  'is distinct from': 'IsDistinct',
  'is not distinct from': 'IsNotDistinct',
}

const equalityOnly = new Set(['=', '<>', 'is distinct from', 'is not distinct from'])

export const comparisonOperators: readonly Overload[] = Object.entries(comparisonKernels).flatMap(
  ([symbol, kernel]) =>
    (equalityOnly.has(symbol) ? equatable : comparable).map((kind) =>
      overload(
        symbol,
        [kind, kind],
        (operands, site) => compare(kernel, operands, site),
        `Compares two values of type ${kind}.`,
      ),
    ),
)

function compare(kernel: string, operands: readonly Expression[], site: CallSite): Expression {
  const scale = Math.max(...operands.map(({ type }) => scaleOf(type)))
  const level = operands.map((operand) => comparableForm(operand, scale))
  return kernelCall(kernel, level, types.boolean, site.span, { label: site.label })
}

/** Numerics at one scale, json with its members in one order: then equal bytes are equal values. */
function comparableForm(operand: Expression, scale: number): Expression {
  if (operand.type.kind === 'numeric') return rescale(operand, scale)
  if (operand.type.kind === 'json') {
    return kernelCall('JsonNormalize', [operand], types.json, operand.span)
  }
  return operand
}
