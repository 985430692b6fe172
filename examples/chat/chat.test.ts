import { afterEach, expect, it } from 'vitest'
import { expectedOf } from '../../test/support/console.ts'
import { cleanUp, connectTo, startServer, type LineClient } from '../../test/support/server.ts'

afterEach(cleanUp)

it('shows what its README promises', async () => {
  const server = await startServer('examples/chat/app.sql', { data: 'memory' })
  const ada = await connectTo(server.address)
  let heard = (await ada.until((text) => text.endsWith('\n'))).length
  let transcript = '$ nc localhost 7001\n' + (await ada.until(() => true))
  for (const line of ['/join kitchen ada', 'hello', '/who']) {
    const before = heard
    ada.send(line + '\n')
    const text = await ada.until((all) => all.length > before && all.endsWith('\n'))
    transcript += `${line}\n${text.slice(before)}`
    heard = text.length
  }
  expect(transcript).toBe(expectedOf('chat'))
  ada.close()
  expect(await server.stop()).toBe(0)
})

/** Asks who is there until the answer is as expected: a peer's goodbye may take a moment. */
async function whoUntil(client: LineClient, expected: string): Promise<string> {
  let answer = ''
  for (let attempt = 0; attempt < 100 && answer !== expected; attempt++) {
    const before = (await client.until(() => true)).length
    client.send('/who\n')
    answer = (await client.until((heard) => heard.slice(before).includes('\n'))).slice(before)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return answer
}

it('tells everybody in the room, and forgets who left', async () => {
  const server = await startServer('examples/chat/app.sql', { data: 'memory' })
  const ada = await connectTo(server.address)
  const bob = await connectTo(server.address)
  await ada.until((heard) => heard.includes('who are you?'))
  ada.send('/join kitchen ada\n')
  await ada.until((heard) => heard.includes('ada has joined kitchen\n'))
  bob.send('/join kitchen bob\r\n')
  await ada.until((heard) => heard.includes('bob has joined kitchen\n'))
  bob.send('soup is ready\n')
  await ada.until((heard) => heard.includes('bob: soup is ready\n'))
  ada.send('/who\n')
  await ada.until((heard) => heard.includes('ada, bob\n'))
  bob.close()
  expect(await whoUntil(ada, 'ada\n')).toBe('ada\n')
  ada.close()
  expect(await server.stop()).toBe(0)
})
