// What lives as long as the binding of one statement: ids, parameters, and the catalog.
import type { DataType } from '#base/data-type'
import { invariant } from '#base/invariant'
import type { SchemaLookup } from '#base/schema'
import type { Span } from '#base/span'
import type { Column } from '#sql/bound'
import { types } from '#sql/functions/types'
import type { Binders } from './site.ts'

export interface BindOptions {
  /** Types of $1… where the caller knows them. */
  readonly parameters?: readonly (DataType | undefined)[]
  /** The source that the statement's spans are offsets into: definitions keep pieces of it. */
  readonly text?: string
  /** The text describes what should be there: a relation of the same name is for the catalog to compare. */
  readonly declare?: boolean
  /** The text was accepted before and is in a data directory: what is refused of new definitions since then passes. */
  readonly restoring?: boolean
}

export class BindContext {
  readonly schemas: SchemaLookup
  readonly binders: Binders
  readonly #parameters: (DataType | undefined)[]
  #usedCount = 0
  readonly declare: boolean
  readonly restoring: boolean
  readonly #text: string | undefined
  #columnCount = 0
  #cteCount = 0
  #depth = 0

  constructor(schemas: SchemaLookup, binders: Binders, options: BindOptions = {}) {
    this.schemas = schemas
    this.binders = binders
    this.declare = options.declare ?? false
    this.restoring = options.restoring ?? false
    this.#text = options.text
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

  /** What the user wrote for a node: a default, a check, a view's query. */
  textOf({ span }: { readonly span: Span }): string {
    invariant(this.#text !== undefined, 'definitions are bound with the source text')
    return this.#text.slice(span.start, span.end)
  }

  /** How many views deep the text being bound stands. */
  get depth(): number {
    return this.#depth
  }

  nested<Result>(bind: () => Result): Result {
    this.#depth += 1
    try {
      return bind()
    } finally {
      this.#depth -= 1
    }
  }

  cteId(): number {
    this.#cteCount += 1
    return this.#cteCount
  }

  /** The parameter's type as far as it is known: `unknown` until its first typed use decides. */
  parameterType(index: number): DataType {
    this.#usedCount = Math.max(this.#usedCount, index + 1)
    return this.#parameters[index] ?? types.unknown
  }

  decideParameter(index: number, type: DataType): void {
    this.#parameters[index] ??= type
  }

  /** Types of all parameters up to the last that the statement uses; one that nothing decided is text. */
  parameterTypes(): readonly DataType[] {
    return Array.from({ length: this.#usedCount }, (_, index) => this.#parameters[index] ?? types.text)
  }
}
