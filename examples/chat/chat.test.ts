import { afterEach, expect, it } from 'vitest'
import { cleanUp, connectTo, startServer } from '../../test/support/server.ts'

afterEach(cleanUp)

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
  await new Promise((resolve) => setTimeout(resolve, 100))
  const before = (await ada.until(() => true)).length
  ada.send('/who\n')
  const heard = await ada.until((all) => all.slice(before).includes('\n'))
  expect(heard.slice(before)).toBe('ada\n')
  ada.close()
  expect(await server.stop()).toBe(0)
})
