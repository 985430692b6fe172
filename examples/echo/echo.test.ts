import { afterEach, expect, it } from 'vitest'
import { cleanUp, connectTo, startServer } from '../../test/support/server.ts'

afterEach(cleanUp)

it('greets and echoes', async () => {
  const server = await startServer('examples/echo/app.sql', { data: 'memory' })
  const client = await connectTo(server.address)
  await client.until((heard) => heard === 'hello world')
  client.send('abc\u0000def')
  expect(await client.until((heard) => heard.length >= 18)).toBe('hello worldabc\u0000def')
  client.close()
  expect(await server.stop()).toBe(0)
})
