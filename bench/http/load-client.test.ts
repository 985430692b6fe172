// The load client counts what is answered, however the bytes are cut, and writes what servers expect.
import { expect, it } from 'vitest'
import { AnswerCounter, messagesOf } from './load-client.ts'

const answers = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello' +
  'HTTP/1.1 204 No Content\r\n\r\n' + 'HTTP/1.1 500 Internal Server Error\r\ncontent-length:3\r\n\r\nbad'

it('counts answers at every cut', () => {
  for (let cut = 0; cut <= answers.length; cut++) {
    const counter = new AnswerCounter()
    const count = counter.take(Buffer.from(answers.slice(0, cut))) + counter.take(Buffer.from(answers.slice(cut)))
    expect([count, counter.failures]).toEqual([3, 1])
  }
})

it('writes as many requests as asked, with keys in their range', () => {
  const messages = messagesOf({ url: new URL('http://127.0.0.1:1234'), method: 'POST', path: '/a?id=', depth: 3, keys: 10, body: 'hé' })
  const text = messages.map(String).join('')
  const keys = [...text.matchAll(/^(?:hé)?POST \/a\?id=(\d+) HTTP\/1\.1\r\nHost: 127\.0\.0\.1:1234\r\nContent-Length: 3\r\n\r\n/gm)].map((found) => Number(found[1]))
  expect(keys).toHaveLength(messages.length * 3)
  expect(new Set(keys).size).toBe(10)
  expect([Math.min(...keys), Math.max(...keys)]).toEqual([1, 10])
})
