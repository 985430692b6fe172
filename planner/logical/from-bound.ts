// Bound plans become the planner's algebra: projects add columns, values become constants, set
// operations and distinct become unions and aggregates, subqueries become joins (rules/unnest).
import { columnsOf } from '#sql/binder/plan-columns'
import type { Column, Expression, Plan, ProjectItem, SortKey } from '#sql/bound'
import { lowerAverages } from '../rules/lower-average.ts'
import { sortForAggregates } from '../rules/sort-for-aggregates.ts'
import { lowerDistinct, lowerSet } from '../rules/lower-set.ts'
import { inlineWith } from '../rules/inline-with.ts'
import { joinLateral } from '../rules/unnest/lateral.ts'
import { filterWithSubqueries, SubqueryJoiner } from '../rules/unnest/subquery.ts'
import { visibleIds } from './columns.ts'
import {
  bigintType,
  booleanType,
  columnRef,
  findSubquery,
  isConstant,
  literal,
  readsOnly,
  splitConjuncts,
  and,
  test,
} from './expression.ts'
import { dual, extend, join, type Logical, type LogicalAggregate } from './plan.ts'
import { notSupported } from '../refuse.ts'
import { countNode, type Translation } from './translation.ts'
import { fromWindow, limitByNumber } from './from-bound-window.ts'
import { translateWrite } from './from-bound-write.ts'

/** More rows of expressions than this become a union instead of a case over row numbers. */
const caseRowsMax = 16

export function fromBound(plan: Plan, context: Translation): Logical {
  countNode(context)
  switch (plan.kind) {
    case 'dual':
      return dual
    case 'scan':
      return {
        kind: 'scan',
        relation: plan.relation,
        alias: plan.alias,
        columns: plan.columns,
        rowId: plan.rowId,
      }
    case 'values':
      return fromValues(plan, context)
    case 'instances':
      throw new TypeError('the binder leaves instances to the planner')
    case 'series':
      return fromSeries(plan, context)
    case 'project': {
      const joiner = new SubqueryJoiner(fromBound(plan.input, context), context)
      const items = plan.items.map((item) => ({
        ...item,
        expression: joiner.rewrite(item.expression),
      }))
      return extend(joiner.plan, items)
    }
    case 'filter':
      return filterWithSubqueries(fromBound(plan.input, context), plan.predicate, context)
    case 'join':
      return fromJoin(plan, context)
    case 'aggregate':
      return fromAggregate(plan, context)
    case 'distinct':
      return lowerDistinct(fromBound(plan.input, context), columnsOf(plan.input), plan.on, context)
    case 'sort': {
      const joiner = new SubqueryJoiner(fromBound(plan.input, context), context)
      const keys = rewriteKeys(plan.keys, joiner)
      return { kind: 'sort', input: joiner.plan, keys }
    }
    case 'window':
      return fromWindow(plan, fromBound(plan.input, context), context)
    case 'limit':
      return fromLimit(plan, fromBound(plan.input, context), context)
    case 'set':
      return lowerSet(plan, fromBound(plan.left, context), fromBound(plan.right, context), context)
    case 'with':
      return inlineWith(plan, context)
    case 'cte_scan':
      return fromPartScan(plan, context)
    case 'recursion':
      return fromRecursion(plan, context)
    case 'round_scan':
      return plan
    case 'insert':
    case 'update':
    case 'delete':
      return translateWrite(plan, context)
  }
}

/** The machine counts up to constants; other limits go by the numbers of the rows. */
function fromLimit(
  { limit, offset }: Extract<Plan, { kind: 'limit' }>,
  input: Logical,
  context: Translation,
): Logical {
  const isPlain = (count: Expression | undefined): boolean => !count || isConstant(count)
  if (isPlain(limit) && isPlain(offset))
    return { kind: 'limit', input, limit, offset, ordinal: undefined }
  const joiner = new SubqueryJoiner(dual, context)
  const counts = [limit, offset].map((count) => count && joiner.rewrite(count))
  const joined = joiner.plan.kind === 'dual' ? input : underSort(input, joiner.plan)
  return limitByNumber({ input: joined, limit: counts[0], offset: counts[1] }, [], context.make)
}

/** One row more to each: the order of a sort on top stays the top's. */
function underSort(input: Logical, one: Logical): Logical {
  if (input.kind === 'sort' || input.kind === 'extend')
    return { ...input, input: underSort(input.input, one) }
  return join({ type: 'inner', left: input, right: one })
}

function fromSeries(plan: Extract<Plan, { kind: 'series' }>, context: Translation): Logical {
  const joiner = new SubqueryJoiner(dual, context)
  const [start, stop] = [joiner.rewrite(plan.start), joiner.rewrite(plan.stop)]
  const step = plan.step && joiner.rewrite(plan.step)
  return { kind: 'series', input: joiner.plan, start, stop, step, column: plan.column }
}

function rewriteKeys(keys: readonly SortKey[], joiner: SubqueryJoiner): SortKey[] {
  return keys.map((key) => ({ ...key, expression: joiner.rewrite(key.expression) }))
}

function fromValues(plan: Extract<Plan, { kind: 'values' }>, context: Translation): Logical {
  const { rows, columns } = plan
  if (rows.length > 1 && rows.flat().every(isConstant)) return { kind: 'constants', rows, columns }
  const hasColumns = rows.flat().some((cell) => !readsOnly(cell, new Set()) || findSubquery(cell))
  if (rows.length > caseRowsMax && !hasColumns) return unionOfRows(rows, columns)
  const joiner = new SubqueryJoiner(dual, context)
  const cells = rows.map((row) => row.map((cell) => joiner.rewrite(cell)))
  const [only, ...more] = cells
  if (!only) throw new TypeError('values have a row')
  if (more.length === 0) return extend(joiner.plan, itemsOf(columns, only))
  return numberedRows(joiner.plan, cells, columns, context)
}

function itemsOf(columns: readonly Column[], cells: readonly Expression[]): ProjectItem[] {
  return columns.map((column, index) => ({
    column,
    expression: cells[index] ?? literal(null, column.type),
  }))
}

function unionOfRows(
  rows: readonly (readonly Expression[])[],
  columns: readonly Column[],
): Logical {
  return { kind: 'union', columns, inputs: rows.map((values) => ({ plan: dual, values })) }
}

/** Row numbers 1 … k beside every input row keep the rows of one instance together and in order. */
function numberedRows(
  input: Logical,
  rows: readonly (readonly Expression[])[],
  columns: readonly Column[],
  context: Translation,
): Logical {
  const number = context.make.column('row', bigintType, false)
  const [start, stop] = [literal(1n, bigintType), literal(BigInt(rows.length), bigintType)]
  const series: Logical = { kind: 'series', input, start, stop, step: undefined, column: number }
  const items = columns.map((column, index): ProjectItem => {
    const branches = rows.slice(0, -1).map((row, position) => ({
      when: test('Equal', columnRef(number), literal(BigInt(position + 1), bigintType)),
      then: row[index] ?? literal(null, column.type),
    }))
    const otherwise = rows.at(-1)?.[index]
    const span = otherwise?.span ?? { start: 0, end: 0 }
    return { column, expression: { kind: 'case', branches, otherwise, type: column.type, span } }
  })
  return extend(series, items)
}

function fromJoin(plan: Extract<Plan, { kind: 'join' }>, context: Translation): Logical {
  const left = fromBound(plan.left, context)
  const right = fromBound(plan.right, context)
  if (plan.type === 'right') {
    return joinWithSubqueries(
      { type: 'left', left: right, right: left, condition: plan.condition },
      context,
    )
  }
  if (plan.lateral)
    return joinLateral({ type: plan.type, left, right, condition: plan.condition }, context)
  return joinWithSubqueries({ type: plan.type, left, right, condition: plan.condition }, context)
}

interface JoinParts {
  readonly type: 'inner' | 'left' | 'full' | 'semi' | 'anti'
  readonly left: Logical
  readonly right: Logical
  readonly condition: Expression | undefined
}

/**
 * Subqueries of an inner condition filter the join; those of an outer one must belong to one side.
 */
function joinWithSubqueries(
  { type, left, right, condition }: JoinParts,
  context: Translation,
): Logical {
  const conjuncts = splitConjuncts(condition)
  const hard = conjuncts.filter((conjunct) => findSubquery(conjunct))
  if (hard.length === 0) return join({ type, left, right, condition })
  if (type === 'inner' && condition) {
    return filterWithSubqueries(join({ type, left, right }), condition, context)
  }
  const rightIds = visibleIds(right)
  const joiner = new SubqueryJoiner(right, context)
  const rewritten = hard.map((conjunct) => {
    if (!joiner.dependsOnlyOn(conjunct, rightIds))
      throw notSupported(
        'a subquery over both sides in the condition of an outer join',
        conjunct.span,
      )
    return joiner.rewrite(conjunct)
  })
  const plain = conjuncts.filter((conjunct) => !hard.includes(conjunct))
  return join({ type, left, right: joiner.plan, condition: and([...plain, ...rewritten]) })
}

function fromAggregate(plan: Extract<Plan, { kind: 'aggregate' }>, context: Translation): Logical {
  const joiner = new SubqueryJoiner(fromBound(plan.input, context), context)
  const groups = plan.groups.map((item) => ({
    ...item,
    expression: joiner.rewrite(item.expression),
  }))
  const aggregates = plan.aggregates.map((call): LogicalAggregate => {
    const own = call.arguments.map((argument) => joiner.rewrite(argument))
    const condition = call.filter && joiner.rewrite(call.filter)
    const order = rewriteKeys(call.order, joiner)
    if (call.function !== 'any_value') return { ...call, arguments: own, filter: condition, order }
    // any_value is the first that is not null; first takes the first row's, whatever it is.
    const present = own.map((argument) => test('IsNotNull', argument))
    return {
      ...call,
      function: 'first',
      arguments: own,
      filter: and([...present, ...splitConjuncts(condition)]),
      order,
    }
  })
  const input = sortForAggregates(joiner.plan, aggregates)
  return lowerAverages({ kind: 'aggregate', input, groups, aggregates }, context.make)
}

function fromRecursion(
  { id, name, all, base, step, baseColumns, stepColumns, columns }: Extract<Plan, { kind: 'recursion' }>,
  context: Translation,
): Logical {
  const valuesOf = (own: readonly Column[]): Expression[] => own.map((column) => columnRef(column))
  return {
    kind: 'recursion',
    id,
    name,
    all,
    base: { plan: fromBound(base, context), values: valuesOf(baseColumns) },
    step: { plan: fromBound(step, context), values: valuesOf(stepColumns) },
    columns,
  }
}

function fromPartScan(plan: Extract<Plan, { kind: 'cte_scan' }>, context: Translation): Logical {
  const inlined = context.inlined.get(plan.id)
  const sources = inlined?.columns ?? context.shared.get(plan.id)?.columns
  if (!sources) throw new TypeError('a with part is defined before it is read')
  if (!inlined) {
    const name = context.shared.get(plan.id)?.name ?? ''
    return { kind: 'cte_scan', id: plan.id, name, columns: plan.columns, sources }
  }
  const items = plan.columns.map((column, index) => {
    const source = sources[index]
    return { column, expression: source ? columnRef(source) : literal(null, booleanType) }
  })
  return extend(inlined.definition, items)
}
