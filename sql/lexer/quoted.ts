// Everything in quotes: strings with their escapes, quoted names, dollar quotes.
import { isBlank, isNamePart, isNameStart, kBackslash, kDollar, kQuote } from './characters.ts'

/** What was read from some start: the end, and either the value or a problem. */
export interface Read {
  readonly end: number
  readonly value: string
  readonly problem: Problem | undefined
}

export interface Problem {
  readonly message: string
  /** The text ends too early. */
  readonly incomplete: boolean
}

export type StringStyle = 'plain' | 'escaped' | 'unicode'

/**
 * Reads the string whose opening quote is at `quote`. Strings with only blanks and a line break
 * between them are one string.
 */
export function readString(text: string, quote: number, style: StringStyle): Read {
  const parts: string[] = []
  let open = quote
  for (;;) {
    const close = closingQuote(text, open, style === 'escaped')
    if (close === -1) return unterminated(text, 'quoted string')
    parts.push(text.slice(open + 1, close))
    const next = continuation(text, close + 1)
    if (next === -1) return decode(parts.join(''), close + 1, style)
    open = next
  }
}

/** Reads the quoted name whose opening `"` is at `quote`. */
export function readQuoted(text: string, quote: number, unicode = false): Read {
  let close = text.indexOf('"', quote + 1)
  while (close !== -1 && text.charAt(close + 1) === '"') close = text.indexOf('"', close + 2)
  if (close === -1) return unterminated(text, 'quoted identifier')
  const value = text.slice(quote + 1, close).replaceAll('""', '"')
  if (value === '') return failed(close + 1, 'zero-length delimited identifier at or near """"')
  if (value.includes('\0')) return failed(close + 1, 'a name cannot hold the character zero')
  return unicode
    ? decodeWith(unicodeEscape, value, close + 1)
    : { end: close + 1, value, problem: undefined }
}

/** Reads `$tag$ … $tag$`; undefined when `start` does not open one. */
export function readDollarQuoted(text: string, start: number): Read | undefined {
  let end = start + 1
  if (isNameStart(text.charCodeAt(end))) {
    while (isNamePart(text.charCodeAt(end)) && text.charCodeAt(end) !== kDollar) end += 1
  }
  if (text.charCodeAt(end) !== kDollar) return undefined
  const tag = text.slice(start, end + 1)
  const close = text.indexOf(tag, end + 1)
  if (close === -1) return unterminated(text, 'dollar-quoted string')
  return { end: close + tag.length, value: text.slice(end + 1, close), problem: undefined }
}

function unterminated(text: string, what: string): Read {
  return {
    end: text.length,
    value: '',
    problem: { message: `unterminated ${what}`, incomplete: true },
  }
}

function failed(end: number, message: string): Read {
  return { end, value: '', problem: { message, incomplete: false } }
}

/** A doubled quote is no end, nor one after a backslash where backslashes escape. */
function closingQuote(text: string, open: number, backslashEscapes: boolean): number {
  let position = open + 1
  if (!backslashEscapes) {
    for (;;) {
      const close = text.indexOf("'", position)
      if (close === -1 || text.charCodeAt(close + 1) !== kQuote) return close
      position = close + 2
    }
  }
  while (position < text.length) {
    const code = text.charCodeAt(position)
    if (code === kQuote && text.charCodeAt(position + 1) !== kQuote) return position
    position += code === kQuote || code === kBackslash ? 2 : 1
  }
  return -1
}

const kLineComment = /--[^\n]*/y

/** Returns the opening quote of a string's next part, or -1. */
function continuation(text: string, from: number): number {
  let position = from
  let newlines = 0
  for (;;) {
    const code = text.charCodeAt(position)
    if (code === kQuote) return newlines > 0 ? position : -1
    if (isBlank(code)) {
      if (code === 0x0a || code === 0x0d) newlines += 1
      position += 1
      continue
    }
    kLineComment.lastIndex = position
    if (code !== 0x2d || !kLineComment.test(text)) return -1
    position = kLineComment.lastIndex
  }
}

function decode(raw: string, end: number, style: StringStyle): Read {
  if (raw.includes('\0')) return failed(end, 'a string cannot hold the character zero')
  if (style === 'unicode') return decodeWith(unicodeEscape, raw.replaceAll("''", "'"), end)
  if (style === 'plain') {
    return { end, value: raw.includes("'") ? raw.replaceAll("''", "'") : raw, problem: undefined }
  }
  return decodeWith(
    escape,
    raw.replace(/\\[\s\S]|''/g, (pair) => (pair === "''" ? "'" : pair)),
    end,
  )
}

interface EscapeSyntax {
  readonly pattern: RegExp
  /** undefined: not an escape. */
  readonly decode: (sequence: string) => string | undefined
}

const simpleEscapes: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

/** e'…': C's escapes; a backslash before anything else stands for that character. */
const escape: EscapeSyntax = {
  pattern: /\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[uU]|x[0-9a-fA-F]{1,2}|[0-7]{1,3}|[\s\S]?)/g,
  decode(sequence) {
    const kind = sequence.charAt(1)
    if (kind === 'u' || kind === 'U')
      return sequence.length > 2 ? codeUnit(sequence.slice(2), 16) : undefined
    if (kind === 'x' && sequence.length > 2) return byte(sequence.slice(2), 16)
    if (kind >= '0' && kind <= '7') return byte(sequence.slice(1), 8)
    return simpleEscapes[kind] ?? kind
  },
}

/** u&'…': \0041 and \+000041. */
const unicodeEscape: EscapeSyntax = {
  pattern: /\\(?:\\|\+[0-9a-fA-F]{6}|[0-9a-fA-F]{4})?/g,
  decode(sequence) {
    if (sequence === '\\\\') return '\\'
    if (sequence === '\\') return undefined
    return codeUnit(sequence.replace(/^\\\+?/, ''), 16)
  },
}

/** Halves of a surrogate pair are left as they are: two of them in a row make one character. */
function codeUnit(digits: string, base: number): string | undefined {
  const code = parseInt(digits, base)
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined
}

function byte(digits: string, base: number): string | undefined {
  const code = parseInt(digits, base) & 0xff
  // A byte above 127 would be half of a UTF-8 sequence.
  return code > 0 && code < 128 ? String.fromCharCode(code) : undefined
}

function decodeWith(syntax: EscapeSyntax, raw: string, end: number): Read {
  let wrong: string | undefined
  const value = raw.replace(syntax.pattern, (sequence) => {
    const decoded = syntax.decode(sequence)
    if (decoded === undefined) wrong ??= sequence
    return decoded ?? ''
  })
  if (wrong !== undefined) return failed(end, `invalid escape "${wrong}"`)
  if (/\p{Surrogate}/u.test(value)) return failed(end, 'invalid Unicode surrogate pair')
  return { end, value, problem: undefined }
}
