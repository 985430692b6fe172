// The user's tables as SQLite's: real constraints and real names, so that any SQLite tool reads the
// file. Written with Kysely's schema builder; nothing is run here.
import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from 'kysely'
import type { RelationSchema } from '#base/schema'
import { storedColumnsOf } from '../relations/stored-columns.ts'
import { sqliteType } from './sqlite-values.ts'

const builder = new Kysely<Record<string, never>>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
})

/** Statements that make a table with its keys. */
export function createTableSql(schema: RelationSchema): readonly string[] {
  let table = builder.schema.createTable(schema.name)
  for (const column of storedColumnsOf(schema)) {
    table = table.addColumn(column.name, sql.raw(sqliteType(column.type)), (definition) =>
      column.notNull ? definition.notNull() : definition,
    )
  }
  const names = (columns: readonly number[]): string[] => columns.map((position) => schema.columns[position]?.name ?? '')
  for (const index of schema.indexes) {
    if (index.primary) table = table.addPrimaryKeyConstraint(index.name, names(index.columns) as never[])
    else if (index.unique) table = table.addUniqueConstraint(index.name, names(index.columns) as never[])
  }
  return [table.compile().sql]
}

/** The schema's last index as SQLite's. */
export function createIndexSql(schema: RelationSchema): readonly string[] {
  const index = schema.indexes.at(-1)
  if (index === undefined) return []
  const columns = index.columns.map((position) => schema.columns[position]?.name ?? '')
  const plain = builder.schema.createIndex(index.name).on(schema.name).columns(columns as never[])
  return [(index.unique ? plain.unique() : plain).compile().sql]
}

export function dropIndexSql(name: string): string {
  return builder.schema.dropIndex(name).ifExists().compile().sql
}

/** What a table is called until it replaces another. */
export function stagedName(schema: RelationSchema): string {
  return `${stagedPrefix}${String(schema.id)}`
}
export const stagedPrefix = 'rowtine_staged_'

export function renameTableSql(from: string, to: string): string {
  return builder.schema.alterTable(from).renameTo(to).compile().sql
}

export function dropTableSql(name: string): string {
  return builder.schema.dropTable(name).ifExists().compile().sql
}
