// How connections behave when clients do: keep-alive, pipelining, bodies in pieces, half-closed and reset
// connections, clients that idle and clients that never read.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cleanUp, startServer, type Server } from '../support/server.ts'
import { configurations } from './configurations.ts'
import { RawClient, exchange } from './raw-client.ts'

const application = `
create table notes (id bigint generated always as identity primary key, body text not null);
insert into listeners (protocol, address) values ('http', '127.0.0.1:0');

create coroutine fast on http_requests r where r.path = '/fast'
as insert into http_responses (request_id, body) values (r.id, 'fast');

create coroutine durable on http_requests r where r.path = '/durable'
as begin
  insert into notes (body) values ('a note');
  insert into http_responses (request_id, status, body) values (r.id, 201, 'durable');
end;

create coroutine echo on http_requests r where r.path = '/echo'
as insert into http_responses (request_id, body) values (r.id, r.body);

create coroutine big on http_requests r where r.path = '/big'
as insert into http_responses (request_id, body) values (r.id, repeat('0123456789abcdef', 65536));

create coroutine empty on http_requests r where r.path = '/empty'
as insert into http_responses (request_id, status) values (r.id, 204);

create coroutine unchanged on http_requests r where r.path = '/unchanged'
as insert into http_responses (request_id, status) values (r.id, 304);

create coroutine silent on http_requests r where r.path = '/silent'
as insert into http_responses (request_id, body) select r.id, 'never' where r.path = '/other';
`

const get = (path: string, headers = ''): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${headers}\r\n`

describe.each(configurations)('$name', (configuration) => {
  let server: Server
  beforeAll(async () => {
    server = await startServer(application, { arguments: configuration.arguments })
  })
  afterAll(async () => {
    expect(await server.stop()).toBe(0)
    cleanUp()
  })

  const client = (): Promise<RawClient> => RawClient.connect(server.address)
  const stillServes = async (): Promise<void> => {
    expect(await (await fetch(server.url + '/fast')).text()).toBe('fast')
  }

  it('keeps a connection alive, and closes it when asked', async () => {
    const one = await client()
    one.send(get('/fast'))
    await one.answers(1)
    one.send(get('/fast', 'Connection: close\r\n'))
    await one.closed()
    const answers = await one.answers(2)
    expect(answers.map((answer) => answer.headers.get('connection'))).toEqual([undefined, 'close'])
  })

  it('closes after HTTP/1.0, unless it says keep-alive', async () => {
    expect(await exchange(server.address, 'GET /fast HTTP/1.0\r\n\r\n')).toHaveLength(1)
    const one = await client()
    one.send('GET /fast HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
    await one.answers(1)
    one.send('GET /fast HTTP/1.0\r\n\r\n')
    await one.closed()
    expect(await one.answers(2)).toHaveLength(2)
  })

  it('answers pipelined requests in their order, however slow each of them is', async () => {
    const one = await client()
    const paths = Array.from({ length: 60 }, (_, i) => ['/fast', '/durable', '/none'][i % 3] ?? '')
    one.send(paths.map((path) => get(path)).join(''))
    const answers = await one.answers(paths.length)
    const expected = { '/fast': 200, '/durable': 201, '/none': 404 }
    expect(answers.map(({ status }) => status)).toEqual(paths.map((path) => expected[path as keyof typeof expected]))
    one.socket.destroy()
  })

  it('takes more pipelined requests than it keeps in flight', async () => {
    const one = await client()
    one.send(get('/fast').repeat(1000) + get('/fast', 'Connection: close\r\n'))
    await one.closed()
    expect(await one.answers(1001)).toHaveLength(1001)
  })

  it('joins a chunked body, extensions and trailers left out', async () => {
    const one = await client()
    one.send('POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
    for (const piece of ['5\r\nhel', 'lo\r', '\n6;name=value\r\n world\r\n0', '\r\nX-Trailer: a\r\n\r\n', get('/fast')]) {
      one.send(piece)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    expect((await one.answers(2)).map(({ body }) => body)).toEqual(['hello world', 'fast'])
    one.socket.destroy()
  })

  it('takes a body of several megabytes and gives it back', async () => {
    const body = 'x'.repeat(5_000_000)
    const response = await fetch(server.url + '/echo', { method: 'POST', body })
    expect(await response.text()).toBe(body)
  })

  it('says 100 Continue before the body, and not where the body is there or refused', async () => {
    const one = await client()
    one.send('POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n')
    await one.heard('HTTP/1.1 100 Continue\r\n\r\n')
    one.send('hello')
    expect((await one.answers(1))[0]?.body).toBe('hello')
    one.socket.destroy()

    const two = await client()
    two.send('POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1073741824\r\nExpect: 100-continue\r\n\r\n')
    expect(await two.closed()).toMatch(/^HTTP\/1.1 413 /)
  })

  it('sends no body for HEAD, 204 and 304', async () => {
    const one = await client()
    one.send('HEAD /fast HTTP/1.1\r\nHost: a\r\n\r\n' + get('/empty') + get('/unchanged') + get('/fast', 'Connection: close\r\n'))
    await one.closed()
    const answers = await one.answers(4, ['HEAD'])
    expect(answers.map(({ status }) => status)).toEqual([200, 204, 304, 200])
    expect(answers.map(({ headers }) => headers.get('content-length'))).toEqual(['4', undefined, undefined, '4'])
    expect(answers[3]?.body).toBe('fast')
  })

  it('answers a client that has closed its sending half', async () => {
    const one = await client()
    one.send(get('/durable') + get('/fast'))
    one.halfClose()
    await one.closed()
    expect((await one.answers(2)).map(({ status }) => status)).toEqual([201, 200])
  })

  it('drops a request whose client closed in the middle of it', async () => {
    for (const part of ['GET /fa', 'GET /fast HTTP/1.1\r\nHost: a\r\n', 'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc']) {
      const one = await client()
      one.send(part)
      one.halfClose()
      expect((await one.closed()).includes('200 OK')).toBe(false)
      one.socket.destroy()
    }
    await stillServes()
  })

  it('survives clients that reset in the middle of a response', async () => {
    for (let round = 0; round < 20; ++round) {
      const one = await client()
      one.send(get('/big').repeat(8) + get('/durable'))
      if (round % 2 === 0) await one.heard('0123456789abcdef')
      one.reset()
    }
    await stillServes()
  })

  it('lets a client that never reads harm nobody, and reads it to the end when it wakes', async () => {
    const one = await client()
    one.socket.pause()
    one.send(get('/big').repeat(40) + get('/fast', 'Connection: close\r\n'))
    for (let i = 0; i < 50; ++i) await stillServes()
    one.socket.resume()
    await one.closed()
    const answers = await one.answers(41)
    expect(answers.slice(0, 40).every(({ body }) => body.length === 1 << 20)).toBe(true)
    expect(answers[40]?.body).toBe('fast')
  })

  it('holds a thousand idle connections beside one that works', async () => {
    const idle = await Promise.all(Array.from({ length: 1000 }, client))
    await stillServes()
    const last = idle.at(-1)
    last?.send(get('/fast'))
    expect((await last?.answers(1))?.[0]?.body).toBe('fast')
    for (const each of idle) each.socket.destroy()
    await stillServes()
  })

  it('answers 404 where no coroutine matches and holds a request that one matched and did not answer', async () => {
    expect((await fetch(server.url + '/nowhere')).status).toBe(404)
    const one = await client()
    one.send(get('/silent'))
    await stillServes()
    expect(one.received).toBe('')
    one.reset()
  })
})
