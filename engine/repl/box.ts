// Results as box tables that fit the terminal: numbers to the right, wide characters two cells, cells
// that do not fit cut with an ellipsis.
import { physicalTypeOf } from '#base/data-type'
import type { ResultColumn } from '../result.ts'

/** A result as people see it: undefined is null. */
export interface TableView {
  readonly columns: readonly ResultColumn[]
  readonly rows: readonly (readonly (string | undefined)[])[]
  /** PostgreSQL's command tag. */
  readonly tag: string
}

/** No column is cut below this, however narrow the terminal. */
const columnWidthMin = 4
const nullText = 'NULL'

/** Cells of a line of an output: a file has no end of lines, nor has a terminal that says 0, as pipes to one do. */
export function lineWidth({ isTTY, columns }: { readonly isTTY?: boolean; readonly columns?: number }): number {
  return isTTY === true && columns !== undefined && columns > 0 ? columns : Infinity
}

/** Draws `result` in at most `width` cells, with a footer that counts the rows. */
export function boxTable(result: TableView, width = Infinity): string {
  const rows = result.rows.map((row) => row.map((value) => oneLine(value ?? nullText)))
  const titles = result.columns.map((column) => oneLine(column.name))
  const natural = titles.map((title, i) => Math.max(cells(title), ...rows.map((row) => cells(row[i] ?? ''))))
  const widths = fit(natural, width)
  const isNumber = result.columns.map(({ type }) => /^(Int|Float|Decimal)/.test(physicalTypeOf(type)) && !['date', 'time', 'timestamp', 'timestamptz'].includes(type.kind))
  const rule = (left: string, middle: string, right: string): string => left + widths.map((w) => '─'.repeat(w + 2)).join(middle) + right
  const line = (values: readonly string[], numeric: readonly boolean[]): string =>
    '│' + values.map((value, i) => ` ${padded(value, widths[i] ?? 0, numeric[i] ?? false)} `).join('│') + '│'
  return [
    rule('┌', '┬', '┐'),
    line(titles, []),
    rule('├', '┼', '┤'),
    ...rows.map((row) => line(row, isNumber)),
    rule('└', '┴', '┘'),
    `(${rows.length} row${rows.length === 1 ? '' : 's'})`,
  ].join('\n')
}

/** Takes cells from the widest columns until everything fits. */
function fit(natural: readonly number[], width: number): number[] {
  const widths = [...natural]
  const frame = 3 * widths.length + 1
  let excess = widths.reduce((sum, w) => sum + w, frame) - width
  while (excess > 0) {
    const widest = widths.indexOf(Math.max(...widths))
    const second = Math.max(columnWidthMin, ...widths.filter((_, i) => i !== widest))
    const current = widths[widest] ?? 0
    if (current <= columnWidthMin) break
    const cut = Math.max(1, Math.min(excess, current - second))
    widths[widest] = Math.max(columnWidthMin, current - cut)
    excess -= current - (widths[widest] ?? 0)
  }
  return widths
}

function padded(value: string, width: number, right: boolean): string {
  const shown = cells(value) > width ? cutTo(value, width) : value
  const blanks = ' '.repeat(Math.max(0, width - cells(shown)))
  return right ? blanks + shown : shown + blanks
}

function cutTo(value: string, width: number): string {
  let out = ''
  let used = 0
  for (const character of value) {
    const next = cells(character)
    if (used + next > width - 1) break
    out += character
    used += next
  }
  return out + '…'
}

function oneLine(text: string): string {
  return text.replace(/\r?\n/g, '↵').replace(/\t/g, '⇥').replace(/[\u0000-\u001f\u007f-\u009f]/g, '�')
}

/** Cells that a text takes on a terminal: East Asian wide and emoji two, combining marks none. */
export function cells(text: string): number {
  let total = 0
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    if (/\p{Mark}/u.test(character) || code === 0x200d) continue
    total += isWide(code) ? 2 : 1
  }
  return total
}

function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0xa4cf) || (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) || (code >= 0xfe30 && code <= 0xfe6f) || (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) || (code >= 0x1f300 && code <= 0x1faff) || (code >= 0x20000 && code <= 0x3fffd)
  )
}
