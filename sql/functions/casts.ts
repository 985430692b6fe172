// How a value of one type becomes a value of another: the kernels of every cast in the matrix.
// Whether a cast may happen in a place is cast-matrix.ts's business, not asked here.
import { typeName, type DataType } from '#base/data-type'
import { EngineError } from '#base/engine-error'
import { invariant } from '#base/invariant'
import type { Span } from '#base/span'
import type { Expression } from '#sql/bound'
import { kernelCall, literal } from './build.ts'
import { parseLiteral } from './literal-input.ts'
import {
  isInteger,
  kNumericPrecisionMax,
  kNumericScaleDefault,
  numeric,
  precisionOf,
  resolvedType,
  scaleOf,
  types,
  type TypeKind,
} from './types.ts'

type Literal = Extract<Expression, { kind: 'literal' }>
type Cast = (operand: Expression, target: DataType, span: Span) => Expression

/** One kernel; `immediates` may depend on the source and the target. */
function one(
  kernel: string,
  immediates: (from: DataType, to: DataType) => readonly number[] = () => [],
): Cast {
  return (operand, target, span) =>
    kernelCall(kernel, [operand], target, span, {
      immediates: immediates(operand.type, target),
      label: 'cast',
    })
}

/** The value is stored alike in both types; only its name changes. */
const relabel: Cast = (operand, target) => ({ ...operand, type: target })

/** Through a type in the middle. */
function via(middle: DataType): Cast {
  return (operand, target, span) =>
    castExpression(castExpression(operand, middle, span, true), target, span, true)
}

const scaleOfSource = (from: DataType): readonly number[] => [scaleOf(from)]
const numericTarget = (_: DataType, to: DataType): readonly number[] => [
  scaleOf(to),
  precisionOf(to),
]

const toInteger: Record<'smallint' | 'integer' | 'bigint', string> = {
  smallint: 'ToInt16',
  integer: 'ToInt32',
  bigint: 'ToInt64',
}

/** bigint → numeric and the like, where both are numbers. */
const betweenNumbers: Cast = (operand, target, span) => {
  const immediates = operand.type.kind === 'numeric' ? scaleOfSource : undefined
  switch (target.kind) {
    case 'smallint':
    case 'integer':
    case 'bigint':
      return one(toInteger[target.kind], immediates)(operand, target, span)
    case 'real':
      return one('ToFloat32', immediates)(operand, target, span)
    case 'double':
      return one('ToFloat64', immediates)(operand, target, span)
    case 'numeric':
      if (operand.type.kind === 'numeric') return rescaleTo(operand, target, span)
      return one('ToDecimal', numericTarget)(operand, target, span)
    default:
      return impossible(operand, target)
  }
}

/** Text is made first, for json is what a number's or boolean's text is. */
const viaText = via(types.text)

const toText: Partial<Record<TypeKind, Cast>> = {
  boolean: one('BoolToText'),
  smallint: one('IntToText'),
  integer: one('IntToText'),
  bigint: one('IntToText'),
  real: one('FloatToText'),
  double: one('FloatToText'),
  numeric: one('DecimalToText', scaleOfSource),
  bytea: one('ByteaToText'),
  date: one('DateToText'),
  time: one('TimeToText'),
  timestamp: one('TimestampToText'),
  timestamptz: one('TimestampTzToText'),
  interval: one('IntervalToText'),
  uuid: one('UuidToText'),
  json: relabel,
}

const fromText: Partial<Record<TypeKind, Cast>> = {
  boolean: one('TextToBool'),
  smallint: one('TextToInt16'),
  integer: one('TextToInt32'),
  bigint: one('TextToInt64'),
  real: one('TextToFloat32'),
  double: one('TextToFloat64'),
  numeric: one('TextToDecimal', numericTarget),
  bytea: one('TextToBytea'),
  date: one('TextToDate'),
  time: one('TextToTime'),
  timestamp: one('TextToTimestamp'),
  timestamptz: one('TextToTimestampTz'),
  interval: one('TextToInterval'),
  uuid: one('TextToUuid'),
  json: one('JsonParse'),
}

/** Casts that are neither between numbers nor to or from text. */
const others: Partial<Record<`${TypeKind} ${TypeKind}`, Cast>> = {
  'boolean integer': one('ToInt32'),
  'integer boolean': one('ToBool'),
  'bytea json': one('JsonParse'),
  'json bytea': relabel,
  'date timestamp': one('DateToTimestamp'),
  'date timestamptz': one('DateToTimestamp'),
  'timestamp timestamptz': relabel,
  'timestamptz timestamp': relabel,
  'timestamp date': one('TimestampToDate'),
  'timestamptz date': one('TimestampToDate'),
  'timestamp time': one('TimestampToTime'),
  'timestamptz time': one('TimestampToTime'),
  'time interval': one('TimeToInterval'),
  'interval time': one('IntervalToTime'),
}

/**
 * Casts `operand` to `target`. A target `numeric` without a scale keeps the source's own digits.
 * A text with a length limit is checked (22001), or cut where the cast is written out.
 */
export function castExpression(
  operand: Expression,
  target: DataType,
  span: Span,
  isExplicit = false,
): Expression {
  const type = target.kind === 'numeric' ? numericTypeFor(operand.type, target) : target
  const from = operand.type.kind
  if (operand.kind === 'literal') {
    const folded = foldLiteral(operand, resolvedType(type))
    if (folded) return folded
  }
  if (from === 'text' && type.kind === 'text') return limitText(operand, type, span, isExplicit)
  if (from === type.kind && from !== 'numeric') return operand
  const cast = castFor(from, type.kind)
  const made = cast(operand, type.kind === 'text' ? types.text : type, span)
  return type.kind === 'text' ? limitText(made, type, span, isExplicit) : made
}

/** The literal as one of another type, when that needs no kernel: keys and bounds stay constants. */
function foldLiteral(operand: Literal, type: DataType): Expression | undefined {
  const { value, span } = operand
  const from = operand.type.kind
  if (value === null) return { ...operand, type }
  if (from === 'text' && typeof value === 'string' && type.kind !== 'text') {
    return literal(parseLiteral(value, type, span), type, span)
  }
  if (from === 'json' && type.kind === 'bytea' && typeof value === 'string') {
    return literal(new TextEncoder().encode(value), type, span)
  }
  if (!isNumber(from) || !isNumber(type.kind) || from === 'real' || from === 'double')
    return undefined
  if (type.kind === 'double') return literal(Number(value), type, span)
  if (type.kind === 'real') return literal(Math.fround(Number(value)), type, span)
  // A numeric that has to be rounded to an integer is left to the kernel.
  if (type.kind !== 'numeric' && from === 'numeric') return undefined
  return literal(parseLiteral(String(value), type, span), type, span)
}

function castFor(from: TypeKind, to: TypeKind): Cast {
  if (isNumber(from) && isNumber(to)) return betweenNumbers
  const found =
    others[`${from} ${to}`] ??
    (to === 'text' ? toText[from] : undefined) ??
    (from === 'text' ? fromText[to] : undefined) ??
    (from === 'json' ? viaText : undefined)
  return found ?? ((operand, target) => impossible(operand, target))
}

function isNumber(kind: TypeKind): boolean {
  return isInteger(kind) || kind === 'real' || kind === 'double' || kind === 'numeric'
}

/** What `numeric` without digits means for a source: its own scale, or the default for floats and text. */
function numericTypeFor(from: DataType, target: Extract<DataType, { kind: 'numeric' }>): DataType {
  if (target.precision !== undefined || target.scale !== undefined) return resolvedType(target)
  if (from.kind === 'numeric') return from
  return numeric(isInteger(from.kind) ? 0 : kNumericScaleDefault)
}

/** The same number at another scale, as wide as numbers get. */
export function rescale(operand: Expression, scale: number): Expression {
  if (scaleOf(operand.type) === scale) return operand
  return castExpression(operand, numeric(scale), operand.span)
}

function rescaleTo(operand: Expression, target: DataType, span: Span): Expression {
  const [from, to, precision] = [scaleOf(operand.type), scaleOf(target), precisionOf(target)]
  const fits = from === to && precision >= precisionOf(operand.type)
  if (fits) return relabel(operand, target, span)
  const integer =
    operand.kind === 'call' && operand.kernel === 'ToDecimal' ? operand.arguments[0] : undefined
  if (integer && isInteger(integer.type.kind))
    return one('ToDecimal', numericTarget)(integer, target, operand.span)
  return kernelCall('RescaleDecimal', [operand], target, span, {
    immediates: [from, to, Math.min(precision, kNumericPrecisionMax)],
    label: 'cast',
  })
}

function limitText(
  operand: Expression,
  target: DataType,
  span: Span,
  isExplicit: boolean,
): Expression {
  const limit = target.kind === 'text' ? target.length : undefined
  const known = operand.type.kind === 'text' ? operand.type.length : undefined
  if (limit === undefined)
    return operand.type.kind === 'text' ? operand : relabel(operand, types.text, span)
  if (known !== undefined && known <= limit) return relabel(operand, target, span)
  if (!isExplicit) {
    return kernelCall('CheckLength', [operand], target, span, {
      immediates: [limit],
      label: 'cast',
    })
  }
  return kernelCall('Left', [operand, literal(limit, types.integer, span)], target, span)
}

function impossible(operand: Expression, target: DataType): never {
  invariant(operand.type.kind !== 'unknown', 'untyped expressions are given a type before a cast')
  throw new EngineError('cannot_coerce', {
    message: `cannot cast type ${typeName(operand.type)} to ${typeName(target)}`,
    span: operand.span,
  })
}
