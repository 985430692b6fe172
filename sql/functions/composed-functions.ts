// Functions without a kernel of their own: each is written in terms of others. Where an argument stands
// several times, it must have one value: what is volatile is refused.
import { EngineError } from '#base/engine-error'
import { featureNotSupported } from '#base/errors'
import type { Expression } from '#sql/bound'
import { walkExpression } from '../expression-tree.ts'
import { caseOf, conjunction, isNotNull, isNull, kernelCall, literal, textLiteral } from './build.ts'
import { castExpression } from './casts.ts'
import { kernel, overload, type Build, type CallSite, type Overload } from './overload.ts'
import { scaleOf, types } from './types.ts'

/** Writes a call's arguments several times. */
function repeating(build: Build): Build {
  return (operands, site) => {
    const isVolatile = operands.some((operand) =>
      [...walkExpression(operand)].some((node) => node.kind === 'call' && node.volatility === 'volatile'))
    if (isVolatile) throw featureNotSupported(`${site.label} of a volatile argument is not supported`, site.span)
    return build(operands, site)
  }
}

/** The operands as a tuple: resolution has checked how many there are. */
function argument(operands: readonly Expression[], index: number): Expression {
  const found = operands[index]
  if (found === undefined) throw new TypeError('an overload has as many operands as parameters')
  return found
}

function integerLiteral(value: number, { span }: CallSite): Expression {
  return literal(value, types.integer, span)
}

const int32Max = 2_147_483_647

/** `overlay(t placing r from n for m)`: what stands before, the new text, what stands after. */
const overlay = repeating((operands, site) => {
  const { span, label } = site
  const [text, placed, start] = [argument(operands, 0), argument(operands, 1), argument(operands, 2)]
  const length = operands[3] ?? kernelCall('Length', [placed], types.integer, span)
  const one = integerLiteral(1, site)
  const before = kernelCall('Subtract', [start, one], types.integer, span)
  const after = kernelCall('Add', [start, length], types.integer, span)
  const parts = [
    kernelCall('Substring', [text, one, before], types.text, span, { label }),
    placed,
    kernelCall('Substring', [text, after, integerLiteral(int32Max, site)], types.text, span, { label }),
  ]
  return parts.reduce((made, part) => kernelCall('Concat', [made, part], types.text, span, { label }))
})

/** The digits of an integer, `bits` of it each, without leading zeros; negative ones as two's complement. */
function digits(bits: number, width: number): Build {
  return repeating((operands, { span, label }) => {
    const value = castExpression(argument(operands, 0), types.bigint, span)
    const shown = textLiteral('0123456789abcdef', span)
    const one = literal(1, types.integer, span)
    const parts: Expression[] = []
    for (let from = Math.floor((width - 1) / bits) * bits; from >= 0; from -= bits) {
      const mask = literal((1 << Math.min(bits, width - from)) - 1, types.bigint, span)
      const shifted = kernelCall('ShiftRight', [value, literal(from, types.integer, span)], types.bigint, span)
      const digit = castExpression(kernelCall('BitAnd', [shifted, mask], types.bigint, span), types.integer, span)
      parts.push(kernelCall('Substring', [shown, kernelCall('Add', [digit, one], types.integer, span), one], types.text, span))
    }
    const all = kernelCall('ConcatAll', parts, types.text, span)
    const cut = kernelCall('LTrim', [all, textLiteral('0', span)], types.text, span, { label })
    const some = kernelCall('NullIf', [cut, textLiteral('', span)], types.text, span)
    const whole = kernelCall('Coalesce', [some, textLiteral('0', span)], types.text, span, { label })
    return caseOf([{ when: isNotNull(value, span), then: whole }], undefined, types.text, span)
  })
}

function inRadix(name: string, bits: number, doc: string): Overload[] {
  return [
    overload(name, ['integer'], digits(bits, 32), doc),
    overload(name, ['bigint'], digits(bits, 64), doc),
  ]
}

/** How many arguments are null, or not. */
function countWhere(test: typeof isNull): Build {
  return (operands, { span, label }) => {
    const one = literal(1, types.integer, span)
    const none = literal(0, types.integer, span)
    const counts = operands.map((operand) =>
      caseOf([{ when: test(operand, span), then: one }], none, types.integer, span))
    return counts.reduce((sum, each) => kernelCall('Add', [sum, each], types.integer, span, { label }), none)
  }
}

function quoteNullable(operands: readonly Expression[], { span, label }: CallSite): Expression {
  const text = castExpression(argument(operands, 0), types.text, span)
  const quoted = kernelCall('QuoteLiteral', [text], types.text, span, { label })
  return kernelCall('Coalesce', [quoted, textLiteral('NULL', span)], types.text, span, { label })
}

/** Letters that a regular expression's flags may be; they are known while planning. */
function flagsOf(operand: Expression | undefined, { span, label }: CallSite): number {
  if (operand === undefined) return 0
  const letters = operand.kind === 'literal' && typeof operand.value === 'string' ? operand.value : undefined
  if (letters === undefined || /[^i]/.test(letters)) {
    throw featureNotSupported(`${label} flags other than the constant i are not supported`, operand.span ?? span)
  }
  return letters === '' ? 0 : 1
}

function regexpLike(operands: readonly Expression[], site: CallSite): Expression {
  const { span, label } = site
  const immediates = [flagsOf(operands[2], site)]
  return kernelCall('RegexMatch', operands.slice(0, 2), types.boolean, span, { immediates, label })
}

/** The whole match, whatever groups the pattern has. */
function regexpSubstring(operands: readonly Expression[], { span, label }: CallSite): Expression {
  const [text, pattern] = [argument(operands, 0), argument(operands, 1)]
  const opened = kernelCall('Concat', [textLiteral('(', span), pattern], types.text, span)
  const grouped = kernelCall('Concat', [opened, textLiteral(')', span)], types.text, span)
  return kernelCall('RegexSubstring', [text, grouped], types.text, span, { label })
}

/** RegexReplace immediate: every match. */
const kRegexGlobal = 2

/** As many characters more as there are matches, when each becomes a character instead of nothing. */
const regexpCount = repeating((operands, { span, label }) => {
  const length = (replacement: string): Expression => {
    const parts = [argument(operands, 0), argument(operands, 1), textLiteral(replacement, span)]
    const replaced = kernelCall('RegexReplace', parts, types.text, span, { immediates: [kRegexGlobal], label })
    return kernelCall('Length', [replaced], types.integer, span)
  }
  return kernelCall('Subtract', [length('x'), length('')], types.integer, span, { label })
})

const textual: readonly Overload[] = [
  overload('overlay', ['text', 'text', 'integer'], overlay, 'Characters replaced from a position on: overlay(t placing r from n).'),
  overload('overlay', ['text', 'text', 'integer', 'integer'], overlay, 'So many characters replaced: overlay(t placing r from n for m).'),
  ...inRadix('to_hex', 4, 'In hexadecimal digits; negative numbers as two\'s complement.'),
  ...inRadix('to_oct', 3, 'In octal digits; negative numbers as two\'s complement.'),
  ...inRadix('to_bin', 1, 'In binary digits; negative numbers as two\'s complement.'),
  overload('quote_nullable', ['any'], quoteNullable, 'Quoted as an SQL string, NULL for null.'),
  overload('regexp_like', ['text', 'text'], regexpLike, 'Does a regular expression match somewhere?'),
  overload('regexp_like', ['text', 'text', 'text'], regexpLike, 'The same with flags: i.'),
  overload('regexp_substr', ['text', 'text'], regexpSubstring, 'The part that a regular expression matches.'),
  overload('regexp_count', ['text', 'text'], regexpCount, 'How often a regular expression matches.'),
]

/** The count is known while planning; equal bounds divide by zero. */
const widthBucket = repeating((operands, { span, label }) => {
  const [value, low, high, count] = [argument(operands, 0), argument(operands, 1), argument(operands, 2), argument(operands, 3)]
  if (count.kind !== 'literal' || typeof count.value !== 'number') {
    throw featureNotSupported('a number of buckets that is no constant is not supported', count.span)
  }
  if (count.value <= 0) {
    throw new EngineError('invalid_parameter_value', { message: 'count must be greater than zero', span: count.span })
  }
  const buckets = literal(count.value, types.double, span)
  const over = (a: Expression, b: Expression): Expression => kernelCall('Subtract', [a, b], types.double, span)
  const compare = (name: string, a: Expression, b: Expression): Expression => kernelCall(name, [a, b], types.boolean, span)
  const both = (left: Expression, right: Expression): Expression => conjunction([left, right], span)
  const zero = literal(0, types.integer, span)
  const share = kernelCall('Divide', [over(value, low), over(high, low)], types.double, span)
  const whole = kernelCall('Floor', [kernelCall('Multiply', [share, buckets], types.double, span)], types.double, span)
  const inside = kernelCall('Add', [castExpression(whole, types.integer, span), literal(1, types.integer, span)], types.integer, span, { label })
  const beyond = literal(count.value + 1, types.integer, span)
  const isUp = compare('Less', low, high)
  const isDown = compare('Greater', low, high)
  const branches = [
    { when: both(isUp, compare('Less', value, low)), then: zero },
    { when: both(isUp, compare('GreaterEqual', value, high)), then: beyond },
    { when: both(isDown, compare('Greater', value, low)), then: zero },
    { when: both(isDown, compare('LessEqual', value, high)), then: beyond },
  ]
  return caseOf(branches, inside, types.integer, span)
})

/** The digits after the point that the type keeps: they are the same for all rows. */
function scale(operands: readonly Expression[], { span }: CallSite): Expression {
  const value = argument(operands, 0)
  const digitCount = literal(scaleOf(value.type), types.integer, span)
  return caseOf([{ when: isNotNull(value, span), then: digitCount }], undefined, types.integer, span)
}

const numeric: readonly Overload[] = [
  overload('width_bucket', ['double', 'double', 'double', 'integer'], widthBucket, 'Which of so many equal buckets between two bounds a value falls in.'),
  overload('scale', ['numeric'], scale, 'Digits after the point.'),
  overload('num_nulls', ['any'], countWhere(isNull), 'How many arguments are null.', { variadic: true }),
  overload('num_nonnulls', ['any'], countWhere(isNotNull), 'How many arguments are not null.', { variadic: true }),
]

/** There are no infinite dates here: whatever is there is finite. */
function isFinite(operands: readonly Expression[], { span }: CallSite): Expression {
  const value = argument(operands, 0)
  return caseOf([{ when: isNotNull(value, span), then: literal(true, types.boolean, span) }], undefined, types.boolean, span)
}

/** From a time to midnight of today. */
function ageNow(kind: 'timestamp' | 'timestamptz'): Build {
  return (operands, { span, label }) => {
    const now = kernelCall('Now', [], types.timestamptz, span, { volatility: 'stable' })
    const midnight = castExpression(castExpression(now, types.date, span), types[kind], span)
    return kernelCall('Age', [midnight, argument(operands, 0)], types.interval, span, { label })
  }
}

function makeTimestampTz(operands: readonly Expression[], site: CallSite): Expression {
  const { span, label } = site
  return castExpression(kernelCall('MakeTimestamp', operands, types.timestamp, span, { label }), types.timestamptz, span)
}

/** Years, months, weeks, days, hours, minutes and seconds; those left out are none. */
function makeInterval(operands: readonly Expression[], { span, label }: CallSite): Expression {
  const none = Array.from({ length: 7 - operands.length }, (_, i) => (i + operands.length === 6 ? literal(0, types.double, span) : literal(0, types.integer, span)))
  return kernelCall('MakeInterval', [...operands, ...none], types.interval, span, { label })
}

const intervalParts = ['integer', 'integer', 'integer', 'integer', 'integer', 'integer', 'double'] as const

const datetime: readonly Overload[] = [
  ...(['date', 'timestamp', 'timestamptz', 'interval'] as const).map((kind) =>
    overload('isfinite', [kind], isFinite, 'True: there are no infinite times.')),
  ...(['timestamp', 'timestamptz'] as const).map((kind) =>
    overload('age', [kind], ageNow(kind), 'Years, months and days until midnight of today.', { volatility: 'stable' })),
  overload('date_add', ['timestamptz', 'interval'], kernel('TimestampAdd', 'timestamptz'), 'Later by an interval.'),
  overload('date_subtract', ['timestamptz', 'interval'], kernel('TimestampSubtract', 'timestamptz'), 'Earlier by an interval.'),
  overload('make_timestamptz', ['integer', 'integer', 'integer', 'integer', 'integer', 'double'], makeTimestampTz, 'Year to second, in UTC.'),
  ...intervalParts.map((_, i) =>
    overload('make_interval', intervalParts.slice(0, i + 1), makeInterval, 'Years, months, weeks, days, hours, minutes, seconds.')),
  overload('uuidv4', [], kernel('GenRandomUuid', 'uuid', [], 'volatile'), 'A random uuid.', { volatility: 'volatile' }),
]

export const composedFunctions: readonly Overload[] = [...textual, ...numeric, ...datetime]
