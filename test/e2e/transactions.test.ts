// Transactions of several sessions: nobody sees what is not committed, everybody's changes wait and are
// then made, and whatever ends a transaction before its commit leaves nothing of it.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import { afterEach, describe, expect, test } from 'vitest'
import { connectControl } from '#engine/cli/control-socket'
import { open, type Database } from '#engine/index'
import { cleanUp, startServer, temporaryFolder } from '../support/server.ts'

let db: Database | undefined

async function start(options: Parameters<typeof open>[0] = {}): Promise<Database> {
  db = await open({ workers: 1, pin: false, ...options })
  return db
}

afterEach(async () => {
  await db?.close()
  db = undefined
  cleanUp()
})

const accounts = 'create table accounts (id int primary key, balance int not null); insert into accounts values (1, 10), (2, 0)'
const balances = 'select id, balance from accounts order by id'
const before = [{ id: 1, balance: 10 }, { id: 2, balance: 0 }]

async function move(session: { exec(text: string): Promise<unknown> }): Promise<void> {
  await session.exec('update accounts set balance = balance - 4 where id = 1; update accounts set balance = balance + 4 where id = 2')
}

describe.each([['memory', false], ['SQLite', true]])('%s', (_, isStored) => {
  const place = (): { data?: string } => (isStored ? { data: temporaryFolder() } : {})

  test('other sessions read what was committed before, without waiting, until it commits', async () => {
    const db = await start(place())
    await db.exec(accounts)
    const result = await db.transaction(async (tx) => {
      await move(tx)
      expect(await tx.sql`select sum(balance) filter (where id = 2) as two from accounts`).toEqual([{ two: 4 }])
      expect((await db.query(balances)).toArray()).toEqual(before)
      return 'value'
    })
    expect(result).toBe('value')
    expect((await db.query(balances)).toArray()).toEqual([{ id: 1, balance: 6 }, { id: 2, balance: 4 }])
  })

  test('what rejects leaves nothing, and says why', async () => {
    const db = await start(place())
    await db.exec(accounts)
    await expect(db.transaction(async (tx) => {
      await move(tx)
      throw new TypeError('of the caller')
    })).rejects.toThrow('of the caller')
    const swallowed = db.transaction(async (tx) => {
      await move(tx)
      await tx.exec('insert into accounts values (1, 1)').catch(() => undefined)
    })
    await expect(swallowed).rejects.toMatchObject({ code: '25P02' })
    expect((await db.query(balances)).toArray()).toEqual(before)
  })

  test('changes of others wait, and come after it', async () => {
    const db = await start(place())
    await db.exec(accounts)
    const order: string[] = []
    let inside = (): void => undefined
    const isInside = new Promise<void>((resolve) => { inside = resolve })
    const first = db.transaction(async (tx) => {
      await move(tx)
      inside()
      await sleep(50)
      order.push('committing')
    })
    await isInside
    const others = [0, 1, 2].map(async (n) => {
      await db.exec(`update accounts set balance = balance + 1 where id = 1`)
      order.push(`other ${n}`)
    })
    const second = db.transaction((tx) => move(tx))
    const defined = db.exec('create table later (id int)')
    await Promise.all([first, second, defined, ...others])
    expect(order[0]).toBe('committing')
    expect(order).toHaveLength(4)
    expect((await db.query(balances)).toArray()).toEqual([{ id: 1, balance: 5 }, { id: 2, balance: 8 }])
  })

  test('many at once lose no update', async () => {
    const db = await start(place())
    await db.exec(accounts)
    await Promise.all(Array.from({ length: 40 }, () => db.transaction(async (tx) => {
      const [row] = await tx.sql<{ balance: number }>`select balance from accounts where id = 1`
      await tx.query('update accounts set balance = $1 where id = 1', [(row?.balance ?? 0) + 1])
    })))
    expect((await db.query(balances)).toArray()[0]).toEqual({ id: 1, balance: 50 })
  })
})

test('a large read inside sees what the transaction did', async () => {
  const db = await start({ threads: 2 })
  await db.exec('create table t (k bigint primary key, v bigint); insert into t select g, 1 from generate_series(1, 100000) g')
  await db.transaction(async (tx) => {
    await tx.exec('update t set v = 2 where k % 2 = 0; delete from t where k % 4 = 0')
    expect(await tx.sql`select count(*), sum(v) from t`).toEqual([{ count: 75_000, sum: '100000' }])
    expect(await db.sql`select count(*) from t`).toEqual([{ count: 100_000 }])
    await tx.exec('rollback to nothing').catch(() => undefined)
    await tx.exec('rollback')
    await tx.exec('begin')
  })
  expect(await db.sql`select count(*) from t`).toEqual([{ count: 100_000 }])
})

test('requests wait for it, and are answered', async () => {
  const db = await start()
  const address = new Promise<string>((resolve) => { db.onListening((listening) => { resolve(listening.address) }) })
  await db.exec(`${accounts}; create coroutine get on http_requests r as insert into http_responses (request_id, body) select r.id, balance::text from accounts where id = 2;
    insert into listeners (protocol, address) values ('http', '127.0.0.1:0')`)
  let isCommitted = false
  const url = `http://${await address}/`
  const { response } = await db.transaction(async (tx) => {
    await move(tx)
    const response = fetch(url).then(async (answer) => ({ isCommitted, body: await answer.text() }))
    await sleep(100)
    isCommitted = true
    return { response } // not awaited: it comes after the commit
  })
  expect(await response).toEqual({ isCommitted: true, body: '4' })
})

describe('a transaction that keeps the writer for too long', () => {
  test('is rolled back, and the others go on', async () => {
    const db = await start({ transactionTimeoutMs: 100 })
    await db.exec(accounts)
    const late = db.transaction(async (tx) => {
      await move(tx)
      await db.exec('insert into accounts values (3, 3)') // waits for the transaction, which waits for it
      await tx.exec('insert into accounts values (4, 4)')
    })
    await expect(late).rejects.toMatchObject({ code: '25P04' })
    expect((await db.query(balances)).toArray()).toEqual([...before, { id: 3, balance: 3 }])
  })

  test('cannot commit, and definitions that waited are made', async () => {
    const db = await start({ transactionTimeoutMs: 100 })
    await db.exec(accounts)
    const session = db.session()
    await session.exec('begin')
    await move(session)
    await db.exec('create table later (id int); insert into later values (1)')
    expect(session.transactionStatus).toBe('failed')
    await expect(session.exec('commit')).rejects.toMatchObject({ code: '25P04' })
    expect(session.transactionStatus).toBe('none')
    expect((await db.query(balances)).toArray()).toEqual(before)
    await session.exec('begin; insert into later values (2); commit')
    expect(await db.sql`select count(*) from later`).toEqual([{ count: 2 }])
  })

  test('is ended in the middle of a read', async () => {
    const db = await start({ transactionTimeoutMs: 200 })
    await db.exec('create table t (k bigint primary key, v bigint); insert into t select g, g % 100 from generate_series(1, 20000) g')
    const endless = db.transaction(async (tx) => {
      await tx.exec('delete from t where k > 19000')
      await tx.query('select count(*) from t a, t b, t c where a.v * b.v % 7 = c.v')
    })
    await expect(endless).rejects.toMatchObject({ code: '25P04' })
    expect(await db.sql`select count(*) from t`).toEqual([{ count: 20_000 }])
  })
})

test('a session that is closed rolls back and takes nothing more', async () => {
  const db = await start()
  await db.exec(accounts)
  const session = db.session()
  await session.exec('begin')
  await move(session)
  await session.close()
  await expect(session.query('select 1')).rejects.toMatchObject({ code: '25P01' })
  await db.exec('insert into accounts values (3, 3)')
  expect((await db.query(balances)).toArray()).toEqual([...before, { id: 3, balance: 3 }])
  let kept: { query(text: string): Promise<unknown> } | undefined
  await db.transaction((tx) => {
    kept = tx
    return Promise.resolve()
  })
  await expect(kept?.query('select 1')).rejects.toMatchObject({ code: '25P01' })
})

test('a database that is closed in the middle ends the transaction', async () => {
  const data = temporaryFolder()
  const first = await start({ data })
  await first.exec(accounts)
  const ended = first.transaction(async (tx) => {
    await move(tx)
    await first.close()
    await tx.query('select 1')
  })
  await expect(ended).rejects.toMatchObject({ code: '57P01' })
  const second = await start({ data })
  expect((await second.query(balances)).toArray()).toEqual(before)
})

test('prepared statements run where they were prepared', async () => {
  const db = await start()
  await db.exec(accounts)
  const outside = db.prepare('select sum(balance) as sum from accounts')
  await db.transaction(async (tx) => {
    const add = tx.prepare('update accounts set balance = balance + $1')
    await add.exec([5])
    expect((await outside.query()).toArray()).toEqual([{ sum: 10 }])
    expect((await tx.prepare('select sum(balance) as sum from accounts').query()).toArray()).toEqual([{ sum: 20 }])
    add.close()
  })
  expect((await outside.query()).toArray()).toEqual([{ sum: 20 }])
})

/** A data directory whose file refuses the balance 666, after some time. */
async function refusingDirectory(): Promise<string> {
  const data = temporaryFolder()
  const first = await start({ data })
  await first.exec(accounts)
  await first.close()
  const file = new Sqlite(join(data, 'rowtine.db'))
  file.exec(`create trigger refuse before insert on accounts when new.balance = 666 begin
    select raise(abort, 'not this one') from (with recursive c(x) as (select 1 union all select x + 1 from c where x < 3000000) select count(*) as n from c) where n > 0; end`)
  file.close()
  return data
}

describe('a store that refuses', () => {
  test('undoes the whole transaction', async () => {
    const data = await refusingDirectory()
    const db = await start({ data })
    const refused = db.transaction(async (tx) => {
      await move(tx)
      await tx.exec('insert into accounts values (3, 666)')
    })
    await expect(refused).rejects.toMatchObject({ message: expect.stringContaining('not this one') as string })
    expect((await db.query(balances)).toArray()).toEqual(before)
    await db.transaction((tx) => move(tx))
    await db.close()
    expect((await (await start({ data })).query(balances)).toArray()).toEqual([{ id: 1, balance: 6 }, { id: 2, balance: 4 }])
  })

  test('ends a transaction that came after what it refuses', async () => {
    const db = await start({ data: await refusingDirectory() })
    const refused = db.exec('insert into accounts values (3, 666)').then(() => 'stored', (error: unknown) => String(error))
    const after = db.transaction(async (tx) => {
      await tx.exec('insert into accounts values (4, 4)')
      expect(await refused).toContain('not this one')
      await tx.exec('insert into accounts values (5, 5)')
    })
    await expect(after).rejects.toThrow('not this one')
    await db.exec('insert into accounts values (6, 6)')
    expect((await db.query(balances)).toArray()).toEqual([...before, { id: 6, balance: 6 }])
  })
})

test('kill -9 in the middle leaves nothing of it, and a client that goes rolls back', { timeout: 60_000 }, async () => {
  const data = temporaryFolder()
  const { signal } = new AbortController()
  const application = `${accounts}; insert into listeners (protocol, address) values ('http', '127.0.0.1:0')`
  const server = await startServer(application, { data })
  const gone = await connectControl(join(data, 'rowtine.sock'))
  await gone.run('begin; insert into accounts values (3, 3)', signal)
  expect(gone.transactionStatus()).toBe('open')
  await gone.close()
  const client = await connectControl(join(data, 'rowtine.sock'))
  await client.run('insert into accounts values (4, 4)', signal)
  await client.run('begin; update accounts set balance = 77; insert into accounts values (5, 5)', signal)
  await server.stop('SIGKILL')
  const file = new Sqlite(join(data, 'rowtine.db'), { readonly: true })
  expect(file.prepare('select id, balance from accounts order by id').all()).toEqual([...before, { id: 4, balance: 4 }])
  file.close()
})
