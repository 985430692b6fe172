// What a probe of the plain interpreter makes of a row and its matches.
import type { Load, Operator, Residual } from '#planner/program'
import { kept, value, type Frame } from './interpret-frame.ts'
import { DataFailure, type Row } from './interpret-kernels.ts'

export function emitMatches(
  operator: Extract<Operator, { residual: Residual }>,
  frame: Frame,
  matches: Frame[],
  loads: readonly Load[],
  nullAwareRows: readonly Row[] | undefined,
): Frame[] {
  const own = kept(frame, operator.keep)
  const isUnknown =
    nullAwareRows !== undefined &&
    matches.length === 0 &&
    nullAwareRows.length > 0 &&
    'keys' in operator &&
    (operator.keys.some((key) => value(frame, key) === null) ||
      nullAwareRows.some((row) => row[0] === null))
  switch (operator.type) {
    case 'Semi':
      return matches.length > 0 ? [own] : []
    case 'Anti':
      return matches.length > 0 || isUnknown ? [] : [own]
    case 'Mark':
      return [own.set(operator.mark, isUnknown ? null : matches.length > 0)]
    case 'Inner':
    case 'Right':
      return matches
    case 'Single':
    case 'Left':
    case 'Full': {
      if (operator.type === 'Single' && matches.length > 1) throw new DataFailure('21000')
      if (matches.length > 0) return matches
      for (const { register } of loads) own.set(register, null)
      if (operator.kind === 'IndexProbe' && operator.rowId >= 0) own.set(operator.rowId, null)
      return [own]
    }
  }
}
