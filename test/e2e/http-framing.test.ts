// What no careful server guesses about: requests with malformed or ambiguous framing get the right 4xx
// or 5xx and a closed connection, whatever the reactor and the number of workers.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cleanUp, startServer, type Server } from '../support/server.ts'
import { configurations } from './configurations.ts'
import { RawClient, exchange, parseAnswers } from './raw-client.ts'

const application = `
insert into listeners (protocol, address) values ('http', '127.0.0.1:0');
create coroutine everything on http_requests r
as insert into http_responses (request_id, body) values (r.id, r.method || ' ' || r.path);
`

const post = 'POST / HTTP/1.1\r\nHost: a\r\n'
const chunked = post + 'Transfer-Encoding: chunked\r\n\r\n'

const refused: readonly (readonly [name: string, request: string, status: number])[] = [
  // Ambiguous lengths: the ways to smuggle a request.
  ['both lengths', post + 'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
  ['both lengths, the other way round', post + 'Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n', 400],
  ['two lengths that differ', post + 'Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd', 400],
  ['two lengths that agree', post + 'Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc', 400],
  ['a list of lengths', post + 'Content-Length: 3, 3\r\n\r\nabc', 400],
  ['a negative length', post + 'Content-Length: -1\r\n\r\n', 400],
  ['a length with a plus', post + 'Content-Length: +3\r\n\r\nabc', 400],
  ['a hexadecimal length', post + 'Content-Length: 0x3\r\n\r\nabc', 400],
  ['an empty length', post + 'Content-Length: \r\n\r\n', 400],
  ['a length with a space inside', post + 'Content-Length: 1 2\r\n\r\n', 400],
  ['a length past 64 bits', post + 'Content-Length: 99999999999999999999999\r\n\r\n', 400],
  ['chunked twice', post + 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
  ['chunked not last', post + 'Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n', 400],
  ['chunked in HTTP/1.0', 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
  ['an unknown coding', post + 'Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n', 501],
  // Chunks.
  ['a chunk size that is no number', chunked + 'xyz\r\nabc\r\n0\r\n\r\n', 400],
  ['a negative chunk size', chunked + '-1\r\nabc\r\n0\r\n\r\n', 400],
  ['a chunk size with 0x', chunked + '0x3\r\nabc\r\n0\r\n\r\n', 400],
  ['an empty chunk size', chunked + '\r\nabc\r\n0\r\n\r\n', 400],
  ['a chunk size past 64 bits', chunked + 'fffffffffffffffff\r\nabc\r\n', 400],
  ['a chunk that is longer than it says', chunked + '3\r\nabcd\r\n0\r\n\r\n', 400],
  ['bare LF after a chunk size', chunked + '3\nabc\r\n0\r\n\r\n', 400],
  ['bare LF after a chunk', chunked + '3\r\nabc\n0\r\n\r\n', 400],
  // Lines.
  ['bare LF after the request line', 'GET / HTTP/1.1\nHost: a\r\n\r\n', 400],
  ['bare LF after a header', 'GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n', 400],
  ['bare CR in a header', 'GET / HTTP/1.1\r\nHost: a\r\nX: b\rc\r\n\r\n', 400],
  ['a space before a colon', 'GET / HTTP/1.1\r\nHost : a\r\n\r\n', 400],
  ['a space before the first header', 'GET / HTTP/1.1\r\n Host: a\r\n\r\n', 400],
  ['a folded header', 'GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n', 400],
  ['a header without a colon', 'GET / HTTP/1.1\r\nHost: a\r\nabc\r\n\r\n', 400],
  ['a header without a name', 'GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n', 400],
  ['a NUL in a header', 'GET / HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n', 400],
  ['a name that is no token', 'GET / HTTP/1.1\r\nHost: a\r\nX(y: b\r\n\r\n', 400],
  ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['two hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n', 400],
  ['a bad host', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n', 400],
  ['two spaces in the request line', 'GET  / HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['a tab in the request line', 'GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['no version', 'GET /\r\nHost: a\r\n\r\n', 400],
  ['a version in small letters', 'GET / http/1.1\r\nHost: a\r\n\r\n', 400],
  ['a target that is no path', 'GET a HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['an asterisk for GET', 'GET * HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['no method', ' / HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['another protocol', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400],
  ['another version', 'GET / HTTP/2.0\r\nHost: a\r\n\r\n', 505],
  ['CONNECT', 'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n', 501],
  ['a method without end', 'A'.repeat(33) + ' / HTTP/1.1\r\nHost: a\r\n\r\n', 501],
  // Limits.
  ['a long target', `GET /${'a'.repeat(9000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414],
  ['too many headers', `GET / HTTP/1.1\r\nHost: a\r\n${'X: y\r\n'.repeat(101)}\r\n`, 431],
  ['too long a header', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(70_000)}\r\n\r\n`, 431],
  ['a body of 1 GB, before it is sent', post + 'Content-Length: 1073741824\r\n\r\n', 413],
  ['a chunk of 1 GB, before it is sent', chunked + '40000000\r\n', 413],
  ['an unknown expectation', post + 'Content-Length: 3\r\nExpect: a-miracle\r\n\r\nabc', 417],
]

const welcome: readonly (readonly [name: string, request: string, body: string])[] = [
  ['an empty line before the request', '\r\nGET /a HTTP/1.1\r\nHost: a\r\n', 'GET /a'],
  ['an absolute target', 'GET http://a/b HTTP/1.1\r\nHost: a\r\n', 'GET /b'],
  ['an asterisk for OPTIONS', 'OPTIONS * HTTP/1.1\r\nHost: a\r\n', 'OPTIONS *'],
  ['an empty host', 'GET /a HTTP/1.1\r\nHost:\r\n', 'GET /a'],
  ['spaces around a value', 'GET /a HTTP/1.1\r\nHost: \t a \t\r\n', 'GET /a'],
  ['an empty value', 'GET /a HTTP/1.1\r\nHost: a\r\nX:\r\n', 'GET /a'],
  ['bytes past ASCII in a value', 'GET /a HTTP/1.1\r\nHost: a\r\nX: \xff\r\n', 'GET /a'],
  ['a method of its own', 'BREW /pot HTTP/1.1\r\nHost: a\r\n', 'BREW /pot'],
]

describe.each(configurations)('$name', (configuration) => {
  let server: Server
  beforeAll(async () => {
    server = await startServer(application, { data: 'memory', arguments: configuration.arguments })
  })
  afterAll(async () => {
    expect(await server.stop()).toBe(0)
    cleanUp()
  })

  it.each(refused)('refuses %s', async (_, request, status) => {
    const answers = await exchange(server.address, request)
    expect(answers.map((answer) => answer.status)).toEqual([status])
    expect(answers[0]?.headers.get('connection')).toBe('close')
  })

  it.each(welcome)('answers %s', async (_, request, body) => {
    const answers = await exchange(server.address, request + 'Connection: close\r\n\r\n')
    expect(answers.map((answer) => [answer.status, answer.body])).toEqual([[200, body]])
  })

  it('answers what came before the malformed request, and nothing after it', async () => {
    const good = 'GET /good HTTP/1.1\r\nHost: a\r\n\r\n'
    const answers = await exchange(server.address, good + good + 'GET / HTTP/1.1\r\nHost : a\r\n\r\n' + good)
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 400])
  })

  it('finds the same fault when the bytes come one at a time', async () => {
    const client = await RawClient.connect(server.address)
    client.socket.setNoDelay(true)
    for (const byte of post + 'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n') {
      client.send(byte)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(parseAnswers(await client.closed(), []).map((answer) => answer.status)).toEqual([400])
    client.socket.destroy()
  })
})
