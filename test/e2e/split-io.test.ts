// The topology split_io: one thread receives, one sends, one computes; nothing but sys.workers shows it.
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { open, type Database, type Listening } from '../../engine/index.ts'

const application = `
create table visits (id bigint generated always as identity primary key, path text not null);
insert into listeners (protocol, address) values ('http', '127.0.0.1:0');
insert into listeners (protocol, address) values ('lines', '127.0.0.1:0');

create coroutine visit on http_requests r where r.method = 'POST'
as begin
  insert into visits (path) values (r.path);
  insert into http_responses (request_id, status, body) values (r.id, 201, r.body);
end;

create coroutine visits on http_requests r where r.path = '/visits'
as insert into http_responses (request_id, body) select r.id, count(*)::text from visits;

create coroutine wrong on http_requests r where r.path = '/wrong'
as insert into http_responses (request_id, headers, body) values (r.id, json_object('bad name': 'x'), 'x');

create coroutine echo on messages_recv m
as insert into messages_send (connection_id, text) values (m.connection_id, upper(m.text));
`

describe.each(['uring', 'uv'] as const)('split_io over %s', (reactor) => {
  let database: Database
  const listening: Listening[] = []
  const address = (protocol: string): string =>
    listening.find((each) => each.protocol === protocol)?.address ?? 'nobody listens'

  beforeAll(async () => {
    listening.length = 0
    database = await open({ topology: 'split_io', reactor, pin: false })
    const both = new Promise<void>((resolve) => {
      database.onListening((each) => {
        listening.push(each)
        if (listening.length === 2) resolve()
      })
    })
    await database.exec(application)
    await both
  })
  afterAll(async () => {
    await database.shutdown(10_000)
  })

  it('shows its threads in sys.workers', async () => {
    const rows = await database.sql<{ id: number; role: string }>`select id, role from sys.workers order by id`
    expect(rows.map(({ id, role }) => `${String(id)} ${role}`)).toEqual(['0 sequencer', '1 receiver', '2 sender'])
  })

  it('answers many clients at once, each with its own answer', async () => {
    const url = `http://${address('http')}`
    const bodies = Array.from({ length: 200 }, (_, i) => 'x'.repeat(i * 37) + String(i))
    const answers = await Promise.all(bodies.map(async (body) => {
      const answer = await fetch(`${url}/visit`, { method: 'POST', body })
      return `${String(answer.status)} ${await answer.text()}`
    }))
    expect(answers).toEqual(bodies.map((body) => `201 ${body}`))
    expect(await (await fetch(`${url}/visits`)).text()).toBe('200')
    expect(await database.sql`select count(*)::int as n from visits`).toEqual([{ n: 200 }])
  })

  it('refuses a header that would break the message', async () => {
    const answer = await fetch(`http://${address('http')}/wrong`)
    expect(answer.status).toBe(500)
    const errors = await database.sql<{ state: string }>`select state from sys.errors`
    expect(errors.map(({ state }) => state)).toContain('22023')
  })

  it('speaks lines', async () => {
    const [host, port] = address('lines').split(':')
    const socket = connect(Number(port), host)
    const lines = Array.from({ length: 1000 }, (_, i) => `line ${String(i)}`)
    let text = ''
    const ended = new Promise<void>((resolve, reject) => {
      socket.on('data', (bytes) => {
        text += bytes.toString()
        if (text.endsWith('LINE 999\n')) resolve()
      })
      socket.on('error', reject)
    })
    socket.write(lines.join('\n') + '\n')
    await ended
    expect(text).toBe(lines.map((line) => line.toUpperCase() + '\n').join(''))
    socket.destroy()
  })
})

it('has one worker', async () => {
  await expect(open({ topology: 'split_io', workers: 2 })).rejects.toThrow('the topology split_io has one worker, not 2')
})
