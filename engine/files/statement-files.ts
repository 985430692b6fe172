// The files of one statement: opened when the binder asks for them, read when the plan says which columns
// are wanted, gone when the statement has ended. In native code each is a relation of batches.
import { EngineError } from '#base/engine-error'
import { featureNotSupported } from '#base/errors'
import type { ForeignKeySchema, RelationSchema, SchemaLookup } from '#base/schema'
import type { Span } from '#base/span'
import type { Program } from '#planner/index'
import type { Catalog } from '../catalog.ts'
import type { Executor, RunBy } from '../executor.ts'
import { nativeRelation } from '../relations/native-relation.ts'
import type { ColumnSource } from './column-source.ts'
import { allowedPath, type FileAccess } from './file-access.ts'
import { fileError } from './file-errors.ts'
import { openSource } from './open-source.ts'

export interface FileOptions extends RunBy {
  /** How much of all files has been read, 0 to 1. */
  readonly onProgress?: ((done: number) => void) | undefined
}

interface OpenFile {
  readonly relation: RelationSchema
  readonly source: ColumnSource
  readonly span: Span
}

/** Thrown out of the binder: it met a file that has not been opened. */
class UnopenedFile extends Error {
  readonly path: string
  readonly span: Span
  constructor(path: string, span: Span) {
    super(path)
    this.path = path
    this.span = span
  }
}

export class StatementFiles implements SchemaLookup {
  readonly #catalog: Catalog
  readonly #executor: Executor
  readonly #access: FileAccess
  readonly #open = new Map<string, OpenFile>()

  constructor(catalog: Catalog, executor: Executor, access: FileAccess) {
    this.#catalog = catalog
    this.#executor = executor
    this.#access = access
  }

  // SchemaLookup ------------------------------------------------------------------------------

  relation(name: string): RelationSchema | undefined {
    return this.#catalog.relation(name)
  }
  relationById(id: number): RelationSchema | undefined {
    for (const { relation } of this.#open.values()) if (relation.id === id) return relation
    return this.#catalog.relationById(id)
  }
  referencing(parent: number): readonly { relation: RelationSchema; key: ForeignKeySchema }[] {
    return this.#catalog.referencing(parent)
  }
  relationNames(): readonly string[] {
    return this.#catalog.relationNames()
  }
  /** Nobody knows of a file before it is read. */
  rowCount(relation: number): number | undefined {
    return this.#catalog.relationById(relation) === undefined ? undefined : this.#catalog.rowCount(relation)
  }
  distinctCount(relation: number, position: number): number | undefined {
    return this.#catalog.relationById(relation) === undefined ? undefined : this.#catalog.distinctCount(relation, position)
  }
  shareWithin(relation: number, position: number, low: bigint, high: bigint): number | undefined {
    return this.#catalog.relationById(relation) === undefined ? undefined : this.#catalog.shareWithin(relation, position, low, high)
  }
  file(path: string, span: Span): RelationSchema {
    const open = this.#open.get(path)
    if (open === undefined) throw new UnopenedFile(path, span)
    return open.relation
  }

  // The statement -----------------------------------------------------------------------------

  get isEmpty(): boolean {
    return this.#open.size === 0
  }

  /** Calls `bind` until every file that it asks for is open. Errors: 42501, 58P01, 22P04, 0A000. */
  async opened<T>(bind: (schemas: SchemaLookup) => T): Promise<T> {
    for (;;) {
      try {
        return bind(this)
      } catch (thrown) {
        if (!(thrown instanceof UnopenedFile)) throw thrown
        await this.#openFile(thrown.path, thrown.span)
      }
    }
  }

  /** Makes a source known under a name that stands where a path could. */
  add(path: string, source: ColumnSource, span: Span): void {
    if (source.columns.length === 0) throw new EngineError('bad_copy_file_format', { message: `"${path}" has no columns`, span })
    const columns = source.columns.map(({ name, type }) => ({ name, type, notNull: false }))
    const relation = {
      id: this.#catalog.takeTemporaryId(), name: path, kind: 'system' as const, durable: false, columns,
      indexes: [], checks: [], foreignKeys: [], insertable: false, mutable: false,
    }
    this.#open.set(path, { relation, source, span })
    this.#executor.createRelations([{ ...nativeRelation(relation, undefined, undefined), kind: 'batches' }])
  }

  /** Reads what a planned statement wants of its files. Errors: those of the sources, at the file's place. */
  async load(program: Program, options: FileOptions): Promise<void> {
    let index = 0
    for (const { relation, source, span } of this.#open.values()) {
      const [before, share] = [index++ / this.#open.size, 1 / this.#open.size]
      const progress = (done: number): void => {
        if (options.signal?.aborted === true) throw new EngineError('query_canceled', { message: 'canceling statement due to user request' })
        options.onProgress?.(before + done * share)
      }
      const sink = this.#executor.batchSink(relation.id, progress)
      await placed(relation.name, span, () => source.load(sink, wantedColumns(program, relation)))
    }
  }

  /** Frees what was read. The statements that read it have ended. */
  close(): void {
    for (const { relation } of this.#open.values()) {
      this.#executor.dropRelation(relation.id)
      this.#catalog.giveTemporaryId(relation.id)
    }
    this.#open.clear()
  }

  async #openFile(path: string, span: Span): Promise<void> {
    if (this.#open.size >= filesMax) throw featureNotSupported(`a statement with more than ${filesMax} files is not supported`, span)
    const real = await allowedPath(path, this.#access, 'read', span)
    this.add(path, await placed(path, span, () => openSource(real)), span)
  }
}

/** Files of one statement. */
const filesMax = 64

/** Errors of a file are shown where the statement names it. */
export async function placed<T>(path: string, span: Span, use: () => Promise<T>): Promise<T> {
  try {
    return await use()
  } catch (thrown) {
    const error = fileError(path, 'read', thrown)
    throw error.parts.span === undefined ? error.with({ span }) : error
  }
}

function wantedColumns(program: Program, relation: RelationSchema): boolean[] {
  const wanted = relation.columns.map(() => false)
  for (const { source } of program.pipelines) {
    if (source.kind !== 'Scan' || source.relation !== relation.id) continue
    for (const { column } of source.columns) wanted[column] = true
  }
  // A CSV reader counts rows by any column; without one there would be none to count.
  if (!wanted.includes(true)) wanted[0] = true
  return wanted
}
