// Lines of text as a result batch, for statements that the engine answers itself.
import type { NativeResultBatch } from '#native/binding'
import { physicalTypes } from '#planner/program'

/** One text column, a row per line. */
export function textBatch(lines: readonly string[]): NativeResultBatch {
  const pieces = lines.map((line) => Buffer.from(line))
  const offsets = new Int32Array(lines.length + 1)
  pieces.forEach((piece, row) => { offsets[row + 1] = (offsets[row] ?? 0) + piece.length })
  const values = new Uint8Array(Buffer.concat(pieces))
  const type = physicalTypes.indexOf('String')
  return { rowCount: lines.length, columns: [{ type, nullCount: 0, validity: undefined, values, offsets }] }
}
