import { afterEach, expect, it } from 'vitest'
import { expectedOf, replay } from '../../test/support/console.ts'
import { cleanUp, startServer } from '../../test/support/server.ts'

afterEach(cleanUp)

it('shows what its README promises', async () => {
  const server = await startServer('examples/guestbook/app.sql')
  expect(await replay(expectedOf('guestbook'), server.url)).toBe(expectedOf('guestbook'))
  expect(await server.stop()).toBe(0)
})

function sign(url: string, name: string, message: string): Promise<Response> {
  return fetch(url + '/sign', { method: 'POST', body: new URLSearchParams({ name, message }), redirect: 'manual' })
}

it('shows what was signed, safely, and after a restart', async () => {
  const first = await startServer('examples/guestbook/app.sql')
  expect(await (await fetch(first.url)).text()).toContain('Nobody has signed yet.')
  const signed = await sign(first.url, 'Ada', 'Hello <b>there</b> & bye')
  expect([signed.status, signed.headers.get('location')]).toEqual([303, '/'])
  expect((await sign(first.url, '', 'no name')).status).toBe(422)
  const page = await fetch(first.url)
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(await page.text()).toContain('Hello &lt;b&gt;there&lt;/b&gt; &amp; bye')
  expect(await first.stop()).toBe(0)

  const second = await startServer('examples/guestbook/app.sql', { data: first.data })
  expect(await (await fetch(second.url + '/entries.json')).json()).toEqual([{ id: 1, name: 'Ada', message: 'Hello <b>there</b> & bye' }])
  expect(await second.stop()).toBe(0)
})
