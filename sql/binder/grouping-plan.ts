// Several grouping sets over one input: the input is evaluated once, as by `with`, and aggregated
// once a set; a union puts the sets' rows together.
//   γ[{a, b}, {a}, {}](E)  →  with P as E (γ[a, b](P) ⊎ γ[a](P) ⊎ γ[](P))
import type { Column, Expression, Plan, ProjectItem, SortKey } from '#sql/bound'
import { columnExpression, literal } from '#sql/functions/build'
import { types } from '#sql/functions/types'
import type { BindContext } from './context.ts'
import { planAggregate, type CollectedCall } from './ordered-set.ts'
import { expressionKey, isNullable } from './rewrite.ts'

export interface SetsOfGroups {
  readonly input: Plan
  /** All of them; a set's rows have null in those that it lacks. */
  readonly groups: readonly ProjectItem[]
  readonly aggregates: readonly CollectedCall[]
  readonly sets: readonly {
    readonly groups: readonly ProjectItem[]
    /** What is the same in all rows of the set: the same columns in every set. */
    readonly constants: readonly ProjectItem[]
  }[]
}

/** The rows of all sets, with the columns of the groups, the aggregates and the constants. */
export function aggregateSets(context: BindContext, parts: SetsOfGroups): Plan {
  const prepared = new PreparedInput(context, parts)
  const columns = [
    ...parts.groups.map(({ column }) => column),
    ...parts.aggregates.map(({ column }) => column),
    ...(parts.sets[0]?.constants ?? []).map(({ column }) => column),
  ]
  const inputs = parts.sets.map((set) => aggregateOne(context, parts, set, prepared))
  const { plan } = unionOf(context, inputs, columns)
  return prepared.around(plan)
}

interface Part {
  readonly plan: Plan
  readonly columns: readonly Column[]
}

/** What groups and aggregates read, computed once: columns of a shared part. */
class PreparedInput {
  readonly #context: BindContext
  readonly #id: number
  readonly #input: Plan
  readonly #items: ProjectItem[] = []
  readonly #places = new Map<string, number>()

  constructor(context: BindContext, { input, groups, aggregates }: SetsOfGroups) {
    this.#context = context
    this.#id = context.cteId()
    this.#input = input
    for (const { expression } of groups) this.#add(expression)
    for (const call of aggregates) mapCall(call, call.column, (one) => this.#add(one))
    // Rows are counted even where nothing of them is read.
    if (this.#items.length === 0) this.#items.push(rowItem(context))
  }

  /** A reading of its own, and how an expression over the input reads there. */
  scan(): { readonly plan: Plan; readonly read: (expression: Expression) => Expression } {
    const columns = this.#items.map(({ column }) => this.#context.copyOf(column))
    const read = (expression: Expression): Expression => {
      const column = columns[this.#places.get(expressionKey(expression)) ?? -1]
      return column ? columnExpression(column, expression.span) : expression
    }
    return { plan: { kind: 'cte_scan', id: this.#id, columns }, read }
  }

  around(body: Plan): Plan {
    const definition: Plan = { kind: 'project', input: this.#input, items: this.#items }
    const definitionColumns = this.#items.map(({ column }) => column)
    return { kind: 'with', id: this.#id, name: 'grouped', definition, definitionColumns, body }
  }

  #add(expression: Expression): Expression {
    const key = expressionKey(expression)
    if (isConstant(expression) || this.#places.has(key)) return expression
    const column = this.#context.column('grouped', expression.type, isNullable(expression))
    this.#places.set(key, this.#items.length)
    this.#items.push({ column, expression })
    return expression
  }
}

function rowItem(context: BindContext): ProjectItem {
  const expression = literal(true, types.boolean, { start: 0, end: 0 })
  return { column: context.column('row', types.boolean, false), expression }
}

/** A separator or a fraction is read as the constant that it is. */
function isConstant({ kind }: Expression): boolean {
  return kind === 'literal' || kind === 'parameter'
}

function aggregateOne(
  context: BindContext,
  { groups, aggregates }: SetsOfGroups,
  set: SetsOfGroups['sets'][number],
  prepared: PreparedInput,
): Part {
  const { plan, read } = prepared.scan()
  const own = new Map(
    set.groups.map((group) => [
      group.column.id,
      { column: context.copyOf(group.column), expression: read(group.expression) },
    ]),
  )
  const calls = aggregates.map((call) => mapCall(call, context.copyOf(call.column), read))
  const aggregate = planAggregate(context, {
    input: plan,
    groups: [...own.values()],
    aggregates: calls,
  })
  const values: ProjectItem[] = [
    ...groups.map(({ column, expression: { span } }) => {
      const source = own.get(column.id)?.column
      const expression = source ? columnExpression(source, span) : literal(null, column.type, span)
      return { column: context.copyOf(column), expression }
    }),
    ...calls.map(({ column, span }) => ({
      column: context.copyOf(column),
      expression: columnExpression(column, span),
    })),
    ...set.constants.map((item) => ({ ...item, column: context.copyOf(item.column) })),
  ]
  return {
    plan: { kind: 'project', input: aggregate, items: values },
    columns: values.map(({ column }) => column),
  }
}

function mapCall(
  call: CollectedCall,
  column: Column,
  map: (expression: Expression) => Expression,
): CollectedCall {
  const key = (one: SortKey): SortKey => ({ ...one, expression: map(one.expression) })
  return {
    ...call,
    column,
    arguments: call.arguments.map(map),
    filter: call.filter && map(call.filter),
    order: call.order.map(key),
  }
}

/** Half by half, so that many sets nest a few levels deep only. */
function unionOf(context: BindContext, parts: readonly Part[], columns: readonly Column[]): Part {
  const [first] = parts
  if (first === undefined) throw new TypeError('a group by has a set')
  if (parts.length === 1) return first
  const half = Math.ceil(parts.length / 2)
  const [left, right] = [parts.slice(0, half), parts.slice(half)].map((side) =>
    unionOf(
      context,
      side,
      columns.map((column) => context.copyOf(column)),
    ),
  )
  if (!left || !right) throw new TypeError('a list of two or more has two halves')
  const plan: Plan = {
    kind: 'set',
    operator: 'union',
    all: true,
    left: left.plan,
    right: right.plan,
    leftColumns: left.columns,
    rightColumns: right.columns,
    columns,
  }
  return { plan, columns }
}
