// Which reader a file takes: by the ending of its name, or by what the statement says it is.
import { EngineError } from '#base/engine-error'
import type { ColumnSource } from './column-source.ts'
import type { CsvGiven } from './csv-format.ts'
import { sniffedCsv } from './csv-source.ts'

export type FileFormat = 'csv' | 'parquet' | 'arrow'

const endings: readonly (readonly [RegExp, FileFormat, CsvGiven])[] = [
  [/\.csv$/i, 'csv', {}],
  [/\.tsv$/i, 'csv', { delimiter: '\t' }],
  [/\.(txt|tbl)$/i, 'csv', {}],
  [/\.parquet$/i, 'parquet', {}],
  [/\.(arrow|arrows|feather|ipc)$/i, 'arrow', {}],
]

/** What the ending of a name says; undefined: nothing. */
export function formatOf(path: string): { readonly format: FileFormat; readonly given: CsvGiven } | undefined {
  const found = endings.find(([ending]) => ending.test(path))
  return found && { format: found[1], given: found[2] }
}

/** Opens a file for reading. Errors: 0A000 for a name that says no format; those of the format. */
export async function openSource(path: string, format?: FileFormat, given?: CsvGiven): Promise<ColumnSource> {
  const named = formatOf(path)
  switch (format ?? named?.format) {
    case 'csv': return sniffedCsv(path, given ?? named?.given ?? {})
    case 'parquet': return (await import('./parquet-source.ts')).parquetSource(path)
    case 'arrow': return (await import('./arrow-source.ts')).arrowFileSource(path)
    case undefined:
      throw new EngineError('feature_not_supported', {
        message: `the name "${path}" does not say what the file is`,
        hint: 'Files are read by their endings: .csv, .tsv, .parquet, .arrow. With copy, (format csv) says it.',
      })
  }
}
