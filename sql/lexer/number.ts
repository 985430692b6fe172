// Numeric literals: 42, 4_200, 3.5, .5, 1e-9, 0x1F, 0o17, 0b101.
import { isDigit, isHexDigit, isNamePart, kDot, kMinus, kPlus, kUnderscore } from './characters.ts'
import type { Read } from './quoted.ts'

/** Reads the number at `start`; `value` is decimal and without underscores. */
export function readNumber(text: string, start: number): Read {
  const prefix = text.charCodeAt(start) === 0x30 ? text.charCodeAt(start + 1) | 0x20 : 0
  if (prefix === 0x78 || prefix === 0x6f || prefix === 0x62) return readBased(text, start, prefix)
  let end = digits(text, start, isDigit)
  // `1..5` is a range, not a number with two points.
  if (text.charCodeAt(end) === kDot && text.charCodeAt(end + 1) !== kDot)
    end = digits(text, end + 1, isDigit)
  end = exponent(text, end)
  const written = text.slice(start, end)
  return finish(text, start, end, written.includes('_') ? written.replaceAll('_', '') : written)
}

/** Digits, with single underscores between them. */
function digits(text: string, from: number, isPart: (code: number) => boolean): number {
  let end = from
  for (;;) {
    if (isPart(text.charCodeAt(end))) end += 1
    else if (end > from && text.charCodeAt(end) === kUnderscore && isPart(text.charCodeAt(end + 1)))
      end += 2
    else return end
  }
}

function exponent(text: string, from: number): number {
  if ((text.charCodeAt(from) | 0x20) !== 0x65) return from
  const sign = text.charCodeAt(from + 1)
  const first = sign === kPlus || sign === kMinus ? from + 2 : from + 1
  return isDigit(text.charCodeAt(first)) ? digits(text, first, isDigit) : from
}

function readBased(text: string, start: number, prefix: number): Read {
  const top = prefix === 0x78 ? 0 : prefix === 0x6f ? 0x37 : 0x31
  const isPart =
    prefix === 0x78 ? isHexDigit : (code: number): boolean => code >= 0x30 && code <= top
  const first = text.charCodeAt(start + 2) === kUnderscore ? start + 3 : start + 2
  const end = digits(text, first, isPart)
  if (end === first) {
    const base = prefix === 0x78 ? 'hexadecimal' : prefix === 0x6f ? 'octal' : 'binary'
    return {
      end: junkEnd(text, end),
      value: '',
      problem: {
        message: `invalid ${base} integer at or near "${text.slice(start, junkEnd(text, end))}"`,
        incomplete: false,
      },
    }
  }
  const value = BigInt(
    text.slice(start, start + 2) + text.slice(first, end).replaceAll('_', ''),
  ).toString()
  return finish(text, start, end, value)
}

/** `1a` is neither a number nor two tokens. */
function finish(text: string, start: number, end: number, value: string): Read {
  if (!isNamePart(text.charCodeAt(end))) return { end, value, problem: undefined }
  const junk = junkEnd(text, end)
  const message = `trailing junk after numeric literal at or near "${text.slice(start, junk)}"`
  return { end: junk, value: '', problem: { message, incomplete: false } }
}

function junkEnd(text: string, from: number): number {
  let end = from
  while (isNamePart(text.charCodeAt(end))) end += 1
  return end
}
