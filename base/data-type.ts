// The SQL data types and how each lies in memory. Plain data: compare with sameType, print with
// typeName.

/** Lengths, precision and scale are absent where the type was written without them. */
export type DataType =
  | { readonly kind: 'boolean' }
  | { readonly kind: 'smallint' }
  | { readonly kind: 'integer' }
  | { readonly kind: 'bigint' }
  | { readonly kind: 'real' }
  | { readonly kind: 'double' }
  | { readonly kind: 'numeric'; readonly precision?: number; readonly scale?: number }
  /** text, and with a length varchar(length), counted in characters. */
  | { readonly kind: 'text'; readonly length?: number }
  | { readonly kind: 'bytea' }
  | { readonly kind: 'date' }
  | { readonly kind: 'time' }
  | { readonly kind: 'timestamp' }
  | { readonly kind: 'timestamptz' }
  | { readonly kind: 'interval' }
  | { readonly kind: 'uuid' }
  | { readonly kind: 'json' }
  /** A string literal or NULL whose context has not yet said what it is. */
  | { readonly kind: 'unknown' }

/** Mirrors native-kernels/src/vector/physical_type.h. */
export type PhysicalType =
  | 'Bool'
  | 'Int16'
  | 'Int32'
  | 'Int64'
  | 'Float32'
  | 'Float64'
  | 'Decimal'
  | 'String'
  | 'Interval'
  | 'Uuid'

const physicalTypes: Record<DataType['kind'], PhysicalType> = {
  boolean: 'Bool',
  smallint: 'Int16',
  integer: 'Int32',
  bigint: 'Int64',
  real: 'Float32',
  double: 'Float64',
  numeric: 'Decimal',
  text: 'String',
  bytea: 'String',
  date: 'Int32',
  time: 'Int64',
  timestamp: 'Int64',
  timestamptz: 'Int64',
  interval: 'Interval',
  uuid: 'Uuid',
  json: 'String',
  unknown: 'String',
}

/** How values of the type lie in memory; `unknown` is its text. */
export function physicalTypeOf(type: DataType): PhysicalType {
  return physicalTypes[type.kind]
}

/** The type as SQL writes it: `numeric(10,2)`, `varchar(20)`, `double precision`. */
export function typeName(type: DataType): string {
  switch (type.kind) {
    case 'numeric':
      return type.precision === undefined
        ? 'numeric'
        : `numeric(${String(type.precision)},${String(type.scale ?? 0)})`
    case 'text':
      return type.length === undefined ? 'text' : `varchar(${String(type.length)})`
    case 'double':
      return 'double precision'
    default:
      return type.kind
  }
}

/** Equal in kind and in length, precision and scale. */
export function sameType(left: DataType, right: DataType): boolean {
  if (left.kind === 'numeric' && right.kind === 'numeric') {
    return left.precision === right.precision && left.scale === right.scale
  }
  if (left.kind === 'text' && right.kind === 'text') return left.length === right.length
  return left.kind === right.kind
}

/** Names that SQL and PostgreSQL give to the types, folded to lower case. */
const kindsByName: ReadonlyMap<string, DataType['kind']> = new Map<string, DataType['kind']>([
  ['boolean', 'boolean'],
  ['bool', 'boolean'],
  ['smallint', 'smallint'],
  ['int2', 'smallint'],
  ['integer', 'integer'],
  ['int', 'integer'],
  ['int4', 'integer'],
  ['bigint', 'bigint'],
  ['int8', 'bigint'],
  ['real', 'real'],
  ['float4', 'real'],
  ['double precision', 'double'],
  ['float8', 'double'],
  ['float', 'double'],
  ['double', 'double'],
  ['numeric', 'numeric'],
  ['decimal', 'numeric'],
  ['dec', 'numeric'],
  ['text', 'text'],
  ['varchar', 'text'],
  ['character varying', 'text'],
  ['bytea', 'bytea'],
  ['date', 'date'],
  ['time', 'time'],
  ['time without time zone', 'time'],
  ['timestamp', 'timestamp'],
  ['timestamp without time zone', 'timestamp'],
  ['timestamptz', 'timestamptz'],
  ['timestamp with time zone', 'timestamptz'],
  ['interval', 'interval'],
  ['uuid', 'uuid'],
  ['json', 'json'],
  ['jsonb', 'json'],
])

/** The type of that name with its `(…)` modifiers; undefined for a name that is not built in. */
export function dataTypeNamed(
  name: string,
  modifiers: readonly number[] = [],
): DataType | undefined {
  const kind = kindsByName.get(name)
  const [first, second] = modifiers
  if (kind === 'numeric' && first !== undefined)
    return { kind, precision: first, scale: second ?? 0 }
  if (kind === 'text' && first !== undefined) return { kind, length: first }
  return kind === undefined ? undefined : { kind }
}

/** Names a user may write for a built-in type, for "did you mean" and completion. */
export function dataTypeNames(): readonly string[] {
  return [...kindsByName.keys()]
}
