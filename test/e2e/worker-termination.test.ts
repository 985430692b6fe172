// A Node worker that opened a database is terminated while its queries run and its server serves: the
// process lives, and the next database works.
import { connect } from 'node:net'
import { Worker } from 'node:worker_threads'
import { afterAll, expect, it } from 'vitest'
import { cleanUp, temporaryFolder } from '../support/server.ts'
import { open } from '#engine/index'

afterAll(cleanUp)

/** Runs in the worker, from the compiled package, as a user's program would. */
const program = `
  const { workerData, parentPort } = require('node:worker_threads')
  import('rowtine').then(async ({ open }) => {
    const db = await open(workerData)
    db.onListening(({ address }) => parentPort.postMessage(address))
    await db.exec(\`
      create table if not exists notes (id bigint generated always as identity primary key, body text);
      create coroutine write on http_requests r as begin
        insert into notes (body) values (r.path);
        insert into http_responses (request_id, body) values (r.id, r.path);
      end;
      insert into listeners (protocol, address) values ('http', '127.0.0.1:0');\`)
    for (let i = 0; i < 4; ++i) {
      db.query('select count(*) from generate_series(1, 1000000) a cross join generate_series(1, 1000000) b').catch(() => {})
    }
  })
`

const request = 'GET /note HTTP/1.1\r\nHost: a\r\n\r\n'

/**
 * Sends one request after the other, so that commits are on their way at any moment, and resolves when the
 * connection has ended. Not by fetch(): one that hears the end just as it would send never settles.
 */
async function untilClosed(address: string): Promise<void> {
  const [host = '', port = ''] = address.split(':')
  await new Promise<void>((resolve) => {
    const socket = connect(Number(port), host, () => socket.write(request))
    socket.on('data', () => socket.write(request))
    socket.on('error', () => undefined) // a reset ends the connection; `close` follows
    socket.on('close', () => { resolve() })
  })
}

it.each([
  ['in memory', false],
  ['with a store', true],
])('survives the end of a worker, %s', async (_, isStored) => {
  for (let round = 0; round < 6; ++round) {
    const worker = new Worker(program, { eval: true, execArgv: [], workerData: isStored ? { data: temporaryFolder() } : {} })
    const address = await new Promise<string>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
    })
    const requests = Array.from({ length: 8 }, () => untilClosed(address))
    await new Promise((resolve) => setTimeout(resolve, round * 10))
    await worker.terminate()
    await Promise.all(requests)
  }
  const db = await open()
  expect(await db.sql`select 1 + 1 as two`).toEqual([{ two: 2 }])
  await db.close()
})
