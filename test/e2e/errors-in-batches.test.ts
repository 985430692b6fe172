// A row that fails in the middle of a batch: that request alone is refused, `sys.errors` says where and
// why, and its neighbours are answered as if it had not been there.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cleanUp, startServer, type Server } from '../support/server.ts'
import { rowtine } from './command.ts'
import { configurations } from './configurations.ts'
import { RawClient, type Answer } from './raw-client.ts'

const application = `
create table users (id bigint generated always as identity primary key, name text unique not null);
insert into listeners (protocol, address) values ('http', '127.0.0.1:0');

create coroutine divide on http_requests r where r.path = '/divide'
as begin
  let divisor integer := (r.query->>'by')::integer;
  insert into http_responses (request_id, body)
  values (r.id, (100 / divisor)::text);
end;

create coroutine join_in on http_requests r where r.path = '/join'
as begin
  insert into users (name) values (r.query->>'name');
  insert into http_responses (request_id, status) values (r.id, 201);
exception when unique_violation then
  insert into http_responses (request_id, status) values (r.id, 409);
end;

create coroutine uncaught on http_requests r where r.path = '/uncaught'
as begin
  insert into users (name) values (r.query->>'name');
  insert into http_responses (request_id, status) values (r.id, 201);
end;

create event table derived (request_id bigint, divisor integer);
create event table answers (request_id bigint);
create coroutine hand_on on http_requests r where r.path = '/derived'
as insert into derived values (r.id, (r.query->>'by')::integer);
create coroutine divide_derived on derived d
as insert into http_responses (request_id, body) values (d.request_id, (100 / d.divisor)::text);
create coroutine both_ways on http_requests r where r.path = '/both'
as begin
  insert into derived values (r.id, 0);
  insert into answers values (r.id);
end;
create coroutine answer on answers a
as insert into http_responses (request_id, body) values (a.request_id, 'answered');

create coroutine reflect on http_requests r where r.path = '/reflect'
as insert into http_responses (request_id, headers, body)
   values (r.id, json_object('X-Name': r.query->>'name'), 'body');

create coroutine errors on http_requests r where r.path = '/errors'
as insert into http_responses (request_id, body)
   select r.id, coalesce(json_agg(json_object('coroutine': coroutine, 'line': line, 'state': state, 'message': message)), '[]') from sys.errors;
`

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`

interface ErrorRow {
  readonly coroutine: string | null
  readonly line: number | null
  readonly state: string
  readonly message: string
}

describe.each(configurations)('$name', (configuration) => {
  let server: Server
  beforeAll(async () => {
    server = await startServer(application, { arguments: configuration.arguments })
  })
  afterAll(async () => {
    expect(await server.stop()).toBe(0)
    cleanUp()
  })

  async function pipelined(paths: readonly string[]): Promise<Answer[]> {
    const client = await RawClient.connect(server.address)
    client.send(paths.map(get).join(''))
    const answers = await client.answers(paths.length)
    client.socket.destroy()
    return answers
  }
  async function errors(): Promise<ErrorRow[]> {
    return (await (await fetch(server.url + '/errors')).json()) as ErrorRow[]
  }

  it('answers 500 to the one that divides by zero, 200 to its neighbours', async () => {
    const divisors = Array.from({ length: 40 }, (_, i) => (i === 17 ? 0 : i + 1))
    const answers = await pipelined(divisors.map((by) => `/divide?by=${by}`))
    expect(answers.map(({ status }) => status)).toEqual(divisors.map((by) => (by === 0 ? 500 : 200)))
    expect(answers.filter(({ status }) => status === 200).map(({ body }) => body))
      .toEqual(divisors.filter((by) => by !== 0).map((by) => String(Math.trunc(100 / by))))
    const coroutine = application.slice(application.indexOf('create coroutine divide'))
    const line = coroutine.slice(0, coroutine.indexOf('100 / divisor')).split('\n').length // its own first line is 1
    expect((await errors()).filter((row) => row.coroutine === 'divide'))
      .toEqual([{ coroutine: 'divide', line, state: '22012', message: 'division by zero' }])
    await expect.poll(() => server.output()).toContain(
      `error[22012] in coroutine divide, line ${String(line)}, at insert into http_responses (request_id, body) …: division by zero\n`)
  })

  it('lets the first of equal keys in a batch win, the others get what the exception says', async () => {
    const names = ['a', 'b', 'a', 'c', 'b', 'a', 'd']
    const answers = await pipelined(names.map((name) => `/join?name=${name}`))
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 409, 201, 409, 409, 201])
  })

  it('records a violation that nobody catches', async () => {
    const answers = await pipelined(['/uncaught?name=x', '/uncaught?name=x', '/uncaught?name=y'])
    expect(answers.map(({ status }) => status)).toEqual([201, 500, 201])
    const row = (await errors()).find(({ coroutine }) => coroutine === 'uncaught')
    expect(row).toMatchObject({ state: '23505' })
    expect(row?.message).toContain('users_name_key')
  })

  it('answers 500 where an event that came from the request fails and nobody else answers', async () => {
    const answers = await pipelined(['/derived?by=5', '/derived?by=0', '/both', '/derived?by=2'])
    expect(answers.map(({ status, body }) => (status === 200 ? body : status)))
      .toEqual(['20', 500, 'answered', '50'])
  })

  it('answers 500 where a header value would split the response', async () => {
    const answers = await pipelined(['/reflect?name=fine', '/reflect?name=a%0D%0ASet-Cookie:%20b', '/reflect?name=a%0Ab', '/reflect?name=fine'])
    expect(answers.map(({ status }) => status)).toEqual([200, 500, 500, 200])
    expect(answers.every(({ headers }) => !headers.has('set-cookie'))).toBe(true)
    expect((await errors()).filter(({ message }) => message.startsWith('http_responses: '))).toHaveLength(2)
  })
})

describe('an application with a mistake', () => {
  it('shows the place, ends with 1 and starts nothing', async () => {
    const wrong = `insert into listeners (protocol, address) values ('http', '127.0.0.1:0');\ncreate coroutine a on http_requests r as selec 1;\n`
    await expect(startServer(wrong)).rejects.toThrow(/ended with 1 before it listened:\nerror\[42601\][^]*app\.sql:2:\d+[^]*\^/)
    await expect(startServer(wrong)).rejects.not.toThrow('listening')
  })

  it('opens no listener where a later coroutine names a column that is not there', async () => {
    const wrong = `insert into listeners (protocol, address) values ('http', '127.0.0.1:0');\ncreate coroutine a on http_requests r where r.nothing = 1 as insert into http_responses (request_id) values (r.id);\n`
    const failure = await startServer(wrong).then(() => '', (error: unknown) => String(error))
    expect(failure).toMatch(/ended with 1 before it listened:\nerror\[42703\]/)
    expect(failure).not.toContain('listening http')
  })

  it('refuses an address that is taken', async () => {
    const first = await startServer(application)
    const wrong = `insert into listeners (protocol, address) values ('http', 'localhost:${first.address.split(':')[1] ?? ''}');`
    await expect(startServer(wrong, { data: 'memory' })).rejects.toThrow(/ended with 1 before it listened:\nerror\[\w{5}\]: cannot listen on/)
    expect(await first.stop()).toBe(0)
  })

  it('refuses workers that split_io has no work for', async () => {
    const { status, stderr } = await rowtine(['serve', 'examples/hello/app.sql', '--topology', 'split_io', '--workers', '2'])
    expect(status).toBe(1)
    expect(stderr).toMatch(/^error\[22023\]: the topology split_io has one worker, not 2\n/)
  })
})
