// The parser's place in the tokens, and its questions about the next one. The grammar is
// predictive: a mistake is always at the current token, and nothing is ever parsed twice.
import { EngineError } from '#base/engine-error'
import { featureNotSupported, nearestName, statementTooComplex, syntaxError } from '#base/errors'
import type { Span } from '#base/span'
import type { Identifier } from '../ast.ts'
import { tokenAfter, type Token } from '../lexer.ts'

/**
 * How deep expressions, queries and blocks may stand in each other; what walks trees recurses as
 * deep.
 */
export const kNestingMax = 400
/** UTF-16 code units of one text given to the parser. */
export const kTextLengthMax = 64 * 1024 * 1024
/** Tokens of one text given to the parser, which keeps a tree of them all. */
export const kTokensMax = 5_000_000
/** More than these make no useful hint. */
const kExpectedShownMax = 12

export class Cursor {
  readonly text: string
  /** Tokens looked at before their turn; those before #aheadStart are taken. */
  readonly #ahead: Token[] = []
  #aheadStart = 0
  #index = 0
  /** The token to be read next; one of kind `end` stays for ever. */
  token: Token
  /** End of the token read last. */
  lastEnd = 0
  /**
   * Inside a coroutine's body `within` and `loop` end a query and cannot be aliases without `as`.
   */
  inCoroutine = false
  /** Names after an `into` in the middle of a step's select, until the step takes them. */
  into: readonly Identifier[] | undefined
  #depth = 0
  /** Depth of the query whose select list an `into` may follow; -1 where none may. */
  intoDepth = -1
  /**
   * Height of the tallest tree parsed since it was last reset: chains grow trees without recursion.
   */
  height = 0
  /**
   * What was asked of the token at which the parser stands; only when a report is to be written.
   */
  readonly #expected: Set<string> | undefined
  #expectedAt = -1

  constructor(text: string, recordExpected = false) {
    this.text = text
    this.token = tokenAfter(text, 0)
    this.#expected = recordExpected ? new Set() : undefined
  }

  /** The token `distance` after the current one. */
  peek(distance: number): Token {
    if (distance === 0) return this.token
    const ahead = this.#ahead
    const place = this.#aheadStart + distance - 1
    let last = ahead.at(-1) ?? this.token
    while (ahead.length <= place && last.kind !== 'end') {
      last = tokenAfter(this.text, last.end)
      ahead.push(last)
    }
    return ahead[place] ?? last
  }

  advance(): Token {
    const token = this.token
    this.lastEnd = token.end
    if (token.kind === 'end') return token
    this.#index += 1
    if (this.#index > kTokensMax) throw this.#tooLong()
    this.token = this.#takeAhead() ?? tokenAfter(this.text, token.end)
    return token
  }

  #takeAhead(): Token | undefined {
    if (this.#ahead.length === 0) return undefined
    const token = this.#ahead[this.#aheadStart]
    this.#aheadStart += 1
    // Half at a time, so that looking far ahead does not cost a move of all for every token.
    if (2 * this.#aheadStart >= this.#ahead.length) {
      this.#ahead.splice(0, this.#aheadStart)
      this.#aheadStart = 0
    }
    return token
  }

  atEnd(): boolean {
    return this.token.kind === 'end'
  }

  /** From `start` to the end of the token read last. */
  spanFrom(start: number): Span {
    return { start, end: Math.max(start, this.lastEnd) }
  }

  /** Is the current token this keyword? */
  at(word: string): boolean {
    const token = this.token
    if (token.kind === 'keyword' && token.value === word) return true
    if (this.#expected !== undefined) this.expect(word)
    return false
  }

  /** As `at`, of a later token, and without a word in the hint. */
  peekIs(distance: number, word: string): boolean {
    const token = this.peek(distance)
    return token.value === word && (token.kind === 'keyword' || token.kind === 'punctuation')
  }

  /** Is the current token this word, keyword or not? For words that are none of PostgreSQL's. */
  atWord(word: string): boolean {
    const { kind, value } = this.token
    if ((kind === 'keyword' || kind === 'identifier') && value === word) return true
    if (this.#expected !== undefined) this.expect(word)
    return false
  }

  atPunctuation(mark: string): boolean {
    const token = this.token
    if (token.kind === 'punctuation' && token.value === mark) return true
    if (this.#expected !== undefined) this.expect(`"${mark}"`)
    return false
  }

  atOperator(operator: string): boolean {
    const token = this.token
    if (token.kind === 'operator' && token.value === operator) return true
    if (this.#expected !== undefined) this.expect(`"${operator}"`)
    return false
  }

  take(word: string): boolean {
    if (!this.at(word)) return false
    this.advance()
    return true
  }

  takeWord(word: string): boolean {
    if (!this.atWord(word)) return false
    this.advance()
    return true
  }

  takePunctuation(mark: string): boolean {
    if (!this.atPunctuation(mark)) return false
    this.advance()
    return true
  }

  takeOperator(operator: string): boolean {
    if (!this.atOperator(operator)) return false
    this.advance()
    return true
  }

  /** Takes the words if all of them come, else none. */
  takeAll(...words: readonly string[]): boolean {
    for (const [distance, word] of words.entries()) {
      if (!this.peekIs(distance, word)) {
        if (distance === 0 && this.#expected !== undefined) this.expect(words.join(' '))
        return false
      }
    }
    for (const _ of words) this.advance()
    return true
  }

  need(word: string): void {
    if (!this.take(word)) throw this.unexpected()
  }

  needAll(...words: readonly string[]): void {
    for (const word of words) this.need(word)
  }

  needWord(word: string): void {
    if (!this.takeWord(word)) throw this.unexpected()
  }

  needPunctuation(mark: string): void {
    if (!this.takePunctuation(mark)) throw this.unexpected()
  }

  needOperator(operator: string): void {
    if (!this.takeOperator(operator)) throw this.unexpected()
  }

  /** `item {, item}`. */
  list<T>(item: (cursor: Cursor) => T): T[] {
    const items = [item(this)]
    while (this.takePunctuation(',')) items.push(item(this))
    return items
  }

  /** `( item {, item} )`. */
  parenthesized<T>(item: (cursor: Cursor) => T): T[] {
    this.needPunctuation('(')
    const items = this.list(item)
    this.needPunctuation(')')
    return items
  }

  /** Notes what could have stood at the current token, for the hint. */
  expect(what: string): void {
    if (this.#expected === undefined) return
    if (this.#expectedAt !== this.#index) this.#expected.clear()
    this.#expectedAt = this.#index
    this.#expected.add(what)
  }

  /** The syntax error at the current token, to be thrown. */
  unexpected(...alsoExpected: readonly string[]): EngineError {
    for (const what of alsoExpected) this.expect(what)
    const { kind, start, end, value, incomplete } = this.token
    if (kind === 'error') {
      return new EngineError('syntax_error', {
        message: value,
        span: { start, end },
        ...(incomplete && { incomplete }),
      })
    }
    const written = kind === 'end' ? undefined : this.text.slice(start, end)
    return syntaxError(written, { start, end }, this.#hint(value))
  }

  #hint(value: string): string | undefined {
    if (this.#expectedAt !== this.#index) return undefined
    const expected = [...(this.#expected ?? [])]
    const nearest =
      this.token.kind === 'end'
        ? undefined
        : nearestName(
            value,
            expected.filter((word) => word !== value),
          )
    if (nearest !== undefined && value.length > 2) return `Did you mean "${nearest}"?`
    if (expected.length === 0 || expected.length > kExpectedShownMax) return undefined
    return expected.length === 1
      ? `Expected ${String(expected[0])}.`
      : `Expected one of: ${expected.join(', ')}.`
  }

  /** A well-formed mistake: it parses, and means nothing. */
  invalid(message: string, span: Span, hint?: string): EngineError {
    return new EngineError('syntax_error', { message, span, ...(hint !== undefined && { hint }) })
  }

  /** A clause of PostgreSQL that Rowtine does not have; the span is the current token. */
  unsupported(message: string, hint?: string): EngineError {
    const { start, end } = this.token
    return featureNotSupported(message, { start, end }, hint)
  }

  /** Goes one level down; every rule through which the grammar recurs does. */
  enter(): void {
    this.#depth += 1
    if (this.#depth > kNestingMax) throw this.#tooDeep()
  }

  leave(): void {
    this.#depth -= 1
  }

  get depth(): number {
    return this.#depth
  }

  /** A tree of that height was made. */
  grow(height: number): void {
    if (height > kNestingMax) throw this.#tooDeep()
    this.height = height
  }

  #tooLong(): EngineError {
    const { start, end } = this.token
    return statementTooComplex('number of tokens of the text', kTokensMax, { start, end })
  }

  #tooDeep(): EngineError {
    const { start, end } = this.token
    return statementTooComplex('nesting of the statement', kNestingMax, { start, end })
  }
}
