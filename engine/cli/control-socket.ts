// The Unix socket by which other tools reach a running engine: one JSON object a line each way.
//   → {"id":1,"run":"select 1"}            ← {"id":1,"results":[{"columns":…,"rows":…,"tag":"SELECT 1"}],"transaction":"none"}
//   → {"id":2,"follow":"http_requests"}    ← {"id":2,"rows":{…}} … until {"id":2,"stop":true} or the end
//   → {"id":1,"cancel":true}               ← {"id":1,"error":"…"} where anything fails
import { chmodSync, existsSync, rmSync } from 'node:fs'
import { createConnection, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { EngineError } from '#base/engine-error'
import type { Database } from '../database.ts'
import type { TableView } from '../repl/box.ts'
import { ReportedError, localConnection, type ReplConnection } from '../repl/connection.ts'

export interface ControlSocket {
  close(): Promise<void>
}

interface Request {
  readonly id: number
  readonly run?: string
  readonly follow?: string
  readonly cancel?: true
  readonly stop?: true
}
type TransactionStatus = ReturnType<ReplConnection['transactionStatus']>

interface Reply {
  readonly id: number
  readonly results?: readonly TableView[]
  readonly rows?: TableView
  readonly following?: true
  readonly error?: string
  /** Of every answer to run: what of a transaction is open now. */
  readonly transaction?: TransactionStatus
}

/** A line longer than this ends the connection: nobody types it. */
const lineBytesMax = 16 * 1024 * 1024
const clientsMax = 64

/** Listens at `path`, readable and writable for the owner alone. A stale socket is replaced. */
export async function openControlSocket(database: Database, path: string): Promise<ControlSocket> {
  if (existsSync(path)) rmSync(path)
  const clients = new Set<Socket>()
  const server = createServer((socket) => {
    clients.add(socket)
    socket.on('close', () => clients.delete(socket))
    serveClient(localConnection(database), socket)
  })
  server.maxConnections = clientsMax
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => { reject(new EngineError('io_error', { message: `cannot listen on ${path}: ${error.message}` })) })
    server.listen(path, resolve)
  })
  chmodSync(path, 0o600)
  server.unref()
  return {
    close: () =>
      new Promise((resolve) => {
        for (const client of clients) client.destroy()
        server.close(() => { resolve() })
      }),
  }
}

function serveClient(connection: ReplConnection, socket: Socket): void {
  const running = new Map<number, AbortController>()
  const following = new Map<number, () => void>()
  const reply = (message: Reply): void => {
    if (!socket.destroyed) socket.write(JSON.stringify(message, (_, part: unknown) => (part === undefined ? null : part)) + '\n')
  }
  const handle = async (request: Request): Promise<void> => {
    if (request.cancel === true) return running.get(request.id)?.abort()
    if (request.stop === true) return following.get(request.id)?.()
    if (request.follow !== undefined) {
      following.set(request.id, await connection.follow(request.follow, (rows) => { reply({ id: request.id, rows }) }))
      return reply({ id: request.id, following: true })
    }
    const controller = new AbortController()
    running.set(request.id, controller)
    try {
      const results = await connection.run(request.run ?? '', controller.signal)
      reply({ id: request.id, results, transaction: connection.transactionStatus() })
    } finally {
      running.delete(request.id)
    }
  }
  readLines(socket, (line) => {
    const request = JSON.parse(line) as Request
    handle(request).catch((error: unknown) => {
      reply({ id: request.id, error: error instanceof Error ? error.message : String(error), transaction: connection.transactionStatus() })
    })
  })
  socket.on('close', () => {
    for (const stop of following.values()) stop()
    for (const controller of running.values()) controller.abort()
    void connection.close()
  })
}

/** Calls `each` per line; what is no JSON, or too long, ends the connection. */
function readLines(socket: Socket, each: (line: string) => void): void {
  let pending = 0
  socket.on('data', (chunk: Buffer) => {
    pending = chunk.includes(10) ? 0 : pending + chunk.length
    if (pending > lineBytesMax) socket.destroy()
  })
  socket.on('error', () => socket.destroy())
  createInterface({ input: socket, crlfDelay: Infinity }).on('line', (line) => {
    try {
      each(line)
    } catch {
      socket.destroy()
    }
  })
}

/** Connects to a running engine. Errors: 58030 when nobody listens at `path`. */
export async function connectControl(path: string): Promise<ReplConnection> {
  const socket = createConnection(path)
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', (error) => {
      reject(new EngineError('io_error', { message: `no engine answers at ${path}: ${error.message}`, hint: 'rowtine serve --data DIR listens at DIR/rowtine.sock.' }))
    })
  })
  const waiting = new Map<number, { resolve: (reply: Reply) => void; reject: (error: Error) => void; rows?: (rows: TableView) => void }>()
  let nextId = 1
  let status: TransactionStatus = 'none'
  readLines(socket, (line) => {
    const reply = JSON.parse(line) as Reply
    const request = waiting.get(reply.id)
    status = reply.transaction ?? status
    if (reply.error !== undefined) request?.reject(new ReportedError(reply.error))
    else if (reply.rows !== undefined) request?.rows?.(withUndefined(reply.rows))
    else request?.resolve(reply)
  })
  socket.on('close', () => {
    for (const { reject } of waiting.values()) reject(new ReportedError('the engine has closed the connection'))
    waiting.clear()
  })
  const send = (message: Omit<Request, 'id'>, id: number): void => {
    socket.write(JSON.stringify({ id, ...message }) + '\n')
  }
  const ask = (message: Omit<Request, 'id'>, id: number, rows?: (rows: TableView) => void): Promise<Reply> =>
    new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject, ...(rows && { rows }) })
      send(message, id)
    })
  return {
    async run(sql, signal) {
      const id = nextId++
      const cancel = (): void => { send({ cancel: true }, id) }
      signal.addEventListener('abort', cancel, { once: true })
      try {
        return ((await ask({ run: sql }, id)).results ?? []).map(withUndefined)
      } finally {
        waiting.delete(id)
        signal.removeEventListener('abort', cancel)
      }
    },
    async follow(relation, each) {
      const id = nextId++
      await ask({ follow: relation }, id, each)
      return () => { send({ stop: true }, id) }
    },
    transactionStatus: () => status,
    close() {
      socket.end()
      return Promise.resolve()
    },
  }
}

/** JSON has no undefined; null text cells are it. */
function withUndefined(view: TableView): TableView {
  return { ...view, rows: view.rows.map((row) => row.map((cell) => cell ?? undefined)) }
}
