import { describe, expect, it } from 'vitest'
import type { DataType } from '#base/data-type'
import type { SqlValue } from '#sql/bound'
import { scaledInteger } from '#sql/functions/decimal'
import { ConstantPool } from './constants.ts'

function bytesOf(value: SqlValue, type: DataType): string {
  const pool = new ConstantPool([])
  const constant = pool.constants[pool.add(value, type)] ?? pool.constants[0]
  return constant?.value instanceof Uint8Array
    ? Buffer.from(constant.value).toString('hex')
    : String(constant?.value)
}

const cases: readonly {
  readonly name: string
  readonly value: SqlValue
  readonly type: DataType
  readonly is: string
}[] = [
  { name: 'null', value: null, type: { kind: 'text' }, is: 'undefined' },
  { name: 'integer', value: 5, type: { kind: 'integer' }, is: '5' },
  { name: 'bigint from a number', value: 5, type: { kind: 'bigint' }, is: '5' },
  {
    name: 'numeric',
    value: '-12.50',
    type: { kind: 'numeric', precision: 6, scale: 2 },
    is: '-1250',
  },
  { name: 'text', value: 'ä', type: { kind: 'text' }, is: 'c3a4' },
  { name: 'bytea', value: new Uint8Array([0, 255]), type: { kind: 'bytea' }, is: '00ff' },
  {
    name: 'interval',
    value: '1 mon 2 days 00:00:01',
    type: { kind: 'interval' },
    is: '010000000200000040420f0000000000',
  },
  {
    name: 'uuid, two little-endian words of the big-endian halves',
    value: '00112233-4455-6677-8899-aabbccddeeff',
    type: { kind: 'uuid' },
    is: '7766554433221100ffeeddccbbaa9988',
  },
]

describe('constants', () => {
  for (const { name, value, type, is } of cases) {
    it(name, () => {
      expect(bytesOf(value, type)).toBe(is)
    })
  }

  it('are kept once, but 0 and -0, 1 and true, 1 and 1.0 apart', () => {
    const pool = new ConstantPool([])
    const values: readonly (readonly [SqlValue, DataType['kind']])[] = [
      [1, 'integer'],
      [1, 'integer'],
      [1n, 'bigint'],
      [true, 'boolean'],
      [0, 'double'],
      [-0, 'double'],
      ['1', 'text'],
      ['1', 'text'],
    ]
    const indexes = values.map(([value, kind]) => pool.add(value, { kind } as DataType))
    expect(indexes).toEqual([0, 0, 1, 2, 3, 4, 5, 5])
  })

  it('stand behind the parameters', () => {
    const pool = new ConstantPool([{ kind: 'bigint' }, { kind: 'text' }])
    expect(pool.add(1, { kind: 'integer' })).toBe(2)
    expect(pool.typeOf(1)).toBe('String')
  })

  it('read decimals at any scale', () => {
    expect([
      scaledInteger('1', 3),
      scaledInteger('.5', 1),
      scaledInteger('1.25', 1),
      scaledInteger('-0.06', 1),
    ]).toEqual([1000n, 5n, 13n, -1n])
  })
})
