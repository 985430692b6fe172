// `copy`: from a file into a table as one insert, and from a table or query into a file.
import { EngineError } from '#base/engine-error'
import { featureNotSupported, undefinedColumn, undefinedTable } from '#base/errors'
import type { RelationSchema } from '#base/schema'
import type { Span } from '#base/span'
import type { Copy, Identifier, Insert, QualifiedName, Query } from '#sql/ast'
import type { Catalog } from '../catalog.ts'
import type { ColumnSource, SourceColumn } from './column-source.ts'
import { copyOptions, type CopyOptions } from './copy-options.ts'
import { headerOf, typedCsv } from './csv-source.ts'
import { allowedPath, type FileAccess } from './file-access.ts'
import { openSource } from './open-source.ts'
import { placed, type StatementFiles } from './statement-files.ts'

/** The name under which an insert finds the rows that it is given. */
const rowsName = 'the rows'

/** The insert that a `copy … from` is, its file opened among `files`. Errors: 42P01, 42703, 22P04 and those of options and files. */
export async function insertOfCopy(copy: Copy, catalog: Catalog, files: StatementFiles, access: FileAccess): Promise<Insert> {
  if (copy.source.kind !== 'table' || copy.file.kind !== 'path') {
    throw featureNotSupported('copy from stdin is not supported', copy.span, 'Copy from a file.')
  }
  const { name, columns } = copy.source
  const options = copyOptions(copy)
  const path = await allowedPath(copy.file.path, access, 'read', copy.span)
  const table = tableNamed(catalog, name)
  const wanted = wantedColumns(table, columns)
  const source = await placed(copy.file.path, copy.span, () => sourceOf(path, options, table, wanted))
  return insertOfRows(source, files, { target: name, columns: wanted, where: copy.where, span: copy.span })
}

export interface RowsInsert {
  readonly target: QualifiedName
  /** Of the target, found in the source by name. */
  readonly columns: readonly string[]
  readonly where?: Copy['where']
  readonly span: Span
}

/** `insert into target (columns) select columns from <source>`. Errors: 42703. */
export function insertOfRows(source: ColumnSource, files: StatementFiles, { target, columns, where, span }: RowsInsert): Insert {
  const given = source.columns.map(({ name }) => name)
  const missing = columns.find((name) => !given.includes(name))
  if (missing !== undefined) throw undefinedColumn(missing, span, given).with({ detail: `The columns given are: ${given.join(', ')}.` })
  files.add(rowsName, source, span)
  const identifiers = columns.map((name): Identifier => ({ name, span }))
  const query: Query = {
    kind: 'query', with: undefined, order: [], limit: undefined, locking: [], span,
    body: {
      kind: 'select', distinct: 'all', from: [{ kind: 'file', path: rowsName, alias: undefined, span }], where,
      items: columns.map((name) => ({ expression: { kind: 'column', schema: undefined, table: undefined, name, span }, alias: undefined, span })),
      group: undefined, having: undefined, windows: [], span,
    },
  }
  return {
    kind: 'insert', with: undefined, target, alias: undefined, columns: identifiers, overriding: 'system', source: query,
    conflict: undefined, returning: undefined, span,
  }
}

function tableNamed(catalog: Catalog, { schema, name, span }: QualifiedName): RelationSchema {
  const full = schema === undefined || schema === 'public' ? name : `${schema}.${name}`
  const table = catalog.relation(full)
  if (table === undefined) throw undefinedTable(full, span, catalog.relationNames())
  return table
}

/** Those listed, else all that a row is given: not generated, not hidden. */
export function wantedColumns(table: RelationSchema, listed: readonly Identifier[] | undefined): string[] {
  if (listed !== undefined) {
    for (const { name, span } of listed) {
      if (!table.columns.some((column) => column.name === name)) throw undefinedColumn(name, span, table.columns.map((column) => column.name))
    }
    return listed.map(({ name }) => name)
  }
  return table.columns
    .filter((column) => column.generated === undefined && column.hidden !== true && column.virtual === undefined)
    .map(({ name }) => name)
}

/** CSV has the table's columns in their order, as in PostgreSQL; formats with a schema have them by name. */
async function sourceOf(path: string, { format, csv, headerMatches }: CopyOptions, table: RelationSchema, wanted: readonly string[]): Promise<ColumnSource> {
  if (format !== 'csv') return openSource(path, format)
  if (headerMatches) await checkHeader(path, csv, wanted)
  const columns = wanted.map((name): SourceColumn => {
    const type = table.columns.find((column) => column.name === name)?.type ?? { kind: 'text' }
    // A length is the insert's to check: its message names the column.
    return { name, type: type.kind === 'text' ? { kind: 'text' } : type }
  })
  return typedCsv(path, csv, columns)
}

async function checkHeader(path: string, csv: CopyOptions['csv'], wanted: readonly string[]): Promise<void> {
  const header = await headerOf(path, csv)
  const at = wanted.findIndex((name, i) => header[i] !== name)
  if (at < 0 && header.length === wanted.length) return
  throw new EngineError('bad_copy_file_format', {
    message: 'the names in the first line are not the columns of the table',
    detail: `The line has: ${header.join(', ')}. The columns are: ${wanted.join(', ')}.`,
  })
}
