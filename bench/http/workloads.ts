// The questions of bench/http: what is asked, what must come back, and by how many connections.
export interface Workload {
  readonly name: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** Requests written at once per connection. */
  readonly depth: number
  readonly connections: number
  /** Above 0: the path ends in a key between 1 and this. */
  readonly keys: number
  readonly body: string
  /** A request whose answer is the same on every server, and that answer. */
  readonly probe: { readonly path: string; readonly status: number; readonly type: string; readonly body: unknown }
}

const json = 'application/json'
const get = { method: 'GET', depth: 1, keys: 0, body: '' } as const

const plaintext = { path: '/plaintext', status: 200, type: 'text/plain', body: 'Hello, World!' }

/** How many rows the key may choose from; app.sql and peers/store.mjs have as many. */
export const itemCount = 10_000

export function workloads(smoke: boolean): readonly Workload[] {
  const connections = smoke ? 16 : 256
  return [
    { ...get, name: 'plaintext', path: '/plaintext', connections, probe: plaintext },
    { ...get, name: 'plaintext, pipelined 16', path: '/plaintext', depth: 16, connections: smoke ? 4 : 64, probe: plaintext },
    {
      ...get, name: 'json', path: '/json', connections,
      probe: { path: '/json', status: 200, type: json, body: { message: 'Hello, World!' } },
    },
    {
      ...get, name: 'row by key', path: '/items?id=', keys: itemCount, connections,
      probe: { path: '/items?id=4321', status: 200, type: json, body: { id: 4321, name: 'item 4321', price: 30247 } },
    },
    {
      name: 'durable insert', method: 'POST', path: '/orders', depth: 1, connections, keys: 0,
      body: '{"note":"two coffees and a newspaper"}', probe: { path: '/orders', status: 201, type: json, body: { id: 1 } },
    },
  ]
}

/** Asks a server the workload's probe. Returns: what is wrong with the answer, if anything is. */
export async function wrongAnswer(url: string, workload: Workload): Promise<string | undefined> {
  const { path, status, type, body } = workload.probe
  const init = workload.method === 'POST' ? { method: 'POST', body: workload.body } : {}
  const response = await fetch(url + path, init)
  const text = await response.text()
  if (response.status !== status) return `status ${String(response.status)}, not ${String(status)}: ${text}`
  const answeredType = response.headers.get('content-type') ?? ''
  if (!answeredType.startsWith(type)) return `content-type ${answeredType}, not ${type}`
  if (typeof body === 'string') return text === body ? undefined : `body ${text}`
  return JSON.stringify(JSON.parse(text)) === JSON.stringify(body) ? undefined : `body ${text}`
}
