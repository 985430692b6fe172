// SQLSTATEs as numbers, five digits of six bits each: as native-kernels/src/base/sql_state.h packs
// them.

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'

export function packSqlState(state: string): number {
  if (!/^[0-9A-Z]{5}$/.test(state)) throw new TypeError(`"${state}" is no SQLSTATE`)
  return [...state].reduce((packed, digit) => packed * 64 + digits.indexOf(digit), 0)
}

export function unpackSqlState(packed: number): string {
  return [4, 3, 2, 1, 0]
    .map((place) => digits.charAt(Math.floor(packed / 64 ** place) % 64))
    .join('')
}
