// What `truncate` has taken is gone after a restart, and what a transaction took back is not.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { open } from './index.ts'

it('is durable', async () => {
  const data = mkdtempSync(join(tmpdir(), 'rowtine-truncate-'))
  try {
    const first = await open({ data, workers: 1, pin: false })
    await first.exec('create table parents (id int primary key); create table children (id bigint generated always as identity primary key, parent int references parents (id))')
    await first.exec('create table kept (id int primary key); insert into kept values (1)')
    await first.exec('insert into parents select i from generate_series(1, 5000) i; insert into children (parent) select id from parents')
    const [result] = await first.exec('truncate parents, children')
    expect(result?.command).toBe('TRUNCATE TABLE')
    await first.exec('insert into parents values (1); insert into children (parent) values (1)')
    await first.exec('begin; truncate kept; rollback')
    await first.close()
    const second = await open({ data, workers: 1, pin: false })
    expect(await second.sql`select (select count(*) from parents) p, (select min(id) from children) c, (select count(*) from kept) k`)
      .toEqual([{ p: 1, c: 5001, k: 1 }])
    await second.close()
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
})
