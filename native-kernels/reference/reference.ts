// The plain TypeScript twin of the native kernels: every row on its own, nothing clever.
import { arithmetic } from './arithmetic.ts'
import { casts } from './casts.ts'
import { compare, logic } from './compare.ts'
import { datetime } from './datetime.ts'
import { json } from './json.ts'
import { RowError, type Call, type Family, type SqlValue } from './sql-value.ts'
import { strings } from './string.ts'

/** The twins by opcode name. */
export const twins: Family = {
  ...arithmetic,
  ...compare,
  ...logic,
  ...casts,
  ...strings,
  ...json,
  ...datetime,
}

export interface ReferenceResult {
  /** What a failed row holds is null here and unspecified in native code. */
  readonly values: readonly SqlValue[]
  /** SQLSTATE of each failed row. */
  readonly errors: readonly (string | undefined)[]
}

/** Runs the twin of `opcode` over columns of equal length. Throws: RangeError when it has none. */
export function reference(
  opcode: string,
  columns: readonly (readonly SqlValue[])[],
  rowCount: number,
  call: Call,
): ReferenceResult {
  const twin = twins[opcode]
  if (twin === undefined) throw new RangeError(`${opcode} has no twin`)
  const values: SqlValue[] = []
  const errors: (string | undefined)[] = []
  for (let row = 0; row < rowCount; row++) {
    const cells = columns.map((column) => column[row] ?? null)
    try {
      values.push(twin(cells, call))
      errors.push(undefined)
    } catch (error) {
      if (!(error instanceof RowError)) throw error
      values.push(null)
      errors.push(error.state)
    }
  }
  return { values, errors }
}
