// Compares a result with what a sqllogictest record expects: renders values, sorts them as asked, hashes or compares them.
import { createHash } from 'node:crypto'
import type { Result } from '../result.ts'
import type { SltQuery, SortMode } from './parse.ts'

const shownLinesMax = 20
const int64Max = 2n ** 63n - 1n

/** The public format of a result: rendered values, rows sorted as the record says. A value is a row of its own under `valuesort`. */
export function formatRows(result: Result, types: string, sort: SortMode): string[][] {
  const rows = result.toText().map((row) => row.map((value, i) => formatValue(value, types[i] ?? 'T')))
  if (sort === 'nosort') return rows
  const sortable = sort === 'rowsort' ? rows : rows.flat().map((value) => [value])
  return sortable.sort(compareRows)
}

/** By the bytes of each value in turn. */
function compareRows(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < a.length; i++) {
    const order = compareBytes(a[i] ?? '', b[i] ?? '')
    if (order !== 0) return order
  }
  return 0
}

function compareBytes(a: string, b: string): number {
  if (a === b) return 0
  // In ASCII the order of UTF-16 is that of the bytes.
  if (/^[\x00-\x7f]*$/.test(a) && /^[\x00-\x7f]*$/.test(b)) return a < b ? -1 : 1
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

function formatValue(value: string | undefined, type: string): string {
  if (value === undefined) return 'NULL'
  if (type === 'I') return formatInteger(value)
  if (type === 'R') return formatReal(value)
  if (value === '') return '(empty)'
  return value.replace(/[^\x20-\x7e\u0080-\uffff]/g, '@')
}

/** As C prints a real as an integer: cut towards zero, and no larger than 64 bits; of a text, the number it begins with. */
function formatInteger(value: string): string {
  if (/^-?(0|[1-9]\d*)$/.test(value)) return value === '-0' ? '0' : value
  if (value === 't' || value === 'f') return value === 't' ? '1' : '0'
  const number = value === '' ? Number.NaN : Number(value)
  if (!Number.isFinite(number)) return /^\s*[+-]?\d+/.exec(value)?.[0].trim() ?? '0'
  const whole = /^-?\d+(\.\d*)?$/.test(value) ? BigInt(value.split('.')[0] ?? '0') : BigInt(Math.trunc(number))
  if (/[eE]/.test(value) && whole > int64Max) return String(int64Max)
  if (/[eE]/.test(value) && whole < -int64Max) return String(-int64Max - 1n)
  return String(whole)
}

function formatReal(value: string): string {
  if (value === 't' || value === 'f') return value === 't' ? '1.000' : '0.000'
  const number = value === '' ? Number.NaN : Number(value)
  return Number.isFinite(number) ? number.toFixed(3) : value
}

/** Of the values one a line, each line ended. */
export function hashOf(rows: readonly (readonly string[])[]): string {
  return createHash('md5').update(rows.map((row) => row.join('\n') + '\n').join('')).digest('hex')
}

/** What is not as expected, or undefined. A query without `----` has nothing to compare with. */
export function mismatch(rows: readonly string[][], record: SltQuery): string | undefined {
  const { expected } = record
  if (expected === undefined) return undefined
  const hashed = /^(\d+) values? hashing to ([0-9a-f]{32})$/.exec(expected[0]?.trim() ?? '')
  if (hashed !== null && expected.length === 1) {
    const [count, hash] = [rows.reduce((sum, row) => sum + row.length, 0), hashOf(rows)]
    if (Number(hashed[1]) === count && hashed[2] === hash) return undefined
    return `${count} values hashing to ${hash}, not ${expected[0]}`
  }
  if (isSame(expected, rows, record)) return undefined
  return `expected\n${shorten(expected)}\n  got\n${shorten(rows.map((row) => row.join(' ')))}`
}

function shorten(lines: readonly string[]): string {
  if (lines.length <= shownLinesMax) return lines.join('\n')
  return `${lines.slice(0, shownLinesMax).join('\n')}\n… ${lines.length - shownLinesMax} more lines`
}

/** Expected results stand one value a line, or one row a line with values between blanks or tabs. */
function isSame(expected: readonly string[], rows: readonly string[][], record: SltQuery): boolean {
  const width = rows[0]?.length ?? 0
  if (rows.length === 0) return expected.length === 0
  if (expected.length === rows.length * width && sameRows(regroup(expected, width), rows, record)) return true
  if (expected.length !== rows.length) return false
  return sameRows(expected.map((line) => line.split('\t')), rows, record) ||
    sameRows(expected.map((line) => line.trim().split(/\s+/)), rows, record) ||
    sameLines(expected, rows, record.sort)
}

function regroup(values: readonly string[], width: number): string[][] {
  return Array.from({ length: values.length / width }, (_, i) => values.slice(i * width, (i + 1) * width))
}

/** Other runners sort what is expected as well, so its order says nothing where a sort is asked. */
function sameRows(expected: readonly string[][], rows: readonly string[][], record: SltQuery): boolean {
  const types = record.sort === 'valuesort' ? '' : record.types
  const same = (wanted: readonly string[][]): boolean => wanted.every((row, i) => sameRow(row, rows[i] ?? [], types))
  return same(expected) || (record.sort !== 'nosort' && same([...expected].sort(compareRows)))
}

function sameRow(expected: readonly string[], row: readonly string[], types: string): boolean {
  return expected.length === row.length && expected.every((value, i) => sameValue(value, row[i] ?? '', types[i] ?? 'T'))
}

/** Runners differ in how they write reals and booleans; the value is what counts. */
function sameValue(expected: string, got: string, type: string): boolean {
  if (expected === got) return true
  if (type === 'R') return expected.trim() !== '' && formatReal(expected) === got
  if (type === 'I') return formatBoolean(expected) === formatBoolean(got) && /^(true|false)$/.test(expected)
  return (got === 't' && (expected === 'true' || expected === '1')) || (got === 'f' && (expected === 'false' || expected === '0'))
}

function formatBoolean(value: string): string {
  return value === 'true' ? '1' : value === 'false' ? '0' : value
}

/** Values with blanks in them: the line as a whole, however wide its gaps are. */
function sameLines(expected: readonly string[], rows: readonly string[][], sort: SortMode): boolean {
  const wanted = expected.map(squeeze)
  const got = rows.map((row) => squeeze(row.join(' ')))
  if (sort !== 'nosort') {
    wanted.sort(compareBytes)
    got.sort(compareBytes)
  }
  return wanted.every((line, i) => line === got[i])
}

function squeeze(line: string): string {
  return line.trim().replace(/\s+/g, ' ')
}
