// What lives as long as the binding of one statement: ids, parameters, and the catalog.
import type { DataType } from '#base/data-type'
import type { SchemaLookup } from '#base/schema'
import type { Span } from '#base/span'
import type { Column, Expression } from '#sql/bound'
import { types } from '#sql/functions/types'
import type { Scope } from './scope.ts'

export interface BindOptions {
  /** Types of $1… where the caller knows them. */
  readonly parameters?: readonly (DataType | undefined)[]
}

/** Binds SQL text that the schema carries (defaults, checks, virtual columns), spans set to `span`. */
export type BindText = (
  context: BindContext,
  text: string,
  scope: Scope | undefined,
  span: Span,
) => Expression

export class BindContext {
  readonly schemas: SchemaLookup
  readonly bindText: BindText
  readonly #parameters: (DataType | undefined)[]
  #columnCount = 0
  #cteCount = 0

  constructor(schemas: SchemaLookup, bindText: BindText, options: BindOptions = {}) {
    this.schemas = schemas
    this.bindText = bindText
    this.#parameters = [...(options.parameters ?? [])]
  }

  /** Makes a column with an id of its own. */
  column(name: string, type: DataType, nullable: boolean): Column {
    this.#columnCount += 1
    return { id: this.#columnCount, name, type, nullable }
  }

  /** Makes the same column under another id. */
  copyOf(column: Column, name: string = column.name): Column {
    return this.column(name, column.type, column.nullable)
  }

  cteId(): number {
    this.#cteCount += 1
    return this.#cteCount
  }

  /** The parameter's type as far as it is known: `unknown` until its first typed use decides. */
  parameterType(index: number): DataType {
    while (this.#parameters.length <= index) this.#parameters.push(undefined)
    return this.#parameters[index] ?? types.unknown
  }

  decideParameter(index: number, type: DataType): void {
    this.#parameters[index] ??= type
  }

  /** Types of all parameters; one that nothing decided is text. */
  parameterTypes(): readonly DataType[] {
    return Array.from(this.#parameters, (type) => type ?? types.text)
  }
}
