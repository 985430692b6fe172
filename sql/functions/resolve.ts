// Which overload a call means: PostgreSQL's rules (manual, "Type Conversion"), on argument types only.
import { categoryOf, isPreferred, type TypeKind } from './types.ts'
import { castContext } from './cast-matrix.ts'
import type { Parameter } from './overload.ts'

/** What resolution has to know of an entry: functions, operators and aggregates alike. */
export interface Resolvable {
  readonly parameters: readonly Parameter[]
  /** The last parameter may be repeated, or left out. */
  readonly variadic?: boolean
}

export type Resolution<Entry> =
  | { readonly kind: 'found'; readonly overload: Entry; readonly parameters: readonly Parameter[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'ambiguous'; readonly candidates: readonly Entry[] }

interface Candidate<Entry> {
  readonly overload: Entry
  /** One per argument: a variadic parameter repeated. */
  readonly parameters: readonly Parameter[]
}

export function resolveOverload<Entry extends Resolvable>(
  overloads: readonly Entry[],
  given: readonly TypeKind[],
): Resolution<Entry> {
  let candidates = overloads
    .map((overload) => candidateFor(overload, given.length))
    .filter((candidate) => candidate !== undefined)
    .filter(({ parameters }) => parameters.every((to, index) => accepts(to, given[index])))
  if (candidates.length > 1) candidates = bySameAsOther(candidates, given) ?? candidates
  if (candidates.length > 1) candidates = best(candidates, (one) => exactMatches(one, given))
  if (candidates.length > 1) candidates = best(candidates, (one) => preferredMatches(one, given))
  if (candidates.length > 1) candidates = byUnknownCategory(candidates, given)
  const [first, second] = candidates
  if (!first) return { kind: 'none' }
  if (!second) return { kind: 'found', ...first }
  return { kind: 'ambiguous', candidates: candidates.map(({ overload }) => overload) }
}

function candidateFor<Entry extends Resolvable>(
  overload: Entry,
  count: number,
): Candidate<Entry> | undefined {
  const { parameters, variadic } = overload
  if (!variadic) return parameters.length === count ? { overload, parameters } : undefined
  const fixed = parameters.slice(0, -1)
  const last = parameters.at(-1)
  if (last === undefined || count < fixed.length) return undefined
  const repeated = Array.from({ length: count - fixed.length }, () => last)
  return { overload, parameters: [...fixed, ...repeated] }
}

function accepts(parameter: Parameter, given: TypeKind | undefined): boolean {
  if (given === undefined) return false
  if (parameter === 'any' || parameter === 'same' || given === 'unknown') return true
  return given === parameter || castContext(given, parameter) === 'implicit'
}

/** Of two operands one unknown: it is taken for the other's type if that is an exact match. */
function bySameAsOther<Entry>(
  candidates: readonly Candidate<Entry>[],
  given: readonly TypeKind[],
): Candidate<Entry>[] | undefined {
  const known = given.filter((kind) => kind !== 'unknown')
  const first = known[0]
  if (known.length === given.length || first === undefined) return undefined
  if (known.some((kind) => kind !== first)) return undefined
  const same = candidates.filter(({ parameters }) => parameters.every((to) => to === first))
  return same.length === 1 ? same : undefined
}

function best<Entry>(
  candidates: readonly Candidate<Entry>[],
  score: (one: Candidate<Entry>) => number,
): Candidate<Entry>[] {
  const scores = candidates.map(score)
  const highest = Math.max(...scores)
  return candidates.filter((_, index) => scores[index] === highest)
}

function exactMatches({ parameters }: Candidate<unknown>, given: readonly TypeKind[]): number {
  return parameters.filter((to, index) => to === given[index]).length
}

function preferredMatches({ parameters }: Candidate<unknown>, given: readonly TypeKind[]): number {
  return parameters.filter((to, index) => {
    const from = given[index]
    if (from === undefined || from === 'unknown') return false
    return to === from || (to !== 'any' && to !== 'same' && isPreferred(to))
  }).length
}

/** Unknown arguments are taken for strings where a candidate has one there, else for the common category. */
function byUnknownCategory<Entry>(
  candidates: readonly Candidate<Entry>[],
  given: readonly TypeKind[],
): Candidate<Entry>[] {
  let left = [...candidates]
  given.forEach((kind, index) => {
    if (kind !== 'unknown' || left.length < 2) return
    const strings = left.filter(({ parameters }) => parameters[index] === 'text')
    if (strings.length > 0) {
      left = strings
      return
    }
    const preferredHere = left.filter(({ parameters }) => isPreferredParameter(parameters[index]))
    if (preferredHere.length > 0 && oneCategory(left, index)) left = preferredHere
  })
  return left
}

function isPreferredParameter(parameter: Parameter | undefined): boolean {
  return (
    parameter !== undefined && parameter !== 'any' && parameter !== 'same' && isPreferred(parameter)
  )
}

function oneCategory(candidates: readonly Candidate<unknown>[], index: number): boolean {
  const categories = candidates.map(({ parameters }) => {
    const parameter = parameters[index]
    return parameter === undefined || parameter === 'any' || parameter === 'same'
      ? 'other'
      : categoryOf(parameter)
  })
  return new Set(categories).size === 1
}
