import { afterEach, expect, it } from 'vitest'
import { expectedOf, replay } from '../../test/support/console.ts'
import { cleanUp, startServer } from '../../test/support/server.ts'

afterEach(cleanUp)

it('shows what its README promises', async () => {
  const server = await startServer('examples/hello/app.sql', { data: 'memory' })
  expect(await replay(expectedOf('hello'), server.url)).toBe(expectedOf('hello'))
  expect(await server.stop()).toBe(0)
})

it('answers its routes, and 404 elsewhere', async () => {
  const server = await startServer('examples/hello/app.sql', { data: 'memory' })
  const text = async (path: string): Promise<string> => (await fetch(server.url + path)).text()
  expect(await text('/hello')).toBe('hello')
  expect(await text('/greet?name=Ada%20L')).toBe('hello, Ada L')
  expect(await text('/greet')).toBe('hello, stranger')
  expect((await fetch(server.url + '/nowhere')).status).toBe(404)
  expect(JSON.parse(await text('/counts'))).toEqual({ '/counts': 1, '/greet': 2, '/hello': 1, '/nowhere': 1 })
  expect(await server.stop('SIGINT')).toBe(0)
})
