// `import { RowtineDialect } from 'rowtine/kysely'`: Kysely over an open database.
import { PostgresQueryCompiler, type DatabaseIntrospector, type Dialect, type DialectAdapter, type Driver, type QueryCompiler } from 'kysely'
import type { Database } from '../database.ts'
import { RowtineAdapter } from './adapter.ts'
import { RowtineDriver } from './driver.ts'
import { RowtineIntrospector } from './introspector.ts'

/**
 * The database stays its owner's: `kysely.destroy()` does not close it.
 *
 * @example
 * const db = await open()
 * const kysely = new Kysely<Schema>({ dialect: new RowtineDialect(db) })
 * await kysely.insertInto('users').values({ name: 'Ada' }).execute()
 */
export class RowtineDialect implements Dialect {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  createDriver(): Driver {
    return new RowtineDriver(this.#database)
  }

  /** The language is PostgreSQL's. */
  createQueryCompiler(): QueryCompiler {
    return new PostgresQueryCompiler()
  }

  createAdapter(): DialectAdapter {
    return new RowtineAdapter()
  }

  /** It asks the catalog, and needs no Kysely to query with. */
  createIntrospector(): DatabaseIntrospector {
    return new RowtineIntrospector(this.#database)
  }
}
