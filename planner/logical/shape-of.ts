// A text that is equal for expressions that always have the same value: what they are, without where
// they were written.
import type { Expression } from '#sql/bound'

export function shapeOf(expression: Expression): string {
  return JSON.stringify(expression, (name, value: unknown) => {
    if (name === 'span' || name === 'label') return undefined
    if (typeof value === 'bigint') return `${String(value)}n`
    // JSON has no infinities, and one zero.
    return typeof value === 'number' ? (Object.is(value, -0) ? '-0' : String(value)) : value
  })
}
