// What an entry of the catalogue is. A family file lists its overloads as data; resolution chooses by
// types alone, and `build` then writes the kernels for the arguments that were chosen.
import type { DataType } from '#base/data-type'
import type { Span } from '#base/span'
import type { Expression } from '#sql/bound'
import { kernelCall, type Volatility } from './build.ts'
import { typeOfKind, type TypeKind } from './types.ts'

/**
 * `any`: whatever the argument is, left as it is (an unknown literal becomes text). `same`: all such
 * arguments get one common type.
 */
export type Parameter = TypeKind | 'any' | 'same'

/** Makes the expression of a call; arguments already have the overload's types. */
export type Build = (operands: readonly Expression[], site: CallSite) => Expression

export interface CallSite {
  readonly span: Span
  /** As the user wrote it: `+`, `lower`. */
  readonly label: string
}

export interface Overload {
  readonly name: string
  readonly parameters: readonly Parameter[]
  /** The last parameter may be repeated, or left out. */
  readonly variadic: boolean
  readonly build: Build
  readonly volatility: Volatility
  /** One line for docs/functions.md and completion. */
  readonly doc: string
}

export interface OverloadOptions {
  readonly variadic?: boolean
  readonly volatility?: Volatility
}

export function overload(
  name: string,
  parameters: readonly Parameter[],
  build: Build,
  doc: string,
  options: OverloadOptions = {},
): Overload {
  const { variadic = false, volatility = 'immutable' } = options
  return { name, parameters, build, doc, variadic, volatility }
}

/** A build that is one kernel over the arguments as they are. */
export function kernel(
  name: string,
  result: TypeKind | DataType,
  immediates: readonly number[] = [],
  volatility: Volatility = 'immutable',
): Build {
  const type = typeof result === 'string' ? typeOfKind(result) : result
  return (operands, { span, label }) =>
    kernelCall(name, operands, type, span, { immediates, volatility, label })
}

/** A build that is one kernel whose result has the type of its first argument. */
export function kernelOfFirst(name: string): Build {
  return (operands, { span, label }) =>
    kernelCall(name, operands, operands[0]?.type ?? typeOfKind('text'), span, { label })
}

/** Entries by name, in the order listed. */
export function indexByName<Entry extends { readonly name: string }>(
  entries: readonly Entry[],
): ReadonlyMap<string, readonly Entry[]> {
  const index = new Map<string, Entry[]>()
  for (const entry of entries) {
    const known = index.get(entry.name)
    if (known) known.push(entry)
    else index.set(entry.name, [entry])
  }
  return index
}
