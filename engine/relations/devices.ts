// The built-in devices as relations: sockets, requests and timers are tables. Native code knows the
// same layouts by position (native-kernels/src/runtime/devices.h).
import type { DataType } from '#base/data-type'
import type { ColumnSchema, IndexSchema } from '#base/schema'

/** A built-in relation before the catalog gives it an id. */
export interface BuiltIn {
  readonly name: string
  /** How native code keeps its rows. */
  readonly storage: 'table' | 'event' | 'system'
  readonly kind: 'event' | 'device' | 'system'
  readonly columns: readonly ColumnSchema[]
  readonly indexes: readonly IndexSchema[]
  readonly insertable: boolean
  readonly mutable: boolean
}

const bigint: DataType = { kind: 'bigint' }
const integer: DataType = { kind: 'integer' }
const text: DataType = { kind: 'text' }
const json: DataType = { kind: 'json' }
const bytea: DataType = { kind: 'bytea' }
const boolean: DataType = { kind: 'boolean' }
const interval: DataType = { kind: 'interval' }
const timestamptz: DataType = { kind: 'timestamptz' }

type Extra = Partial<Omit<ColumnSchema, 'name' | 'type'>>

function column(name: string, type: DataType, extra: Extra = {}): ColumnSchema {
  return { name, type, notNull: false, ...extra }
}

const id = column('id', bigint, { notNull: true, identity: 'always' })

/** The last stored columns of every event relation; like PostgreSQL's, seen only when named. */
export const systemColumns: readonly ColumnSchema[] = [
  column('seq', bigint, { notNull: true, hidden: true }),
  column('at', timestamptz, { notNull: true, hidden: true }),
  column('root', bigint, { hidden: true }),
  column('cause', bigint, { hidden: true }),
]

/** Events that arrive from outside: read and followed, never inserted. */
function events(name: string, columns: readonly ColumnSchema[], virtual: readonly ColumnSchema[] = []): BuiltIn {
  return {
    name, storage: 'event', kind: 'device', columns: [...columns, ...systemColumns, ...virtual],
    indexes: [], insertable: false, mutable: false,
  }
}

/** Requests to the outside: an insert is the request; the log of them can be read. */
function requests(name: string, columns: readonly ColumnSchema[]): BuiltIn {
  return {
    name, storage: 'event', kind: 'device', columns: [id, ...columns, ...systemColumns],
    indexes: [], insertable: true, mutable: false,
  }
}

/** Rows that native code makes up when they are read. */
function live(name: string, columns: readonly ColumnSchema[]): BuiltIn {
  return {
    name, storage: 'system', kind: 'system', columns, indexes: [],
    insertable: false, mutable: false,
  }
}

const connectionId = column('connection_id', bigint, { notNull: true })

export const devices: readonly BuiltIn[] = [
  {
    name: 'connections', storage: 'table', kind: 'device',
    columns: [
      column('id', bigint, { notNull: true }), column('protocol', text, { notNull: true }),
      column('peer', text), column('opened', timestamptz, { notNull: true }), ...systemColumns,
    ],
    indexes: [{ name: 'connections_pkey', columns: [0], unique: true, primary: true }],
    insertable: false, mutable: true,
  },
  requests('listeners', [
    column('protocol', text, { notNull: true }), column('address', text, { notNull: true }), column('options', json, { unsupported: 'options of a listener are not supported' }),
  ]),
  events('network_recv', [id, connectionId, column('data', bytea, { notNull: true })]),
  requests('network_send', [connectionId, column('data', bytea, { notNull: true })]),
  events('messages_recv', [id, connectionId, column('text', text, { notNull: true })]),
  requests('messages_send', [connectionId, column('text', text, { notNull: true })]),
  events(
    'http_requests',
    [
      id, connectionId, column('method', text, { notNull: true }), column('path', text, { notNull: true }),
      column('query_raw', text, { notNull: true, hidden: true }),
      column('head_raw', bytea, { notNull: true, hidden: true }), column('body', bytea, { notNull: true }),
    ],
    [
      column('query', json, { virtual: 'http_query_json(query_raw)' }),
      column('headers', json, { virtual: 'http_headers_json(head_raw)' }),
      column('cookies', json, { virtual: 'http_cookies_json(head_raw)' }),
      column('form', json, { virtual: 'http_form_json(head_raw, body)' }),
    ],
  ),
  requests('http_responses', [
    column('request_id', bigint, { notNull: true }), column('status', integer, { notNull: true, default: '200' }),
    column('headers', json), column('body', bytea), column('more', boolean, {
      notNull: true, default: 'false', unsupported: 'a response in parts, which "more" asks for, is not supported',
    }),
  ]),
  requests('ticks', [column('every', interval, { notNull: true }), column('fired_at', timestamptz)]),
]

export const systemRelations: readonly BuiltIn[] = [
  {
    ...events('coroutine_events', [
      column('coroutine', text, { notNull: true }), column('event', text, { notNull: true }),
      column('instance', bigint), column('error', text),
    ]),
    kind: 'system',
  },
  {
    ...events('sys.errors', [
      column('coroutine', text), column('line', integer), column('statement', text),
      column('state', text, { notNull: true }), column('message', text, { notNull: true }), column('locals', json),
    ]),
    kind: 'system',
  },
  live('sys.workers', [
    column('id', integer), column('core', integer), column('role', text), column('busy_us', bigint),
    column('idle_us', bigint), column('batches', bigint), column('rows', bigint),
  ]),
  live('sys.buffers', [
    column('name', text), column('capacity', bigint), column('depth', bigint), column('policy', text),
  ]),
  live('sys.coroutines', [
    column('id', bigint), column('name', text), column('relation', text), column('state', text), column('source', text),
    column('starts', bigint), column('ends', bigint), column('errors', bigint),
  ]),
  live('sys.relations', [
    column('id', bigint), column('name', text), column('kind', text), column('durable', boolean),
    column('rows', bigint), column('bytes', bigint),
  ]),
  live('sys.columns', [
    column('relation', text), column('position', integer), column('name', text), column('type', text),
    column('not_null', boolean), column('default_value', text),
  ]),
]
