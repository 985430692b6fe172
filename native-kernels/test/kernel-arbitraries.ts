// Random columns for the kernels' oracle test: many nulls, extremes and short alphabets, so that
// overflow, ties and matches are common.
import fc from 'fast-check'
import type { SqlValue, TypeName } from '../reference/sql-value.ts'

const letters = ['a', 'b', 'A', 'B', '%', '_', '\\', ' ', 'é', 'Ж', '€', '😀', '.', '1', ',']
/** Short, because JavaScript's expressions backtrack. */
export const shortTexts = fc.string({ unit: fc.constantFrom(...letters), maxLength: 6 })
export const texts = fc.oneof(
  shortTexts,
  fc.string({ unit: fc.constantFrom(...letters), maxLength: 40 }),
)

/** Letters whose mappings JavaScript and the kernels agree on: one character to one. */
export const plainTexts = fc.string({
  unit: fc.constantFrom('a', 'Z', 'é', 'Ö', 'ж', 'Я', 'λ', 'Ω', ' ', '1'),
  maxLength: 20,
})

function integers(bits: number): fc.Arbitrary<bigint> {
  const [least, most] = [-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n]
  return fc.oneof(
    fc.bigInt({ min: -12n, max: 12n }),
    fc.bigInt({ min: least, max: most }),
    fc.constantFrom(least, most, least + 1n, most - 1n),
  )
}

const doubles = fc.oneof(
  fc.constantFrom(
    0,
    -0,
    1,
    -1,
    0.5,
    1.5,
    2.5,
    -2.5,
    1e300,
    -1e300,
    1e-300,
    5e-324,
    NaN,
    Infinity,
    -Infinity,
    2 ** 31,
    2 ** 63,
    0.1,
  ),
  fc.integer({ min: -1000, max: 1000 }).map((value) => value / 4),
  fc.double(),
)

const decimalMost = 10n ** 38n - 1n

export const intervals = fc.record({
  months: fc.integer({ min: -30, max: 30 }),
  days: fc.integer({ min: -70, max: 70 }),
  microseconds: fc.bigInt({ min: -200_000_000_000n, max: 200_000_000_000n }),
})

/** Years 4000 BC to 9999. */
export const timestamps = fc.bigInt({
  min: -188_000_000_000_000_000n,
  max: 253_402_300_799_999_999n,
})
export const times = fc.bigInt({ min: 0n, max: 86_399_999_999n })
export const dates = fc.integer({ min: -2_000_000, max: 2_900_000 })

/** Compact JSON text without keys that look like integers. */
const jsonLeaves = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer({ min: -9, max: 9 }),
  fc.constantFrom('', 'a', 'b', 'q"\\\n', 'é', '{"a":[', '😀'),
)
export const jsonTexts = fc
  .letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      jsonLeaves,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(
        fc.constantFrom('a', 'b', 'c', 'q"', 'é', 'long key of an object'),
        tie('value'),
        { maxKeys: 4, noNullPrototype: true },
      ),
    ),
  }))
  .value.map((value) => JSON.stringify(value))

export const valuesOf: Readonly<Record<TypeName, fc.Arbitrary<SqlValue>>> = {
  Bool: fc.boolean(),
  Int16: integers(16).map(Number),
  Int32: integers(32).map(Number),
  Int64: integers(64),
  Float32: doubles.map(Math.fround),
  Float64: doubles,
  Decimal: fc.oneof(
    fc.bigInt({ min: -2000n, max: 2000n }),
    fc.bigInt({ min: -decimalMost, max: decimalMost }),
    fc.constantFrom(decimalMost, -decimalMost),
  ),
  String: texts,
  Interval: intervals,
  Uuid: fc
    .bigInt({ min: 0n, max: 2n ** 128n - 1n })
    .map((value) => value.toString(16).padStart(32, '0')),
}

/** Regular expressions that PostgreSQL and JavaScript agree on (whether, not what, they match). */
export const patterns = fc
  .letrec<{ alternation: string; branch: string; piece: string }>((tie) => ({
    alternation: fc
      .array(tie('branch'), { minLength: 1, maxLength: 2 })
      .map((all) => all.join('|')),
    branch: fc.array(tie('piece'), { minLength: 1, maxLength: 3 }).map((all) => all.join('')),
    piece: fc
      .tuple(
        fc.oneof(
          { maxDepth: 3 },
          fc.constantFrom(
            'a',
            'b',
            'B',
            'é',
            '😀',
            '.',
            '[ab]',
            '[^a]',
            '[a-é]',
            '\\d',
            '\\.',
            '\\D',
            '[\\d,]',
          ),
          tie('alternation').map((inner) => `(${inner})`),
          tie('alternation').map((inner) => `(?:${inner})`),
        ),
        fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,2}', '{2,}', '*?', '+?'),
      )
      .map(([atom, quantifier]) => atom + quantifier),
  }))
  .alternation.chain((inner) => fc.constantFrom(inner, `^(?:${inner})$`, `^${inner}`, `${inner}$`))

export interface RandomColumn {
  readonly values: readonly SqlValue[]
  readonly constant: boolean
}

/** Counts around the width of a validity word, SIMD vectors and none; up to three words and more. */
export const rowCounts = fc.oneof(
  fc.integer({ min: 1, max: 9 }),
  fc.constantFrom(63, 64, 65, 127, 128, 129, 200),
)

export function column(
  cells: fc.Arbitrary<SqlValue>,
  rowCount: number,
): fc.Arbitrary<RandomColumn> {
  const nullable = fc.oneof(
    { weight: 4, arbitrary: cells },
    { weight: 1, arbitrary: fc.constant(null) },
  )
  const repeat = (value: SqlValue): RandomColumn => ({
    values: Array.from({ length: rowCount }, () => value),
    constant: true,
  })
  return fc.oneof(
    {
      weight: 3,
      arbitrary: fc
        .array(nullable, { minLength: rowCount, maxLength: rowCount })
        .map((values) => ({ values, constant: false })),
    },
    {
      weight: 1,
      arbitrary: fc
        .array(cells, { minLength: rowCount, maxLength: rowCount })
        .map((values) => ({ values, constant: false })),
    },
    { weight: 1, arbitrary: nullable.map(repeat) },
  )
}
