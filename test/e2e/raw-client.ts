// A TCP client that sends exactly the bytes it is told to and keeps every byte it hears, so that a test
// can say what stood on the wire and whether the connection was closed after it.
import { createConnection, type Socket } from 'node:net'

export interface Answer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

/** How long a wait may take on a loaded machine; a wait ends as soon as what it waits for is there. */
export const patienceMs = 20_000

export class RawClient {
  readonly socket: Socket
  #received = ''
  #isClosed = false
  #changed: (() => void) | undefined

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => {
      this.#received += chunk.toString('latin1')
      this.#changed?.()
    })
    const closed = (): void => {
      this.#isClosed = true
      this.#changed?.()
    }
    socket.on('end', closed)
    socket.on('close', closed)
    socket.on('error', () => undefined) // a reset ends the connection; `close` follows
  }

  static connect(address: string): Promise<RawClient> {
    const [host = '', port = ''] = address.split(':')
    const socket = createConnection({ host, port: Number(port), allowHalfOpen: true })
    return new Promise((resolve, reject) => {
      socket.once('connect', () => { resolve(new RawClient(socket)) })
      socket.once('error', reject)
    })
  }

  get received(): string {
    return this.#received
  }
  get isClosed(): boolean {
    return this.#isClosed
  }

  send(text: string): void {
    this.socket.write(text, 'latin1')
  }

  /** Waits until the server has closed its end; resolves to everything heard. */
  closed(): Promise<string> {
    return this.#until('the server to close', () => this.#isClosed)
  }

  /** Waits for `text` in what is heard. */
  heard(text: string): Promise<string> {
    return this.#until(JSON.stringify(text), () => this.#received.includes(text))
  }

  /** Waits for that many answers. `methods` names the requests, since an answer to HEAD has no body. */
  async answers(count: number, methods: readonly string[] = []): Promise<Answer[]> {
    let found: Answer[] = []
    await this.#until(`${count} answers`, () => {
      found = parseAnswers(this.#received, methods)
      return found.length >= count
    })
    return found
  }

  /** Ends our side; what the server still says is heard. */
  halfClose(): void {
    this.socket.end()
  }

  /** Ends the connection at once, with RST where there is something unread. */
  reset(): void {
    this.socket.resetAndDestroy()
  }

  #until(what: string, isDone: () => boolean): Promise<string> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`waited in vain for ${what}; heard ${JSON.stringify(this.#received.slice(0, 2000))}`))
      }, patienceMs)
      this.#changed = () => {
        if (!isDone()) {
          if (!this.#isClosed) return
          clearTimeout(timer)
          reject(new Error(`closed before ${what}; heard ${JSON.stringify(this.#received.slice(0, 2000))}`))
          return
        }
        clearTimeout(timer)
        resolve(this.#received)
      }
      this.#changed()
    })
  }
}

/** Sends `text` on a connection of its own and hears the server out. */
export async function exchange(address: string, text: string): Promise<Answer[]> {
  const client = await RawClient.connect(address)
  client.send(text)
  const received = await client.closed()
  client.socket.destroy()
  return parseAnswers(received, [])
}

/** The whole answers that `received` begins with; 1xx are skipped. */
export function parseAnswers(received: string, methods: readonly string[]): Answer[] {
  const answers: Answer[] = []
  for (let rest = received; ;) {
    const headEnd = rest.indexOf('\r\n\r\n')
    if (headEnd < 0) return answers
    const [statusLine = '', ...lines] = rest.slice(0, headEnd).split('\r\n')
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1] ?? NaN)
    if (Number.isNaN(status)) throw new Error(`not a status line: ${JSON.stringify(statusLine)}`)
    const headers = new Map(lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
    }))
    rest = rest.slice(headEnd + 4)
    if (status < 200) continue
    const hasBody = status !== 204 && status !== 304 && methods[answers.length] !== 'HEAD'
    const length = hasBody ? Number(headers.get('content-length') ?? 0) : 0
    if (rest.length < length) return answers
    answers.push({ status, headers, body: rest.slice(0, length) })
    rest = rest.slice(length)
  }
}
