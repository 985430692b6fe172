import { afterEach, expect, it } from 'vitest'
import { expectedOf, replay } from '../../test/support/console.ts'
import { cleanUp, startServer } from '../../test/support/server.ts'

afterEach(cleanUp)

it('shows what its README promises', async () => {
  const server = await startServer('examples/signup/app.sql')
  expect(await replay(expectedOf('signup'), server.url)).toBe(expectedOf('signup'))
  expect(await server.stop()).toBe(0)
})

it('answers 201 once per e-mail, and keeps the rows through kill -9', async () => {
  const first = await startServer('examples/signup/app.sql')
  const signup = async (url: string, body: string): Promise<[number, unknown]> => {
    const response = await fetch(url + '/signup', { method: 'POST', body })
    return [response.status, await response.json()]
  }
  expect(await signup(first.url, '{"email":"ada@example.org"}')).toEqual([201, { id: 1 }])
  expect(await signup(first.url, '{"email":"ada@example.org"}')).toEqual([409, { error: 'email taken' }])
  expect(await signup(first.url, '{}')).toEqual([422, { error: 'email is missing' }])
  expect(await signup(first.url, 'not json')).toEqual([400, { error: 'not JSON' }])
  await first.stop('SIGKILL')

  const second = await startServer('examples/signup/app.sql', { data: first.data })
  expect(await (await fetch(second.url + '/users')).json()).toEqual([{ id: 1, email: 'ada@example.org' }])
  expect(await signup(second.url, '{"email":"ada@example.org"}')).toEqual([409, { error: 'email taken' }])
  expect(await second.stop()).toBe(0)
})
