// The data directory when it is taken, cannot be written, or is full: reports, refused requests, and
// nothing lost that was acknowledged.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { afterEach, expect, it } from 'vitest'
import { cleanUp, startServer, temporaryFolder, type Server } from '../support/server.ts'
import { rowtine } from './command.ts'
import { patienceMs } from './raw-client.ts'

const notes = `
create table notes (id bigint generated always as identity primary key, body text not null);
insert into listeners (protocol, address) values ('http', '127.0.0.1:0');
create coroutine write on http_requests r where r.method = 'POST' and r.path = '/notes'
as begin
  insert into notes (body) values (repeat('x', (r.body->>'size')::integer)) returning id into number;
  insert into http_responses (request_id, status, body) values (r.id, 201, number::text);
end;
create coroutine read on http_requests r where r.method = 'GET' and r.path = '/notes'
as insert into http_responses (request_id, body) select r.id, coalesce(json_agg(id), '[]') from (select id from notes order by id) ordered;
create coroutine failures on http_requests r where r.method = 'GET' and r.path = '/errors'
as insert into http_responses (request_id, body) select r.id, coalesce(json_agg(state), '[]') from sys.errors;
`

const mounts: string[] = []

/** A file system of that size, or why there is none. */
function smallFileSystem(size: string): string | undefined {
  const folder = temporaryFolder()
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder])
  if (mounted.status !== 0) return undefined
  mounts.push(folder)
  return folder
}

function unmountAll(): void {
  for (const folder of mounts.splice(0)) spawnSync('umount', ['--lazy', folder]) // a killed server may not be gone yet
}

afterEach(() => {
  unmountAll()
  cleanUp()
})

async function write(server: Server, size: number): Promise<{ status: number; body: string }> {
  const response = await fetch(server.url + '/notes', { method: 'POST', body: JSON.stringify({ size }) })
  return { status: response.status, body: await response.text() }
}

async function json<T>(server: Server, path: string): Promise<T> {
  return (await (await fetch(server.url + path)).json()) as T
}

it('refuses a second process on the same directory, and the first goes on', async () => {
  const first = await startServer(notes)
  const second = await rowtine(['query', '-c', 'select 1', '--data', first.data])
  expect(second.status).toBe(1)
  expect(second.stderr).toBe(
    `error[55006]: the data directory "${first.data}" is in use by another process\n` +
    'hint: Connect to that process with rowtine repl --connect, or end it first.\n')
  await expect(startServer(notes, { data: first.data })).rejects.toThrow('in use by another process')
  expect((await write(first, 1)).status).toBe(201)
  expect(await first.stop()).toBe(0)
  expect((await rowtine(['query', '-c', 'select id from notes', '--format', 'csv', '--data', first.data])).stdout).toBe('id\n1\n')
})

it('refuses a directory that cannot be made or is a file', async () => {
  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  for (const path of [file, join(file, 'below')]) {
    const { status, stderr } = await rowtine(['query', '-c', 'select 1', '--data', path])
    expect(status).toBe(1)
    expect(stderr).toMatch(/^error\[58030\]: the store ".*" failed: /)
  }
})

it('loads a table that cascades to itself, which no new definition may', async () => {
  const data = temporaryFolder()
  const nodes = 'create table nodes (id bigint primary key, parent bigint references nodes on delete restrict);'
  const made = await rowtine(['query', '-c', `${nodes} insert into nodes values (1, null), (2, 1)`, '--data', data])
  expect(made.status).toBe(0)
  const store = new Database(join(data, 'rowtine.db'))
  const changed = store.prepare("update rowtine_catalog set sql = replace(sql, 'restrict', 'cascade') where name = 'nodes'").run()
  store.close()
  expect(changed.changes).toBe(1)
  const declared = nodes.replace('restrict', 'cascade')
  const server = await startServer(`${declared}
    insert into listeners (protocol, address) values ('http', '127.0.0.1:0');
    create coroutine read on http_requests r as insert into http_responses (request_id, body)
      select r.id, string_agg(id::text, ',' order by id) from nodes;`, { data })
  expect(await (await fetch(server.url)).text()).toBe('1,2')
  expect(await server.stop()).toBe(0)
  const deleted = await rowtine(['query', '-c', 'delete from nodes where id = 1', '--data', data])
  expect(deleted.stderr).toContain('error[0A000]')
  const another = await rowtine(['query', '-c', declared.replaceAll('nodes', 'others'), '--data', data])
  expect(another.stderr).toContain('ON DELETE CASCADE from a table to itself is not supported')
})

it('refuses a read-only directory', async (context) => {
  const folder = smallFileSystem('1m')
  if (folder === undefined) return context.skip('a read-only file system needs the right to mount')
  expect(spawnSync('mount', ['-o', 'remount,ro', folder]).status).toBe(0)
  const { status, stderr } = await rowtine(['query', '-c', 'select 1', '--data', folder])
  expect(status).toBe(1)
  expect(stderr).toMatch(/^error\[58030\]: the store ".*" failed: /)
})

it('refuses a file that is no database', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'rowtine.db'), 'this is not a database, although it is long enough to look like one'.repeat(100))
  const { status, stderr } = await rowtine(['query', '-c', 'select 1', '--data', folder])
  expect(status).toBe(1)
  expect(stderr).toMatch(/^error\[RD\d{3}\]: the store ".*" failed: file is not a database/)
})

it('answers 503 while the disk is full, loses nothing acknowledged, and goes on when there is space', async (context) => {
  const folder = smallFileSystem('2m')
  if (folder === undefined) return context.skip('a small file system needs the right to mount')
  writeFileSync(join(folder, 'ballast'), Buffer.alloc(900_000))
  const data = join(folder, 'data')
  mkdirSync(data)
  const server = await startServer(notes, { data })
  const acknowledged: number[] = []

  let refusal: { status: number; body: string } | undefined
  for (let i = 0; refusal === undefined && i < 200; ++i) {
    const answer = await write(server, 20_000)
    if (answer.status === 201) acknowledged.push(Number(answer.body))
    else refusal = answer
  }
  expect(refusal?.status).toBe(503)
  expect(await json<string[]>(server, '/errors')).toContain('53100')
  expect(await json<number[]>(server, '/notes')).toEqual(acknowledged)

  rmSync(join(folder, 'ballast'))
  const after = await write(server, 20_000)
  expect(after.status).toBe(201)
  acknowledged.push(Number(after.body))
  expect(await json<number[]>(server, '/notes')).toEqual(acknowledged)
  await server.stop('SIGKILL')

  const again = await startServer(notes, { data })
  expect(await json<number[]>(again, '/notes')).toEqual(acknowledged)
  expect(await again.stop()).toBe(0)
})

it('keeps order under many writers while the disk fills and empties', { timeout: 120_000 }, async (context) => {
  const folder = smallFileSystem('3m')
  if (folder === undefined) return context.skip('a small file system needs the right to mount')
  const data = join(folder, 'data')
  mkdirSync(data)
  const server = await startServer(notes, { data })
  const acknowledged = new Set<number>()
  const statuses = new Set<number>()
  let isDone = false
  const writer = async (): Promise<void> => {
    while (!isDone) {
      const { status, body } = await write(server, 100)
      statuses.add(status)
      if (status === 201) acknowledged.add(Number(body))
    }
  }
  const writers = Promise.all(Array.from({ length: 8 }, writer))
  const ballast = join(folder, 'ballast')
  for (let round = 0; round < 3; ++round) {
    statuses.clear()
    spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=4096'], { stdio: 'ignore' })
    for (let waited = 0; !statuses.has(503) && waited < patienceMs; waited += 10) await sleep(10)
    expect(statuses).toContain(503)
    rmSync(ballast)
    statuses.clear()
    for (let waited = 0; !statuses.has(201) && waited < patienceMs; waited += 10) await sleep(10)
    expect(statuses).toContain(201)
  }
  isDone = true
  await writers
  const listed = await json<number[]>(server, '/notes')
  expect(new Set(listed)).toEqual(acknowledged)
  await server.stop('SIGKILL')
  const again = await startServer(notes, { data })
  expect(await json<number[]>(again, '/notes')).toEqual(listed)
  expect(await again.stop()).toBe(0)
})
