// Carries `alter table` out: the table is made anew as its altered definition says, its rows are copied by
// one statement that checks them, and it takes the old one's place, in the store in one transaction. Until
// then nothing is lost by a refusal or a crash; meanwhile everybody's programs wait.
import { EngineError } from '#base/engine-error'
import { asEngineError, featureNotSupported } from '#base/errors'
import type { IndexSchema, RelationSchema, SchemaLookup } from '#base/schema'
import type { Span } from '#base/span'
import { encodeProgram, planQuery } from '#planner/index'
import { alterTable, type AlteredTable } from '#sql/alter/index'
import { bindStatement } from '#sql/binder/index'
import type { BoundAlter } from '#sql/bound'
import { parseStatement } from '#sql/parser/index'
import { printIdentifier } from '#sql/print/name'
import type { Catalog } from './catalog.ts'
import type { Executor } from './executor.ts'
import type { Indexes } from './indexes.ts'
import { parameterValues } from './parameters.ts'
import { nativeRelation } from './relations/native-relation.ts'
import type { CatalogEntry, Store } from './stores/store.ts'

/** The new table, for the statement that fills it. */
const filledName = 'rowtine_altered'

interface Parts {
  readonly catalog: Catalog
  readonly executor: Executor
  readonly store: Store
  readonly indexes: Indexes
  /** Definitions of relations by their names. */
  readonly texts: Map<string, string>
}

type Dependents = (relation: RelationSchema) => { relations: string[]; coroutines: string[] }

/** An index of `create index` on the altered table. */
interface KeptIndex {
  readonly index: IndexSchema
  readonly sql: string
}

export class Alterations {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Errors: those of sql/alter; 2BP01 with dependents; 23502, 23503, 23505, 23514 of rows that do not fit; those of the store. */
  async alter({ relation, statement, span }: BoundAlter, text: string, dependents: Dependents): Promise<void> {
    if (relation === undefined) return
    const { catalog, executor, texts } = this.#parts
    const altered = alterTable(statement, text, { schema: relation, text: texts.get(relation.name) ?? '' }, catalog)
    this.#refuseDependents(relation, altered, dependents(relation), span)
    this.#refuseConnections(relation, altered, span)
    const kept = this.#keptIndexes(relation, altered)
    const numbered = catalog.number(altered.relation)
    const schema = { ...numbered, indexes: [...numbered.indexes, ...kept.map(({ index }) => index)] }
    this.#refuseTakenIndexes(relation, schema, span)
    await executor.alone(() => this.#replace(relation, schema, altered, kept, span))
  }

  /** Views and coroutines were planned with the table as it is; other tables name it and its columns. */
  #refuseDependents(relation: RelationSchema, altered: AlteredTable, { relations, coroutines }: ReturnType<Dependents>, span: Span): void {
    const referring = this.#referring(relation)
    const names = [...relations.filter((name) => !referring.some((one) => one.relation.name === name) || !this.#canRefer(name, relation, altered)), ...coroutines]
    if (names.length === 0) return
    throw new EngineError('dependent_objects_still_exist', {
      message: `cannot alter table ${relation.name} because other objects depend on it`,
      detail: `They are: ${names.join(', ')}.`,
      hint: 'Drop them first, and make them again afterwards.',
      span,
    })
  }

  #referring(relation: RelationSchema): ReturnType<Catalog['referencing']> {
    return this.#parts.catalog.referencing(relation.id).filter((one) => one.relation.id !== relation.id)
  }

  /** Can a table refer to the altered one by the definition that it has? */
  #canRefer(name: string, relation: RelationSchema, altered: AlteredTable): boolean {
    if (altered.relation.name !== relation.name) return false
    if (altered.relation.foreignKeys.length > relation.foreignKeys.length) return false // its place in the store is before those that refer to it
    return this.#referring(relation).filter((one) => one.relation.name === name).every(({ key }) => {
      const isSame = key.parentColumns.every((position) => altered.columns.get(nameAt(relation, position)) === nameAt(relation, position))
      const positions = parentPositions(relation, altered, key.parentColumns)
      const isTyped = key.parentColumns.every((position, i) => sameType(relation, position, altered, positions[i] ?? -1))
      return isSame && isTyped && altered.relation.indexes.some(({ unique, columns }) => unique && sameSet(columns, positions))
    })
  }

  /** A connection that closes changes the tables that refer to it, whoever is alone. */
  #refuseConnections(relation: RelationSchema, { relation: draft }: AlteredTable, span: Span): void {
    const isDevice = (id: number): boolean => this.#parts.catalog.builtIn(id) !== undefined
    if (![...relation.foreignKeys, ...draft.foreignKeys].some(({ parent }) => isDevice(parent))) return
    throw featureNotSupported('ALTER TABLE of a table that refers to connections is not supported', span)
  }

  #refuseTakenIndexes(before: RelationSchema, schema: RelationSchema, span: Span): void {
    const taken = schema.indexes.find(({ name }, position) => {
      const owner = this.#parts.catalog.indexNamed(name)?.relation
      const isTwice = schema.indexes.findIndex((other) => other.name === name) !== position
      return name !== '' && (isTwice || (owner !== undefined && owner.id !== before.id))
    })
    if (taken === undefined) return
    throw new EngineError('duplicate_table', { message: `relation "${taken.name}" already exists`, span })
  }

  /** An index goes with any of its columns. */
  #keptIndexes(relation: RelationSchema, altered: AlteredTable): readonly KeptIndex[] {
    return this.#parts.indexes.madeOf(relation).flatMap(({ index, sql }) => {
      const before = index.columns.map((position) => nameAt(relation, position))
      const names = before.flatMap((name) => altered.columns.get(name) ?? [])
      if (names.length < before.length) return []
      const isSame = altered.relation.name === relation.name && names.every((name, i) => name === before[i])
      const columns = names.map((name) => altered.relation.columns.findIndex((column) => column.name === name))
      return [{ index: { ...index, columns }, sql: isSame ? sql : indexText(altered.relation.name, index, names) }]
    })
  }

  async #replace(before: RelationSchema, schema: RelationSchema, altered: AlteredTable, kept: readonly KeptIndex[], span: Span): Promise<void> {
    const { catalog, executor, store } = this.#parts
    const ownIndexes = schema.indexes.slice(0, schema.indexes.length - kept.length)
    const own = { ...schema, indexes: ownIndexes }
    executor.createRelations([nativeRelation(schema, undefined, undefined)])
    catalog.stage(schema)
    try {
      await store.stage(own)
      await this.#copy(before, schema, altered)
      await this.#store(before, own, altered, kept)
    } catch (error) {
      executor.dropRelation(schema.id)
      await store.unstage(own).catch(() => undefined) // gone after a restart at the latest
      throw worded(asEngineError(error), schema, span)
    } finally {
      catalog.stage(undefined)
    }
    this.#adopt(before, schema, altered, kept)
  }

  async #copy(before: RelationSchema, schema: RelationSchema, { sources }: AlteredTable): Promise<void> {
    if (sources.length === 0) throw featureNotSupported('ALTER TABLE that leaves no column as it was is not supported')
    const { catalog, executor } = this.#parts
    const columns = sources.map(({ column }) => printIdentifier(column)).join(', ')
    const values = sources.map(({ sql }) => sql).join(', ')
    const text = `insert into ${filledName} (${columns}) overriding system value select ${values} from ${printIdentifier(before.name)}`
    const schemas: SchemaLookup = {
      relation: (name) => (name === filledName ? schema : catalog.relation(name)),
      relationById: (id) => catalog.relationById(id),
      referencing: (id) => catalog.referencing(id),
      relationNames: () => catalog.relationNames(),
    }
    const bound = bindStatement(parseStatement(text), schemas, { text })
    if (bound.kind !== 'query') throw new TypeError('an insert is a query')
    const program = planQuery(bound, schemas)
    const handle = executor.prepare(encodeProgram(program))
    try {
      await executor.run(handle, parameterValues([], []), program.notes, { isAlone: true })
    } finally {
      executor.release(handle)
    }
  }

  async #store(before: RelationSchema, own: RelationSchema, altered: AlteredTable, kept: readonly KeptIndex[]): Promise<void> {
    const { store, indexes } = this.#parts
    const entry: CatalogEntry = { kind: 'table', name: own.name, sql: altered.text }
    await store.replace({
      before: before.name,
      schema: own,
      entry,
      indexes: kept.map(({ index, sql }) => ({
        entry: { kind: 'index', name: index.name, sql },
        schema: { ...own, indexes: [...own.indexes, index] },
      })),
      indexesBefore: indexes.madeOf(before).map(({ index }) => index.name),
      keepsPlace: this.#referring(before).length > 0,
    })
  }

  /** From here on the table is the new one. */
  #adopt(before: RelationSchema, schema: RelationSchema, altered: AlteredTable, kept: readonly KeptIndex[]): void {
    const { catalog, executor, indexes, texts } = this.#parts
    const referring = this.#referring(before)
    executor.continueIdentityOf(schema.id, before.id)
    indexes.replace(indexes.madeOf(before).map(({ index }) => index.name), kept.map(({ index, sql }) => ({ name: index.name, sql })))
    catalog.remove(before)
    catalog.add(schema)
    texts.delete(before.name)
    texts.set(schema.name, altered.text)
    for (const { relation } of referring) {
      const foreignKeys = relation.foreignKeys.map((key) =>
        key.parent === before.id ? { ...key, parent: schema.id, parentColumns: parentPositions(before, altered, key.parentColumns) } : key)
      catalog.replace({ ...relation, foreignKeys })
    }
    executor.dropRelation(before.id)
  }
}

function nameAt(relation: Pick<RelationSchema, 'columns'>, position: number): string {
  return relation.columns[position]?.name ?? ''
}

function parentPositions(before: RelationSchema, altered: AlteredTable, positions: readonly number[]): readonly number[] {
  return positions.map((position) => {
    const name = altered.columns.get(nameAt(before, position))
    return altered.relation.columns.findIndex((column) => column.name === name)
  })
}

function sameType(before: RelationSchema, position: number, { relation }: AlteredTable, now: number): boolean {
  return JSON.stringify(before.columns[position]?.type) === JSON.stringify(relation.columns[now]?.type)
}

function sameSet(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((one) => right.includes(one))
}

function indexText(table: string, { name, unique }: IndexSchema, columns: readonly string[]): string {
  return `create ${unique ? 'unique ' : ''}index ${printIdentifier(name)} on ${printIdentifier(table)} (${columns.map(printIdentifier).join(', ')})`
}

/** What rows of the table do not fit is said of the table, not of the statement that copies them. */
function worded(error: EngineError, schema: RelationSchema, span: Span): EngineError {
  const name = /"([^"]*)"/.exec(error.message)?.[1] ?? ''
  const say = (message: string): EngineError => new EngineError(error.condition, { message, span, cause: error })
  switch (error.condition) {
    case 'not_null_violation':
      return say(`column "${name}" of relation "${schema.name}" contains null values`)
    case 'check_violation':
      return say(`check constraint "${/constraint "([^"]*)"/.exec(error.message)?.[1] ?? name}" of relation "${schema.name}" is violated by some row`)
    case 'unique_violation':
      return say(`could not create unique index "${name}"`)
    default:
      return error.with({ span })
  }
}
