// A catalog made by hand for tests of binder and planner: a few tables, an event table and the
// devices of a server, with the columns that the engine's own catalog gives them.
import type { ColumnSchema, IndexSchema, RelationSchema, SchemaLookup } from '#base/schema'
import type { DataType } from '#base/data-type'

type ColumnOptions = Partial<Omit<ColumnSchema, 'name' | 'type'>>

function column(
  name: string,
  type: DataType | DataType['kind'],
  options: ColumnOptions = {},
): ColumnSchema {
  const dataType = typeof type === 'string' ? ({ kind: type } as DataType) : type
  return { name, type: dataType, notNull: false, ...options }
}

const notNull: ColumnOptions = { notNull: true }

const systemColumns: readonly ColumnSchema[] = [
  column('seq', 'bigint', { notNull: true, hidden: true }),
  column('at', 'timestamptz', { notNull: true, hidden: true }),
  column('root', 'bigint', { hidden: true }),
  column('cause', 'bigint', { hidden: true }),
]

function relation(
  id: number,
  name: string,
  columns: readonly ColumnSchema[],
  options: Partial<RelationSchema> = {},
): RelationSchema {
  return {
    id,
    name,
    columns,
    kind: 'table',
    durable: true,
    indexes: [],
    checks: [],
    foreignKeys: [],
    insertable: true,
    mutable: true,
    ...options,
  }
}

function events(
  id: number,
  name: string,
  columns: readonly ColumnSchema[],
  options: Partial<RelationSchema> = {},
): RelationSchema {
  const virtual = columns.filter((one) => one.virtual !== undefined)
  const stored = columns.filter((one) => one.virtual === undefined)
  return relation(id, name, [...stored, ...systemColumns, ...virtual], {
    kind: 'event',
    durable: false,
    mutable: false,
    ...options,
  })
}

function key(name: string, columns: readonly number[], primary = false): IndexSchema {
  return { name, columns, unique: true, primary }
}

const users = relation(
  1,
  'users',
  [
    column('id', 'bigint', { notNull: true, identity: 'always' }),
    column('email', 'text', notNull),
    column('name', 'text'),
    column('age', 'integer'),
    column('created', 'timestamptz', { notNull: true, default: 'now()' }),
  ],
  {
    indexes: [key('users_pkey', [0], true), key('users_email_key', [1])],
    checks: [{ name: 'users_age_check', condition: 'age >= 0' }],
  },
)

const orders = relation(
  2,
  'orders',
  [
    column('id', 'bigint', { notNull: true, identity: 'default' }),
    column('user_id', 'bigint', notNull),
    column('price', { kind: 'numeric', precision: 10, scale: 2 }, { notNull: true, default: '0' }),
    column('quantity', 'integer', { notNull: true, default: '1' }),
    column(
      'total',
      { kind: 'numeric', precision: 12, scale: 2 },
      { generated: 'price * quantity' },
    ),
    column('note', 'json'),
  ],
  {
    // Referencing columns are indexed, as the engine's catalog does.
    indexes: [
      key('orders_pkey', [0], true),
      { name: 'orders_user_id_idx', columns: [1], unique: false, primary: false },
    ],
    foreignKeys: [
      {
        name: 'orders_user_id_fkey',
        columns: [1],
        parent: 1,
        parentColumns: [0],
        onDelete: 'cascade',
      },
    ],
  },
)

const guestbook = relation(
  3,
  'guestbook',
  [
    column('id', 'bigint', { notNull: true, identity: 'always' }),
    column('author', 'text', notNull),
    column('message', 'text', notNull),
    column('at', 'timestamptz', { notNull: true, default: 'now()' }),
  ],
  { indexes: [key('guestbook_pkey', [0], true)] },
)

const clicks = events(4, 'clicks', [column('page', 'text', notNull), column('x', 'integer')])

const httpRequests = events(
  10,
  'http_requests',
  [
    column('id', 'bigint', notNull),
    column('connection_id', 'bigint', notNull),
    column('method', 'text', notNull),
    column('path', 'text', notNull),
    column('query_raw', 'text', { notNull: true, hidden: true }),
    column('head_raw', 'bytea', { notNull: true, hidden: true }),
    column('body', 'bytea', notNull),
    column('query', 'json', { notNull: true, virtual: 'http_query_json(query_raw)' }),
    column('headers', 'json', { notNull: true, virtual: 'http_headers_json(head_raw)' }),
  ],
  { kind: 'device', insertable: false },
)

/** Requests to a device: an insert is one, and the log of them can be read. */
function requests(id: number, name: string, columns: readonly ColumnSchema[]): RelationSchema {
  const number = column('id', 'bigint', { notNull: true, identity: 'always' })
  return events(id, name, [number, ...columns], { kind: 'device' })
}

const httpResponses = requests(11, 'http_responses', [
  column('request_id', 'bigint', notNull),
  column('status', 'integer', { notNull: true, default: '200' }),
  column('headers', 'json'),
  column('body', 'bytea'),
])

const connections = events(
  12,
  'connections',
  [column('id', 'bigint', notNull), column('protocol', 'text', notNull), column('peer', 'text')],
  {
    kind: 'device',
    insertable: false,
    mutable: true,
    indexes: [key('connections_pkey', [0], true)],
  },
)

const networkSend = requests(13, 'network_send', [
  column('connection_id', 'bigint', notNull),
  column('data', 'bytea', notNull),
])

const networkRecv = events(
  14,
  'network_recv',
  [column('connection_id', 'bigint', notNull), column('data', 'bytea', notNull)],
  { kind: 'device', insertable: false },
)

const sysErrors = events(15, 'sys.errors', [column('state', 'text'), column('message', 'text')], {
  kind: 'system',
  insertable: false,
})

const adults = relation(16, 'adults', [column('id', 'bigint'), column('mail', 'text')], {
  kind: 'view',
  insertable: false,
  mutable: false,
  view: 'select id, email from users where age >= 18',
})

const sysWorkers = relation(17, 'sys.workers', [column('id', 'integer'), column('role', 'text')], {
  kind: 'system',
  durable: false,
  insertable: false,
  mutable: false,
})

export const sampleRelations: readonly RelationSchema[] = [
  users,
  orders,
  guestbook,
  clicks,
  httpRequests,
  httpResponses,
  connections,
  networkSend,
  networkRecv,
  sysErrors,
  adults,
  sysWorkers,
]

export function lookupOf(relations: readonly RelationSchema[]): SchemaLookup {
  return {
    relation: (name) => relations.find((one) => one.name === name),
    relationById: (id) => relations.find((one) => one.id === id),
    referencing: (parent) =>
      relations.flatMap((one) =>
        one.foreignKeys
          .filter((foreign) => foreign.parent === parent)
          .map((foreign) => ({ relation: one, key: foreign })),
      ),
    relationNames: () => relations.map(({ name }) => name),
  }
}

export const sampleSchemas: SchemaLookup = lookupOf(sampleRelations)

const sampleSizes = new Map([[users.id, 50_000], [orders.id, 1_000_000], [guestbook.id, 20]])

/** The same tables with rows: users 50,000, orders 1,000,000, guestbook 20. The first column is all different, others have a tenth. */
export const sizedSchemas: SchemaLookup = {
  ...sampleSchemas,
  rowCount: (relation) => sampleSizes.get(relation),
  distinctCount: (relation, position) => {
    const rows = sampleSizes.get(relation)
    return rows === undefined ? undefined : position === 0 ? rows : rows / 10
  },
}
