// `prepare`, `execute` and `deallocate`: prepared statements by name, as one session has them.
import { EngineError } from '#base/engine-error'
import type { Source } from '#base/source'
import { encodeParameters, noParameters, type EncodedParameters } from '#planner/index'
import { physicalTypes, type Constant } from '#planner/program'
import type { NativeResultBatch, NativeResultColumn } from '#native/binding'
import type { Deallocate, Execute, Prepare } from '#sql/ast'
import { bindArguments, bindParameterTypes } from '#sql/binder/index'
import type { Catalog } from './catalog.ts'
import { PreparedStatement } from './prepared-statement.ts'
import type { RunBy } from './executor.ts'
import type { Result } from './result.ts'
import type { Statements } from './statements.ts'

/** Names that one session may have at a time. */
export const namedStatementsMax = 1_000

export class NamedStatements {
  readonly #catalog: Catalog
  readonly #statements: Statements
  readonly #named = new Map<string, PreparedStatement>()

  constructor(catalog: Catalog, statements: Statements) {
    this.#catalog = catalog
    this.#statements = statements
  }

  /** Errors: 42P05 when the name is taken; 54000 past namedStatementsMax; those of the statement. */
  prepare({ name, types, statement }: Prepare, source: Source): void {
    if (this.#named.has(name.name)) {
      throw new EngineError('duplicate_prepared_statement', {
        message: `prepared statement "${name.name}" already exists`, span: name.span, hint: 'Use deallocate to let it go first.',
      })
    }
    if (this.#named.size >= namedStatementsMax) {
      throw new EngineError('program_limit_exceeded', {
        message: `no more than ${namedStatementsMax} statements may have names`, span: name.span, hint: 'Use deallocate to let some go.',
      })
    }
    const prepared = new PreparedStatement(this.#catalog, this.#statements, source, statement, { types: bindParameterTypes(types) })
    this.#named.set(name.name, prepared)
  }

  /** Errors: 26000; 42601 for a wrong number of values; 42804 for one of another type; those of the run. */
  async execute(execute: Execute, source: Source, by: RunBy): Promise<Result> {
    const prepared = this.#require(execute.name)
    return prepared.queryEncoded(await this.#argumentsOf(execute, prepared, source, by), by)
  }

  /** Errors: 26000. */
  deallocate({ name }: Deallocate): void {
    if (name !== undefined) {
      this.#require(name).close()
      this.#named.delete(name.name)
      return
    }
    this.clear()
  }

  /** Lets all of them go. */
  clear(): void {
    for (const prepared of this.#named.values()) prepared.close()
    this.#named.clear()
  }

  #require(name: Execute['name']): PreparedStatement {
    const found = this.#named.get(name.name)
    if (found !== undefined) return found
    throw new EngineError('undefined_prepared_statement', {
      message: `prepared statement "${name.name}" does not exist`, span: name.span,
      ...(this.#named.size > 0 && { detail: `There are: ${[...this.#named.keys()].slice(0, 10).join(', ')}.` }),
    })
  }

  /** The values are expressions, so they are computed as the columns of one row. */
  async #argumentsOf(execute: Execute, prepared: PreparedStatement, source: Source, by: RunBy): Promise<EncodedParameters> {
    const { types } = prepared
    if (execute.arguments.length !== types.length) {
      throw new EngineError('syntax_error', {
        message: `wrong number of parameters for prepared statement "${execute.name.name}"`,
        detail: `Expected ${types.length} parameters but got ${execute.arguments.length}.`,
        span: execute.span,
      })
    }
    if (types.length === 0) return noParameters
    const bound = bindArguments(execute.arguments, types, this.#catalog, source.text)
    const { batches } = await this.#statements.runBound(bound, undefined, [], by)
    const [row] = batches
    if (row === undefined) throw new TypeError('the values of a statement are one row')
    return encodeParameters(constantsOf(row))
  }
}

/** The first row of a batch, cell by cell. */
function constantsOf({ columns }: NativeResultBatch): readonly Constant[] {
  return columns.map((column) => ({ type: physicalTypes[column.type] ?? 'Bool', value: firstValue(column) }))
}

function firstValue({ nullCount, validity, values, offsets }: NativeResultColumn): Uint8Array | undefined {
  if (nullCount > 0 && validity !== undefined && ((validity[0] ?? 0) & 1) === 0) return undefined
  return offsets === undefined ? values : values.subarray(offsets[0], offsets[1])
}
