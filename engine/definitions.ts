// Carries out definitions: create and drop of relations, indexes, views and coroutines, in the catalog,
// in native code and in the store, in an order in which a refusal leaves nothing behind.
import { EngineError } from '#base/engine-error'
import { undefinedObject } from '#base/errors'
import type { RelationSchema } from '#base/schema'
import type { NativeCoroutine } from '#native/binding'
import { encodeProgram, planCascade, planCoroutine, type Program } from '#planner/index'
import type { BoundCoroutine, BoundCreateRelation, BoundCreateView, BoundDefinition, BoundDrop, EventOptions } from '#sql/bound'
import { duplicateRelation, type Catalog } from './catalog.ts'
import { normalisedText, type DefinitionContext } from './definition-text.ts'
import type { Executor } from './executor.ts'
import { Alterations } from './alterations.ts'
import { Indexes } from './indexes.ts'
import { nativeRelation } from './relations/native-relation.ts'
import type { CatalogEntry, Store, StoredRelation } from './stores/store.ts'
import { storedRelation } from './relations/stored-columns.ts'
import { readsOfView } from './relations/view-reads.ts'
import { noPlaces, sourcePlaces } from './source-places.ts'

/** The close of a connection runs this; its id is no coroutine's. */
const cascadeId = 0x7fff_fff0

export class Definitions {
  readonly #catalog: Catalog
  readonly #executor: Executor
  readonly #store: Store
  readonly #indexes: Indexes
  /** The text of each relation of the user's, by its name. */
  readonly #texts = new Map<string, string>()
  readonly #alterations: Alterations
  #hasCascade = false

  constructor(catalog: Catalog, executor: Executor, store: Store) {
    this.#catalog = catalog
    this.#executor = executor
    this.#store = store
    this.#indexes = new Indexes(catalog, executor, store)
    this.#alterations = new Alterations({ catalog, executor, store, indexes: this.#indexes, texts: this.#texts })
    executor.createRelations(catalog.relations().map((schema) => nativeRelation(schema, catalog.builtIn(schema.id), undefined)))
  }

  /** Returns the command tag. */
  async define(bound: BoundDefinition | BoundCoroutine, context: DefinitionContext): Promise<string> {
    switch (bound.kind) {
      case 'create_relation':
        return this.#createRelation(bound, context)
      case 'create_view':
        return this.#createView(bound, context)
      case 'create_index':
        return this.#indexes.create(bound, context)
      case 'coroutine':
        return this.#createCoroutine(bound, context)
      case 'drop':
        return this.#drop(bound)
      case 'alter':
        await this.#alterations.alter(bound, context.text, (relation) => this.#dependents(relation))
        return 'ALTER TABLE'
    }
  }

  #isTextOf(name: string, text: string): boolean {
    const known = this.#texts.get(name)
    return known !== undefined && normalisedText(known) === normalisedText(text)
  }

  /** Every stored relation, as the store's thread has to know it. */
  storedRelations(): readonly StoredRelation[] {
    return this.#catalog.relations().filter((relation) => relation.durable).map(storedRelation)
  }

  async #createRelation(bound: BoundCreateRelation, context: DefinitionContext): Promise<string> {
    const { name } = bound.relation
    const text = definitionText(context.text, bound.span)
    const tag = bound.events === undefined ? 'CREATE TABLE' : 'CREATE EVENT TABLE'
    if (this.#catalog.relation(name) !== undefined) {
      if (bound.ifNotExists) return tag
      if (!context.declare) throw duplicateRelation(name, bound.span)
      if (this.#isTextOf(name, text)) return tag
      throw duplicateRelation(name, bound.span, 'Its definition differs from the one in the data directory. Drop the table there first, or give this one another name.')
    }
    if (this.#catalog.indexNamed(name) !== undefined) throw duplicateRelation(name, bound.span)
    const schema = this.#catalog.number(bound.relation)
    const kind = bound.events === undefined ? 'table' : 'event_table'
    await this.#install(schema, bound.events, { kind, name, sql: text }, context)
    return tag
  }

  async #install(schema: RelationSchema, events: EventOptions | undefined, entry: CatalogEntry, context: DefinitionContext): Promise<void> {
    if (!context.restoring) await this.#store.create(entry, schema.durable ? schema : undefined)
    this.#executor.createRelations([nativeRelation(schema, undefined, events)])
    this.#catalog.add(schema)
    this.#texts.set(schema.name, entry.sql)
    if (schema.foreignKeys.length > 0) this.#installCascade()
  }

  async #createView(bound: BoundCreateView, context: DefinitionContext): Promise<string> {
    const { name } = bound.relation
    const text = definitionText(context.text, bound.span)
    const old = this.#catalog.relation(name)
    if (old !== undefined && !bound.replace) {
      if (context.declare && this.#isTextOf(name, text)) return 'CREATE VIEW'
      throw duplicateRelation(name, bound.span)
    }
    if (old !== undefined) {
      if (old.kind !== 'view') throw duplicateRelation(name, bound.span)
      await this.#store.drop({ kind: 'view', name })
      this.#catalog.remove(old)
      this.#executor.dropRelation(old.id)
    }
    if (!context.restoring) await this.#store.create({ kind: 'view', name, sql: text }, undefined)
    const schema = this.#catalog.number(bound.relation)
    this.#executor.createRelations([nativeRelation(schema, undefined, undefined)]) // to be listed
    this.#catalog.add(schema)
    this.#texts.set(name, text)
    return 'CREATE VIEW'
  }

  async #createCoroutine(bound: BoundCoroutine, context: DefinitionContext): Promise<string> {
    const planned = planCoroutine(bound, this.#catalog)
    const old = this.#catalog.coroutine(bound.name)
    if (old !== undefined && !bound.replace && !context.declare) {
      throw new EngineError('duplicate_object', { message: `coroutine "${bound.name}" already exists`, span: bound.span, hint: 'Use create or replace coroutine.' })
    }
    const id = this.#catalog.nextCoroutineId()
    const source = context.text.slice(bound.span.start, bound.span.end)
    this.#executor.createCoroutine({
      ...nativeProgram(planned.program),
      ...nativeReport(planned.report),
      id,
      name: bound.name,
      relation: planned.relation,
      routes: planned.routes.map(({ column, value }) => ({ column, value: typeof value === 'number' ? BigInt(value) : value })),
      matchedLocal: planned.matchedLocal,
      source,
      ...sourcePlaces(bound, context.text),
      onClose: false,
    })
    if (old !== undefined) this.#removeCoroutine(old.name)
    this.#catalog.addCoroutine({ id, name: bound.name, relation: planned.relation, source, reads: planned.reads, writes: planned.writes })
    this.#executor.setEventMajor(planned.relation, this.#catalog.isEventMajor(planned.relation))
    return Promise.resolve('CREATE COROUTINE')
  }

  #removeCoroutine(name: string): void {
    const coroutine = this.#catalog.requireCoroutine(name)
    this.#executor.dropCoroutine(coroutine.id)
    this.#catalog.removeCoroutine(name)
    this.#executor.setEventMajor(coroutine.relation, this.#catalog.isEventMajor(coroutine.relation))
  }

  async #drop(bound: BoundDrop): Promise<string> {
    for (const name of bound.names) {
      if (bound.object === 'coroutine') {
        if (this.#catalog.coroutine(name) === undefined && bound.ifExists) continue
        this.#catalog.requireCoroutine(name, bound.span)
        this.#removeCoroutine(name)
      } else if (bound.object === 'index') {
        await this.#indexes.drop(name, bound)
      } else {
        await this.#dropRelation(name, bound)
      }
    }
    return `DROP ${bound.object.toUpperCase()}`
  }

  async #dropRelation(name: string, bound: BoundDrop): Promise<void> {
    const relation = this.#catalog.relation(name)
    if (relation === undefined) {
      if (bound.ifExists) return
      throw undefinedObject(bound.object, name, bound.span, this.#catalog.relationNames())
    }
    if (this.#catalog.builtIn(relation.id) !== undefined) {
      throw new EngineError('wrong_object_type', { message: `"${name}" is built in and cannot be dropped`, span: bound.span })
    }
    const dependents = this.#dependents(relation)
    if (dependents.relations.length + dependents.coroutines.length > 0 && !bound.cascade) {
      const names = [...dependents.relations, ...dependents.coroutines]
      throw new EngineError('dependent_objects_still_exist', {
        message: `cannot drop ${bound.object} ${name} because other objects depend on it`,
        detail: `They are: ${names.join(', ')}.`,
        hint: 'Use drop … cascade to drop them too.',
        span: bound.span,
      })
    }
    for (const coroutine of dependents.coroutines) this.#removeCoroutine(coroutine)
    for (const dependent of dependents.relations) await this.#dropRelation(dependent, { ...bound, ifExists: true })
    await this.#indexes.dropAllOf(relation)
    const kind = relation.kind === 'view' ? 'view' : relation.kind === 'event' ? 'event_table' : 'table'
    await this.#store.drop({ kind, name })
    this.#catalog.remove(relation)
    this.#texts.delete(name)
    if (relation.foreignKeys.length > 0) this.#installCascade()
    this.#executor.dropRelation(relation.id)
  }

  #dependents(relation: RelationSchema): { relations: string[]; coroutines: string[] } {
    const views = this.#catalog.relations()
      .filter((one) => one.kind === 'view' && readsOfView(one, this.#catalog).has(relation.id))
    const referring = this.#catalog.referencing(relation.id).map((reference) => reference.relation)
    const relations = [...referring, ...views]
      .map(({ name }) => name)
      .filter((name) => name !== relation.name)
    const coroutines = this.#catalog.coroutines()
      .filter((one) => one.relation === relation.id || one.reads.includes(relation.id) || one.writes.includes(relation.id))
      .map((one) => one.name)
    return { relations: [...new Set(relations)], coroutines }
  }

  /** What happens to rows that refer to a connection when it goes away. */
  #installCascade(): void {
    const connections = this.#catalog.relation('connections')
    if (connections === undefined) return
    if (this.#hasCascade) this.#executor.dropCoroutine(cascadeId)
    const program = planCascade(connections, this.#catalog)
    this.#hasCascade = program !== undefined
    if (program === undefined) return
    this.#executor.createCoroutine({
      ...nativeProgram(program), ...nativeReport(undefined), id: cascadeId, name: 'connections on delete', relation: connections.id,
      routes: [], matchedLocal: -1, source: '', ...noPlaces, onClose: true,
    })
  }
}

function nativeProgram(program: Program): Pick<NativeCoroutine, 'words' | 'bytes' | 'notes'> {
  const notes = (program.notes ?? []).map(({ message, span, messageLocal }) => ({
    message, spanStart: span.start, spanEnd: span.end, messageLocal: messageLocal ?? -1,
  }))
  return { ...encodeProgram(program), notes }
}

function nativeReport(report: Program | undefined): Pick<NativeCoroutine, 'reportWords' | 'reportBytes'> {
  const { words, bytes } = report ? encodeProgram(report) : { words: new Int32Array(), bytes: new Uint8Array() }
  return { reportWords: words, reportBytes: bytes }
}

function definitionText(text: string, span: { start: number; end: number }): string {
  return text.slice(span.start, span.end)
}
