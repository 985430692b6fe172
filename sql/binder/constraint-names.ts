// Names of constraints and indexes as PostgreSQL makes them: users_pkey, users_email_key, users_check1.
import { EngineError } from '#base/engine-error'
import type { Span } from '#base/span'

/** PostgreSQL's longest name, in bytes; longer parts are cut. */
const kNameLengthMax = 63

export class ConstraintNames {
  readonly #table: string
  readonly #taken = new Set<string>()

  constructor(table: string) {
    this.#table = table
  }

  /** The name written, or one made of table, columns and suffix that nothing here has. Errors: 42710. */
  choose(
    written: string | undefined,
    columns: readonly string[],
    suffix: string,
    span: Span,
  ): string {
    if (written !== undefined) {
      if (this.#taken.has(written)) {
        throw new EngineError('duplicate_object', {
          message: `constraint "${written}" for relation "${this.#table}" already exists`,
          span,
        })
      }
      this.#taken.add(written)
      return written
    }
    const made = defaultName(this.#table, columns, suffix, (name) => this.#taken.has(name))
    this.#taken.add(made)
    return made
  }
}

export function defaultName(
  table: string,
  columns: readonly string[],
  suffix: string,
  isTaken: (name: string) => boolean,
): string {
  const stem = [table, ...columns].join('_').slice(0, kNameLengthMax - suffix.length - 3)
  for (let count = 0; ; count += 1) {
    const name = `${stem}_${suffix}${count === 0 ? '' : String(count)}`
    if (!isTaken(name)) return name
  }
}
