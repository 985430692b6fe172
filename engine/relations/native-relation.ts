// A schema as native code needs it: stored columns, physical types, retention.
import { physicalTypeOf, typeName } from '#base/data-type'
import type { ColumnSchema, RelationSchema } from '#base/schema'
import type { NativeColumn, NativeRelation } from '#native/binding'
import { physicalTypes } from '#planner/program'
import type { EventOptions } from '#sql/bound'
import type { BuiltIn } from './devices.ts'
import { systemColumns } from './devices.ts'

export function nativeRelation(schema: RelationSchema, builtIn: BuiltIn | undefined, events: EventOptions | undefined): NativeRelation {
  const stored = schema.columns.filter((column) => column.virtual === undefined)
  const kind = builtIn?.storage ?? storageOf(schema.kind)
  const own = kind === 'event' ? stored.length - systemColumns.length : 0
  return {
    id: schema.id,
    name: schema.name,
    kind,
    device: builtIn?.name ?? '',
    durable: schema.durable,
    columns: stored.map(nativeColumn),
    computedColumns: schema.columns.filter((column) => column.virtual !== undefined).map(nativeColumn),
    indexes: schema.indexes.map(({ name, columns, unique }) => ({ name, columns, unique })),
    identityColumn: stored.findIndex((column) => column.identity !== undefined),
    appendColumns: schema.insertable ? own : 0,
    retainRows: Number(events?.retainRows ?? 0n),
    retainBytes: Number(events?.retainBytes ?? 0n),
    retainMicroseconds: Number(events?.retainMicroseconds ?? 0n),
  }
}

function storageOf(kind: RelationSchema['kind']): 'table' | 'event' | 'view' {
  return kind === 'event' || kind === 'view' ? kind : 'table'
}

function nativeColumn(column: ColumnSchema): NativeColumn {
  return {
    name: column.name,
    type: physicalTypes.indexOf(physicalTypeOf(column.type)),
    notNull: column.notNull,
    typeName: typeName(column.type),
    defaultText: column.default ?? '',
  }
}
