// Ten thousand connections that have asked once and now say nothing: they cost a bounded memory and next
// to no processor time, and others are answered beside them.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createConnection, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { cleanUp, startServer } from '../support/server.ts'

const application = `
insert into listeners (protocol, address) values ('http', '127.0.0.1:0');
create coroutine hello on http_requests r where r.path = '/'
as insert into http_responses (request_id, body) values (r.id, 'hello');`

const wanted = 10_000
/** Descriptors that this process and the server need beside the connections. */
const descriptorsApart = 500
const atOnce = 200
const bytesPerConnectionMax = 16 * 1024
const idleMs = 1_000
const testMs = 120_000

const open: Socket[] = []

afterEach(() => {
  for (const socket of open.splice(0)) socket.resetAndDestroy() // leaves no port waiting
  cleanUp()
})

/** Node raises its own limit to the hard one, and a child inherits that. */
function connectionCount(): number {
  const limit = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
  return Math.min(wanted, limit === undefined ? wanted : Number(limit) - descriptorsApart)
}

/** Connects from an address of its own per thousand, so that ports do not run short; asks once. */
function connectAndAsk(address: string, index: number): Promise<void> {
  const [host = '', port = ''] = address.split(':')
  const localAddress = `127.0.1.${String(1 + Math.floor(index / 1000))}`
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port: Number(port), localAddress })
    open.push(socket)
    socket.once('error', reject)
    socket.once('connect', () => { socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n') })
    socket.once('data', () => { resolve() })
  })
}

function residentBytes(process: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${String(process)}/status`, 'utf8'))?.[1]) * 1024
}

const ticksPerSecond = process.platform === 'linux' ? Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' })) : 0

/** Processor time of all threads, without what stands before the closing bracket of the name. */
function processorMs(process: number): number {
  const fields = readFileSync(`/proc/${String(process)}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 1000 / ticksPerSecond
}

describe.runIf(process.platform === 'linux').each(['uring', 'uv'])('%s', (reactor) => {
  it('holds idle connections cheaply and answers others', { timeout: testMs }, async () => {
    const server = await startServer(application, { data: 'memory', arguments: ['--reactor', reactor, '--workers', '1'] })
    const id = server.child.pid ?? 0
    const count = connectionCount()
    const askOther = async (): Promise<string> => (await fetch(server.url, { headers: { connection: 'close' } })).text()
    expect(await askOther()).toBe('hello')
    const before = residentBytes(id)
    for (let first = 0; first < count; first += atOnce) {
      const size = Math.min(atOnce, count - first)
      await Promise.all(Array.from({ length: size }, (_, i) => connectAndAsk(server.address, first + i)))
    }
    const bytesEach = Math.max(0, residentBytes(id) - before) / count
    const processorBefore = processorMs(id)
    const start = performance.now()
    await new Promise((resolve) => setTimeout(resolve, idleMs))
    const share = (processorMs(id) - processorBefore) / (performance.now() - start)
    const scaled = count < wanted ? ` (instead of ${String(wanted)}: the limit of open files)` : ''
    process.stdout.write(`${reactor}: ${String(count)} idle connections${scaled}, ${bytesEach.toFixed(0)} bytes each, ${(share * 100).toFixed(1)} % of a core\n`)
    expect(open.filter((socket) => !socket.destroyed)).toHaveLength(count)
    expect(await askOther()).toBe('hello')
    expect(bytesEach).toBeLessThan(bytesPerConnectionMax)
    expect(share).toBeLessThan(0.5) // one thread that spins takes a whole core
    for (const socket of open.splice(0)) socket.resetAndDestroy()
    expect(await askOther()).toBe('hello')
    expect(await server.stop()).toBe(0)
  })
})
