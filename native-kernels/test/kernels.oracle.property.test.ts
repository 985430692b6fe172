// Every kernel that has a twin, on random columns of every type it takes: native code gives what the
// twin gives, row by row, value or error.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dateFields, opcodes, opcodeSignatures, type Opcode } from '#planner/opcodes.gen'
import { loadAddon } from '../binding.ts'
import { reference, twins } from '../reference/reference.ts'
import { runKernel } from '../reference/run-kernel.ts'
import { typeNames, type SqlValue, type TypeName } from '../reference/sql-value.ts'
import {
  column,
  dates,
  intervals,
  jsonTexts,
  patterns,
  plainTexts,
  rowCounts,
  shortTexts,
  texts,
  times,
  timestamps,
  valuesOf,
} from './kernel-arbitraries.ts'

const addon = loadAddon()
const runs = Number(process.env['KERNEL_RUNS'] ?? 15)

/** One way to call a kernel: its types and where its values and immediates come from. */
interface Form {
  readonly types: readonly TypeName[]
  readonly cells: readonly fc.Arbitrary<SqlValue>[]
  readonly immediates: fc.Arbitrary<readonly number[]>
}

const classes: Readonly<Record<string, readonly TypeName[]>> = {
  I: ['Int16', 'Int32', 'Int64'],
  F: ['Float32', 'Float64'],
  M: ['Int16', 'Int32', 'Int64', 'Float32', 'Float64'],
  N: ['Int16', 'Int32', 'Int64', 'Float32', 'Float64', 'Decimal'],
  T: typeNames,
  A: typeNames,
}

const scales = fc.integer({ min: 0, max: 12 })
const state22012 = 34_611_202
const immediateKinds: Readonly<Record<string, fc.Arbitrary<number>>> = {
  scale: scales,
  precision: fc.constantFrom(38, 38, 12, 5),
  field: fc.integer({ min: 0, max: dateFields.indexOf('millennium') }),
  state: fc.constant(state22012),
  flags: fc.integer({ min: 0, max: 3 }),
  length: fc.integer({ min: 1, max: 10 }),
}

/** Values that a kernel's own domain asks for, by opcode and argument. */
const domains: Readonly<Partial<Record<Opcode, readonly fc.Arbitrary<SqlValue>[]>>> = {
  RaiseState: [valuesOf.Bool, fc.constantFrom(0, state22012), valuesOf.Int64],
  Repeat: [texts, fc.integer({ min: -2, max: 9 })],
  Substring: [texts, fc.integer({ min: -4, max: 9 }), fc.integer({ min: -1, max: 9 })],
  Left: [texts, fc.integer({ min: -5, max: 9 })],
  Right: [texts, fc.integer({ min: -5, max: 9 })],
  SplitPart: [texts, fc.constantFrom('a', ',', 'ab', ''), fc.integer({ min: -3, max: 3 })],
  Position: [texts, fc.constantFrom('a', 'b', 'é', '', '😀', 'ab')],
  StartsWith: [texts, fc.constantFrom('a', 'b', 'é', '', 'aa')],
  LPad: [texts, fc.integer({ min: -2, max: 12 }), texts],
  RPad: [texts, fc.integer({ min: -2, max: 12 }), texts],
  Replace: [texts, fc.constantFrom('a', 'b', 'é', '', 'ab'), texts],
  RegexMatch: [shortTexts, patterns],
  Lower: [plainTexts],
  Upper: [plainTexts],
  Round: [valuesOf.Decimal, fc.integer({ min: -3, max: 14 })],
  Truncate: [valuesOf.Decimal, fc.integer({ min: -3, max: 14 })],
  TextToInt16: [numberTexts()],
  TextToInt32: [numberTexts()],
  TextToInt64: [numberTexts()],
  TextToFloat64: [numberTexts()],
  TextToDecimal: [numberTexts()],
  TextToBool: [
    fc.constantFrom('t', 'TRUE', 'yes', 'no', 'of', 'off', 'on', 'o', '1', '0', ' f ', '', 'x'),
  ],
  JsonParse: [
    fc.oneof(
      jsonTexts,
      jsonTexts.map((text) => text.slice(1)),
      texts,
    ),
  ],
  JsonGet: [jsonTexts, keys()],
  JsonGetText: [jsonTexts, keys()],
  JsonGetIndex: [jsonTexts, fc.integer({ min: -4, max: 4 })],
  JsonGetIndexText: [jsonTexts, fc.integer({ min: -4, max: 4 })],
  JsonGetPath: [jsonTexts, steps(), steps()],
  JsonGetPathText: [jsonTexts, steps(), steps()],
  JsonTypeof: [jsonTexts],
  JsonArrayLength: [jsonTexts],
  JsonStripNulls: [jsonTexts],
  JsonContains: [jsonTexts, jsonTexts],
  JsonExists: [jsonTexts, keys()],
  JsonObject: [texts, jsonTexts, texts, jsonTexts],
  JsonArray: [jsonTexts, jsonTexts],
  DateToText: [dates],
  TimeToText: [times],
  DateToTimestamp: [dates],
  TimestampToText: [timestamps],
  TimestampTzToText: [timestamps],
  TimestampTzToJson: [timestamps],
  TimestampToDate: [timestamps],
  TimestampToTime: [timestamps],
  TruncateTimestamp: [timestamps],
  TimestampAdd: [timestamps, intervals],
  TimestampSubtract: [timestamps, intervals],
  TimestampDifference: [timestamps, timestamps],
  Age: [timestamps, timestamps],
}

function keys(): fc.Arbitrary<string> {
  return fc.constantFrom('a', 'b', 'c', 'q"', 'é', 'long key of an object', '')
}
function steps(): fc.Arbitrary<string> {
  return fc.oneof(keys(), fc.constantFrom('0', '1', '-1', '2', 'x', '1x'))
}
function numberTexts(): fc.Arbitrary<string> {
  const digits = fc.oneof(
    fc.integer({ min: -99, max: 99 }).map(String),
    fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }).map(String),
  )
  const decimals = fc
    .tuple(digits, fc.nat({ max: 99_999 }))
    .map(([whole, part]) => `${whole}.${part}`)
  return fc.oneof(
    digits,
    decimals,
    decimals.map((text) => `${text}e5`),
    decimals.map((text) => ` ${text}E-3 `),
    fc.constantFrom('', '+5', '+-5', '1e400', '.', '5.', '.5', 'nan', '-inf', '0e-999', 'x'),
  )
}

/** Expands one alternative of a signature: a form for each type that its letters may stand for. */
function forms(opcode: Opcode, alternative: string): Form[] {
  const parts = /^\(([^)]*)\)(?: \[([^\]]*)\])? -> /.exec(alternative)
  const names = (parts?.[1] ?? '').split(', ').filter((name) => name !== '')
  const kinds = (parts?.[2] ?? '').split(', ').filter((kind) => kind !== '')
  const immediates = fc.tuple(...kinds.map((kind) => immediateKinds[kind] ?? fc.constant(0)))
  const letters = names.find((name) => classes[name] !== undefined)
  return (classes[letters ?? ''] ?? [undefined]).map((bound) => {
    const fixed = names.flatMap((name) => expand(name, bound, domains[opcode]?.length))
    const given = domains[opcode] ?? []
    const isGiven = given.length === fixed.length
    return {
      types: fixed,
      cells: fixed.map((type, i) => (isGiven ? given[i] : undefined) ?? valuesOf[type]),
      immediates,
    }
  })
}

/** The types of one argument in the signature; variadic ones fill up to the domain's count, or two. */
function expand(name: string, bound: TypeName | undefined, wanted: number | undefined): TypeName[] {
  if (name.endsWith('...')) {
    const type = name.slice(0, -3) as TypeName
    return Array.from(
      {
        length: name === 'String...' && wanted !== undefined ? wanted - (wanted === 3 ? 1 : 0) : 2,
      },
      () => type,
    )
  }
  return classes[name] !== undefined && bound !== undefined ? [bound] : [name as TypeName]
}

/** NaN and the sign of zero count; nothing of a failed row does. */
function shown(value: SqlValue | undefined): unknown {
  if (typeof value === 'number')
    return Number.isNaN(value) ? 'NaN' : Object.is(value, -0) ? '-0' : value
  return value
}

function checkCall(opcode: Opcode, form: Form): void {
  const random = rowCounts.chain((rowCount) =>
    fc.record({
      columns: fc.tuple(...form.cells.map((cells) => column(cells, rowCount))),
      immediates: form.immediates,
      rowCount: fc.constant(rowCount),
    }),
  )
  fc.assert(
    fc.property(random, ({ columns, immediates, rowCount }) => {
      const given = columns.map((one, i) => ({ ...one, type: form.types[i] ?? 'Bool' }))
      const native = runKernel(addon, {
        opcode: opcodes.indexOf(opcode),
        columns: given,
        rowCount,
        immediates,
      })
      const plain = reference(
        opcode,
        columns.map(({ values }) => values),
        rowCount,
        { types: form.types, immediates },
      )
      expect(native.errors).toEqual(plain.errors)
      const compared = (values: readonly SqlValue[]): unknown[] =>
        values.map((value, row) => (plain.errors[row] === undefined ? shown(value) : undefined))
      expect(compared(native.values)).toEqual(compared(plain.values))
    }),
    { numRuns: runs },
  )
}

describe('native kernels against their twins', () => {
  for (const opcode of opcodes.filter((name) => twins[name] !== undefined)) {
    for (const alternative of opcodeSignatures[opcode].signature.split(' | ')) {
      for (const form of forms(opcode, alternative)) {
        it(`${opcode} (${form.types.join(', ')})`, { timeout: 60_000 }, () =>
          checkCall(opcode, form),
        )
      }
    }
  }
})
