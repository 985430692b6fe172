// The pool of a program's constants: SQL values as the bytes that kernels read, mostly once each.
// Parameters come first, so that their positions are their numbers.
import { physicalTypeOf, type DataType } from '#base/data-type'
import type { SqlValue } from '#sql/bound'
import { scaledInteger } from '#sql/functions/decimal'
import { parseInterval } from '#sql/functions/interval'
import { scaleOf } from '#sql/functions/types'
import type { Constant, ConstantIndex, PhysicalType } from '../program.ts'

/** Past so many of a type, equal ones are not looked for: long lists hardly repeat themselves. */
const sharedMax = 65_536

export class ConstantPool {
  readonly #constants: Constant[]
  readonly #indexes = new Map<PhysicalType, Map<ConstantKey, ConstantIndex>>()
  readonly parameters: number

  constructor(parameters: readonly DataType[]) {
    this.parameters = parameters.length
    this.#constants = parameters.map((type) => ({ type: physicalTypeOf(type), value: undefined }))
  }

  get constants(): readonly Constant[] {
    return this.#constants
  }

  typeOf(index: ConstantIndex): PhysicalType {
    const constant = this.#constants[index]
    if (!constant) throw new TypeError(`constant ${String(index)} is not in the pool`)
    return constant.type
  }

  add(value: SqlValue, type: DataType): ConstantIndex {
    return this.addPhysical(constantOf(value, type))
  }

  addPhysical(constant: Constant): ConstantIndex {
    const indexes = this.#indexesOf(constant.type)
    const key = keyOf(constant.value)
    const known = indexes.get(key)
    if (known !== undefined) return known
    const index = this.#constants.push(constant) - 1
    if (indexes.size < sharedMax) indexes.set(key, index)
    return index
  }

  #indexesOf(type: PhysicalType): Map<ConstantKey, ConstantIndex> {
    const known = this.#indexes.get(type)
    if (known) return known
    const indexes = new Map<ConstantKey, ConstantIndex>()
    this.#indexes.set(type, indexes)
    return indexes
  }
}

/** A value as kernels read it. */
export function constantOf(value: SqlValue, type: DataType): Constant {
  return { type: physicalTypeOf(type), value: physicalValue(value, type) }
}

/** What two equal values of one type have in common. */
type ConstantKey = number | bigint | boolean | string | undefined

function keyOf(value: Constant['value']): ConstantKey {
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.length).toString('latin1')
  // A map takes 0 and -0, which are different floats, for the same key.
  return Object.is(value, -0) ? '-0' : value
}

function physicalValue(value: SqlValue, type: DataType): Constant['value'] {
  if (value === null) return undefined
  switch (physicalTypeOf(type)) {
    case 'Bool':
      return Boolean(value)
    case 'Int16':
    case 'Int32':
    case 'Float32':
    case 'Float64':
      return Number(value)
    case 'Int64':
      return toBigInt(value)
    case 'Decimal':
      return scaledInteger(String(value), scaleOf(type))
    case 'String':
      return value instanceof Uint8Array ? value : Buffer.from(String(value))
    case 'Interval':
      return intervalBytes(String(value))
    case 'Uuid':
      return uuidBytes(String(value))
  }
}

function toBigInt(value: Exclude<SqlValue, null>): bigint {
  if (typeof value === 'bigint') return value
  if (value instanceof Uint8Array) throw new TypeError('bytes are no integer')
  return BigInt(value)
}

function intervalBytes(text: string): Uint8Array {
  const parts = parseInterval(text)
  if (!parts) throw new TypeError(`"${text}" is no interval`)
  const view = new DataView(new ArrayBuffer(16))
  view.setInt32(0, parts.months, true)
  view.setInt32(4, parts.days, true)
  view.setBigInt64(8, parts.microseconds, true)
  return new Uint8Array(view.buffer)
}

/** Two words, high and low, each holding the big-endian half as a number. */
function uuidBytes(text: string): Uint8Array {
  const digits = text.replaceAll(/[^\da-f]/gi, '')
  const view = new DataView(new ArrayBuffer(16))
  view.setBigUint64(0, BigInt(`0x${digits.slice(0, 16)}`), true)
  view.setBigUint64(8, BigInt(`0x${digits.slice(16, 32)}`), true)
  return new Uint8Array(view.buffer)
}
