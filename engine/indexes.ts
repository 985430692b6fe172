// `create index` on tables with rows, and `drop index`: the table, the store and the catalog change in
// an order in which a refusal leaves nothing behind.
import { EngineError } from '#base/engine-error'
import { undefinedObject } from '#base/errors'
import type { IndexSchema, RelationSchema } from '#base/schema'
import type { BoundCreateIndex, BoundDrop } from '#sql/bound'
import { droppedIndex, duplicateRelation, type Catalog } from './catalog.ts'
import type { Executor } from './executor.ts'
import { normalisedText, type DefinitionContext } from './definition-text.ts'
import type { Store } from './stores/store.ts'

export class Indexes {
  readonly #catalog: Catalog
  readonly #executor: Executor
  readonly #store: Store
  /** Texts of those made by `create index`, by name; the others belong to constraints. */
  readonly #texts = new Map<string, string>()

  constructor(catalog: Catalog, executor: Executor, store: Store) {
    this.#catalog = catalog
    this.#executor = executor
    this.#store = store
  }

  /** Errors: 42P07 when the name is taken; 23505 when rows share a key of a unique one; 54000, 54011. */
  async create({ relation, index, ifNotExists, span }: BoundCreateIndex, context: DefinitionContext): Promise<string> {
    const tag = 'CREATE INDEX'
    const sql = context.text.slice(span.start, span.end)
    const text = normalisedText(sql)
    const isThere = this.#catalog.indexNamed(index.name) !== undefined || this.#catalog.relation(index.name) !== undefined
    if (isThere && ifNotExists) return tag
    if (context.declare && [...this.#texts.values()].some((known) => normalisedText(known) === text)) return tag
    if (isThere) throw duplicateRelation(index.name, span)
    const schema = { ...relation, indexes: [...relation.indexes, index] }
    await this.#build(schema, span)
    if (!context.restoring) await this.#record(schema, sql)
    this.#catalog.replace(schema)
    this.#texts.set(index.name, sql)
    return tag
  }

  /** The last index of the schema is the new one. */
  async #build(schema: RelationSchema, span: BoundCreateIndex['span']): Promise<void> {
    const index = schema.indexes.at(-1)
    if (index === undefined) throw new TypeError('a schema has its new index')
    try {
      await this.#executor.createIndex(schema.id, index)
    } catch (error) {
      if (!(error instanceof EngineError) || error.condition !== 'unique_violation') throw error
      const names = index.columns.map((position) => schema.columns[position]?.name ?? '?')
      throw new EngineError('unique_violation', {
        message: `could not create unique index "${index.name}"`,
        detail: `Rows of "${schema.name}" have the same (${names.join(', ')}).`,
        hint: `Find them with select ${names.join(', ')}, count(*) from ${schema.name} group by ${names.join(', ')} having count(*) > 1.`,
        span,
      })
    }
  }

  async #record(schema: RelationSchema, sql: string): Promise<void> {
    const name = schema.indexes.at(-1)?.name ?? ''
    try {
      await this.#store.create({ kind: 'index', name, sql }, schema)
    } catch (error) {
      await this.#executor.dropIndex(schema.id, schema.indexes.length - 1)
      // The number stays taken in native code, and so here.
      this.#catalog.replace({ ...schema, indexes: [...schema.indexes.slice(0, -1), droppedIndex] })
      throw error
    }
  }

  /** Errors: 42704; 2BP01 when a constraint, a reference or a coroutine needs it. */
  async drop(name: string, bound: BoundDrop): Promise<void> {
    const found = this.#catalog.indexNamed(name)
    if (found === undefined) {
      if (bound.ifExists) return
      throw undefinedObject('index', name, bound.span, this.#catalog.indexNames())
    }
    const { relation, position } = found
    this.#refuseNeeded(name, relation, position, bound)
    // The store first: its own index must not refuse rows that memory takes.
    await this.#store.drop({ kind: 'index', name })
    await this.#executor.dropIndex(relation.id, position)
    this.#texts.delete(name)
    const indexes = relation.indexes.map((index, i) => (i === position ? droppedIndex : index))
    this.#catalog.replace({ ...relation, indexes })
  }

  /** Those that `create index` made of a table, with their texts. */
  madeOf(relation: RelationSchema): readonly { readonly index: IndexSchema; readonly sql: string }[] {
    return relation.indexes.flatMap((index) => {
      const sql = this.#texts.get(index.name)
      return sql === undefined ? [] : [{ index, sql }]
    })
  }
  /** The same indexes, of a table that was altered. */
  replace(before: readonly string[], after: readonly { readonly name: string; readonly sql: string }[]): void {
    for (const name of before) this.#texts.delete(name)
    for (const { name, sql } of after) this.#texts.set(name, sql)
  }

  /** Forgets the indexes of a table that goes, in the store too. */
  async dropAllOf(relation: RelationSchema): Promise<void> {
    for (const { name } of relation.indexes) {
      if (!this.#texts.delete(name)) continue
      await this.#store.drop({ kind: 'index', name })
    }
  }

  #refuseNeeded(name: string, relation: RelationSchema, position: number, { span }: BoundDrop): void {
    const refused = (what: string, hint: string): EngineError =>
      new EngineError('dependent_objects_still_exist', { message: `cannot drop index ${name} because ${what}`, hint, span })
    if (!this.#texts.has(name)) {
      throw refused(`a constraint of table ${relation.name} requires it`, 'A constraint goes with its table: make the table again without it.')
    }
    const index = relation.indexes[position]
    if (index?.unique !== true) return
    const isReferenced = this.#catalog.referencing(relation.id).some(({ key }) => key.parentColumns.join() === index.columns.join())
    if (isReferenced) throw refused(`other tables refer to its columns`, 'Drop those tables first.')
    const coroutines = this.#catalog.coroutines()
      .filter(({ reads, writes }) => reads.includes(relation.id) || writes.includes(relation.id))
      .map((coroutine) => coroutine.name)
    if (coroutines.length > 0) {
      throw refused(`coroutines were planned with it: ${coroutines.join(', ')}`, 'Drop those coroutines first, and make them again afterwards.')
    }
  }
}
