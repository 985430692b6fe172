// Types as written → data types.
import { dataTypeNamed, dataTypeNames, type DataType } from '#base/data-type'
import { EngineError } from '#base/engine-error'
import { featureNotSupported, undefinedObject } from '#base/errors'
import type { TypeName } from '#sql/ast'
import { kNumericPrecisionMax } from '#sql/functions/types'

/** Types PostgreSQL has and we have not (yet): refused, not unknown. */
const notSupported = new Set([
  'char',
  'bpchar',
  'name',
  'timetz',
  'money',
  'xml',
  'inet',
  'cidr',
  'macaddr',
  'bit',
  'varbit',
  'point',
  'line',
  'box',
  'path',
  'polygon',
  'circle',
  'tsvector',
  'tsquery',
  'oid',
  'record',
])

export function bindType(name: TypeName): DataType {
  if (name.arrayDimensions > 0)
    throw featureNotSupported('array types are not supported', name.span)
  if (notSupported.has(name.name))
    throw featureNotSupported(`type ${name.name} is not supported`, name.span)
  const type = isBuiltInSchema(name.schema) ? dataTypeNamed(name.name, name.modifiers) : undefined
  if (!type) throw undefinedObject('type', name.name, name.span, dataTypeNames())
  checkModifiers(type, name)
  return type
}

function isBuiltInSchema(schema: string | undefined): boolean {
  return schema === undefined || schema === 'pg_catalog'
}

function checkModifiers(type: DataType, { span }: TypeName): void {
  const mistake = (message: string): EngineError =>
    new EngineError('invalid_parameter_value', { message, span })
  if (type.kind === 'text' && type.length !== undefined && type.length < 1) {
    throw mistake('length for type varchar must be at least 1')
  }
  if (type.kind !== 'numeric' || type.precision === undefined) return
  if (type.precision < 1 || type.precision > kNumericPrecisionMax) {
    throw mistake(
      `NUMERIC precision ${type.precision} must be between 1 and ${kNumericPrecisionMax}`,
    )
  }
  if ((type.scale ?? 0) < 0 || (type.scale ?? 0) > type.precision) {
    throw mistake(
      `NUMERIC scale ${type.scale ?? 0} must be between 0 and precision ${type.precision}`,
    )
  }
}
