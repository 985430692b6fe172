// Text to tokens, by PostgreSQL's lexical rules. It never fails: what is not a token becomes an
// `error` token, so that highlighting and completion see the rest; the parser reports the first.
import { kKeywordLengthMax, keywords, type Keyword } from './keywords.ts'
import * as chars from './lexer/characters.ts'
import { readDollarQuoted, readQuoted, readString, type Read } from './lexer/quoted.ts'
import { readNumber } from './lexer/number.ts'
import { readOperator } from './lexer/operator.ts'

export type TokenKind =
  | 'keyword'
  | 'identifier'
  | 'number'
  | 'string'
  | 'bit_string'
  | 'parameter'
  | 'operator'
  | 'punctuation'
  | 'comment'
  | 'error'
  | 'end'

export interface Token {
  readonly kind: TokenKind
  readonly start: number
  readonly end: number
  /**
   * keyword: the word in lower case. identifier: the name, folded or unquoted. number: decimal
   * digits.
   * string: what it stands for. bit_string: `b` or `x`, then digits. parameter: its number.
   * operator, punctuation: as written, but `!=` is `<>`. error: what is wrong.
   */
  readonly value: string
  /** Of keyword tokens. */
  readonly keyword: Keyword | undefined
  /** Of error tokens: the text ends inside a string, a comment or a quoted name. */
  readonly incomplete: boolean
}

/** Returns all tokens of `text` in order, comments included, closed by one of kind `end`. */
export function lex(text: string): readonly Token[] {
  const tokens: Token[] = []
  for (let position = 0; ; ) {
    const token = tokenAt(text, position)
    tokens.push(token)
    if (token.kind === 'end') return tokens
    position = token.end
  }
}

/**
 * Returns the first token that starts at `from` or later and is no comment: the parser reads token
 * by token, so that a mistake is found before the rest of a long text is read.
 */
export function tokenAfter(text: string, from: number): Token {
  let token = tokenAt(text, from)
  while (token.kind === 'comment') token = tokenAt(text, token.end)
  return token
}

function tokenAt(text: string, from: number): Token {
  const position = skipBlanks(text, from)
  if (position < text.length) return nextToken(text, position)
  return make('end', text.length, text.length, '')
}

function make(kind: TokenKind, start: number, end: number, value: string): Token {
  return { kind, start, end, value, keyword: undefined, incomplete: false }
}

function fromRead(kind: TokenKind, start: number, read: Read): Token {
  if (read.problem === undefined) return make(kind, start, read.end, read.value)
  const { message, incomplete } = read.problem
  return { kind: 'error', start, end: read.end, value: message, keyword: undefined, incomplete }
}

function skipBlanks(text: string, from: number): number {
  let position = from
  while (chars.isBlank(text.charCodeAt(position))) position += 1
  return position
}

function nextToken(text: string, start: number): Token {
  const code = text.charCodeAt(start)
  if (chars.isNameStart(code)) return word(text, start, code)
  if (chars.isDigit(code)) return fromRead('number', start, readNumber(text, start))
  switch (code) {
    case chars.kQuote:
      return fromRead('string', start, readString(text, start, 'plain'))
    case chars.kDoubleQuote:
      return fromRead('identifier', start, readQuoted(text, start))
    case chars.kDollar:
      return dollar(text, start)
    case chars.kDot:
      if (chars.isDigit(text.charCodeAt(start + 1)))
        return fromRead('number', start, readNumber(text, start))
      return punctuation(text, start, text.charCodeAt(start + 1) === chars.kDot ? 2 : 1)
    case chars.kColon: {
      const next = text.charCodeAt(start + 1)
      return punctuation(text, start, next === chars.kColon || next === chars.kEquals ? 2 : 1)
    }
    case chars.kMinus:
      if (text.charCodeAt(start + 1) === chars.kMinus) return lineComment(text, start)
      break
    case chars.kSlash:
      if (text.charCodeAt(start + 1) === chars.kStar) return blockComment(text, start)
      break
  }
  if (chars.isPunctuation(code)) return punctuation(text, start, 1)
  if (chars.isOperator(code)) return operator(text, start)
  return unknownCharacter(text, start)
}

function punctuation(text: string, start: number, length: number): Token {
  return make('punctuation', start, start + length, text.slice(start, start + length))
}

function operator(text: string, start: number): Token {
  const end = readOperator(text, start)
  const value = text.slice(start, end)
  if (value === '=>') return make('punctuation', start, end, value)
  return make('operator', start, end, value === '!=' ? '<>' : value)
}

/** A keyword, a name, or the prefix letter of a string: e'', b'', x'', n'', u&'' and u&"". */
function word(text: string, start: number, first: number): Token {
  const prefixed = prefixedString(text, start, first)
  if (prefixed) return prefixed
  let end = start + 1
  let plain = true
  for (let code = text.charCodeAt(end); chars.isNamePart(code); code = text.charCodeAt(end)) {
    if (code > 127) plain = false
    end += 1
  }
  const written = text.slice(start, end)
  // ASCII only, as PostgreSQL folds in UTF-8: other letters keep their case.
  const name =
    plain && first < 128
      ? written.toLowerCase()
      : written.replace(/[A-Z]+/g, (part) => part.toLowerCase())
  const keyword = name.length <= kKeywordLengthMax ? keywords.get(name) : undefined
  if (keyword === undefined) return make('identifier', start, end, name)
  return { kind: 'keyword', start, end, value: keyword.word, keyword, incomplete: false }
}

function prefixedString(text: string, start: number, first: number): Token | undefined {
  const second = text.charCodeAt(start + 1)
  if (second === chars.kQuote) {
    switch (first | 0x20) {
      case 0x65: // e
        return fromRead('string', start, readString(text, start + 1, 'escaped'))
      case 0x6e: // n
        return fromRead('string', start, readString(text, start + 1, 'plain'))
      case 0x62: // b
      case 0x78: // x
        return bitString(text, start, first === 0x62 || first === 0x42 ? 'b' : 'x')
    }
    return undefined
  }
  if ((first | 0x20) !== 0x75 || second !== chars.kAmpersand) return undefined
  const third = text.charCodeAt(start + 2)
  if (third === chars.kQuote)
    return fromRead('string', start, readString(text, start + 2, 'unicode'))
  if (third === chars.kDoubleQuote)
    return fromRead('identifier', start, readQuoted(text, start + 2, true))
  return undefined
}

function bitString(text: string, start: number, base: 'b' | 'x'): Token {
  const token = fromRead('bit_string', start, readString(text, start + 1, 'plain'))
  if (token.kind === 'error') return token
  const wrong = (base === 'b' ? /[^01]/ : /[^0-9a-f]/i).exec(token.value)
  if (wrong === null) return { ...token, value: base + token.value }
  const digits = base === 'b' ? 'binary' : 'hexadecimal'
  return { ...token, kind: 'error', value: `"${wrong[0]}" is not a valid ${digits} digit` }
}

/** `$1`, or a dollar-quoted string. */
function dollar(text: string, start: number): Token {
  if (!chars.isDigit(text.charCodeAt(start + 1))) {
    const read = readDollarQuoted(text, start)
    return read ? fromRead('string', start, read) : unknownCharacter(text, start)
  }
  let end = start + 1
  while (chars.isDigit(text.charCodeAt(end))) end += 1
  if (!chars.isNamePart(text.charCodeAt(end)))
    return make('parameter', start, end, text.slice(start + 1, end))
  while (chars.isNamePart(text.charCodeAt(end))) end += 1
  return make(
    'error',
    start,
    end,
    `trailing junk after parameter at or near "${text.slice(start, end)}"`,
  )
}

function lineComment(text: string, start: number): Token {
  const newline = text.indexOf('\n', start)
  const end = newline === -1 ? text.length : newline
  return make('comment', start, end, text.slice(start, end))
}

/** Block comments nest, as the standard has it. */
function blockComment(text: string, start: number): Token {
  const mark = /\/\*|\*\//g
  mark.lastIndex = start
  let depth = 0
  for (let found = mark.exec(text); found; found = mark.exec(text)) {
    depth += found[0] === '/*' ? 1 : -1
    if (depth === 0)
      return make('comment', start, mark.lastIndex, text.slice(start, mark.lastIndex))
  }
  return { ...make('error', start, text.length, 'unterminated /* comment'), incomplete: true }
}

function unknownCharacter(text: string, start: number): Token {
  const character = String.fromCodePoint(text.codePointAt(start) ?? 0)
  return make('error', start, start + character.length, `syntax error at or near "${character}"`)
}
