// Failures and conflicts between the instances of a batch, through the whole engine: each instance
// fails alone, handlers take their SQLSTATE, and rows that instances share are changed in order.
import { describe, expect, it } from 'vitest'
import { open, type Database } from '#engine/index'

const tables = `
create event table e (n bigint, s text);
create event table out (n bigint, s text);
create unlogged table t (id bigint primary key, v bigint);
create unlogged table child (id bigint primary key, tid bigint references t (id) on delete cascade);
create unlogged table log (id bigint generated always as identity, n bigint, s text);
insert into t values (1, 10), (2, 20);
insert into child values (11, 1), (12, 2);
`

interface ExceptionCase {
  readonly name: string
  readonly body: string
  /** Rows for e, as SQL. */
  readonly events: string
  readonly out: string
  readonly tables?: Readonly<Record<string, string>>
  /** SQLSTATEs in sys.errors, in order. */
  readonly errors?: string
}

const cases: readonly ExceptionCase[] = [
  {
    name: 'a row that divides by zero fails alone',
    body: 'insert into out values (12 / e.n, e.s)',
    events: "(3, 'a'), (0, 'b'), (4, 'c')",
    out: '4 a, 3 c',
    errors: '22012',
  },
  {
    name: 'a handler takes its condition',
    body: `begin
      insert into out values (12 / e.n, e.s);
    exception when division_by_zero then
      insert into out values (-1, e.s);
    end`,
    events: "(3, 'a'), (0, 'b'), (4, 'c')",
    out: '4 a, -1 b, 3 c',
  },
  {
    name: 'what no handler takes goes on failing',
    body: `begin
      insert into out values (12 / e.n, e.s);
    exception when unique_violation then
      insert into out values (-1, e.s);
    end`,
    events: "(3, 'a'), (0, 'b')",
    out: '4 a',
    errors: '22012',
  },
  {
    name: 'others, and what the handler knows',
    body: `begin
      insert into out values (12 / e.n, e.s);
    exception when others then
      insert into out values (0, sqlstate);
    end`,
    events: "(0, 'a'), (6, 'b')",
    out: '0 22012, 2 b',
  },
  {
    name: 'effects before the failure are taken back',
    body: `begin
      begin
        insert into out values (1, e.s);
        insert into log (n, s) values (12 / e.n, e.s);
      exception when division_by_zero then
        insert into out values (2, e.s);
      end;
      insert into out values (3, e.s);
    end`,
    events: "(0, 'a'), (6, 'b')",
    out: '2 a, 3 a, 1 b, 3 b',
    tables: { 'log (n, s)': '2 b' },
  },
  {
    name: 'a key twice in a batch',
    body: `begin
      insert into t values (e.n, 0);
      insert into out values (201, e.s);
    exception when unique_violation then
      insert into out values (409, e.s);
    end`,
    events: "(5, 'a'), (1, 'b'), (5, 'c'), (6, 'd')",
    out: '201 a, 409 b, 409 c, 201 d',
    tables: { 't (id, v)': '1 10, 2 20, 5 0, 6 0' },
  },
  {
    name: 'a counter that instances share',
    body: 'begin update t set v = v + 1 where id = e.n returning v into k; insert into out values (k, e.s); end',
    events: "(1, 'a'), (1, 'b'), (2, 'c'), (1, 'd')",
    out: '11 a, 12 b, 21 c, 13 d',
    tables: { 't (id, v)': '1 13, 2 21' },
  },
  {
    name: 'an upsert that instances share',
    body: `begin
      insert into t values (e.n, 1) on conflict (id) do update set v = t.v + 1 returning v into k;
      insert into out values (k, e.s);
    end`,
    events: "(7, 'a'), (7, 'b'), (1, 'c'), (7, 'd')",
    out: '1 a, 2 b, 11 c, 3 d',
    tables: { 't (id, v)': '1 11, 2 20, 7 3' },
  },
  {
    name: 'identity numbers instances in order',
    body: 'begin insert into log (n, s) values (e.n, e.s), (e.n, e.s) returning id into k; insert into out values (k, e.s); end',
    events: "(1, 'a'), (2, 'b')",
    out: '1 a, 3 b',
  },
  {
    name: 'a delete and its cascade, found once',
    body: `begin
      delete from t where id = e.n;
      if found then insert into out values (1, e.s); else insert into out values (0, e.s); end if;
    end`,
    events: "(1, 'a'), (1, 'b'), (9, 'c')",
    out: '1 a, 0 b, 0 c',
    tables: { 't (id, v)': '2 20', 'child (id, tid)': '12 2' },
  },
  {
    name: 'a foreign key without its parent',
    body: 'insert into child values (e.n, e.n)',
    events: "(1, 'a'), (3, 'b')",
    out: '',
    tables: { 'child (id, tid)': '1 1, 11 1, 12 2' },
    errors: '23503',
  },
  {
    name: 'what is written is read back one instance at a time',
    body: 'begin insert into log (n, s) values (e.n, e.s); select count(*) from log into k; insert into out values (k, e.s); end',
    events: "(1, 'a'), (1, 'b'), (1, 'c')",
    out: '1 a, 2 b, 3 c',
  },
  {
    name: 'raise',
    body: "begin if e.n > 5 then raise exception 'too much: %', e.n; end if; insert into out values (e.n, e.s); end",
    events: "(1, 'a'), (9, 'b'), (2, 'c')",
    out: '1 a, 2 c',
    errors: 'P0001',
  },
]

async function textOf(database: Database, sql: string): Promise<string> {
  const rows = (await database.query(sql)).toText()
  return rows.map((row) => row.map((one) => one ?? '').join(' ')).join(', ')
}

async function check(one: ExceptionCase, batchRows: number): Promise<void> {
  const database = await open({ batchRows })
  try {
    await database.exec(tables)
    await database.exec(`create coroutine c on e e as ${one.body}`)
    await database.exec(`insert into e values ${one.events}`)
    await database.settled()
    expect(await textOf(database, 'select n, s from out order by seq')).toBe(one.out)
    expect(await textOf(database, 'select state from sys.errors')).toBe(one.errors ?? '')
    for (const [table, rows] of Object.entries(one.tables ?? {})) {
      const [name = '', columns = ''] = table.replace(')', '').split(' (')
      expect(await textOf(database, `select ${columns} from ${name} order by 1`)).toBe(rows)
    }
  } finally {
    await database.close()
  }
}

describe('failures and conflicts in steps', () => {
  for (const one of cases) {
    for (const batchRows of [1, 3, 2048]) {
      it(`${one.name}, in batches of ${String(batchRows)}`, () => check(one, batchRows))
    }
  }
})
