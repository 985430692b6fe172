// Functions that only windows have: what they accept and give.
import type { DataType } from '#base/data-type'
import type { WindowOnlyFunction } from '#sql/bound'
import { indexByName, type Parameter } from './overload.ts'
import { types } from './types.ts'

export interface WindowOverload {
  readonly name: string
  readonly parameters: readonly Parameter[]
  readonly variadic: boolean
  readonly function: WindowOnlyFunction
  readonly result: (argument: DataType) => DataType
  /** Never null: ranks and counts. */
  readonly neverNull: boolean
  readonly doc: string
}

function place(fn: WindowOnlyFunction, type: DataType, doc: string): WindowOverload {
  return {
    name: fn,
    parameters: [],
    variadic: false,
    function: fn,
    result: () => type,
    neverNull: true,
    doc,
  }
}

function value(
  fn: WindowOnlyFunction,
  parameters: readonly Parameter[],
  doc: string,
): WindowOverload {
  const result = (argument: DataType): DataType => argument
  return { name: fn, parameters, variadic: false, function: fn, result, neverNull: false, doc }
}

export const windowFunctions: readonly WindowOverload[] = [
  place('row_number', types.bigint, 'The number of the row in its partition, from 1.'),
  place('rank', types.bigint, 'One more than how many rows come before the row and its peers.'),
  place('dense_rank', types.bigint, 'The number of the group of peers, from 1.'),
  place('percent_rank', types.double, 'The rank from 0 to 1.'),
  place('cume_dist', types.double, 'The share of rows up to the row and its peers.'),
  {
    ...value('ntile', ['integer'], 'The number of the bucket, of so many as equal as can be.'),
    result: () => types.integer,
  },
  value('lag', ['any'], 'The value of the row before.'),
  value('lag', ['any', 'integer'], 'The value of the row so many before.'),
  value('lag', ['same', 'integer', 'same'], 'The same, with what to give where there is none.'),
  value('lead', ['any'], 'The value of the row after.'),
  value('lead', ['any', 'integer'], 'The value of the row so many after.'),
  value('lead', ['same', 'integer', 'same'], 'The same, with what to give where there is none.'),
  value('first_value', ['any'], "The value of the frame's first row."),
  value('last_value', ['any'], "The value of the frame's last row."),
  value('nth_value', ['any', 'integer'], "The value of the frame's row of that number, from 1."),
]

const byName = indexByName(windowFunctions)

/** Overloads of the window function; undefined when the name is none. */
export function windowOverloads(name: string): readonly WindowOverload[] | undefined {
  return byName.get(name)
}

export function windowFunctionNames(): Iterable<string> {
  return byName.keys()
}
