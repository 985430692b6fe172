// Types by name and back.
import { describe, expect, it } from 'vitest'
import { dataTypeNamed, physicalTypeOf, sameType, typeName } from './data-type.ts'

const cases = [
  { name: 'int', modifiers: [], printed: 'integer', physical: 'Int32' },
  { name: 'decimal', modifiers: [10, 2], printed: 'numeric(10,2)', physical: 'Decimal' },
  { name: 'numeric', modifiers: [5], printed: 'numeric(5,0)', physical: 'Decimal' },
  { name: 'varchar', modifiers: [20], printed: 'varchar(20)', physical: 'String' },
  { name: 'double precision', modifiers: [], printed: 'double precision', physical: 'Float64' },
  { name: 'jsonb', modifiers: [], printed: 'json', physical: 'String' },
  { name: 'timestamptz', modifiers: [], printed: 'timestamptz', physical: 'Int64' },
  { name: 'date', modifiers: [], printed: 'date', physical: 'Int32' },
]

describe('data types', () => {
  it.each(cases)('$name is $printed', ({ name, modifiers, printed, physical }) => {
    const type = dataTypeNamed(name, modifiers)
    expect(type && [typeName(type), physicalTypeOf(type)]).toEqual([printed, physical])
  })

  it('knows no others', () => {
    expect(dataTypeNamed('money')).toBeUndefined()
  })

  it('differ by scale and length', () => {
    expect(
      sameType(
        { kind: 'numeric', precision: 5, scale: 2 },
        { kind: 'numeric', precision: 5, scale: 2 },
      ),
    ).toBe(true)
    expect(sameType({ kind: 'numeric', precision: 5, scale: 2 }, { kind: 'numeric' })).toBe(false)
    expect(sameType({ kind: 'text', length: 5 }, { kind: 'text' })).toBe(false)
  })
})
