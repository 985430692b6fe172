import { expect, it } from 'vitest'
import { packSqlState, unpackSqlState } from './sql-state.ts'

it('packs five digits of six bits, as native code does', () => {
  expect(packSqlState('00000')).toBe(0)
  expect(packSqlState('22012')).toBe((((2 * 64 + 2) * 64 + 0) * 64 + 1) * 64 + 2)
  for (const state of ['23505', 'P0001', 'XX000', 'RD002'])
    expect(unpackSqlState(packSqlState(state))).toBe(state)
  expect(() => packSqlState('2350')).toThrow(TypeError)
})
