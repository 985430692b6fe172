// `copy … to`: a result into a file of its format. The file takes its name when it is whole.
import { open, rename, rm } from 'node:fs/promises'
import { featureNotSupported } from '#base/errors'
import type { Span } from '#base/span'
import type { Copy, Query } from '#sql/ast'
import type { Result } from '../result.ts'
import { copyOptions } from './copy-options.ts'
import { csvText } from './csv-writer.ts'
import { allowedPath, type FileAccess } from './file-access.ts'
import { fileError } from './file-errors.ts'

/** The query whose rows a `copy … to` writes. Errors: 0A000. */
export function queryOfCopy({ source, span }: Copy): Query {
  if (source.kind === 'rows') {
    if (source.query.kind === 'query') return source.query
    throw featureNotSupported('copy of what a change returns is not supported', source.query.span)
  }
  const { name, columns } = source
  const items = columns?.map(({ name: column, span: at }) => ({
    expression: { kind: 'column', schema: undefined, table: undefined, name: column, span: at } as const, alias: undefined, span: at,
  }))
  const star = { kind: 'star', schema: undefined, table: undefined, span } as const
  return {
    kind: 'query', with: undefined, order: [], limit: undefined, locking: [], span,
    body: {
      kind: 'select', distinct: 'all', items: items ?? [{ expression: star, alias: undefined, span }],
      from: [{ kind: 'table', name, only: false, alias: undefined, span: name.span }],
      where: undefined, group: undefined, having: undefined, windows: [], span,
    },
  }
}

/** Writes a result where the statement says. Errors: 42501, 58P01, 53100, 58030, and those of the options. */
export async function writeResult(copy: Copy, result: Result, access: FileAccess): Promise<void> {
  if (copy.file.kind !== 'path') throw featureNotSupported('copy to stdout is not supported', copy.span, 'Copy to a file.')
  const options = copyOptions(copy)
  const path = await allowedPath(copy.file.path, access, 'write', copy.span)
  if (options.format === 'parquet') throw featureNotSupported('writing Parquet files is not supported', copy.span, 'Formats to write are csv and arrow.')
  const pieces = options.format === 'csv' ? csvText(result.columns, result.batches, options.csv) : await arrowFile(result)
  await writeFile(path, pieces, copy.file.path, copy.span)
}

async function arrowFile(result: Result): Promise<Uint8Array[]> {
  const { tableToIPC } = await import('apache-arrow')
  return [tableToIPC(await result.toArrow(), 'file')]
}

async function writeFile(path: string, pieces: Iterable<string | Uint8Array>, shown: string, span: Span): Promise<void> {
  const unfinished = `${path}.${process.pid}.part`
  try {
    const file = await open(unfinished, 'w')
    try {
      for (const piece of pieces) await file.write(typeof piece === 'string' ? Buffer.from(piece) : piece)
    } finally {
      await file.close()
    }
    await rename(unfinished, path)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw fileError(shown, 'write', error, span)
  }
}
