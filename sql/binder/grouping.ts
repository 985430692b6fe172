// What may stand above an aggregation: group expressions, aggregates, constants and outer columns.
// Of several grouping sets, an expression that is not in all of them is null in the others' rows.
// Expressions are bound as if there were no grouping; this replaces in them what the groups
// produce.
import { EngineError } from '#base/engine-error'
import { featureNotSupported } from '#base/errors'
import type { Span } from '#base/span'
import type { Column, ColumnId, Expression, Plan, ProjectItem } from '#sql/bound'
import { columnExpression, literal } from '#sql/functions/build'
import { types } from '#sql/functions/types'
import type { BindContext } from './context.ts'
import { aggregateSets } from './grouping-plan.ts'
import type { GroupingSet } from './grouping-sets.ts'
import { isOrderedSet, planAggregate, type CollectedCall } from './ordered-set.ts'
import { columnsOf, columnsRead, freeColumns } from './plan-columns.ts'
import { passThrough, type RelationSource } from './relation.ts'
import { expressionKey, isNullable, mapExpression, nullableColumn } from './rewrite.ts'

/** Gathers the aggregate calls of one query level; equal calls are made once. */
export class AggregateCollector {
  readonly #calls = new Map<string, CollectedCall>()
  readonly #groupings: GroupingCall[] = []
  #uses = 0

  /** How often an aggregate was written, equal ones counted each time. */
  get uses(): number {
    return this.#uses
  }

  add(call: Omit<CollectedCall, 'column'>, column: () => Column): Column {
    this.#uses += 1
    const key = aggregateKey(call)
    const known = this.#calls.get(key)
    if (known) return known.column
    const made = { ...call, column: column() }
    this.#calls.set(key, made)
    return made.column
  }

  /** grouping(…) of the expressions, which the groups must have: known once the groups are. */
  addGrouping(call: GroupingCall): void {
    this.#uses += 1
    this.#groupings.push(call)
  }

  get calls(): readonly CollectedCall[] {
    return [...this.#calls.values()]
  }

  get groupings(): readonly GroupingCall[] {
    return this.#groupings
  }

  get isEmpty(): boolean {
    return this.#calls.size === 0 && this.#groupings.length === 0
  }
}

/** One bit an operand, the last the lowest: set where the row's set does not group by it. */
export interface GroupingCall {
  readonly column: Column
  readonly operands: readonly Expression[]
  readonly span: Span
}

function aggregateKey(call: Omit<CollectedCall, 'column'>): string {
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
  readonly #context: BindContext
  readonly #input: Plan
  readonly #own: ReadonlySet<ColumnId>
  readonly #sources: readonly RelationSource[]
  readonly #collector: AggregateCollector
  readonly #sets: readonly ReadonlySet<string>[]
  readonly #groups: ProjectItem[] = []
  readonly #byKey = new Map<string, Column>()
  /** Columns that every set groups by: what they decide may be read too. */
  readonly #common = new Set<ColumnId>()

  constructor(
    context: BindContext,
    input: Plan,
    sources: readonly RelationSource[],
    sets: readonly GroupingSet[],
    collector: AggregateCollector,
  ) {
    this.#context = context
    this.#input = input
    this.#own = new Set(columnsOf(input).map(({ id }) => id))
    this.#sources = sources
    this.#collector = collector
    this.#sets = sets.map((set) => new Set(set.map(expressionKey)))
    for (const call of collector.calls) this.#refuseOuter(call)
    for (const expression of sets.flat()) this.#addGroup(expression)
    for (const call of collector.groupings) this.#checkGrouping(call)
    for (const call of collector.calls) this.#checkDirect(call)
  }

  /** The aggregation itself. Call it after all expressions were rewritten: they may add columns. */
  plan(): Plan {
    const groups = this.#groups
    const aggregates = this.#collector.calls
    if (this.#sets.length === 1)
      return planAggregate(this.#context, { input: this.#input, groups, aggregates })
    const isIn = (set: ReadonlySet<string>, { expression }: ProjectItem): boolean => {
      const key = expressionKey(expression)
      return set.has(key) || !this.#isOfSets(key)
    }
    const sets = this.#sets.map((set) => ({
      groups: groups.filter((group) => isIn(set, group)),
      constants: this.#collector.groupings.map(({ column, operands, span }) => ({
        column,
        expression: literal(groupingBits(set, operands), types.integer, span),
      })),
    }))
    return aggregateSets(this.#context, { input: this.#input, groups, aggregates, sets })
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
      if (node.kind === 'column') return this.#ofGrouping(node) ?? this.#checked(node.column, node)
      if (node.kind === 'subquery') this.#checkSubquery(node)
      return undefined
    })
  }

  /** An aggregate over outer columns alone would belong to the outer query; that is not built. */
  #refuseOuter({ arguments: operands, span }: CollectedCall): void {
    const read = operands.flatMap((operand) => [...columnsRead(operand).keys()])
    if (read.length === 0 || read.some((id) => this.#own.has(id))) return
    throw featureNotSupported('aggregates over columns of an outer query are not supported', span)
  }

  #addGroup(expression: Expression): void {
    const key = expressionKey(expression)
    if (this.#byKey.has(key)) return
    const isCommon = this.#sets.every((set) => set.has(key))
    const own =
      expression.kind === 'column'
        ? expression.column
        : this.#context.column('group', expression.type, isNullable(expression))
    const column = isCommon ? own : nullableColumn(own)
    if (isCommon && expression.kind === 'column') this.#common.add(column.id)
    this.#byKey.set(key, column)
    this.#groups.push({ column, expression })
  }

  #isOfSets(key: string): boolean {
    return this.#sets.some((set) => set.has(key))
  }

  #checkGrouping({ operands, span }: GroupingCall): void {
    if (operands.every((operand) => this.#byKey.has(expressionKey(operand)))) return
    throw new EngineError('grouping_error', {
      message: 'arguments to GROUPING must be grouping expressions of the associated query level',
      span,
    })
  }

  /** What an ordered-set aggregate asks for must be one value in a group. */
  #checkDirect({ function: name, arguments: [, direct] }: CollectedCall): void {
    if (!direct || !(isOrderedSet(name) || name === 'percentile_cont')) return
    for (const column of columnsRead(direct).values()) this.#checked(column, direct)
  }

  /** Of one set, grouping(…) is 0. */
  #ofGrouping(node: Extract<Expression, { kind: 'column' }>): Expression | undefined {
    const call = this.#collector.groupings.find(({ column }) => column.id === node.column.id)
    if (!call) return undefined
    return this.#sets.length === 1 ? literal(0, types.integer, node.span) : node
  }

  #checked(column: Column, node: Expression): Expression {
    if (!this.#own.has(column.id)) return node
    const grouped = new Set(this.#groups.map((group) => group.column.id))
    if (grouped.has(column.id)) return node
    // Grouped by a primary key, every other column of the row is decided too.
    const isDecided = this.#sources.some(
      (source) => source.produces(column.id) && source.isKeyedBy(this.#common),
    )
    if (!isDecided) {
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
      this.#refuseNulled(column, node.span)
    }
  }

  /** The subquery was bound when the column was never null, which may have decided what it is. */
  #refuseNulled(column: Column, span: Span): void {
    const group = this.#groups.find((one) => one.column.id === column.id)
    if (!group?.column.nullable || column.nullable) return
    throw featureNotSupported(
      `a subquery over "${column.name}", which a grouping set makes null, is not supported`,
      span,
      'Write the subquery around: select … from (select … group by …) as grouped.',
    )
  }
}

function groupingBits(set: ReadonlySet<string>, operands: readonly Expression[]): number {
  return operands.reduce((bits, operand) => bits * 2 + (set.has(expressionKey(operand)) ? 0 : 1), 0)
}
