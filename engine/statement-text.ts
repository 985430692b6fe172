// Statements as texts have them: which are definitions, in which order they run, and mistakes with the
// text that they were made in.
import { EngineError } from '#base/engine-error'
import { asEngineError } from '#base/errors'
import type { Source } from '#base/source'
import type { Statement } from '#sql/ast'
import { parseProgram } from '#sql/parser/index'

/** Every mistake leaves with the text it was made in, so that whoever catches it can show the place. */
export async function reporting<T>(source: Source, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (thrown) {
    throw withSource(thrown, source)
  }
}

const templateTexts = new WeakMap<TemplateStringsArray, string>()

/** A template with $1, $2 … for its values; each template that stands in a program is put together once. */
export function textOfTemplate(parts: TemplateStringsArray): string {
  const known = templateTexts.get(parts)
  if (known !== undefined) return known
  const text = parts.reduce((sum, part, i) => `${sum}$${String(i)}${part}`)
  templateTexts.set(parts, text)
  return text
}

/** The statement that is all of the text; undefined: it has none. Errors: 42601 for several. */
export function onlyStatement(text: string, message: string): Statement | undefined {
  const statements = parseProgram(text, { terminated: false })
  const [first, second] = statements
  if (second === undefined) return first
  throw new EngineError('syntax_error', { message, span: second.span, hint: 'Use exec() for several.' })
}

/** An error of a prepared statement has its own text already. */
export function withSource(thrown: unknown, source: Source): EngineError {
  const error = asEngineError(thrown)
  return 'source' in error ? error : Object.assign(error, { source })
}

export function isDefinition({ kind }: Statement): boolean {
  return /^(create_|drop|alter_|rename)/.test(kind)
}

/**
 * An application is declared before it runs: its definitions come first, so that no listener accepts
 * before every coroutine stands, and a mistake in any of them starts nothing.
 */
export function inOrder(statements: readonly Statement[], declare: boolean): readonly Statement[] {
  if (!declare) return statements
  return [...statements.filter(isDefinition), ...statements.filter((statement) => !isDefinition(statement))]
}
