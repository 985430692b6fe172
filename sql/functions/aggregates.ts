// Aggregate functions: what they accept, which of the engine's aggregates they are, their results.
import type { DataType } from '#base/data-type'
import type { AggregateFunction, OrderedSetFunction } from '#sql/bound'
import { indexByName, type Parameter } from './overload.ts'
import { kQuotientScaleMin, numeric, scaleOf, types, type TypeKind } from './types.ts'

export interface AggregateOverload {
  readonly name: string
  readonly parameters: readonly Parameter[]
  readonly function: AggregateFunction | OrderedSetFunction
  readonly result: (argument: DataType) => DataType
  /** Null over no rows (all but the counts). */
  readonly nullWhenEmpty: boolean
  /** Positions of arguments that have to be json: they are converted. */
  readonly json: readonly number[]
  readonly doc: string
}

interface Options {
  readonly nullWhenEmpty?: boolean
  readonly json?: readonly number[]
}

function aggregate(
  name: string,
  parameters: readonly Parameter[],
  fn: AggregateFunction | OrderedSetFunction,
  result: DataType | ((argument: DataType) => DataType),
  doc: string,
  { nullWhenEmpty = true, json = [] }: Options = {},
): AggregateOverload {
  const rule = typeof result === 'function' ? result : (): DataType => result
  return { name, parameters, function: fn, result: rule, doc, nullWhenEmpty, json }
}

const sameAsArgument = (argument: DataType): DataType => argument

const ordered: readonly TypeKind[] = [
  'smallint',
  'integer',
  'bigint',
  'real',
  'double',
  'numeric',
  'text',
  'bytea',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'interval',
  'uuid',
]

const sums: readonly AggregateOverload[] = [
  aggregate('sum', ['smallint'], 'sum', types.bigint, 'The sum.'),
  aggregate('sum', ['integer'], 'sum', types.bigint, 'The sum.'),
  aggregate('sum', ['bigint'], 'sum', numeric(0), 'The sum, which may exceed 64 bits.'),
  aggregate('sum', ['numeric'], 'sum', (type) => numeric(scaleOf(type)), 'The sum.'),
  aggregate('sum', ['real'], 'sum', types.real, 'The sum.'),
  aggregate('sum', ['double'], 'sum', types.double, 'The sum.'),
]

const averages: readonly AggregateOverload[] = [
  ...(['smallint', 'integer', 'bigint', 'numeric'] as const).map((kind) =>
    aggregate('avg', [kind], 'avg', averageType, 'The mean, with sixteen digits or more.'),
  ),
  ...(['real', 'double'] as const).map((kind) =>
    aggregate('avg', [kind], 'avg', types.double, 'The mean.'),
  ),
]

function averageType(argument: DataType): DataType {
  return numeric(Math.max(kQuotientScaleMin, scaleOf(argument)))
}

const extremes: readonly AggregateOverload[] = ordered.flatMap((kind) => [
  aggregate('min', [kind], 'min', sameAsArgument, 'The least value.'),
  aggregate('max', [kind], 'max', sameAsArgument, 'The greatest value.'),
])

/** PostgreSQL gives numeric for integers here; double is what the sums are kept in. */
const spreads: readonly AggregateOverload[] = (
  [
    ['stddev', 'stddev_samp'],
    ['stddev_samp', 'stddev_samp'],
    ['stddev_pop', 'stddev_pop'],
    ['variance', 'var_samp'],
    ['var_samp', 'var_samp'],
    ['var_pop', 'var_pop'],
  ] as const
).map(([name, fn]) =>
  aggregate(name, ['double'], fn, types.double, 'How far values spread, as double.'),
)

const pairs: readonly AggregateOverload[] = (['covar_pop', 'covar_samp', 'corr'] as const).map((name) =>
  aggregate(name, ['double', 'double'], name, types.double, 'How two values vary together.'),
)

/** What stands in `within group (order by …)` comes first. */
const orderedSets: readonly AggregateOverload[] = [
  aggregate(
    'percentile_cont',
    ['double', 'double'],
    'percentile_cont',
    types.double,
    'The value below which a fraction of the values lies, between two of them if need be.',
  ),
  ...[...ordered, 'boolean' as const].flatMap((kind) => [
    aggregate(
      'percentile_disc',
      [kind, 'double'],
      'percentile_disc',
      sameAsArgument,
      'The first value at which a fraction of the values is reached.',
    ),
    aggregate('mode', [kind], 'mode', sameAsArgument, 'The most frequent value, the first of several.'),
  ]),
]

const collections: readonly AggregateOverload[] = [
  aggregate(
    'string_agg',
    ['text', 'text'],
    'string_agg',
    types.text,
    'Values joined by the second argument.',
  ),
  ...['json_agg', 'jsonb_agg', 'json_arrayagg'].map((name) =>
    aggregate(name, ['any'], 'json_agg', types.json, 'A json array of the values.', { json: [0] }),
  ),
  ...['json_object_agg', 'jsonb_object_agg', 'json_objectagg'].map((name) =>
    aggregate(
      name,
      ['text', 'any'],
      'json_object_agg',
      types.json,
      'A json object of names and values.',
      { json: [1] },
    ),
  ),
]

export const aggregates: readonly AggregateOverload[] = [
  aggregate('count', [], 'count_star', types.bigint, 'How many rows.', { nullWhenEmpty: false }),
  aggregate('count', ['any'], 'count', types.bigint, 'How many values that are not null.', {
    nullWhenEmpty: false,
  }),
  ...sums,
  ...averages,
  ...extremes,
  ...spreads,
  ...pairs,
  ...orderedSets,
  ...['bool_and', 'every'].map((name) =>
    aggregate(name, ['boolean'], 'bool_and', types.boolean, 'Are all true?'),
  ),
  aggregate('bool_or', ['boolean'], 'bool_or', types.boolean, 'Is any true?'),
  aggregate('any_value', ['any'], 'any_value', sameAsArgument, 'One of the values.'),
  ...collections,
]

const byName = indexByName(aggregates)

/** Overloads of the aggregate; undefined when the name is no aggregate. */
export function aggregateOverloads(name: string): readonly AggregateOverload[] | undefined {
  return byName.get(name)
}

export function aggregateNames(): Iterable<string> {
  return byName.keys()
}
