// kill -9 while `alter table` runs again and again: after the restart the table is there once, as one of the
// definitions that it had, with all of its rows, and numbers go on.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import Database from 'better-sqlite3'
import { afterEach, expect, it } from 'vitest'
import { open } from '#engine/index'
import { cleanUp, temporaryFolder } from '../support/server.ts'

afterEach(cleanUp)

const rounds = 6
const rowCount = 3_000
const engine = pathToFileURL(join(import.meta.dirname, '../../dist/engine/index.js')).href

const alterations = `
import { open } from '${engine}'
const db = await open({ data: process.argv[1], workers: 1, pin: false })
const isThere = (name) => db.catalog.relation(name) !== undefined
if (isThere('u')) await db.exec('alter table u rename to t')
const columns = db.catalog.relation('t').columns.map(({ name }) => name)
if (columns.includes('added')) await db.exec('alter table t drop column added')
for (;;) {
  await db.exec('alter table t add column added integer default 7 check (added > 0)')
  process.stdout.write('.')
  await db.exec('alter table t rename to u')
  await db.exec('alter table u drop column added')
  await db.exec('alter table u rename to t')
}`

/** Alters until it is killed, a moment after its first alteration. */
async function alterUntilKilled(data: string): Promise<void> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', alterations, data], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exit = new Promise<number | null>((resolve) => { child.once('exit', resolve) })
  const first = new Promise<void>((resolve) => { child.stdout.once('data', () => { resolve() }) })
  await Promise.race([first, exit])
  expect(child.exitCode).toBeNull()
  await sleep(Math.random() * 150)
  child.kill('SIGKILL')
  await exit
}

it('has the whole table before or after', { timeout: 120_000 }, async () => {
  const data = temporaryFolder()
  const made = await open({ data, workers: 1, pin: false })
  await made.exec('create table t (id bigint generated always as identity primary key, v text not null)')
  await made.exec(`insert into t (v) select 'row ' || i from generate_series(1, ${String(rowCount)}) i; create index by_v on t (v)`)
  await made.close()
  let rows = rowCount
  for (let round = 0; round < rounds; round++) {
    await alterUntilKilled(data)
    const db = await open({ data, workers: 1, pin: false })
    const names = ['t', 'u'].filter((name) => db.catalog.relation(name) !== undefined)
    expect(names).toHaveLength(1)
    const name = names[0]!
    const columns = db.catalog.relation(name)!.columns.map((column) => column.name)
    expect([['id', 'v'], ['id', 'v', 'added']]).toContainEqual(columns)
    const wrong = columns.includes('added') ? 'added is distinct from 7 or ' : ''
    const counted = await db.query(`select count(*)::int, max(id)::int, count(*) filter (where ${wrong} v not like 'row %')::int from ${name}`)
    expect(counted.toText()).toEqual([[String(rows), String(rows), '0']])
    await db.exec(`insert into ${name} (v) values ('row ${String(++rows)}')`)
    expect((await db.query(`select id::int from ${name} where v = 'row ${String(rows)}'`)).toText()).toEqual([[String(rows)]])
    await db.close()
    const file = new Database(join(data, 'rowtine.db'), { readonly: true })
    expect(file.pragma('integrity_check', { simple: true })).toBe('ok')
    expect(file.prepare(`select count(*) from sqlite_master where type = 'table' and name not like 'rowtine_%' and name not like 'sqlite_%'`).pluck().get()).toBe(1)
    file.close()
  }
})
