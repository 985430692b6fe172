// Values of $1… from JavaScript into those that a prepared program takes.
import { EngineError } from '#base/engine-error'
import { typeName, type DataType } from '#base/data-type'
import { encodeParameters, type EncodedParameters } from '#planner/encode'
import { constantOf } from '#planner/physical/constants'
import type { SqlValue } from '#sql/bound'
import { parseLiteral } from '#sql/functions/literal-input'

/** What may be given for a parameter. Objects and arrays become json. */
export type ParameterValue = null | undefined | boolean | number | bigint | string | Date | Uint8Array | object

const noSpan = { start: 0, end: 0 }

/** The type a value has by itself; undefined lets the statement decide. */
export function typeOfValue(value: ParameterValue): DataType | undefined {
  switch (typeof value) {
    case 'boolean':
      return { kind: 'boolean' }
    case 'bigint':
      return { kind: 'bigint' }
    default:
      return undefined
  }
}

/**
 * Values as native code takes them, converted to the types that the statement uses them as.
 *
 * Errors: 42P02 for a wrong count; 22P02, 22003, 22007, 22008, 22001 for a value that its type cannot hold.
 */
export function parameterValues(types: readonly DataType[], values: readonly ParameterValue[]): EncodedParameters {
  if (values.length !== types.length) {
    throw new EngineError('undefined_parameter', {
      message: `the statement has ${types.length} parameters, ${values.length} were given`,
    })
  }
  return encodeParameters(types.map((type, index) => constantOf(sqlValue(values[index], type, index), type)))
}

function sqlValue(value: ParameterValue, type: DataType, index: number): SqlValue {
  if (value === null || value === undefined) return null
  if (type.kind === 'bytea' && value instanceof Uint8Array) return value
  if (type.kind === 'bytea' && typeof value === 'string') return Buffer.from(value)
  if (type.kind === 'text') return textOf(value)
  if (type.kind === 'json') return typeof value === 'string' && isJson(value) ? value : JSON.stringify(value)
  try {
    return parseLiteral(textOf(value), type, noSpan)
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    throw new EngineError(error.condition, {
      message: `parameter $${index + 1}: ${error.message}`,
      detail: `The statement uses it as ${typeName(type)}.`,
      cause: error,
    })
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function textOf(value: Exclude<ParameterValue, null | undefined>): string {
  if (typeof value === 'string') return value
  if (value instanceof Date) return value.toISOString().replace('T', ' ').replace('Z', '+00')
  if (value instanceof Uint8Array) return Buffer.from(value).toString()
  if (typeof value === 'object') return JSON.stringify(value)
  return String(value)
}
