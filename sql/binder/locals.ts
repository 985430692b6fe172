// The variables of a coroutine: declared by let, or by the first `into` that names them. They live as
// long as the instance, so there is one of each name.
import { sameType, typeName, type DataType } from '#base/data-type'
import { EngineError } from '#base/engine-error'
import { nearestName } from '#base/errors'
import type * as ast from '#sql/ast'
import type { Column } from '#sql/bound'
import { columnExpression } from '#sql/functions/build'
import { resolvedType, types } from '#sql/functions/types'
import type { BindContext } from './context.ts'
import type { Scope, ScopeColumn } from './scope.ts'

export class Locals {
  readonly #context: BindContext
  readonly #columns = new Map<string, Column>()
  readonly #visible: ScopeColumn[] = []
  #found: Column | undefined

  constructor(context: BindContext) {
    this.#context = context
  }

  /** All variables, `found` last if anything reads it. */
  get columns(): readonly Column[] {
    return this.#found ? [...this.#columns.values(), this.#found] : [...this.#columns.values()]
  }

  /** Whether the last statement had a row; undefined when nothing reads it. */
  get found(): Column | undefined {
    return this.#found
  }

  /** Names as they stand now and will: a variable declared later is seen by statements bound later. */
  scope(parent: Scope): Scope {
    const found: ScopeColumn = {
      name: 'found',
      hidden: true,
      reference: (span) => {
        this.#found ??= this.#context.column('found', types.boolean, false)
        return columnExpression(this.#found, span)
      },
    }
    // `found` is no local in the sense of ambiguity: a column may be called so.
    const outermost: Scope = { kind: 'event', parent, tables: [], visible: [found] }
    return { kind: 'locals', parent: outermost, tables: [], visible: this.#visible }
  }

  find(name: string): Column | undefined {
    return this.#columns.get(name)
  }

  /** The variable to assign to. Errors: 42703. */
  existing({ name, span }: ast.Identifier): Column {
    const column = this.#columns.get(name)
    if (column) return column
    const near = nearestName(name, [...this.#columns.keys()])
    throw new EngineError('undefined_column', {
      message: `variable "${name}" does not exist`,
      span,
      hint: near === undefined ? `Declare it: let ${name} := ….` : `Did you mean "${near}"?`,
    })
  }

  /** Declares the variable; again is fine with the same type. */
  declare({ name, span }: ast.Identifier, type: DataType): Column {
    const known = this.#columns.get(name)
    if (known && sameType(known.type, resolvedType(type))) return known
    if (known) {
      throw new EngineError('duplicate_object', {
        message: `variable "${name}" is already declared, with type ${typeName(known.type)}`,
        span,
      })
    }
    return this.#add(name, type)
  }

  #add(name: string, type: DataType): Column {
    const column = this.#context.column(name, resolvedType(type), true)
    this.#columns.set(name, column)
    this.#visible.push({ name, hidden: false, reference: (span) => columnExpression(column, span) })
    return column
  }
}
