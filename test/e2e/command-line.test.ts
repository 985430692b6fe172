// The commands as scripts use them: formats on standard output, mistakes on standard error, exit codes.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tableFromIPC } from 'apache-arrow'
import { afterEach, expect, it } from 'vitest'
import { cleanUp, startServer, temporaryFolder } from '../support/server.ts'
import { rowtine } from './command.ts'

afterEach(cleanUp)

const rows = `select * from (values (1, 'a,"b"', true), (2, null, false), (3, '', null)) as t(number, word, flag)`

it.each([
  ['csv', 'number,word,flag\n1,"a,""b""",t\n2,,f\n3,"",\n'],
  ['jsonl', '{"number":1,"word":"a,\\"b\\"","flag":true}\n{"number":2,"word":null,"flag":false}\n{"number":3,"word":"","flag":null}\n'],
  ['box', `
┌────────┬───────┬──────┐
│ number │ word  │ flag │
├────────┼───────┼──────┤
│      1 │ a,"b" │ t    │
│      2 │ NULL  │ f    │
│      3 │       │ NULL │
└────────┴───────┴──────┘
(3 rows)
`.trimStart()],
])('prints %s', async (format, expected) => {
  expect(await rowtine(['query', '-c', rows, '--format', format])).toMatchObject({ status: 0, stdout: expected, stderr: '' })
})

it('prints json that parses', async () => {
  const { stdout, status } = await rowtine(['query', '-c', rows, '--format', 'json'])
  expect(status).toBe(0)
  expect(JSON.parse(stdout)).toEqual([
    { number: 1, word: 'a,"b"', flag: true }, { number: 2, word: null, flag: false }, { number: 3, word: '', flag: null },
  ])
})

it('prints arrow that Arrow reads', async () => {
  const { bytes, status } = await rowtine(['query', '-c', rows, '--format', 'arrow'])
  expect(status).toBe(0)
  const table = tableFromIPC(bytes)
  expect(table.schema.fields.map(({ name }) => name)).toEqual(['number', 'word', 'flag'])
  expect(table.toArray().map((row) => (row as { toJSON(): unknown }).toJSON())).toEqual([
    { number: 1, word: 'a,"b"', flag: true }, { number: 2, word: null, flag: false }, { number: 3, word: '', flag: null },
  ])
})

it('ends with 1 and says why on standard error', async () => {
  const wrong = await rowtine(['query', '-c', 'select 1;\nselect nothing from nowhere'])
  expect(wrong.status).toBe(1)
  expect(wrong.stderr).toMatch(/^error\[42P01\]: .*\n[^]*query:2:\d+[^]*\^/)
  expect((await rowtine(['query'])).status).toBe(1)
  expect((await rowtine(['query', '-f', '/nowhere.sql'])).stderr).toContain('could not read "/nowhere.sql"')
  expect((await rowtine(['serve', 'examples/hello/app.sql', '--workers', '0'])).status).toBe(1)
  expect((await rowtine(['nonsense'])).status).toBe(1)
})

it('keeps what a query wrote in its data directory', async () => {
  const data = temporaryFolder()
  expect((await rowtine(['query', '-c', `create table t (a int); insert into t values (1), (2)`, '--data', data])).status).toBe(0)
  expect((await rowtine(['query', '-c', 'select sum(a) as s from t', '--format', 'csv', '--data', data])).stdout).toBe('s\n3\n')
})

it('checks an application without running it', async () => {
  for (const example of ['hello', 'echo', 'signup', 'chat', 'guestbook']) {
    expect(await rowtine(['check', `examples/${example}/app.sql`])).toMatchObject({ status: 0, stderr: '' })
  }
  const file = join(temporaryFolder(), 'wrong.sql')
  writeFileSync(file, 'create table t (a int);\nselect b from t;\n')
  const { status, stdout, stderr } = await rowtine(['check', file])
  expect(status).toBe(1)
  expect(stdout + stderr).toMatch(/error\[42703\][^]*wrong\.sql:2:8[^]*\^/)
})

it('counts what passed and what failed in sqllogictest files', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'a.slt'), 'statement ok\ncreate table t (a int)\n\nstatement error (42P01)\nselect * from nowhere\n\nquery I\nselect count(*) from t\n----\n0\n')
  expect(await rowtine(['slt', folder])).toMatchObject({ status: 0, stdout: '3 passed, 0 failed\n' })
  writeFileSync(join(folder, 'b.slt'), 'query I\nselect 1\n----\n2\n')
  const { status, stdout } = await rowtine(['slt', folder])
  expect(status).toBe(1)
  expect(stdout).toMatch(/b\.slt:1: [^]*select 1[^]*\n3 passed, 1 failed\n$/)
})

it('follows statements piped into the REPL', async () => {
  const { status, stdout } = await rowtine(['repl'], `create table t (a int);\ninsert into t\n  values (1),\n (2);\nselect sum(a) as s\nfrom t;\nselect x;\n\\timing\n\\q\nselect 'never';\n`)
  expect(status).toBe(0)
  expect(stdout).toContain('CREATE TABLE\n')
  expect(stdout).toContain('INSERT 0 2\n')
  expect(stdout).toContain('│ 3 │')
  expect(stdout).toMatch(/error\[42703\][^]*\^/)
  expect(stdout).toContain('Timing is on.')
  expect(stdout).not.toContain('never')
})

it('answers a waiting request from a REPL on the running engine', async () => {
  const server = await startServer(`insert into listeners (protocol, address) values ('http', '127.0.0.1:0');
    create coroutine wait on http_requests r where r.path = '/wait'
    as insert into http_responses (request_id) select r.id where r.path = '/other';`)
  const waiting = fetch(server.url + '/wait')
  const socket = join(server.data, 'rowtine.sock')
  for (let found = false; !found;) {
    const { stdout } = await rowtine(['repl', '--connect', socket], `select 'requests: ' || count(*) as n from http_requests;\n`)
    found = stdout.includes('requests: 1')
  }
  const { stdout } = await rowtine(['repl', '--connect', socket],
    `insert into http_responses (request_id, status, body) select id, 201, 'from the REPL' from http_requests;\n\\d http_requests\n\\dc\n`)
  const response = await waiting
  expect([response.status, await response.text()]).toEqual([201, 'from the REPL'])
  expect(stdout).toMatch(/request|method/)
  expect(stdout).toContain('wait')
  expect(await server.stop()).toBe(0)
  expect((await rowtine(['repl', '--connect', socket])).stderr).toMatch(/^error\[58030\]: no engine answers at/)
})
