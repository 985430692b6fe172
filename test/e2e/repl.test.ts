// The REPL on a pseudo terminal, as a person meets it: on a database of its own and on a running
// engine's socket.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { cells } from '#engine/repl/box'
import { cleanUp, startServer, temporaryFolder } from '../support/server.ts'
import { Terminal, closeTerminals, hasTerminals, key } from '../support/terminal.ts'

const columns = 70
/** For a test: longer than each of its waits, so that a wait in vain says what it waited for. */
const testMs = 120_000
const prompt = 'rowtine> '
const application = `
create unlogged table numbers (number int primary key);
create table people (id int primary key, surname text not null);
create view elders as select id, surname as elder_name from people where id < 2;
create event table notices (notice text);
insert into listeners (protocol, address) values ('http', '127.0.0.1:0');
create coroutine wait on http_requests r where r.path = '/wait'
as insert into http_responses (request_id) select r.id where r.path = '/other';`

afterEach(() => {
  closeTerminals()
  cleanUp()
})

/** What a person sees: without colours and movements of the cursor. */
function plain(shown: string): string {
  return shown.replace(/\u001b\[[0-9;]*[A-Za-z]/g, '')
}

function startRepl(args: readonly string[], state = temporaryFolder()): Terminal {
  return new Terminal(columns, [process.execPath, 'tools/rowtine.mjs', 'repl', ...args], { XDG_STATE_HOME: state })
}

/** A REPL over the application: its own database, or a server's socket. */
async function openRepl(kind: string): Promise<{ terminal: Terminal; url: string }> {
  const server = await startServer(application)
  if (kind === 'a running engine') {
    const terminal = startRepl(['--connect', join(server.data, 'rowtine.sock')])
    await terminal.shows(prompt)
    return { terminal, url: server.url }
  }
  expect(await server.stop()).toBe(0)
  const terminal = startRepl(['--data', server.data])
  await terminal.shows(prompt)
  return { terminal, url: '' }
}

const kinds = ['its own database', 'a running engine'] as const

describe.runIf(hasTerminals).each(kinds)('the REPL on %s', { timeout: testMs }, (kind) => {
  it('takes statements over several lines, draws boxes that fit, and points at mistakes', async () => {
    const { terminal } = await openRepl(kind)
    await terminal.enter(`insert into people`, '...> ')
    await terminal.enter(`values (1, 'Ada'),`, '...> ')
    await terminal.enter(`(2, 'Grace');`, 'INSERT 0 2')
    const shown = plain(await terminal.enter(`select repeat('wide ', 50) as long, surname, id from people order by id;`, '(2 rows)'))
    const box = shown.split('\r\n').filter((line) => /^[┌│├└]/.test(line))
    expect(box).toHaveLength(6)
    for (const line of box) expect(cells(line.trimEnd())).toBeLessThanOrEqual(columns)
    expect(box[3]).toContain('… │')
    const mistake = plain(await terminal.enter('select srname from people;', /\^+\r\n/))
    expect(mistake).toMatch(/error\[42703\].*"srname"[^]*select srname from people;\r\n {2}\| {8}\^{6}/)
    await terminal.shows(prompt)
    terminal.type(key.ctrlD)
    expect(await terminal.ended()).toBe(0)
  })

  it('colours, and completes keywords, relations and columns', async () => {
    const { terminal } = await openRepl(kind)
    terminal.type('selec' + key.tab)
    await terminal.shows('\u001b[1;34mselect\u001b[0m')
    terminal.type(' count(*) from peop' + key.tab)
    await terminal.shows('people')
    terminal.type(' where surn' + key.tab)
    await terminal.shows('surname')
    terminal.type(" = 'nobody'; -- done" + key.enter)
    expect(plain(await terminal.shows('(1 row)'))).toContain('│     0 │')
    await terminal.enter('create table latecomers (turned_up int);', 'CREATE TABLE')
    await terminal.shows(prompt) // the new names are known
    terminal.type('select turned' + key.tab)
    await terminal.shows('turned_up')
    terminal.type(' from latec' + key.tab)
    await terminal.shows('latecomers')
    await terminal.enter(';', '(0 rows)')
  })

  it('drops a line at Ctrl-C, cancels a statement at Ctrl-C, and lives on', async () => {
    const { terminal } = await openRepl(kind)
    terminal.type('select 1 as half')
    await terminal.shows('half')
    terminal.type(key.ctrlC)
    await terminal.shows(prompt)
    await terminal.enter('select', '...> ')
    terminal.type('2 as other_half')
    terminal.type(key.ctrlC)
    await terminal.shows(prompt)
    expect(plain(await terminal.enter('select 3 as whole;', '(1 row)'))).toMatch(/│ whole │[^]*│ {5}3 │/)
    await terminal.enter('insert into numbers select generate_series from generate_series(1, 20000);', 'INSERT 0 20000')
    await terminal.shows(prompt)
    await terminal.enter('select count(*) from numbers a, numbers b, numbers c where a.number + b.number + c.number = 1;', '\r\n')
    terminal.type(key.ctrlC)
    await terminal.shows('error[57014]')
    await terminal.shows(prompt)
    expect(plain(await terminal.enter('select 4 as after;', '(1 row)'))).toMatch(/│ {5}4 │/)
  })

  it('shows in its prompt that a transaction is open, and rolls it back when it ends', async () => {
    const { terminal } = await openRepl(kind)
    await terminal.enter('begin;', 'rowtine*> ')
    await terminal.enter(`insert into people values (8, 'Eve');`, 'rowtine*> ')
    await terminal.enter('select nothing;', 'rowtine!> ')
    await terminal.enter('rollback;', prompt)
    await terminal.enter(`begin; insert into people values (9, 'Fay');`, 'rowtine*> ')
    terminal.type('\\q' + key.enter)
    expect(await terminal.ended()).toBe(0)
  })

  it('keeps what is typed while a statement runs', async () => {
    const { terminal } = await openRepl(kind)
    terminal.type(`select 1 as one;${key.enter}select 2 as`)
    await terminal.shows('(1 row)')
    expect(plain(await terminal.enter(' two;', '│   2 │'))).toContain('│ two │')
  })

  it('follows its backslash commands', async () => {
    const { terminal } = await openRepl(kind)
    const list = plain(await terminal.enter('\\d', / rows\)/))
    expect(list).toMatch(/│ elders +│ view +│/)
    expect(list).toMatch(/│ people +│ table +│ t/)
    expect(plain(await terminal.enter('\\d elders', / rows?\)/))).toMatch(/│ elder_name │ text/)
    expect(plain(await terminal.enter('\\d http_requests', / rows?\)/))).toMatch(/│ form +│ json/)
    await terminal.shows(prompt)
    expect(plain(await terminal.enter('\\dc', / rows?\)/))).toMatch(kind === 'a running engine' ? /│ wait +│ http_requests/ : /│ name/)
    expect(plain(await terminal.enter('\\d nothing', 'lists them'))).toContain('there is no relation "nothing"')
    await terminal.enter('\\timing', 'Timing is on.')
    await terminal.enter('select 5 as timed;', /Time: \d+\.\d{3} ms/)
    await terminal.enter('\\watch 0.05', /│ timed │[^]*│ timed │[^]*│ timed │/)
    terminal.type(key.ctrlC)
    await terminal.shows(prompt)
    await terminal.enter('\\?', 'leave')
    await terminal.enter('\\nonsense', 'there is no command \\nonsense')
    terminal.type('\\q' + key.enter)
    expect(await terminal.ended()).toBe(0)
  })
})

describe.runIf(hasTerminals)('the REPL', { timeout: testMs }, () => {
  it('keeps its history between runs, readable for its owner alone', async () => {
    const state = temporaryFolder()
    const first = startRepl([], state)
    await first.shows(prompt)
    await first.enter(`select 'remember me' as text;`, '(1 row)')
    await first.enter('\\q', '\r\n')
    expect(await first.ended()).toBe(0)
    expect(readFileSync(join(state, 'rowtine', 'history'), 'utf8')).toBe(`select 'remember me' as text;\n\\q\n`)
    const second = startRepl([], state)
    await second.shows(prompt)
    second.type(key.up + key.up)
    await second.shows('remember me')
    expect(plain(await second.enter('', '(1 row)'))).toContain('│ remember me │')
  })

  it('runs without a history that can be kept', async () => {
    const state = join(temporaryFolder(), 'a-file')
    writeFileSync(state, '')
    const terminal = startRepl([], state)
    await terminal.shows(prompt)
    await terminal.enter('select 6 as six;', '(1 row)')
    terminal.type(key.ctrlD)
    expect(await terminal.ended()).toBe(0)
  })

  it('sees requests come and answers a browser that waits', async () => {
    const { terminal, url } = await openRepl('a running engine')
    await terminal.enter('\\follow http_requests', 'Ctrl-C ends it')
    const waiting = fetch(url + '/wait')
    expect(plain(await terminal.shows('(1 row)'))).toContain('/wait')
    terminal.type(key.ctrlC)
    await terminal.shows(prompt)
    await terminal.enter(`insert into http_responses (request_id, status, body)`, '...> ')
    await terminal.enter(`select id, 201, 'from a person' from http_requests;`, 'INSERT 0 1')
    const response = await waiting
    expect([response.status, await response.text()]).toEqual([201, 'from a person'])
  })

  it('opens beside a server that runs on a terminal, and leaves it with Ctrl-D', async () => {
    const file = join(temporaryFolder(), 'app.sql')
    writeFileSync(file, application)
    const terminal = new Terminal(columns, [process.execPath, 'tools/rowtine.mjs', 'serve', file, '--repl'], { XDG_STATE_HOME: temporaryFolder() })
    const url = /http:\/\/\S+/.exec(await terminal.shows(prompt))?.[0] ?? ''
    expect((await fetch(url + '/none')).status).toBe(404)
    await terminal.enter('select path from http_requests;', '/none')
    await terminal.shows(prompt)
    terminal.type(key.ctrlD)
    expect(await terminal.ended()).toBe(0)
  })
})
