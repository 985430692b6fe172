// The catalog in Kysely's terms.
import { DEFAULT_MIGRATION_LOCK_TABLE, DEFAULT_MIGRATION_TABLE, type DatabaseIntrospector, type DatabaseMetadata, type DatabaseMetadataOptions, type SchemaMetadata, type TableMetadata } from 'kysely'
import { typeName } from '#base/data-type'
import type { ColumnSchema, RelationSchema } from '#base/schema'
import type { Database } from '../database.ts'

export class RowtineIntrospector implements DatabaseIntrospector {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** There are no schemas to choose from. */
  async getSchemas(): Promise<SchemaMetadata[]> {
    return Promise.resolve([])
  }

  /** The user's tables, event tables and views, by name; devices and system relations are the engine's. */
  async getTables(options: DatabaseMetadataOptions = { withInternalKyselyTables: false }): Promise<TableMetadata[]> {
    const { catalog } = this.#database
    const tables = catalog.relations()
      .filter(({ id, name }) => catalog.builtIn(id) === undefined && (options.withInternalKyselyTables || !isInternal(name)))
      .map(tableMetadata)
    return Promise.resolve(tables.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
  }

  async getMetadata(options?: DatabaseMetadataOptions): Promise<DatabaseMetadata> {
    return { tables: await this.getTables(options) }
  }
}

function isInternal(name: string): boolean {
  return name === DEFAULT_MIGRATION_TABLE || name === DEFAULT_MIGRATION_LOCK_TABLE
}

function tableMetadata({ name, kind, columns }: RelationSchema): TableMetadata {
  return { name, isView: kind === 'view', columns: columns.filter(({ hidden }) => hidden !== true).map(columnMetadata) }
}

function columnMetadata({ name, type, notNull, default: byDefault, identity, generated }: ColumnSchema): TableMetadata['columns'][number] {
  return {
    name,
    dataType: typeName(type),
    isNullable: !notNull,
    isAutoIncrementing: identity !== undefined,
    hasDefaultValue: byDefault !== undefined || identity !== undefined || generated !== undefined,
  }
}
