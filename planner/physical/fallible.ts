// Which expressions may raise an error: those need a mask where SQL does not reach them, and are
// filtered on last. A kernel not listed is taken to be able to fail.
import type { ColumnId, Expression } from '#sql/bound'
import { operandsOf } from '../logical/expression.ts'
import type { Opcode } from '../opcodes.gen.ts'

const neverFailing: readonly Opcode[] = [
  'Equal',
  'NotEqual',
  'Less',
  'LessEqual',
  'Greater',
  'GreaterEqual',
  'IsDistinct',
  'IsNotDistinct',
  'Least',
  'Greatest',
  'And',
  'Or',
  'Not',
  'IsNull',
  'IsNotNull',
  'IsTrue',
  'IsFalse',
  'Select',
  'Coalesce',
  'NullIf',
  'ToFloat64',
  'ToBool',
  'BitAnd',
  'BitOr',
  'BitXor',
  'BitNot',
  'Sign',
  'BoolToText',
  'IntToText',
  'FloatToText',
  'DecimalToText',
  'DateToText',
  'TimeToText',
  'TimestampToText',
  'TimestampTzToText',
  'IntervalToText',
  'UuidToText',
  'ByteaToText',
  'TextToBytea',
  'Concat',
  'ConcatAll',
  'ConcatWs',
  'Length',
  'OctetLength',
  'BitLength',
  'Lower',
  'Upper',
  'Initcap',
  'Position',
  'Left',
  'Right',
  'StartsWith',
  'BTrim',
  'LTrim',
  'RTrim',
  'Replace',
  'Reverse',
  'HtmlEscape',
  'UrlEncode',
  'JsonGet',
  'JsonGetText',
  'JsonGetIndex',
  'JsonGetIndexText',
  'JsonGetPath',
  'JsonGetPathText',
  'JsonTypeof',
  'JsonExists',
  'JsonContains',
  'TextToJson',
  'FloatToJson',
  'TimestampToJson',
  'TimestampTzToJson',
  'JsonArray',
  'JsonStripNulls',
  'JsonNormalize',
  'TimestampToDate',
  'TimestampToTime',
  'Now',
  'Random',
  'Hash',
  'HttpHeadersJson',
  'HttpCookiesJson',
  'HttpQueryJson',
  'HttpFormJson',
]
const safe: ReadonlySet<string> = new Set(neverFailing)

export function isSafeKernel(kernel: string): boolean {
  return safe.has(kernel)
}

/** `itemOf` finds what a column stands for where it is not computed yet. */
export function isFallible(
  expression: Expression,
  itemOf: (id: ColumnId) => Expression | undefined,
): boolean {
  if (expression.kind === 'call' && !safe.has(expression.kernel)) return true
  if (expression.kind === 'column') {
    const item = itemOf(expression.column.id)
    return item !== undefined && isFallible(item, itemOf)
  }
  return operandsOf(expression).some((operand) => isFallible(operand, itemOf))
}
