// The data types as the catalogue of functions speaks of them: one constant per kind, and the rules
// for numeric, whose scale is always known here because a Decimal's scale is not stored with it.
import type { DataType } from '#base/data-type'

export type TypeKind = DataType['kind']
export type NumericType = Extract<DataType, { kind: 'numeric' }>

/** Digits of the widest numeric: what 128 bits hold. */
export const kNumericPrecisionMax = 38
/** Scale of `numeric` written without one: the values in a column share it. */
export const kNumericScaleDefault = 10
/** Least scale of a quotient, and the scale of avg over integers: PostgreSQL's sixteen digits. */
export const kQuotientScaleMin = 16

export const types = {
  boolean: { kind: 'boolean' },
  smallint: { kind: 'smallint' },
  integer: { kind: 'integer' },
  bigint: { kind: 'bigint' },
  real: { kind: 'real' },
  double: { kind: 'double' },
  text: { kind: 'text' },
  bytea: { kind: 'bytea' },
  date: { kind: 'date' },
  time: { kind: 'time' },
  timestamp: { kind: 'timestamp' },
  timestamptz: { kind: 'timestamptz' },
  interval: { kind: 'interval' },
  uuid: { kind: 'uuid' },
  json: { kind: 'json' },
  unknown: { kind: 'unknown' },
} as const satisfies Record<string, DataType>

export function numeric(scale: number, precision: number = kNumericPrecisionMax): NumericType {
  return { kind: 'numeric', precision, scale }
}

/** Digits after the point of a numeric; `numeric(p)` means none. */
export function scaleOf(type: DataType): number {
  if (type.kind !== 'numeric') return 0
  return type.scale ?? (type.precision === undefined ? kNumericScaleDefault : 0)
}

export function precisionOf(type: DataType): number {
  return type.kind === 'numeric' ? (type.precision ?? kNumericPrecisionMax) : kNumericPrecisionMax
}

/** The type with its scale and precision written out; other types as they are. */
export function resolvedType(type: DataType): DataType {
  return type.kind === 'numeric' ? numeric(scaleOf(type), precisionOf(type)) : type
}

/** A type as overloads name it: a numeric for any numeric, text for any text. */
export function typeOfKind(kind: TypeKind): DataType {
  return kind === 'numeric' ? numeric(kNumericScaleDefault) : types[kind]
}

export type TypeCategory =
  'boolean' | 'number' | 'string' | 'datetime' | 'timespan' | 'other' | 'unknown'

const categories: Record<TypeKind, TypeCategory> = {
  boolean: 'boolean',
  smallint: 'number',
  integer: 'number',
  bigint: 'number',
  real: 'number',
  double: 'number',
  numeric: 'number',
  text: 'string',
  bytea: 'other',
  date: 'datetime',
  time: 'other',
  timestamp: 'datetime',
  timestamptz: 'datetime',
  interval: 'timespan',
  uuid: 'other',
  json: 'other',
  unknown: 'unknown',
}

export function categoryOf(kind: TypeKind): TypeCategory {
  return categories[kind]
}

const preferred: ReadonlySet<TypeKind> = new Set<TypeKind>([
  'boolean',
  'double',
  'text',
  'timestamptz',
  'interval',
])

/** The type of its category that wins when several would do (PostgreSQL's typispreferred). */
export function isPreferred(kind: TypeKind): boolean {
  return preferred.has(kind)
}

export function isInteger(kind: TypeKind): boolean {
  return kind === 'smallint' || kind === 'integer' || kind === 'bigint'
}
