// Runs a native kernel over the twins' values: into the addon's column layout and back.
import type { Addon, NativeResultColumn } from '../binding.ts'
import { typeNames, type IntervalValue, type SqlValue, type TypeName } from './sql-value.ts'

export interface KernelColumn {
  readonly type: TypeName
  readonly values: readonly SqlValue[]
  /** Row 0 stands for all rows. */
  readonly constant: boolean
}

export interface KernelCall {
  /** Position in planner/opcodes.gen.ts. */
  readonly opcode: number
  readonly columns: readonly KernelColumn[]
  readonly rowCount: number
  readonly immediates: readonly number[]
}

export interface KernelRun {
  readonly values: readonly SqlValue[]
  readonly errors: readonly (string | undefined)[]
}

/** Throws: an error with state RD001 when no program may contain the call. */
export function runKernel(addon: Pick<Addon, 'runKernel'>, call: KernelCall): KernelRun {
  const result = addon.runKernel(
    call.opcode,
    call.columns.map((column) => encodeColumn(column, call.rowCount)),
    call.rowCount,
    call.columns.map(({ constant }) => constant),
    call.immediates,
    0,
  )
  const [column] = result.columns
  if (column === undefined) throw new TypeError('a kernel gives one column')
  return {
    values: decodeColumn(column, call.rowCount),
    errors: result.states.map((state) => (state === '00000' ? undefined : state)),
  }
}

const widths: Readonly<Record<TypeName, number>> = {
  Bool: 1,
  Int16: 2,
  Int32: 4,
  Int64: 8,
  Float32: 4,
  Float64: 8,
  Decimal: 16,
  String: 0,
  Interval: 16,
  Uuid: 16,
}

function encodeColumn({ type, values }: KernelColumn, rowCount: number): NativeResultColumn {
  const rows = Array.from({ length: rowCount }, (_, row) => values[row] ?? null)
  const validity = new Uint8Array((rowCount + 7) >> 3)
  let nullCount = 0
  rows.forEach((value, row) => {
    if (value === null) nullCount++
    else validity[row >> 3] = (validity[row >> 3] ?? 0) | (1 << (row & 7))
  })
  const shared = { type: typeNames.indexOf(type), nullCount, validity }
  if (type === 'String') return { ...shared, ...encodeStrings(rows) }
  return { ...shared, values: encodeFixed(type, rows), offsets: undefined }
}

function encodeStrings(rows: readonly SqlValue[]): { values: Uint8Array; offsets: Int32Array } {
  const texts = rows.map((value) => Buffer.from(typeof value === 'string' ? value : '', 'utf8'))
  const offsets = new Int32Array(rows.length + 1)
  texts.forEach((text, row) => (offsets[row + 1] = (offsets[row] ?? 0) + text.length))
  return { values: new Uint8Array(Buffer.concat(texts)), offsets }
}

function encodeFixed(type: TypeName, rows: readonly SqlValue[]): Uint8Array {
  const width = widths[type]
  const bytes = new Uint8Array(rows.length * width)
  const view = new DataView(bytes.buffer)
  rows.forEach((value, row) => {
    if (value !== null) write(view, row * width, type, value)
  })
  return bytes
}

function write(view: DataView, at: number, type: TypeName, value: SqlValue): void {
  switch (type) {
    case 'Bool':
      return view.setUint8(at, value === true ? 1 : 0)
    case 'Int16':
      return view.setInt16(at, Number(value), true)
    case 'Int32':
      return view.setInt32(at, Number(value), true)
    case 'Int64':
      return view.setBigInt64(
        at,
        BigInt(Number.isInteger(value) ? Number(value) : String(value)),
        true,
      )
    case 'Float32':
      return view.setFloat32(at, Number(value), true)
    case 'Float64':
      return view.setFloat64(at, Number(value), true)
    case 'Decimal':
      return writeWide(view, at, BigInt(String(value)))
    case 'Interval':
      return writeInterval(view, at, value as IntervalValue)
    case 'Uuid':
      view.setBigUint64(at, BigInt(`0x${String(value).slice(0, 16)}`), true)
      return view.setBigUint64(at + 8, BigInt(`0x${String(value).slice(16)}`), true)
    case 'String':
      throw new TypeError('strings have no fixed width')
  }
}

function writeWide(view: DataView, at: number, value: bigint): void {
  view.setBigUint64(at, BigInt.asUintN(64, value), true)
  view.setBigInt64(at + 8, value >> 64n, true)
}

function writeInterval(
  view: DataView,
  at: number,
  { months, days, microseconds }: IntervalValue,
): void {
  view.setInt32(at, months, true)
  view.setInt32(at + 4, days, true)
  view.setBigInt64(at + 8, microseconds, true)
}

function decodeColumn(column: NativeResultColumn, rowCount: number): SqlValue[] {
  const type = typeNames[column.type]
  if (type === undefined) throw new TypeError(`no type has the number ${column.type}`)
  const { buffer, byteOffset, byteLength } = column.values
  const view = new DataView(buffer, byteOffset, byteLength)
  return Array.from({ length: rowCount }, (_, row) => {
    const bits = column.validity?.[row >> 3] ?? 0xff
    if (((bits >> (row & 7)) & 1) === 0) return null
    return type === 'String' ? readText(column, row) : read(view, row * widths[type], type)
  })
}

function readText({ values, offsets }: NativeResultColumn, row: number): string {
  return Buffer.from(values.subarray(offsets?.[row], offsets?.[row + 1])).toString('utf8')
}

function read(view: DataView, at: number, type: TypeName): SqlValue {
  switch (type) {
    case 'Bool':
      return view.getUint8(at) !== 0
    case 'Int16':
      return view.getInt16(at, true)
    case 'Int32':
      return view.getInt32(at, true)
    case 'Int64':
      return view.getBigInt64(at, true)
    case 'Float32':
      return view.getFloat32(at, true)
    case 'Float64':
      return view.getFloat64(at, true)
    case 'Decimal':
      return (view.getBigInt64(at + 8, true) << 64n) | view.getBigUint64(at, true)
    case 'Interval':
      return {
        months: view.getInt32(at, true),
        days: view.getInt32(at + 4, true),
        microseconds: view.getBigInt64(at + 8, true),
      }
    case 'Uuid':
      return [at, at + 8]
        .map((half) => view.getBigUint64(half, true).toString(16).padStart(16, '0'))
        .join('')
    case 'String':
      throw new TypeError('strings have no fixed width')
  }
}
