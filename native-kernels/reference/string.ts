// Twins of the string and LIKE kernels, over arrays of characters.
import {
  fail,
  immediate,
  num,
  str,
  strict,
  type Family,
  type RowFunction,
  type SqlValue,
} from './sql-value.ts'

function characters(row: readonly SqlValue[], index: number): string[] {
  return Array.from(str(row, index))
}

const substring: RowFunction = strict((row) => {
  const count = num(row, 2)
  if (count < 0) fail('22011')
  const first = num(row, 1) - 1
  return characters(row, 0)
    .slice(Math.max(first, 0), Math.max(first + count, 0))
    .join('')
})

function splitPart(row: readonly SqlValue[]): string {
  const [text, separator, wanted] = [str(row, 0), str(row, 1), num(row, 2)]
  if (wanted === 0) fail('22023')
  const fields = separator === '' ? [text] : text.split(separator)
  return fields.at(wanted > 0 ? wanted - 1 : wanted) ?? ''
}

function trim(start: boolean, end: boolean): RowFunction {
  return strict((row) => {
    const text = characters(row, 0)
    const set = new Set(characters(row, 1))
    while (start && text.length > 0 && set.has(text[0] ?? '')) text.shift()
    while (end && text.length > 0 && set.has(text.at(-1) ?? '')) text.pop()
    return text.join('')
  })
}

function pad(row: readonly SqlValue[], place: (text: string, fill: string) => string): string {
  const [text, fill] = [characters(row, 0), characters(row, 2)]
  const wanted = Math.max(num(row, 1), 0)
  const missing = wanted - text.length
  if (missing <= 0 || fill.length === 0) return text.slice(0, wanted).join('')
  const filled = Array.from({ length: missing }, (_, i) => fill[i % fill.length]).join('')
  return place(text.join(''), filled)
}

function translate(row: readonly SqlValue[]): string {
  const [from, to] = [characters(row, 1), characters(row, 2)]
  const map = (one: string): string => {
    const index = from.indexOf(one)
    return index < 0 ? one : (to[index] ?? '')
  }
  return characters(row, 0).map(map).join('')
}

/** The pattern as a regular expression over whole characters. */
function likePattern(pattern: string, escape: string, ignoreCase: boolean): RegExp {
  if (Array.from(escape).length > 1) fail('22025')
  let source = ''
  let escaped = false
  for (const one of pattern) {
    const special = escaped ? undefined : one === '%' ? '[^]*' : one === '_' ? '[^]' : undefined
    const begins: boolean = !escaped && one === escape
    if (!begins) source += special ?? one.replace(/[\\^$.*+?()[\]{}|/-]/gu, '\\$&')
    escaped = begins
  }
  if (escaped) fail('22025')
  return new RegExp(`^${source}$`, ignoreCase ? 'iu' : 'u')
}

function like(ignoreCase: boolean): RowFunction {
  return strict((row) =>
    likePattern(str(row, 1), row.length > 2 ? str(row, 2) : '\\', ignoreCase).test(str(row, 0)),
  )
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Whether JavaScript's expressions match somewhere; for patterns that mean the same to both. */
const regexMatch: RowFunction = strict((row, call) => {
  const ignoreCase = (immediate(call, 0) & 1) !== 0
  return new RegExp(str(row, 1), ignoreCase ? 'sui' : 'su').test(str(row, 0))
})

export const strings: Family = {
  RegexMatch: regexMatch,
  Concat: strict((row) => str(row, 0) + str(row, 1)),
  ConcatAll: (row) => row.map((value) => value ?? '').join(''),
  ConcatWs: ([separator = null, ...rest]) =>
    separator === null ? null : rest.filter((value) => value !== null).join(String(separator)),
  Length: strict((row) => characters(row, 0).length),
  OctetLength: strict((row) => Buffer.byteLength(str(row, 0))),
  BitLength: strict((row) => Buffer.byteLength(str(row, 0)) * 8),
  Substring: substring,
  Position: strict((row) => {
    const found = str(row, 0).indexOf(str(row, 1))
    return found < 0 ? 0 : Array.from(str(row, 0).slice(0, found)).length + 1
  }),
  Left: strict((row) => characters(row, 0).slice(0, num(row, 1)).join('')),
  Right: strict((row) => {
    const text = characters(row, 0)
    const count = num(row, 1)
    return text.slice(count >= 0 ? Math.max(text.length - count, 0) : -count).join('')
  }),
  SplitPart: strict(splitPart),
  StartsWith: strict((row) => str(row, 0).startsWith(str(row, 1))),
  BTrim: trim(true, true),
  LTrim: trim(true, false),
  RTrim: trim(false, true),
  Replace: strict((row) =>
    str(row, 1) === '' ? str(row, 0) : str(row, 0).replaceAll(str(row, 1), () => str(row, 2)),
  ),
  Repeat: strict((row) => str(row, 0).repeat(Math.max(num(row, 1), 0))),
  Reverse: strict((row) => characters(row, 0).reverse().join('')),
  LPad: strict((row) => pad(row, (text, fill) => fill + text)),
  RPad: strict((row) => pad(row, (text, fill) => text + fill)),
  Translate: strict(translate),
  Lower: strict((row) => str(row, 0).toLowerCase()),
  Upper: strict((row) => str(row, 0).toUpperCase()),
  HtmlEscape: strict((row) => str(row, 0).replace(/[&<>"']/g, (one) => entities[one] ?? one)),
  UrlEncode: strict((row) =>
    encodeURIComponent(str(row, 0)).replace(
      /[!'()*]/g,
      (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
    ),
  ),
  Like: like(false),
  ILike: like(true),
}
