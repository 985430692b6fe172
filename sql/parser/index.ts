// The parser's door: text in, syntax trees out, or one EngineError with the place of the mistake.
import { EngineError } from '#base/engine-error'
import { statementTooComplex } from '#base/errors'
import type { Expression, Statement } from '../ast.ts'
import { Cursor, kTextLengthMax } from './cursor.ts'
import { expression } from './expression.ts'
import { statement } from './statement.ts'

export { kNestingMax, kTextLengthMax } from './cursor.ts'
export { statementWords } from './statement.ts'

export interface ProgramOptions {
  /**
   * Must the last statement end in a semicolon too? A REPL asks for more until it does. Default
   * true.
   */
  readonly terminated?: boolean
}

/**
 * Parses statements, each closed by a semicolon.
 *
 * Errors: 42601, 54001, 0A000. `parts.incomplete` says that the text is right so far and merely
 * ends
 * too early.
 */
export function parseProgram(text: string, options: ProgramOptions = {}): readonly Statement[] {
  return parseWith(text, (cursor) => program(cursor, options.terminated ?? true))
}

/** Parses exactly one statement; a semicolon after it is permitted. */
export function parseStatement(text: string): Statement {
  return parseWith(text, (cursor) => {
    const only = statement(cursor)
    while (cursor.takePunctuation(';'));
    return atEnd(cursor, only)
  })
}

/** Parses one expression, as defaults, checks and virtual columns hold it. */
export function parseExpression(text: string): Expression {
  return parseWith(text, (cursor) => atEnd(cursor, expression(cursor)))
}

function program(cursor: Cursor, terminated: boolean): readonly Statement[] {
  const statements: Statement[] = []
  for (;;) {
    while (cursor.takePunctuation(';'));
    if (cursor.atEnd()) return statements
    statements.push(statement(cursor))
    if (cursor.atEnd() && !terminated) return statements
    cursor.needPunctuation(';')
  }
}

function atEnd<T>(cursor: Cursor, result: T): T {
  if (!cursor.atEnd()) throw cursor.unexpected()
  return result
}

/**
 * Parses; a syntax error is found again with a cursor that records what it was asked for, so that a
 * text without mistakes does not pay for the hint.
 */
function parseWith<T>(text: string, rule: (cursor: Cursor) => T): T {
  if (text.length > kTextLengthMax) {
    throw statementTooComplex('length of the text', kTextLengthMax, {
      start: kTextLengthMax,
      end: kTextLengthMax,
    })
  }
  try {
    return rule(new Cursor(text))
  } catch (error) {
    if (!(error instanceof EngineError) || error.condition !== 'syntax_error') throw error
  }
  return rule(new Cursor(text, true))
}
