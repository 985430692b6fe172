// Joins: through an index of the right side, else through a hash table built from it, else by
// looping over its rows. The left side is always the one that probes.
import type { ColumnId, Expression, ProjectItem } from '#sql/bound'
import { visibleColumns, visibleIds } from '../logical/columns.ts'
import { and, isVolatile, readsOnly, splitConjuncts, substitute } from '../logical/expression.ts'
import type { Join, Logical, LogicalJoinType, Scan } from '../logical/plan.ts'
import { filter } from '../logical/plan.ts'
import type { Load, PhysicalType, ProbeType, Register } from '../program.ts'
import { prefersLookUp } from '../rules/order-by-cost.ts'
import { statisticsOf } from '../rules/statistics.ts'
import { bestIndex, equalitiesOf } from '../rules/select-index.ts'
import { applyFilter, open } from './compile.ts'
import { hidesRight, pushIndexProbe } from './index-probe.ts'
import { keyPair, splitEqualities, type Equality } from './join-keys.ts'
import { PipelineBuilder, type Supplier } from './pipeline-builder.ts'
import type { ProgramBuilder } from './program-builder.ts'
import { RowsState } from './rows-state.ts'

const probeTypeOf: Readonly<Record<LogicalJoinType, ProbeType>> = {
  inner: 'Inner',
  left: 'Left',
  full: 'Full',
  semi: 'Semi',
  anti: 'Anti',
  mark: 'Mark',
  single: 'Single',
}

export function openJoin(plan: Join, program: ProgramBuilder): PipelineBuilder {
  const indexed = openIndexJoin(plan, program)
  if (indexed) return indexed
  const { equalities, rest } = splitEqualities(plan)
  if (plan.type === 'full') return openFullJoin(plan, { equalities, rest }, program)
  if (equalities.length > 0 || plan.nullAware)
    return openHashJoin(plan, { equalities, rest }, program).probe
  return openLoopJoin(plan, program)
}

interface IndexableSide {
  readonly scan: Scan
  readonly filters: readonly Expression[]
  /** What columns above the scan stand for. */
  readonly renames: ReadonlyMap<ColumnId, Expression>
}

/**
 * A scan under filters and items, which can be found through an index. Items other than renames
 * would turn the nulls of an outer join into values, so only hidden sides may have them.
 */
function indexableSide(plan: Logical, isHidden: boolean): IndexableSide | undefined {
  switch (plan.kind) {
    case 'scan':
      return { scan: plan, filters: [], renames: new Map() }
    case 'filter': {
      const below = indexableSide(plan.input, isHidden)
      if (!below) return undefined
      const filters = splitConjuncts(substitute(plan.predicate, below.renames))
      return { ...below, filters: [...below.filters, ...filters] }
    }
    case 'extend': {
      const below = indexableSide(plan.input, isHidden)
      const isFree = ({ expression }: ProjectItem): boolean =>
        expression.kind === 'column' || (isHidden && !isVolatile(expression))
      if (!below || !plan.items.every(isFree)) return undefined
      const renames = new Map(below.renames)
      for (const { column, expression } of plan.items)
        renames.set(column.id, substitute(expression, below.renames))
      return { ...below, renames }
    }
    default:
      return undefined
  }
}

function openIndexJoin(plan: Join, program: ProgramBuilder): PipelineBuilder | undefined {
  if (plan.type === 'full' || plan.nullAware) return undefined
  const type = probeTypeOf[plan.type]
  const side = indexableSide(plan.right, hidesRight(type) || type === 'Inner')
  if (!side) return undefined
  const { scan, renames } = side
  const conjuncts = [
    ...splitConjuncts(plan.condition).map((conjunct) => substitute(conjunct, renames)),
    ...side.filters,
  ]
  const index = bestIndex(scan, equalitiesOf(scan, conjuncts))
  if (!index || isBetterHashed(plan, program)) return undefined
  const builder = open(plan.left, program)
  const used = index.keys.map(({ conjunct }) => conjunct)
  const rest = conjuncts.filter((conjunct) => !used.includes(conjunct))
  const isInner = plan.type === 'inner'
  pushIndexProbe(builder, { scan, index, type, conjuncts: isInner ? [] : rest, mark: plan.mark })
  if (!hidesRight(type)) {
    for (const column of visibleColumns(plan.right)) {
      const expression = renames.get(column.id)
      if (expression) builder.defer({ column, expression })
    }
  }
  if (isInner) applyFilter(builder, rest)
  return builder
}

/** Many look-ups cost more than one pass over the table. Steps look few rows up. */
function isBetterHashed({ left, right }: Join, { schemas, step }: ProgramBuilder): boolean {
  const statistics = step ? undefined : statisticsOf(schemas)
  return statistics !== undefined && !prefersLookUp(left, right, statistics)
}

interface JoinConditions {
  readonly equalities: readonly Equality[]
  readonly rest: readonly Expression[]
}

interface HashJoin {
  readonly probe: PipelineBuilder
  readonly state: number
  /** Supplies the build side's columns through the loads of another operator or source. */
  readonly supplier: (builder: PipelineBuilder, loads: Load[]) => Supplier
}

function openHashJoin(
  plan: Join,
  { equalities, rest }: JoinConditions,
  program: ProgramBuilder,
): HashJoin {
  const build = open(plan.right, program)
  const aware = plan.nullAware
  const pairs = aware ? [{ left: aware.left, right: aware.right }] : equalities.flatMap(keyPair)
  const buildKeys = pairs.map(({ right }) => build.compile(right))
  const table = new HashTableState(build, buildKeys, visibleIds(plan.right))
  const probe = open(plan.left, program)
  const keys = pairs.map(({ left }) => probe.compile(left))
  const outputs: Load[] = []
  const supplier = table.supplier(probe, outputs)
  probe.addSupplier(supplier)
  const type = probeTypeOf[plan.type]
  const isInner = plan.type === 'inner'
  const residual = probe.residual(isInner ? undefined : and(rest))
  const mark = plan.mark ? probe.bindNew(plan.mark) : -1
  probe.push({
    kind: 'HashProbe',
    state: table.state,
    type,
    keys,
    outputs,
    mark,
    keep: [],
    residual,
    nullAware: aware !== undefined,
  })
  if (hidesRight(type)) probe.removeSupplier(supplier)
  if (isInner) applyFilter(probe, rest)
  return { probe, state: table.state, supplier: (builder, loads) => table.supplier(builder, loads) }
}

/** The build side of a hash join: keys first, then whatever columns the probe side reads. */
class HashTableState {
  readonly state: number
  readonly #build: PipelineBuilder
  readonly #keys: readonly Register[]
  readonly #ids: ReadonlySet<ColumnId>
  readonly #types: PhysicalType[] = []
  readonly #payload: Register[] = []

  constructor(build: PipelineBuilder, keys: readonly Register[], ids: ReadonlySet<ColumnId>) {
    this.#build = build
    this.#keys = keys
    this.#ids = ids
    const types = keys.map((key) => build.typeOf(key))
    this.state = build.program.state({ kind: 'HashTable', keys: types, payload: this.#types })
    build.finish({ kind: 'HashBuild', state: this.state, keys, payload: this.#payload })
  }

  #position(register: Register): number {
    const key = this.#keys.indexOf(register)
    if (key >= 0) return key
    const known = this.#payload.indexOf(register)
    if (known >= 0) return this.#keys.length + known
    this.#types.push(this.#build.typeOf(register))
    return this.#keys.length + this.#payload.push(register) - 1
  }

  supplier(builder: PipelineBuilder, loads: Load[]): Supplier {
    return {
      has: (id) => this.#ids.has(id),
      load: (column) => builder.load(column, loads, (wanted) => this.#position(this.#build.column(wanted))),
    }
  }
}

/** Matches and unmatched left rows by the probe, then build rows that no probe matched. */
function openFullJoin(
  plan: Join,
  conditions: JoinConditions,
  program: ProgramBuilder,
): PipelineBuilder {
  const { probe, state, supplier } = openHashJoin(plan, conditions, program)
  const left = visibleIds(plan.left)
  const right = visibleIds(plan.right)
  const rows = new RowsState(program, (id) => left.has(id) || right.has(id))
  rows.fill(probe)
  const columns: Load[] = []
  const unmatched = new PipelineBuilder(program, () => ({
    kind: 'StateScan',
    state,
    what: 1,
    columns,
  }))
  unmatched.addSupplier(supplier(unmatched, columns))
  rows.fill(unmatched, (column) =>
    left.has(column.id) ? unmatched.literal(null, column.type) : unmatched.column(column),
  )
  return rows.scan(program)
}

function openLoopJoin(plan: Join, program: ProgramBuilder): PipelineBuilder {
  const ids = visibleIds(plan.right)
  const conjuncts = splitConjuncts(plan.condition)
  // An inner join's conditions over the right side alone have been pushed down; others wait.
  const own = plan.type === 'inner' ? conjuncts.filter((conjunct) => readsOnly(conjunct, ids)) : []
  const right = open(filter(plan.right, and(own)), program)
  const rows = new RowsState(program, (id) => ids.has(id))
  rows.fill(right)
  const probe = open(plan.left, program)
  const outputs: Load[] = []
  const supplier = rows.supplier(probe, outputs)
  probe.addSupplier(supplier)
  const type = probeTypeOf[plan.type]
  const residual = probe.residual(and(conjuncts.filter((conjunct) => !own.includes(conjunct))))
  const mark = plan.mark ? probe.bindNew(plan.mark) : -1
  probe.push({ kind: 'LoopProbe', state: rows.state, type, outputs, mark, keep: [], residual })
  if (hidesRight(type)) probe.removeSupplier(supplier)
  return probe
}
