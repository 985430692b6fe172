// What exists: relations and coroutines by name. The single source of ids; native code and the store
// are told by whoever changes it (definitions.ts), never by the catalog itself.
import { EngineError } from '#base/engine-error'
import { undefinedObject } from '#base/errors'
import type { ForeignKeySchema, IndexSchema, RelationSchema, SchemaLookup } from '#base/schema'
import type { Span } from '#base/span'
import type { RelationDraft } from '#sql/bound'
import { devices, systemRelations, type BuiltIn } from './relations/devices.ts'

/** An installed coroutine; its text is what `\dc` shows. */
export interface CatalogCoroutine {
  readonly id: number
  readonly name: string
  readonly relation: number
  readonly source: string
  readonly reads: readonly number[]
  readonly writes: readonly number[]
}

const noSpan: Span = { start: 0, end: 0 }

interface DistinctCount {
  /** That the relation had when they were counted. */
  readonly rows: number
  readonly count: number | undefined
}

/** Who knows the rows of relations. */
interface RowCounter {
  rowCount(relation: number): number
  /** 0: nobody knows. */
  distinctCount(relation: number, position: number): number
  /** Negative: nobody knows. */
  shareWithin(relation: number, position: number, low: bigint, high: bigint): number
}

export class Catalog implements SchemaLookup {
  readonly #byName = new Map<string, RelationSchema>()
  readonly #byId = new Map<number, RelationSchema>()
  readonly #coroutines = new Map<string, CatalogCoroutine>()
  readonly #builtIns = new Map<number, BuiltIn>()
  #nextRelation = 1
  #nextCoroutine = 1
  readonly #temporaryIds: number[] = []
  /** Is being filled, to replace another: errors name its columns. */
  #staged: RelationSchema | undefined
  #version = 0
  #counter: RowCounter | undefined
  /** By relation and position. */
  readonly #distinctCounts = new Map<number, Map<number, DistinctCount>>()

  constructor() {
    for (const builtIn of [...devices, ...systemRelations]) this.#addBuiltIn(builtIn)
  }

  /** Another number after every change of a relation: what was planned before must be planned again. */
  get version(): number {
    return this.#version
  }

  // SchemaLookup ------------------------------------------------------------------------------

  relation(name: string): RelationSchema | undefined {
    return this.#byName.get(name)
  }
  relationById(id: number): RelationSchema | undefined {
    return this.#byId.get(id) ?? (this.#staged?.id === id ? this.#staged : undefined)
  }
  referencing(parent: number): readonly { relation: RelationSchema; key: ForeignKeySchema }[] {
    return this.relations().flatMap((relation) =>
      relation.foreignKeys.filter((key) => key.parent === parent).map((key) => ({ relation, key })),
    )
  }
  relationNames(): readonly string[] {
    return [...this.#byName.keys()]
  }

  /** The engine's, once it runs. */
  rowCount(relation: number): number | undefined {
    return this.#counter?.rowCount(relation)
  }
  /** Counted anew when the relation has doubled or halved. */
  distinctCount(relation: number, position: number): number | undefined {
    const rows = this.rowCount(relation)
    if (rows === undefined) return undefined
    const columns = this.#distinctCounts.get(relation) ?? new Map<number, DistinctCount>()
    const known = columns.get(position)
    if (known !== undefined && rows < known.rows * 2 && rows * 2 > known.rows) return known.count
    const count = this.#counter?.distinctCount(relation, position) || undefined
    this.#distinctCounts.set(relation, columns.set(position, { rows, count }))
    return count
  }
  shareWithin(relation: number, position: number, low: bigint, high: bigint): number | undefined {
    const share = this.#counter?.shareWithin(relation, position, low, high) ?? -1
    return share < 0 ? undefined : share
  }
  /** This lookup, for one planner: `counts` gets the sizes that it asks for. */
  noting(counts: Map<number, number>): SchemaLookup {
    return {
      relation: (name) => this.relation(name),
      relationById: (id) => this.relationById(id),
      referencing: (parent) => this.referencing(parent),
      relationNames: () => this.relationNames(),
      rowCount: (relation) => {
        const rows = this.rowCount(relation)
        if (rows !== undefined) counts.set(relation, rows)
        return rows
      },
      distinctCount: (relation, position) => this.distinctCount(relation, position),
      shareWithin: (relation, position, low, high) => this.shareWithin(relation, position, low, high),
    }
  }
  /** Says who counts rows. */
  countRowsBy(counter: RowCounter): void {
    this.#counter = counter
  }

  // Relations ---------------------------------------------------------------------------------

  relations(): readonly RelationSchema[] {
    return [...this.#byId.values()]
  }
  /** How a built-in is kept; undefined for the user's relations. */
  builtIn(id: number): BuiltIn | undefined {
    return this.#builtIns.get(id)
  }

  /** Numbers a draft, and indexes the columns that its foreign keys refer with. Nothing is added yet. */
  number(draft: RelationDraft): RelationSchema {
    const id = this.#nextRelation++
    const foreignKeys = draft.foreignKeys.map((key) => (key.parent === 0 ? { ...key, parent: id } : key))
    return { ...draft, id, foreignKeys, indexes: [...draft.indexes, ...referencingIndexes(draft)] }
  }
  /** A number for a relation that lives as long as one statement; its numbers are given again. */
  takeTemporaryId(): number {
    return this.#temporaryIds.pop() ?? this.#nextRelation++
  }
  giveTemporaryId(id: number): void {
    this.#temporaryIds.push(id)
  }
  add(relation: RelationSchema): void {
    this.#version += 1
    this.#byName.set(relation.name, relation)
    this.#byId.set(relation.id, relation)
  }
  /** A relation that is found by its number alone, until the next call. */
  stage(relation: RelationSchema | undefined): void {
    this.#staged = relation
  }
  /** The same relation, changed: its number stays. */
  replace(relation: RelationSchema): void {
    this.add(relation)
  }
  /** Who has an index of that name, and at which position. */
  indexNamed(name: string): { readonly relation: RelationSchema; readonly position: number } | undefined {
    for (const relation of this.#byId.values()) {
      const position = relation.indexes.findIndex((index) => index.name === name)
      if (position >= 0) return { relation, position }
    }
    return undefined
  }
  indexNames(): readonly string[] {
    return this.relations().flatMap(({ indexes }) => indexes.map(({ name }) => name)).filter((name) => name !== '')
  }
  remove(relation: RelationSchema): void {
    this.#version += 1
    this.#byName.delete(relation.name)
    this.#byId.delete(relation.id)
    this.#distinctCounts.delete(relation.id)
  }

  // Coroutines --------------------------------------------------------------------------------

  coroutines(): readonly CatalogCoroutine[] {
    return [...this.#coroutines.values()]
  }
  coroutine(name: string): CatalogCoroutine | undefined {
    return this.#coroutines.get(name)
  }
  requireCoroutine(name: string, span: Span = noSpan): CatalogCoroutine {
    const found = this.#coroutines.get(name)
    if (found === undefined) throw undefinedObject('coroutine', name, span, [...this.#coroutines.keys()])
    return found
  }
  nextCoroutineId(): number {
    return this.#nextCoroutine++
  }
  addCoroutine(coroutine: CatalogCoroutine): void {
    this.#coroutines.set(coroutine.name, coroutine)
  }
  removeCoroutine(name: string): void {
    this.#coroutines.delete(name)
  }
  /**
   * Do the coroutines on a relation disturb each other, so that every event must be finished by all of
   * them before the next?
   */
  isEventMajor(relation: number): boolean {
    const here = this.coroutines().filter((coroutine) => coroutine.relation === relation)
    return here.some((writer) =>
      here.some((other) => other !== writer && writer.writes.some((id) => other.reads.includes(id) || other.writes.includes(id))),
    )
  }

  #addBuiltIn(builtIn: BuiltIn): void {
    const id = this.#nextRelation++
    const { name, kind, columns, indexes, insertable, mutable } = builtIn
    this.add({ id, name, kind, durable: false, columns, indexes, checks: [], foreignKeys: [], insertable, mutable })
    this.#builtIns.set(id, builtIn)
  }
}

/**
 * What stands at the place of an index that was dropped: programs count indexes by position. No query
 * finds it, because no relation has its column.
 */
export const droppedIndex: IndexSchema = { name: '', columns: [-1], unique: false, primary: false }

function referencingIndexes(draft: RelationDraft): IndexSchema[] {
  const isIndexed = (columns: readonly number[]): boolean =>
    draft.indexes.some((index) => index.columns.join() === columns.join())
  return draft.foreignKeys
    .filter((key) => !isIndexed(key.columns))
    .map((key) => ({ name: `${key.name}_idx`, columns: key.columns, unique: false, primary: false }))
}

/** A relation of that name is already there. */
export function duplicateRelation(name: string, span: Span, hint?: string): EngineError {
  return new EngineError('duplicate_table', { message: `relation "${name}" already exists`, span, ...(hint !== undefined && { hint }) })
}
