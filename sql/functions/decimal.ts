// Decimals as literals have them, text, and as they are computed with: integers of their last place.

/** The digits of a decimal text as an integer with `scale` of them after the point. */
export function scaledInteger(text: string, scale: number): bigint {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(text.trim())
  if (!match) throw new TypeError(`"${text}" is no decimal`)
  const [, sign = '', whole = '', fraction = ''] = match
  const digits = BigInt((whole === '' ? '0' : whole) + fraction.slice(0, scale).padEnd(scale, '0'))
  // The binder has cast to the scale already; what is beyond it can only be zeros or a rounding.
  const rounded = (fraction[scale] ?? '0') >= '5' ? digits + 1n : digits
  return sign === '-' ? -rounded : rounded
}

/** The text of so many units of the last of `scale` places. */
export function decimalOf(units: bigint, scale: number): string {
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0')
  const point = digits.length - scale
  const magnitude = scale === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`
  return units < 0n ? `-${magnitude}` : magnitude
}
