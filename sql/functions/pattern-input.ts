// to_date and to_timestamp of a text by a pattern that is known while planning: the pattern becomes a regular
// expression with a group for each field, and each field is read as a number.
import { EngineError } from '#base/engine-error'
import { featureNotSupported } from '#base/errors'
import type { Span } from '#base/span'
import type { Expression } from '#sql/bound'
import { kernelCall, literal, textLiteral } from './build.ts'
import { castExpression } from './casts.ts'
import { overload, type CallSite, type Overload } from './overload.ts'
import { types } from './types.ts'

type Part = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second'

interface Field {
  readonly part: Part
  /** What it looks like where a separator, or the end, follows. */
  readonly loose: string
  /** What it looks like where the next field follows at once. */
  readonly tight: string
  readonly isName?: boolean
}

const two = { loose: String.raw`\d{1,2}`, tight: String.raw`\d{2}` }
const name = { loose: '[A-Za-z]{3}', tight: '[A-Za-z]{3}', isName: true }

/** Longest first. */
const fields: readonly (readonly [string, Field])[] = [
  ['HH24', { part: 'hour', ...two }],
  ['YYYY', { part: 'year', loose: String.raw`\d{1,4}`, tight: String.raw`\d{4}` }],
  ['MON', { part: 'month', ...name }],
  ['MM', { part: 'month', ...two }],
  ['DD', { part: 'day', ...two }],
  ['MI', { part: 'minute', ...two }],
  ['SS', { part: 'second', ...two }],
]

interface Pattern {
  readonly regex: string
  /** In the order of their groups. */
  readonly parts: readonly Field[]
}

/** Letters of a pattern that are no field must be quoted, as in PostgreSQL's own examples. */
function patternOf(text: string, label: string, span: Span): Pattern {
  const pieces: (Field | string)[] = []
  for (let rest = text; rest !== '';) {
    const quoted = /^"([^"]*)"/.exec(rest)
    const found = fields.find(([letters]) => rest.toUpperCase().startsWith(letters))
    if (quoted === null && found === undefined && /^[A-Za-z0-9]/.test(rest)) {
      throw featureNotSupported(`"${rest}" in a pattern of ${label} is not supported`, span, 'Fields are YYYY, MM, Mon, DD, HH24, MI and SS.')
    }
    pieces.push(found?.[1] ?? (quoted === null ? '[^A-Za-z0-9]*' : `.{${String(quoted[1]?.length ?? 0)}}`))
    rest = rest.slice(found?.[0].length ?? quoted?.[0].length ?? 1)
  }
  const parts = pieces.filter((piece) => typeof piece !== 'string')
  const repeated = parts.find((one, i) => parts.findIndex(({ part }) => part === one.part) !== i)
  if (repeated) {
    throw new EngineError('invalid_datetime_format', { message: `conflicting values for "${repeated.part}" field in formatting string`, span })
  }
  const shapes = pieces.map((piece, i) =>
    typeof piece === 'string' ? piece : `(${typeof pieces[i + 1] === 'object' ? piece.tight : piece.loose})`)
  return { regex: String.raw`^\s*${shapes.join('')}.*$`, parts }
}

const monthNames = 'janfebmaraprmayjunjulaugsepoctnovdec'

/** A field's number, or what it is where the pattern has none. */
function numberOf({ regex, parts }: Pattern, part: Part, text: Expression, span: Span): Expression {
  const group = parts.findIndex((field) => field.part === part)
  const integer = (value: number): Expression => literal(value, types.integer, span)
  if (group < 0) return integer(part === 'hour' || part === 'minute' || part === 'second' ? 0 : 1)
  const replaced = [text, textLiteral(regex, span), textLiteral(`\\${String(group + 1)}`, span)]
  const digits = kernelCall('RegexReplace', replaced, types.text, span, { immediates: [0] })
  if (parts[group]?.isName !== true) return castExpression(digits, types.integer, span)
  const place = kernelCall('Position', [textLiteral(monthNames, span), kernelCall('Lower', [digits], types.text, span)], types.integer, span)
  return kernelCall('Divide', [kernelCall('Add', [place, integer(2)], types.integer, span), integer(3)], types.integer, span)
}

function readBy(operands: readonly Expression[], { span, label }: CallSite): { text: Expression; pattern: Pattern } {
  const [text, format] = operands
  if (text === undefined || format?.kind !== 'literal' || typeof format.value !== 'string') {
    throw featureNotSupported(`a pattern of ${label} that is no constant is not supported`, format?.span ?? span)
  }
  return { text, pattern: patternOf(format.value, label, format.span) }
}

function toDate(operands: readonly Expression[], site: CallSite): Expression {
  const { text, pattern } = readBy(operands, site)
  const { span, label } = site
  const parts = (['year', 'month', 'day'] as const).map((part) => numberOf(pattern, part, text, span))
  return kernelCall('MakeDate', parts, types.date, span, { label })
}

function toTimestamp(operands: readonly Expression[], site: CallSite): Expression {
  const { text, pattern } = readBy(operands, site)
  const { span, label } = site
  const parts = (['year', 'month', 'day', 'hour', 'minute'] as const).map((part) => numberOf(pattern, part, text, span))
  const second = castExpression(numberOf(pattern, 'second', text, span), types.double, span)
  const made = kernelCall('MakeTimestamp', [...parts, second], types.timestamp, span, { label })
  return castExpression(made, types.timestamptz, span)
}

export const patternInput: readonly Overload[] = [
  overload('to_date', ['text', 'text'], toDate, "Read by a constant pattern of YYYY, MM, Mon, DD: to_date('05 Dec 2000', 'DD Mon YYYY')."),
  overload('to_timestamp', ['text', 'text'], toTimestamp, 'As to_date, with HH24, MI and SS, in UTC.'),
]
