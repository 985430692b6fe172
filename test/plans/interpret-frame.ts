// One row on its way through the plain interpreter: its registers, and how their values compare.
import type { Load, Register } from '#planner/program'
import type { Row, Value } from './interpret-kernels.ts'

/** A row's registers by number. */
export type Frame = Map<Register, Value>

export function value(frame: Frame, register: Register): Value {
  const found = frame.get(register)
  if (found === undefined) throw new Error(`register ${String(register)} has no value`)
  return found
}

export function kept(frame: Frame, keep: readonly Register[]): Frame {
  return new Map(keep.map((register) => [register, value(frame, register)]))
}

export function load(frame: Frame, loads: readonly Load[], row: Row): void {
  for (const { column, register } of loads) frame.set(register, row[column] ?? null)
}

export function same(left: Value | undefined, right: Value | undefined): boolean {
  return left !== null && right !== null && left === right
}

export function compareNulls(
  left: Value,
  right: Value,
  { descending, nullsFirst }: { descending: boolean; nullsFirst: boolean },
): number {
  if (left === null || right === null) {
    if (left === right) return 0
    return (left === null) === nullsFirst ? -1 : 1
  }
  const order = left < right ? -1 : left > right ? 1 : 0
  return descending ? -order : order
}
