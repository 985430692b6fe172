// What may stand above an aggregation: group expressions, aggregates, constants and outer columns.
// Expressions are bound as if there were no grouping; this replaces in them what the groups produce.
import { EngineError } from '#base/engine-error'
import { featureNotSupported } from '#base/errors'
import type { AggregateCall, Column, ColumnId, Expression, Plan, ProjectItem } from '#sql/bound'
import { columnExpression } from '#sql/functions/build'
import type { BindContext } from './context.ts'
import { columnsOf, columnsRead, freeColumns } from './plan-columns.ts'
import { passThrough, type RelationSource } from './relation.ts'
import { expressionKey, isNullable, mapExpression } from './rewrite.ts'

/** Gathers the aggregate calls of one query level; equal calls are made once. */
export class AggregateCollector {
  readonly #calls = new Map<string, AggregateCall>()
  #uses = 0

  /** How often an aggregate was written, equal ones counted each time. */
  get uses(): number {
    return this.#uses
  }

  add(call: Omit<AggregateCall, 'column'>, column: () => Column): Column {
    this.#uses += 1
    const key = aggregateKey(call)
    const known = this.#calls.get(key)
    if (known) return known.column
    const made = { ...call, column: column() }
    this.#calls.set(key, made)
    return made.column
  }

  get calls(): readonly AggregateCall[] {
    return [...this.#calls.values()]
  }
}

function aggregateKey(call: Omit<AggregateCall, 'column'>): string {
  return JSON.stringify([
    call.function,
    call.distinct,
    call.arguments.map(expressionKey),
    call.filter ? expressionKey(call.filter) : '',
    call.order.map(({ expression, descending, nullsFirst }) => [
      expressionKey(expression),
      descending,
      nullsFirst,
    ]),
  ])
}

export class Grouping {
  readonly #input: Plan
  readonly #own: ReadonlySet<ColumnId>
  readonly #sources: readonly RelationSource[]
  readonly #aggregates: readonly AggregateCall[]
  readonly #groups: ProjectItem[] = []
  readonly #byKey = new Map<string, Column>()

  constructor(
    context: BindContext,
    input: Plan,
    sources: readonly RelationSource[],
    groups: readonly Expression[],
    aggregates: readonly AggregateCall[],
  ) {
    this.#input = input
    this.#own = new Set(columnsOf(input).map(({ id }) => id))
    this.#sources = sources
    this.#aggregates = aggregates
    for (const call of aggregates) this.#refuseOuter(call)
    for (const expression of groups) this.#addGroup(context, expression)
  }

  /** The aggregation itself. Call it after all expressions were rewritten: they may add columns. */
  plan(): Plan {
    return {
      kind: 'aggregate',
      input: this.#input,
      groups: this.#groups,
      aggregates: this.#aggregates,
    }
  }

  /**
   * The expression over what the aggregation produces.
   *
   * Errors: 42803 when it reads a column that is neither grouped by nor inside an aggregate.
   */
  rewrite(expression: Expression): Expression {
    return mapExpression(expression, (node) => {
      const group = this.#byKey.get(expressionKey(node))
      if (group) return columnExpression(group, node.span)
      if (node.kind === 'column') return this.#checked(node.column, node)
      if (node.kind === 'subquery') this.#checkSubquery(node)
      return undefined
    })
  }

  /** An aggregate over outer columns alone would belong to the outer query; that is not built. */
  #refuseOuter({ arguments: operands, span }: AggregateCall): void {
    const read = operands.flatMap((operand) => [...columnsRead(operand).keys()])
    if (read.length === 0 || read.some((id) => this.#own.has(id))) return
    throw featureNotSupported('aggregates over columns of an outer query are not supported', span)
  }

  #addGroup(context: BindContext, expression: Expression): void {
    const key = expressionKey(expression)
    if (this.#byKey.has(key)) return
    const column =
      expression.kind === 'column'
        ? expression.column
        : context.column('group', expression.type, isNullable(expression))
    this.#byKey.set(key, column)
    this.#groups.push({ column, expression })
  }

  #checked(column: Column, node: Expression): Expression {
    if (!this.#own.has(column.id)) return node
    const grouped = new Set(this.#groups.map((group) => group.column.id))
    if (grouped.has(column.id)) return node
    // Grouped by a primary key, every other column of the row is decided too.
    if (!this.#sources.some((source) => source.produces(column.id) && source.isKeyedBy(grouped))) {
      throw new EngineError('grouping_error', {
        message: `column "${column.name}" must appear in the GROUP BY clause or be used in an aggregate function`,
        span: node.span,
      })
    }
    this.#groups.push(passThrough(column, node.span))
    this.#byKey.set(expressionKey(node), column)
    return node
  }

  #checkSubquery(node: Extract<Expression, { kind: 'subquery' }>): void {
    const free = freeColumns(node.plan)
    for (const column of columnsOf(this.#input)) {
      if (!free.has(column.id)) continue
      this.#checked(column, { kind: 'column', column, type: column.type, span: node.span })
    }
  }
}
