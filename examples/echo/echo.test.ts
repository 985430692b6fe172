import { afterEach, expect, it } from 'vitest'
import { expectedOf } from '../../test/support/console.ts'
import { cleanUp, connectTo, startServer } from '../../test/support/server.ts'

afterEach(cleanUp)

it('shows what its README promises', async () => {
  const server = await startServer('examples/echo/app.sql', { data: 'memory' })
  const client = await connectTo(server.address)
  const greeting = await client.until((heard) => heard === 'hello world')
  client.send('abc\n')
  const heard = await client.until((text) => text.endsWith('\n'))
  expect(`$ nc localhost 7000\n${greeting}abc\n${heard.slice(greeting.length)}`).toBe(expectedOf('echo'))
  client.close()
  expect(await server.stop()).toBe(0)
})

it('greets and echoes', async () => {
  const server = await startServer('examples/echo/app.sql', { data: 'memory' })
  const client = await connectTo(server.address)
  await client.until((heard) => heard === 'hello world')
  client.send('abc\u0000def')
  expect(await client.until((heard) => heard.length >= 18)).toBe('hello worldabc\u0000def')
  client.close()
  expect(await server.stop()).toBe(0)
})
