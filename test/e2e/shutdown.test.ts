// SIGTERM and SIGINT: what is in flight is answered, new connections are refused, and the exit code is 0.
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { cleanUp, startServer } from '../support/server.ts'
import { configurations } from './configurations.ts'
import { RawClient } from './raw-client.ts'

afterEach(cleanUp)

const request = (name: string): string => {
  const body = JSON.stringify({ email: name })
  return `POST /signup HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

describe.each(configurations)('$name', (configuration) => {
  it.each(['SIGTERM', 'SIGINT'] as const)('answers durable requests in flight after %s, and ends with 0', async (signal) => {
    const server = await startServer('examples/signup/app.sql', { arguments: configuration.arguments })
    const clients = await Promise.all(Array.from({ length: 10 }, () => RawClient.connect(server.address)))
    for (const [i, client] of clients.entries()) client.send(request(`a${i}`) + request(`b${i}`) + request(`c${i}`))
    await clients[0]?.answers(1) // the work has begun
    const ended = server.stop(signal)
    const heard = await Promise.all(clients.map(async (client) => {
      await client.closed()
      return client.answers(0)
    }))
    expect(await ended).toBe(0)
    for (const answers of heard) expect(answers.every(({ status }) => status === 201)).toBe(true)
    const acknowledged = heard.flat().length

    const again = await startServer('examples/signup/app.sql', { data: server.data, arguments: configuration.arguments })
    const users = (await (await fetch(again.url + '/users')).json()) as unknown[]
    expect(users.length).toBe(acknowledged) // nothing was done without being answered
    expect(await again.stop()).toBe(0)
  })

  it('closes idle connections and ends at once', async () => {
    const server = await startServer('examples/hello/app.sql', { data: 'memory', arguments: configuration.arguments })
    const idle = await Promise.all(Array.from({ length: 5 }, () => RawClient.connect(server.address)))
    const ended = server.stop()
    await Promise.all(idle.map((client) => client.closed()))
    for (const client of idle) client.socket.destroy()
    expect(await ended).toBe(0)
    const refused = await new Promise<boolean>((resolve) => {
      const [host = '', port = ''] = server.address.split(':')
      connect(Number(port), host).once('connect', () => { resolve(false) }).once('error', () => { resolve(true) })
    })
    expect(refused).toBe(true)
  })
})
