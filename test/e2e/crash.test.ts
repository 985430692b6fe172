// kill -9 at any moment under load: after the restart every acknowledged row is there once, no step is
// there by half, and the file is a sound SQLite database.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { afterEach, describe, expect, it } from 'vitest'
import { cleanUp, startServer, temporaryFolder, type Server } from '../support/server.ts'

afterEach(cleanUp)

const rounds = 5
const clients = 6

const pairs = `
create table debits (id bigint generated always as identity primary key, transfer text unique not null);
create table credits (id bigint generated always as identity primary key, transfer text unique not null);
insert into listeners (protocol, address) values ('http', '127.0.0.1:0');
create coroutine transfer on http_requests r where r.method = 'POST' and r.path = '/signup'
as begin
  insert into debits (transfer) values (r.body->>'email');
  insert into credits (transfer) values (r.body->>'email');
  insert into http_responses (request_id, status) values (r.id, 201);
end;
`

interface Load {
  /** What was sent, acknowledged or not. */
  readonly sent: Set<string>
  readonly acknowledged: Set<string>
}

/** Clients that sign up without a pause until the server is gone. */
async function signUpUntilKilled(server: Server, round: number, load: Load): Promise<void> {
  const client = async (number: number): Promise<void> => {
    for (let i = 0; ; ++i) {
      const email = `${round}.${number}.${i}@example.org`
      load.sent.add(email)
      try {
        const { status } = await fetch(server.url + '/signup', { method: 'POST', body: JSON.stringify({ email }) })
        if (status === 201) load.acknowledged.add(email)
        else throw new Error(`unexpected ${status}`)
      } catch (error) {
        if (error instanceof TypeError) return // the connection was refused or reset: killed
        throw error
      }
    }
  }
  const before = load.acknowledged.size
  const all = Promise.all(Array.from({ length: clients }, (_, number) => client(number)))
  // Under load first, so that the kill meets commits on their way; then at a moment of its own.
  while (load.acknowledged.size < before + 20) await Promise.race([sleep(2), all])
  await sleep(Math.random() * 60)
  await server.stop('SIGKILL')
  await all
}

function stored(file: string, table: string, column: string): string[] {
  const database = new Database(file, { readonly: true })
  try {
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok')
    return database.prepare(`select ${column} from ${table} order by id`).pluck().all() as string[]
  } finally {
    database.close()
  }
}

/** Everything acknowledged is there, nothing is there that nobody sent, and nothing twice. */
function expectComplete(rows: readonly string[], load: Load): void {
  const unique = new Set(rows)
  expect(rows.length).toBe(unique.size)
  expect([...load.acknowledged].filter((email) => !unique.has(email))).toEqual([])
  expect(rows.filter((email) => !load.sent.has(email))).toEqual([])
}

describe.each([
  ['uring', '1'],
  ['uv', '2'],
])('kill -9 under load, %s, workers: %s', (reactor, workers) => {
  const options = ['--reactor', reactor, '--workers', workers]

  it('keeps every acknowledged row, once', { timeout: 120_000 }, async () => {
    const load: Load = { sent: new Set(), acknowledged: new Set() }
    const data = temporaryFolder()
    for (let round = 0; round < rounds; ++round) {
      const server = await startServer('examples/signup/app.sql', { data, arguments: options })
      await signUpUntilKilled(server, round, load)
    }
    const last = await startServer('examples/signup/app.sql', { data, arguments: options })
    const listed = (await (await fetch(last.url + '/users')).json()) as { id: number; email: string }[]
    expectComplete(listed.map(({ email }) => email), load)
    expect(new Set(listed.map(({ id }) => id)).size).toBe(listed.length)
    expect(await last.stop()).toBe(0)
    expectComplete(stored(join(data, 'rowtine.db'), 'users', 'email'), load)
  })

  it('keeps a step whole that writes two tables', { timeout: 120_000 }, async () => {
    const load: Load = { sent: new Set(), acknowledged: new Set() }
    const data = temporaryFolder()
    for (let round = 0; round < rounds; ++round) {
      const server = await startServer(pairs, { data, arguments: options })
      await signUpUntilKilled(server, round, load)
      const debits = stored(join(data, 'rowtine.db'), 'debits', 'transfer')
      expectComplete(debits, load)
      expect(stored(join(data, 'rowtine.db'), 'credits', 'transfer')).toEqual(debits)
    }
  })
})
