// A part of a plan that stands in it twice is computed once and kept, when that reads many rows and gives
// few: with p as (A ⋈ B): … p … p …. Two parts are the same when they are but for the numbers of their columns.
import type { Column, ColumnId, Expression } from '#sql/bound'
import { mapOperands } from '#sql/expression-tree'
import type { ColumnMaker } from '../logical/column-maker.ts'
import { hasVolatile, hasWrites, inputsOf, mapInputs, visibleColumns } from '../logical/columns.ts'
import { columnRef, splitConjuncts } from '../logical/expression.ts'
import type { Aggregate, Join, Logical, Scan } from '../logical/plan.ts'
import { shapeOf } from '../logical/shape-of.ts'
import { estimateRows } from './cardinality.ts'
import type { Statistics } from './statistics.ts'

/** Rows that a part has to read: fewer are read again in no time. */
const readMin = 10_000
/** The part of those that it may give. */
const keptMax = 0.25
/** Larger plans are not searched: every part is compared with every other. */
const nodesMax = 200

export function shareSubplans(plan: Logical, statistics: Statistics | undefined, make: ColumnMaker): Logical {
  if (!statistics || !readsTwice(plan) || hasVolatile(plan) || hasWrites(plan)) return plan
  const parts = sharedParts(plan, statistics).flatMap((same) => partOf(same, statistics, make) ?? [])
  const readers = new Map(parts.flatMap(({ readers }) => [...readers]))
  const body = readShared(plan, readers)
  return parts.reduceRight<Logical>((inner, { part }) => ({ ...part, body: inner }), body)
}

interface SharedPart {
  readonly part: Omit<Extract<Logical, { kind: 'with' }>, 'body'>
  /** What stands in the place of each. */
  readonly readers: ReadonlyMap<Logical, Logical>
}

/** The first of the same parts is kept, with what the others read of its tables; all read it, each by the numbers of its own columns. */
function partOf(same: readonly Logical[], statistics: Statistics, make: ColumnMaker): SharedPart | undefined {
  const [first] = same
  if (!first) return undefined
  const named = { id: make.number(), name: 'shared' }
  const definition = widened(first, same, make)
  const kept = visibleColumns(definition)
  const names = namesOf(definition)
  const byName = new Map(kept.map((column) => [names.get(column.id), column]))
  const rows = estimateRows(definition, statistics)
  const readers = same.map((node): readonly [Logical, Logical] => {
    const own = namesOf(node)
    const columns = visibleColumns(node)
    const sources = columns.map((column) => byName.get(own.get(column.id)) ?? column)
    return [node, { kind: 'cte_scan', ...named, columns, sources, rows }]
  })
  return { part: { kind: 'with', ...named, definition, columns: kept }, readers: new Map(readers) }
}

function namesOf(plan: Logical): ReadonlyMap<ColumnId, number> {
  const shapes = new Shapes()
  shapes.of(plan)
  return shapes.names
}

/** Scans offer only what was asked of them: the same scans of others may have been asked for more. */
function widened(plan: Logical, same: readonly Logical[], make: ColumnMaker): Logical {
  const scans = same.map(scansOf)
  let number = 0
  return widen(plan)

  function widen(node: Logical): Logical {
    if (node.kind !== 'scan') return mapInputs(node, widen)
    const others = scans.flatMap((list) => list[number]?.columns ?? [])
    number += 1
    const columns = new Map(others.map(({ column, position }) => [position, { column: make.copy(column), position }]))
    for (const own of node.columns) columns.set(own.position, own)
    return { ...node, columns: [...columns.values()] }
  }
}

function scansOf(plan: Logical): readonly Scan[] {
  return plan.kind === 'scan' ? [plan] : inputsOf(plan).flatMap(scansOf)
}

function readShared(plan: Logical, readers: ReadonlyMap<Logical, Logical>): Logical {
  return readers.get(plan) ?? mapInputs(plan, (input) => readShared(input, readers))
}

/** Without a relation that is read twice nothing can be shared. */
function readsTwice(plan: Logical): boolean {
  const relations: number[] = []
  const count = collect(plan)
  return count <= nodesMax && new Set(relations).size < relations.length

  function collect(node: Logical): number {
    if (node.kind === 'scan') relations.push(node.relation.id)
    return inputsOf(node).reduce((sum, input) => sum + collect(input), 1)
  }
}

/** The largest parts that are the same, those of one kind together. */
function sharedParts(plan: Logical, statistics: Statistics): readonly (readonly Logical[])[] {
  const byShape = new Map<string, Logical[]>()
  collect(plan)
  const shared = new Map([...byShape].filter(([, parts]) => parts.length > 1))
  const largest = new Map<string, Logical[]>()
  keep(plan)
  return [...largest.values()].filter((parts) => parts.length > 1)

  function collect(node: Logical): void {
    for (const input of inputsOf(node)) collect(input)
    const shape = shapeOfShareable(node, statistics)
    if (shape !== undefined) byShape.set(shape, [...(byShape.get(shape) ?? []), node])
  }

  /** What stands within a shared part is shared by it. */
  function keep(node: Logical): void {
    const shape = [...shared].find(([, parts]) => parts.includes(node))?.[0]
    if (shape === undefined) for (const input of inputsOf(node)) keep(input)
    else largest.set(shape, [...(largest.get(shape) ?? []), node])
  }
}

function shapeOfShareable(plan: Logical, statistics: Statistics): string | undefined {
  if (plan.kind !== 'join' && plan.kind !== 'aggregate') return undefined
  const named = new Shapes().of(plan)
  if (named === undefined) return undefined
  const read = rowsRead(plan, statistics)
  return read >= readMin && estimateRows(plan, statistics) <= keptMax * read ? named : undefined
}

function rowsRead(plan: Logical, statistics: Statistics): number {
  if (plan.kind === 'scan') return estimateRows(plan, statistics)
  return inputsOf(plan).reduce((sum, input) => sum + rowsRead(input, statistics), 0)
}

/** More than a table has columns. */
const columnsMax = 100_000

/** Text that is equal for parts that are the same: columns are called by where they come from. */
class Shapes {
  /** Of each column a number that is the same in all parts of the same shape. */
  readonly names = new Map<ColumnId, number>()
  #scans = 0
  #made = 0

  /** undefined: what it is made of is not compared. */
  of(plan: Logical): string | undefined {
    const below = inputsOf(plan).map((input) => this.of(input))
    if (below.includes(undefined)) return undefined
    const own = this.#ownShape(plan)
    return own === undefined ? undefined : `${plan.kind} ${own} (${below.join(', ')})`
  }

  #ownShape(plan: Logical): string | undefined {
    switch (plan.kind) {
      case 'scan':
        return this.#scanShape(plan)
      case 'filter':
        return this.#conjunctsShape(plan.predicate)
      case 'extend':
        return this.#items(plan.items)
      case 'join':
        return this.#joinShape(plan)
      case 'aggregate':
        return this.#aggregateShape(plan)
      default:
        return undefined
    }
  }

  #name(column: Column): void {
    this.names.set(column.id, this.#made++)
  }

  #scanShape({ relation, columns, rowId }: Scan): string | undefined {
    this.#scans += 1
    for (const { column, position } of columns) this.names.set(column.id, this.#scans * columnsMax + position)
    return rowId ? undefined : String(relation.id)
  }

  #joinShape({ type, condition, mark, nullAware }: Join): string | undefined {
    return mark || nullAware ? undefined : `${type} ${this.#conjunctsShape(condition)}`
  }

  #aggregateShape({ groups, aggregates }: Aggregate): string {
    const keys = this.#items(groups)
    const calls = aggregates.map((each) => {
      this.#name(each.column)
      const order = each.order.map((key) => `${this.#shape(key.expression)} ${String(key.descending)} ${String(key.nullsFirst)}`)
      const parts = [...each.arguments, ...(each.filter ? [each.filter] : [])].map((one) => this.#shape(one))
      return `${each.function} ${String(each.distinct)} ${String(each.filter !== undefined)} ${parts.join(' ')} ${order.join(' ')}`
    })
    return `${keys} ${calls.join(', ')}`
  }

  #items(items: Aggregate['groups']): string {
    return items.map(({ column, expression }) => {
      const shape = this.#shape(expression)
      this.#name(column)
      return shape
    }).join(', ')
  }

  #conjunctsShape(predicate: Expression | undefined): string {
    return splitConjuncts(predicate).map((each) => this.#shape(each)).join(' and ')
  }

  #shape(expression: Expression): string {
    return shapeOf(this.#renamed(expression))
  }

  #renamed(expression: Expression): Expression {
    if (expression.kind !== 'column') return mapOperands(expression, (operand) => this.#renamed(operand))
    const id = this.names.get(expression.column.id) ?? -1 - expression.column.id // of outside: its own number
    return columnRef({ ...expression.column, id, name: '', nullable: true })
  }
}
