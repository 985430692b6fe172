// A client that asks at a steady rate whatever the server does, and says how long answers took. A request is
// born when it is due; one that finds no free connection waits, and its wait counts. Prints a line RESULT.
//   paced-client.ts URL CONNECTIONS SECONDS RATE PATH KEYS
import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { AnswerCounter, messagesOf } from '../http/load-client.ts'

export interface PacedResult {
  readonly requests: number
  readonly errors: number
  /** Units: microseconds, for requests that were answered. */
  readonly p50: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

/** How long after the last request its answer may come. */
const lastAnswerMs = 10_000

/** `sorted` ascending. Returns: the value that `share` of all are not above; NaN of nothing. */
export function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN
}

/** One request at a time on each connection; those that are due and find none wait in order. */
class Connections {
  readonly took: number[] = []
  errors = 0
  readonly #free: Socket[] = []
  readonly #due: number[] = []
  readonly #messages: readonly Buffer[]
  #turn = 0

  constructor(messages: readonly Buffer[]) {
    this.#messages = messages
  }

  async open(url: URL): Promise<void> {
    const socket = createConnection({ host: url.hostname, port: Number(url.port), noDelay: true })
    await once(socket, 'connect')
    const counter = new AnswerCounter()
    socket.on('data', (chunk: Buffer) => {
      if (counter.take(chunk) > 0) this.#answered(socket)
      this.errors += counter.failures
      counter.failures = 0
    })
    socket.on('error', () => { this.errors += 1 })
    this.#free.push(socket)
  }

  ask(bornAt: number): void {
    this.#due.push(bornAt)
    this.#send()
  }

  close(): void {
    for (const socket of this.#free) socket.destroy()
  }

  readonly #sentFor = new Map<Socket, number>()

  #send(): void {
    while (this.#due.length > 0) {
      const socket = this.#free.shift()
      if (socket === undefined) return
      this.#sentFor.set(socket, this.#due.shift() ?? NaN)
      this.#turn = (this.#turn + 1) % this.#messages.length
      socket.write(this.#messages[this.#turn] ?? '')
    }
  }

  #answered(socket: Socket): void {
    this.took.push((performance.now() - (this.#sentFor.get(socket) ?? NaN)) * 1000)
    this.#free.push(socket)
    this.#send()
  }
}

/** Requests are born at the ticks of a timer of a millisecond: at 2,000 a second two at a time. */
async function pace(connections: Connections, seconds: number, rate: number): Promise<number> {
  const start = performance.now()
  const total = Math.floor(seconds * rate)
  let asked = 0
  while (asked < total) {
    await new Promise((resolve) => setTimeout(resolve, 1))
    const now = performance.now()
    for (const due = Math.min(total, Math.floor(((now - start) / 1000) * rate)); asked < due; asked++) connections.ask(now)
  }
  const end = performance.now() + lastAnswerMs
  while (connections.took.length < total && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 5))
  return total
}

async function run(args: readonly string[]): Promise<void> {
  const [url = '', count = '1', seconds = '1', rate = '1000', path = '/', keys = '0'] = args
  const load = { url: new URL(url), method: 'GET', path, depth: 1, keys: Number(keys), body: '' }
  const connections = new Connections(messagesOf(load))
  for (let i = 0; i < Number(count); i++) await connections.open(load.url)
  const asked = await pace(connections, Number(seconds), Number(rate))
  connections.close()
  const took = Float64Array.from(connections.took).sort()
  const result: PacedResult = {
    requests: asked, errors: connections.errors + asked - took.length,
    p50: percentile(took, 0.5), p99: percentile(took, 0.99), p999: percentile(took, 0.999), max: took.at(-1) ?? NaN,
  }
  process.stdout.write(`RESULT ${JSON.stringify(result)}\n`)
}

if (import.meta.filename === process.argv[1]) await run(process.argv.slice(2))
