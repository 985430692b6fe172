// Node's HTTP server (llhttp, strict) as the oracle of ours: the same bytes, whole and mutated, go to both.
// What Node takes unharmed we take, with the same meaning; what we take, Node takes with the same meaning:
// never a request that one of them sees and the other does not.
import { METHODS, createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { open, type Database } from '#engine/index'

interface Seen {
  readonly method: string
  readonly path: string
  readonly host: string | null
  readonly tag: string | null
  /** undefined: the connection was broken off before all of it was told. */
  readonly body: string | undefined
}

/** What a server made of the bytes of one connection. */
interface Verdict {
  readonly seen: readonly Seen[]
  /** The status that ended the connection; undefined: all was taken. */
  readonly refused: number | undefined
}

let node: Server
/** By the client's port. A bad request makes Node drop the answers to good ones before it, but it has seen them. */
const nodeSaw = new Map<number, Seen[]>()
let db: Database
let nodePort = 0
let ourPort = 0

beforeAll(async () => {
  node = createServer((request, response) => {
    const seen = {
      method: request.method ?? '', path: request.url ?? '', host: request.headers.host ?? null,
      tag: (request.headers['x-tag'] as string | undefined) ?? null, body: undefined as string | undefined,
    }
    nodeSaw.get(request.socket.remotePort ?? 0)?.push(seen)
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      seen.body = Buffer.concat(parts).toString('latin1')
      response.end('{}')
    })
  })
  await new Promise<void>((resolve) => node.listen(0, '127.0.0.1', resolve))
  nodePort = (node.address() as AddressInfo).port
  db = await open({ workers: 1 })
  const listening = new Promise<string>((resolve) => { db.onListening(({ address }) => { resolve(address) }) })
  await db.exec(`
    create coroutine echo on http_requests r as insert into http_responses (request_id, body)
      values (r.id, json_build_object('method', r.method, 'path', r.path || case when r.query_raw = '' then '' else '?' || r.query_raw end,
        'host', r.headers ->> 'host', 'tag', r.headers ->> 'x-tag', 'body', encode(r.body, 'hex'))::text);
    insert into listeners (protocol, address) values ('http', '127.0.0.1:0')`)
  ourPort = Number((await listening).split(':').at(-1))
})

afterAll(async () => {
  node.closeAllConnections()
  await new Promise((resolve) => node.close(resolve))
  await db.close()
})

/** Sends all bytes, ends, and reads what comes until the server closes or says nothing more. */
function exchange(port: number, bytes: string, connected?: (port: number) => void): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    socket.setTimeout(20_000, () => socket.destroy())
    socket.on('data', (part: Buffer) => { text += part.toString('latin1') })
    socket.on('error', () => { resolve(text) })
    socket.on('close', () => { resolve(text) })
    socket.on('end', () => socket.end())
    socket.on('connect', () => {
      connected?.(socket.localPort ?? 0)
      socket.end(Buffer.from(bytes, 'latin1'))
    })
  })
}

function verdictOf(answer: string, read: (body: string) => Seen): Verdict {
  const seen: Seen[] = []
  const answers = answer.matchAll(/HTTP\/1\.1 (\d{3}) [^\r]*\r\n(?:[^\r]+\r\n)*\r\n(\{[^}]*\})?/g)
  for (const [, status, body] of answers) {
    if (status === '100') continue
    if (status !== '200' || body === undefined) return { seen, refused: Number(status) }
    seen.push(read(body))
  }
  return { seen, refused: undefined }
}

async function ofNode(bytes: string): Promise<Verdict> {
  const seen: Seen[] = []
  const answer = await exchange(nodePort, bytes, (port) => nodeSaw.set(port, seen))
  return { seen, refused: verdictOf(answer, () => ({ method: '', path: '', host: null, tag: null, body: '' })).refused }
}

const ofOurs = async (bytes: string): Promise<Verdict> =>
  verdictOf(await exchange(ourPort, bytes), (body) => {
    const seen = JSON.parse(body) as Seen
    return { ...seen, body: Buffer.from(seen.body ?? '', 'hex').toString('latin1') }
  })

/** A small generator of numbers that look random, from a seed. */
function generator(seed: number): (bound: number) => number {
  let state = seed >>> 0
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}

function pick<T>(random: (bound: number) => number, list: readonly T[]): T {
  return list[random(list.length)] as T
}

/** A request that every server takes. */
function request(random: (bound: number) => number, isLast: boolean): string {
  const method = pick(random, ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'])
  const path = pick(random, ['/', '/a/b', '/x?y=1&z=%20', '/' + 'p'.repeat(random(300)), '/~user;v=1', '/%E2%82%AC'])
  const head = [
    `${method} ${path} HTTP/1.1`, 'Host: example.org', ...(random(2) === 0 ? [`X-Tag: ${'t'.repeat(random(40) + 1)}`] : []),
    ...(random(3) === 0 ? ['Accept:*/*', 'X-Empty:'] : []), ...(isLast ? ['Connection: close'] : []),
  ]
  const body = pick(random, ['', 'hello', 'a=1&b=2', 'x'.repeat(random(5_000))])
  const kind = method === 'GET' ? 0 : random(3)
  if (kind === 0) return [...head, '', ''].join('\r\n')
  if (kind === 1) return [...head, `Content-Length: ${String(body.length)}`, '', body].join('\r\n')
  const cut = random(body.length + 1)
  const chunk = (text: string): string => (text === '' ? '' : `${text.length.toString(16)}\r\n${text}\r\n`)
  return [...head, 'Transfer-Encoding: chunked', '', `${chunk(body.slice(0, cut))}${chunk(body.slice(cut))}0\r\n\r\n`].join('\r\n')
}

/** One to three changes that make trouble. */
function mutated(random: (bound: number) => number, bytes: string): string {
  const bits = ['\r', '\n', '\r\n', ' ', '\t', ':', '\0', ',', '0', 'f', '-', ';', 'Content-Length: 3\r\n', 'Transfer-Encoding: chunked\r\n', 'HTTP/1.0', '\x80', ' \r\n', '\r\n ']
  let text = bytes
  for (let left = random(3) + 1; left > 0; left--) {
    const at = random(Math.min(text.length, 400))
    const keeps = random(3)
    text = text.slice(0, at) + (keeps === 0 ? '' : pick(random, bits)) + text.slice(at + (keeps === 1 ? 0 : random(3) + (keeps === 0 ? 1 : 0)))
  }
  return text
}

/** Where we take more on purpose: RFC 9110 lets any token be a method, llhttp has a list of them. */
function isKnownDifference({ method }: Seen): boolean {
  return !METHODS.includes(method)
}

test('requests that are well formed mean the same to both', async () => {
  for (let seed = 1; seed <= 120; seed++) {
    const random = generator(seed)
    const count = random(3) + 1
    const bytes = Array.from({ length: count }, (_, i) => request(random, i === count - 1)).join('')
    const [theirs, ours] = await Promise.all([ofNode(bytes), ofOurs(bytes)])
    expect(theirs.seen, `seed ${String(seed)}`).toHaveLength(count)
    expect(ours, `seed ${String(seed)}: ${JSON.stringify(bytes)}`).toEqual(theirs)
  }
}, 120_000)

test('what we take of mutated requests, llhttp takes with the same meaning', async () => {
  for (let first = 1; first <= 600; first += 20) {
    await Promise.all(Array.from({ length: 20 }, async (_, i) => {
      const seed = 10_000 + first + i
      const random = generator(seed)
      const bytes = mutated(random, request(random, true))
      const [theirs, ours] = await Promise.all([ofNode(bytes), ofOurs(bytes)])
      const label = `seed ${String(seed)}: ${JSON.stringify(bytes.slice(0, 500))} — llhttp ${JSON.stringify(theirs)}`
      if (ours.seen.some(isKnownDifference)) return
      const told = theirs.seen.slice(0, ours.seen.length).map((seen, k) => ({ ...seen, body: seen.body ?? ours.seen[k]?.body }))
      expect(told, label).toEqual(ours.seen)
    }))
  }
}, 240_000)
