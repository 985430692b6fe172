// How far an operator reaches. PostgreSQL lets users make operators, so the rule is lexical, not a
// list.
import { isOperator, kMinus, kPlus, kSlash, kStar } from './characters.ts'

/** A run that has one of these may end in + or -. */
const kMayEndInSign = /[~!@#^&|`?%]/

/** Returns the end of the operator at `start`, which is an operator character. */
export function readOperator(text: string, start: number): number {
  let end = start + 1
  while (isOperator(text.charCodeAt(end)) && !startsComment(text, end)) end += 1
  if (end === start + 1) return end
  if (kMayEndInSign.test(text.slice(start, end))) return end
  // So that `a=-1` is a comparison with a negative number.
  while (end > start + 1 && isSign(text.charCodeAt(end - 1))) end -= 1
  return end
}

function isSign(code: number): boolean {
  return code === kPlus || code === kMinus
}

function startsComment(text: string, position: number): boolean {
  const code = text.charCodeAt(position)
  const next = text.charCodeAt(position + 1)
  return (code === kMinus && next === kMinus) || (code === kSlash && next === kStar)
}
