// A literal's text as a value of a type: what a cast of a constant means, done while binding so that
// a mistake is shown under the literal.
import type { DataType } from '#base/data-type'
import { typeName } from '#base/data-type'
import { EngineError } from '#base/engine-error'
import type { Span } from '#base/span'
import type { SqlValue } from '#sql/bound'
import { parseDate, parseTime, parseTimestamp, parseTimestamptz } from './datetime-input.ts'
import { decimalOf } from './decimal.ts'
import { formatInterval, parseInterval } from './interval.ts'
import { scaleOf, precisionOf } from './types.ts'

/** Depth of nested arrays and objects that a json value may have; the kernels keep the same. */
const kJsonDepthMax = 512

const integerRanges = {
  smallint: [-(2n ** 15n), 2n ** 15n - 1n],
  integer: [-(2n ** 31n), 2n ** 31n - 1n],
  bigint: [-(2n ** 63n), 2n ** 63n - 1n],
} as const

/**
 * Reads `text` as a value of `type`, as PostgreSQL's input functions do.
 *
 * Errors: 22P02, 22003, 22007, 22008, 22001 at `span`.
 */
export function parseLiteral(text: string, type: DataType, span: Span): SqlValue {
  switch (type.kind) {
    case 'boolean':
      return booleanValue(text, span)
    case 'smallint':
    case 'integer':
    case 'bigint':
      return integerValue(text, type.kind, span)
    case 'real':
    case 'double':
      return floatValue(text, type, span)
    case 'numeric':
      return decimalText(text, scaleOf(type), precisionOf(type), span)
    case 'text':
      return fitText(text, type, span)
    case 'bytea':
      return bytesValue(text, span)
    case 'uuid':
      return uuidValue(text, span)
    case 'json':
      return jsonValue(text, span)
    case 'interval': {
      const parts = parseInterval(text)
      if (!parts) throw badText('invalid_datetime_format', type, text, span)
      return formatInterval(parts)
    }
    case 'date':
      return datetimeValue(parseDate(text), type, text, span)
    case 'time':
      return datetimeValue(parseTime(text), type, text, span)
    case 'timestamp':
      return datetimeValue(parseTimestamp(text), type, text, span)
    case 'timestamptz':
      return datetimeValue(parseTimestamptz(text), type, text, span)
    case 'unknown':
      return text
  }
}

type TextCondition =
  'invalid_text_representation' | 'invalid_datetime_format' | 'datetime_field_overflow'

function badText(condition: TextCondition, type: DataType, text: string, span: Span): EngineError {
  const message =
    condition === 'datetime_field_overflow'
      ? `date/time field value out of range: "${text}"`
      : `invalid input syntax for type ${typeName(type)}: "${text}"`
  return new EngineError(condition, { message, span })
}

function outOfRange(text: string, type: DataType, span: Span): EngineError {
  return new EngineError('numeric_value_out_of_range', {
    message: `value "${text}" is out of range for type ${typeName(type)}`,
    span,
  })
}

const trueTexts = new Set(['t', 'tr', 'tru', 'true', 'y', 'ye', 'yes', 'on', '1'])
const falseTexts = new Set(['f', 'fa', 'fal', 'fals', 'false', 'n', 'no', 'of', 'off', '0'])

function booleanValue(text: string, span: Span): boolean {
  const word = text.trim().toLowerCase()
  if (trueTexts.has(word)) return true
  if (falseTexts.has(word)) return false
  throw badText('invalid_text_representation', { kind: 'boolean' }, text, span)
}

function integerValue(text: string, kind: keyof typeof integerRanges, span: Span): SqlValue {
  const trimmed = text.trim()
  const match = /^([+-]?)(\d(?:_?\d)*|0[xob][\da-f]+)$/i.exec(trimmed)
  if (!match) throw badText('invalid_text_representation', { kind }, text, span)
  const magnitude = BigInt((match[2] ?? '0').replaceAll('_', ''))
  const value = match[1] === '-' ? -magnitude : magnitude
  const [least, greatest] = integerRanges[kind]
  if (value < least || value > greatest) throw outOfRange(text, { kind }, span)
  return kind === 'bigint' ? value : Number(value)
}

const floatWords: Record<string, number> = {
  nan: Number.NaN,
  infinity: Infinity,
  inf: Infinity,
  '+infinity': Infinity,
  '-infinity': -Infinity,
  '-inf': -Infinity,
}

function floatValue(text: string, type: DataType, span: Span): number {
  const trimmed = text.trim().toLowerCase()
  const word = floatWords[trimmed]
  if (word !== undefined) return word
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(trimmed)) {
    throw badText('invalid_text_representation', type, text, span)
  }
  const value = type.kind === 'real' ? Math.fround(Number(trimmed)) : Number(trimmed)
  if (!Number.isFinite(value)) throw outOfRange(text, type, span)
  return value
}

/** Number text → plain decimal text with exactly `scale` digits, half rounded away from zero. */
export function decimalText(text: string, scale: number, precision: number, span: Span): string {
  const match = /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d{1,4}))?$/i.exec(text.trim().replaceAll('_', ''))
  const [, sign, whole = '', fraction = '', exponentText = '0'] = match ?? []
  if (whole + fraction === '') {
    throw badText('invalid_text_representation', { kind: 'numeric' }, text, span)
  }
  const shift = Number(exponentText) - fraction.length + scale
  if (shift > 2 * precision) throw numericOverflow(precision, scale, span)
  let unscaled = BigInt(whole + fraction)
  if (shift >= 0) unscaled *= 10n ** BigInt(shift)
  else unscaled = shift < -400 ? 0n : ((unscaled * 2n) / 10n ** BigInt(-shift) + 1n) / 2n
  if (unscaled >= 10n ** BigInt(precision)) throw numericOverflow(precision, scale, span)
  return decimalOf(sign === '-' ? -unscaled : unscaled, scale)
}

function numericOverflow(precision: number, scale: number, span: Span): EngineError {
  return new EngineError('numeric_value_out_of_range', {
    message: 'numeric field overflow',
    detail: `A field with precision ${precision}, scale ${scale} must round to an absolute value less than 10^${precision - scale}.`,
    span,
  })
}

/** Digits after the point that number text has once its exponent is applied. */
export function scaleOfText(text: string): number {
  const match = /^[+-]?\d*\.?(\d*)(?:e([+-]?\d{1,4}))?$/i.exec(text.trim().replaceAll('_', ''))
  return Math.max((match?.[1] ?? '').length - Number(match?.[2] ?? 0), 0)
}

function fitText(text: string, type: DataType, span: Span): string {
  const length = type.kind === 'text' ? type.length : undefined
  if (length === undefined || text.length <= length) return text
  const characters = [...text]
  if (characters.slice(length).some((character) => character !== ' ')) {
    throw new EngineError('string_data_right_truncation', {
      message: `value too long for type ${typeName(type)}`,
      span,
    })
  }
  return characters.slice(0, length).join('')
}

/** `\x` and hexadecimal digits, or the text's UTF-8. */
function bytesValue(text: string, span: Span): Uint8Array {
  if (!text.startsWith('\\x')) return new TextEncoder().encode(text)
  const digits = text.slice(2).replaceAll(/\s/g, '')
  if (!/^(?:[\da-f]{2})*$/i.test(digits)) {
    throw badText('invalid_text_representation', { kind: 'bytea' }, text, span)
  }
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

function uuidValue(text: string, span: Span): string {
  const digits = text
    .trim()
    .toLowerCase()
    .replace(/^\{(.*)\}$/, '$1')
    .replaceAll('-', '')
  if (!/^[\da-f]{32}$/.test(digits)) {
    throw badText('invalid_text_representation', { kind: 'uuid' }, text, span)
  }
  return digits.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5')
}

function jsonValue(text: string, span: Span): string {
  let depth = 0
  let deepest = 0
  try {
    JSON.parse(text)
  } catch {
    throw badText('invalid_text_representation', { kind: 'json' }, text, span)
  }
  for (const [bracket] of text.replaceAll(/"(?:[^"\\]|\\.)*"/gs, '').matchAll(/[[\]{}]/g)) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1
    deepest = Math.max(deepest, depth)
  }
  if (deepest > kJsonDepthMax) {
    throw new EngineError('program_limit_exceeded', {
      message: `json nested deeper than ${kJsonDepthMax} levels`,
      span,
    })
  }
  return text
}

function datetimeValue(
  value: number | bigint | 'syntax' | 'range',
  type: DataType,
  text: string,
  span: Span,
): SqlValue {
  if (value === 'syntax') throw badText('invalid_datetime_format', type, text, span)
  if (value === 'range') throw badText('datetime_field_overflow', type, text, span)
  return value
}
