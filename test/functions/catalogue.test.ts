// Every overload and every cast makes only calls that the native verifier will accept.
import { describe, expect, it } from 'vitest'
import type { DataType } from '#base/data-type'
import type { Expression } from '#sql/bound'
import { kernelCall } from '#sql/functions/build'
import { castExpression } from '#sql/functions/casts'
import { isCastAllowed } from '#sql/functions/cast-matrix'
import { functions, operators } from '#sql/functions/index'
import { toJson } from '#sql/functions/json-functions'
import type { Overload, Parameter } from '#sql/functions/overload'
import { numeric, types, type TypeKind } from '#sql/functions/types'
import { misfits } from './signatures.ts'

const span = { start: 0, end: 1 }
const kinds = [...Object.keys(types), 'numeric'].filter((kind) => kind !== 'unknown') as TypeKind[]

function typeOf(kind: TypeKind): DataType {
  return kind === 'numeric' ? numeric(2, 10) : types[kind]
}

function column(type: DataType): Expression {
  return { kind: 'column', column: { id: 1, name: 'c', type, nullable: true }, type, span }
}

/** Constants that the build insists on: fields, encodings, paths, flags. */
const constants: Record<string, Record<number, string | number>> = {
  extract: { 0: 'hour' },
  date_part: { 0: 'epoch' },
  date_trunc: { 0: 'day' },
  convert_from: { 1: 'UTF8' },
  convert_to: { 1: 'utf-8' },
  '#>': { 1: '{a,0}' },
  '#>>': { 1: '{a,0}' },
  jsonb_set: { 1: '{a,"b c"}' },
  regexp_replace: { 3: 'gi' },
  regexp_like: { 2: 'i' },
  width_bucket: { 3: 5 },
  to_date: { 1: 'YYYY-MM-DD' },
  to_timestamp: { 1: 'YYYY-MM-DD HH24:MI:SS' },
}

function operand(overload: Overload, parameter: Parameter, index: number): Expression {
  const constant = constants[overload.name]?.[index]
  if (constant !== undefined) return { kind: 'literal', value: constant, type: typeof constant === 'number' ? types.integer : types.text, span }
  if (parameter === 'any' || parameter === 'same') return column(types.text)
  return column(typeOf(parameter))
}

function parametersOf({ parameters, variadic }: Overload): readonly Parameter[] {
  const last = parameters.at(-1)
  return variadic && last ? [...parameters, last] : parameters
}

describe('the catalogue', () => {
  it.each(
    [...operators, ...functions].map(
      (one) => [`${one.name}(${one.parameters.join(', ')})`, one] as const,
    ),
  )('%s', (_, overload) => {
    const operands = parametersOf(overload).map((parameter, index) =>
      operand(overload, parameter, index),
    )
    expect(misfits(overload.build(operands, { span, label: overload.name }))).toEqual([])
  })
})

describe('misfits', () => {
  it('finds a call that no verifier would accept', () => {
    const operands = [column(types.text), column(types.integer)]
    const wrong = kernelCall('Add', operands, types.integer, span)
    const unknown = kernelCall('Nonsense', [wrong], types.integer, span)
    expect(misfits(unknown)).toEqual([
      'Nonsense(Int32) [] -> Int32',
      'Add(String, Int32) [] -> Int32',
    ])
  })
})

describe('casts', () => {
  const pairs = kinds.flatMap((from) =>
    kinds.filter((to) => isCastAllowed(from, to, 'explicit')).map((to) => [from, to] as const),
  )

  it.each(pairs)('%s to %s', (from, to) => {
    const cast = castExpression(
      column(typeOf(from)),
      to === 'numeric' ? numeric(5, 20) : typeOf(to),
      span,
      true,
    )
    expect(cast.type.kind).toBe(to)
    expect(misfits(cast)).toEqual([])
  })

  it.each(kinds)('%s to json', (kind) => {
    expect(misfits(toJson(column(typeOf(kind))))).toEqual([])
  })
})
