// Statements with files in them: bound while their files are open, run when these have been read. And loads,
// which are inserts of rows that stand in no statement: of files, of Arrow tables, of arrays.
import { undefinedTable } from '#base/errors'
import { invariant } from '#base/invariant'
import type { SchemaLookup } from '#base/schema'
import { planQuery } from '#planner/index'
import type { Copy, Insert, Statement } from '#sql/ast'
import { bindStatement, type BindOptions } from '#sql/binder/index'
import type { BoundQuery, BoundStatement } from '#sql/bound'
import type { Catalog } from '../catalog.ts'
import type { Executor } from '../executor.ts'
import type { ParameterValue } from '../parameters.ts'
import { Result } from '../result.ts'
import type { Statements } from '../statements.ts'
import type { ColumnSource } from './column-source.ts'
import { insertOfCopy, insertOfRows } from './copy.ts'
import type { FileAccess } from './file-access.ts'
import { StatementFiles, type FileOptions } from './statement-files.ts'
import { writeResult } from './write-file.ts'

/** What a bound statement and its files are used for. */
type Use<T> = (bound: BoundStatement, schemas: SchemaLookup, files: StatementFiles) => T | Promise<T>

export class FileStatements {
  readonly #catalog: Catalog
  readonly #executor: Executor
  readonly #statements: Statements
  readonly #access: FileAccess

  constructor(catalog: Catalog, executor: Executor, statements: Statements, access: FileAccess) {
    this.#catalog = catalog
    this.#executor = executor
    this.#statements = statements
    this.#access = access
  }

  /** Binds a statement; its files are open while `use` runs. Errors: 42501, 58P01, 22P04, and those of the binder. */
  async bound<T>(statement: Statement, options: BindOptions, use: Use<T>): Promise<T> {
    const files = new StatementFiles(this.#catalog, this.#executor, this.#access)
    try {
      return await use(await files.opened((schemas) => bindStatement(statement, schemas, options)), files, files)
    } finally {
      files.close()
    }
  }

  /** Runs a query over files that are open: what the plan wants of them is read first. */
  async run(bound: BoundQuery, files: StatementFiles, values: readonly ParameterValue[], options: FileOptions): Promise<Result> {
    const program = planQuery(bound, files, this.#statements.planOptions)
    await files.load(program, options)
    const planned = this.#statements.prepared(bound, program)
    try {
      return await this.#statements.run(planned, values, options)
    } finally {
      this.#statements.release(planned)
    }
  }

  /** `copy … from`. Returns: how many rows were added. */
  copyFrom(copy: Copy, text: string, options: FileOptions): Promise<Result> {
    return this.#insert((files) => insertOfCopy(copy, this.#catalog, files, this.#access), text, options)
  }

  /** `copy … to`, when its query has run. */
  async copyTo(copy: Copy, result: Result): Promise<Result> {
    await writeResult(copy, result, this.#access)
    return new Result('COPY', [], [], result.rowCount)
  }

  /** Adds a source's rows to a relation, its columns by name. Errors: 42P01, 42703, those of the source and of insert. */
  async load(relation: string, source: ColumnSource, options: FileOptions): Promise<Result> {
    const span = { start: 0, end: 0 }
    if (this.#catalog.relation(relation) === undefined) throw undefinedTable(relation, span, this.#catalog.relationNames())
    const [schema, name] = relation.includes('.') ? relation.split('.', 2) : [undefined, relation]
    const columns = source.columns.map((column) => column.name)
    const target = { schema, name: name ?? relation, span }
    return this.#insert((files) => insertOfRows(source, files, { target, columns, span }), '', options)
  }

  async #insert(insertOf: (files: StatementFiles) => Insert | Promise<Insert>, text: string, options: FileOptions): Promise<Result> {
    const files = new StatementFiles(this.#catalog, this.#executor, this.#access)
    try {
      const insert = await insertOf(files)
      const bound = await files.opened((schemas) => bindStatement(insert, schemas, { text }))
      invariant(bound.kind === 'query', 'an insert is a query')
      const { rowCount } = await this.run(bound, files, [], options)
      return new Result('COPY', [], [], rowCount)
    } finally {
      files.close()
    }
  }
}
