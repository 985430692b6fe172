// A load for machines without wrk: connections that each write DEPTH requests at once and write again
// when all of them are answered. One process, so it measures itself as much as a fast server; what the
// server spends per request is still right. Prints what load.lua prints.
//   load-client.ts URL CONNECTIONS SECONDS METHOD PATH DEPTH KEYS BODY
import { createConnection, type Socket } from 'node:net'
import { performance } from 'node:perf_hooks'

interface Load {
  readonly url: URL
  readonly method: string
  readonly path: string
  readonly depth: number
  readonly keys: number
  readonly body: string
}

/** Messages that are prepared, so that writing one costs nothing. */
const messageCount = 1000
const headerEnd = '\r\n\r\n'

class Tally {
  requests = 0
  errors = 0
}

/** Messages of `depth` requests each; with keys, the paths end in keys that change. */
export function messagesOf({ url, method, path, depth, keys, body }: Load): readonly Buffer[] {
  return Array.from({ length: keys > 0 ? messageCount : 1 }, (_, i) => {
    const requests = Array.from({ length: depth }, (_, j) => {
      const key = keys > 0 ? String(((i * 7919 + j * 104_729) % keys) + 1) : ''
      const length = body === '' ? '' : `Content-Length: ${String(Buffer.byteLength(body))}\r\n`
      return `${method} ${path}${key} HTTP/1.1\r\nHost: ${url.host}\r\n${length}\r\n${body}`
    })
    return Buffer.from(requests.join(''))
  })
}

/**
 * Counts whole answers in a stream of bytes, which may be cut anywhere. Only answers with a
 * Content-Length are understood, or without a body.
 */
export class AnswerCounter {
  failures = 0
  #head = ''
  #bodyBytes = 0

  /** Returns: how many answers `chunk` completed. */
  take(chunk: Buffer): number {
    let count = 0
    let rest = chunk.toString('latin1')
    while (rest !== '') {
      if (this.#bodyBytes > 0) {
        const taken = Math.min(this.#bodyBytes, rest.length)
        this.#bodyBytes -= taken
        rest = rest.slice(taken)
        if (this.#bodyBytes === 0) count += 1
        continue
      }
      this.#head += rest
      const end = this.#head.indexOf(headerEnd)
      if (end < 0) return count
      rest = this.#head.slice(end + headerEnd.length)
      this.#startBody(this.#head.slice(0, end))
      this.#head = ''
      if (this.#bodyBytes === 0) count += 1
    }
    return count
  }

  #startBody(head: string): void {
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0)
    if (status < 200 || status > 399) this.failures += 1
    this.#bodyBytes = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)
  }
}

/** Asks on one connection until `signal`; resolves when the connection is gone. */
function ask(load: Load, messages: readonly Buffer[], first: number, tally: Tally, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const socket: Socket = createConnection({ host: load.url.hostname, port: Number(load.url.port), noDelay: true })
    const counter = new AnswerCounter()
    let turn = first
    let waiting = 0
    const write = (): void => {
      waiting = load.depth
      turn = (turn + 1) % messages.length
      socket.write(messages[turn] ?? '')
    }
    socket.once('connect', write)
    socket.on('data', (chunk: Buffer) => {
      const answered = counter.take(chunk)
      tally.requests += answered
      waiting -= answered
      if (waiting === 0) write()
    })
    socket.on('error', () => { tally.errors += 1 })
    socket.once('close', () => {
      tally.errors += counter.failures + (signal.aborted ? 0 : 1) // nobody but the end may close it
      resolve()
    })
    signal.addEventListener('abort', () => socket.destroy(), { once: true })
  })
}

async function run(args: readonly string[]): Promise<void> {
  const [url = '', connections = '1', seconds = '1', method = 'GET', path = '/', depth = '1', keys = '0', body = ''] = args
  const load: Load = { url: new URL(url), method, path, depth: Number(depth), keys: Number(keys), body }
  const messages = messagesOf(load)
  const tally = new Tally()
  const ended = AbortSignal.timeout(Number(seconds) * 1000)
  const start = performance.now()
  await Promise.all(Array.from({ length: Number(connections) }, (_, i) => ask(load, messages, i * 31, tally, ended)))
  const micros = Math.round((performance.now() - start) * 1000)
  process.stdout.write(`RESULT ${JSON.stringify({ requests: tally.requests, micros, errors: tally.errors })}\n`)
}

if (import.meta.filename === process.argv[1]) await run(process.argv.slice(2))
