// The options of copy, in PostgreSQL's grammar: `(format csv, header, delimiter ';', null 'NA')`.
import { EngineError } from '#base/engine-error'
import { featureNotSupported } from '#base/errors'
import type { Copy, Option } from '#sql/ast'
import type { CsvGiven } from './csv-format.ts'
import { formatOf, type FileFormat } from './open-source.ts'

export interface CopyOptions {
  readonly format: FileFormat
  readonly csv: CsvGiven
  /** `header match`: the names must be the table's. */
  readonly headerMatches: boolean
}

/** Errors: 42601 for what no option is, 22023 for values that do not fit, 0A000 for formats and options that are not built. */
export function copyOptions({ options, file }: Copy): CopyOptions {
  const named = file.kind === 'path' ? formatOf(file.path) : undefined
  const seen = new Map<string, Option>()
  for (const option of options) {
    const name = option.name.toLowerCase()
    if (seen.has(name)) throw new EngineError('syntax_error', { message: 'conflicting or redundant options', span: option.span })
    seen.set(name, option)
  }
  const format = formatNamed(seen.get('format')) ?? named?.format ?? 'csv'
  let csv: CsvGiven = named?.given ?? {}
  let headerMatches = false
  for (const [name, option] of seen) {
    if (name === 'format') continue
    if (format !== 'csv') throw new EngineError('feature_not_supported', { message: `${name} is an option of CSV files only`, span: option.span })
    if (name === 'header' && textOf(option)?.toLowerCase() === 'match') headerMatches = true
    csv = { ...csv, ...csvOption(name, option) }
  }
  return { format, csv, headerMatches }
}

function formatNamed(option: Option | undefined): FileFormat | undefined {
  if (option === undefined) return undefined
  const name = String(option.value ?? '').toLowerCase()
  if (name === 'csv' || name === 'parquet' || name === 'arrow') return name
  if (name === 'text' || name === 'binary') {
    throw featureNotSupported(`copy in the format ${name} is not supported`, option.span, 'Formats are csv, parquet and arrow.')
  }
  throw new EngineError('invalid_parameter_value', { message: `COPY format "${name}" not recognized`, span: option.span, hint: 'Formats are csv, parquet and arrow.' })
}

function csvOption(name: string, option: Option): CsvGiven {
  switch (name) {
    case 'header': return { header: flag(option) }
    case 'delimiter':
    case 'delim':
    case 'sep': return { delimiter: character(option, 1) }
    case 'quote': return { quote: character(option, 0) }
    case 'escape': return { escape: character(option, 0) }
    case 'null':
    case 'nullstr': return { nullText: nullText(option) }
    case 'encoding':
      if (/^utf-?8$/i.test(textOf(option) ?? '')) return {}
      throw featureNotSupported('files in other encodings than UTF-8 are not supported', option.span)
    case 'force_quote':
    case 'force_not_null':
    case 'force_null':
    case 'freeze':
    case 'default':
    case 'on_error':
    case 'reject_limit':
    case 'log_verbosity':
      throw featureNotSupported(`the option ${name} of copy is not supported`, option.span)
    default:
      throw new EngineError('syntax_error', {
        message: `option "${name}" not recognized`, span: option.span,
        hint: 'Options are format, header, delimiter, quote, escape, null and encoding.',
      })
  }
}

function textOf({ value }: Option): string | undefined {
  return value === undefined ? undefined : String(value)
}

function flag(option: Option): boolean {
  const text = (textOf(option) ?? 'true').toLowerCase()
  if (['true', 'on', '1', 'match'].includes(text)) return true
  if (['false', 'off', '0'].includes(text)) return false
  throw new EngineError('invalid_parameter_value', { message: 'header requires a Boolean value or "match"', span: option.span })
}

/** A single byte; an empty quote means that nothing is quoted. */
function character(option: Option, least: number): string {
  const text = textOf(option) ?? ''
  if (text.length < least || text.length > 1 || /[\r\n\u0080-\uffff]/.test(text)) {
    throw new EngineError('invalid_parameter_value', { message: `COPY ${option.name.toLowerCase()} must be a single one-byte character`, span: option.span })
  }
  return text
}

function nullText(option: Option): string {
  const text = textOf(option) ?? ''
  if (/[\r\n]/.test(text)) throw new EngineError('invalid_parameter_value', { message: 'COPY null representation cannot use newline or carriage return', span: option.span })
  return text
}
