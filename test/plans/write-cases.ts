// Writes over a few tables with checks and foreign keys: what each gives and what it leaves. Run by
// the plain interpreter (writes.test.ts) and by the whole engine (engine-writes.test.ts).

export const writeTables = `
create unlogged table p (id bigint primary key, v bigint check (v < 1000));
create unlogged table c (id bigint primary key, pid bigint references p (id) on delete cascade, v bigint);
create unlogged table g (id bigint primary key, cid bigint references c (id) on delete cascade);
create unlogged table n (id bigint primary key, pid bigint references p (id) on delete set null);
create unlogged table r (id bigint primary key, cid bigint references c (id) on delete restrict);
create unlogged table tree (id bigint primary key, up bigint references tree (id));
insert into p values (1, 10), (2, 20), (3, 30);
insert into c values (11, 1, 5), (12, 1, 6), (13, 2, 7), (14, null, 8);
insert into g values (21, 11), (22, 13);
insert into n values (31, 1), (32, 2);
insert into r values (41, 13);
insert into tree values (1, null);
`

/** A failed statement has undone what it did; only the engine does that. */
const untouched = {}

export interface WriteCase {
  readonly sql: string
  /** Rows returned, the number counted, or the failure. */
  readonly gives: string
  readonly leaves: Readonly<Record<string, string>>
}

export const writeCases: readonly WriteCase[] = [
  {
    sql: 'insert into p values (4, 40) returning id + v',
    gives: '44',
    leaves: { p: '1 10, 2 20, 3 30, 4 40' },
  },
  { sql: 'insert into p values (4, 1000)', gives: '23514', leaves: untouched },
  {
    sql: 'insert into c values (15, 3, 0), (16, null, 1)',
    gives: '2 counted',
    leaves: { c: '11 1 5, 12 1 6, 13 2 7, 14  8, 15 3 0, 16  1' },
  },
  { sql: 'insert into c values (15, 9, 0)', gives: '23503', leaves: untouched },
  {
    sql: 'insert into tree values (2, 1), (3, 3)',
    gives: '2 counted',
    leaves: { tree: '1 , 2 1, 3 3' },
  },
  { sql: 'insert into tree values (2, 9)', gives: '23503', leaves: untouched },
  { sql: 'insert into p values (1, 0)', gives: '23505', leaves: untouched },
  {
    sql: 'insert into p values (1, 0), (5, 50) on conflict do nothing',
    gives: '1 counted',
    leaves: { p: '1 10, 2 20, 3 30, 5 50' },
  },
  {
    sql: 'insert into p values (1, 5), (4, 40) on conflict (id) do update set v = p.v + excluded.v returning id, v',
    gives: '1 15, 4 40',
    leaves: { p: '1 15, 2 20, 3 30, 4 40' },
  },
  {
    sql: 'insert into p values (1, 5), (2, 5), (4, 40) on conflict (id) do update set v = excluded.v where p.v > 10 returning id, v',
    gives: '2 5, 4 40',
    leaves: { p: '1 10, 2 5, 3 30, 4 40' },
  },
  {
    sql: 'insert into p values (1, 5) on conflict (id) do update set v = p.v + 990',
    gives: '23514',
    leaves: untouched,
  },
  {
    sql: 'update p set v = v + 1 where id = 2 returning id, v',
    gives: '2 21',
    leaves: { p: '1 10, 2 21, 3 30' },
  },
  {
    sql: 'update p set v = v * 2 where v >= 20',
    gives: '2 counted',
    leaves: { p: '1 10, 2 40, 3 60' },
  },
  { sql: 'update p set v = 2000 where id = 2', gives: '23514', leaves: untouched },
  {
    sql: 'update p set v = c.v from c where c.pid = p.id and c.id = 13 returning p.v, c.id',
    gives: '7 13',
    leaves: { p: '1 10, 2 7, 3 30' },
  },
  { sql: 'update c set pid = 9 where id = 11', gives: '23503', leaves: untouched },
  {
    sql: 'update c set pid = 3 where id = 11',
    gives: '1 counted',
    leaves: { c: '11 3 5, 12 1 6, 13 2 7, 14  8' },
  },
  {
    sql: 'update p set id = 9 where id = 3',
    gives: '1 counted',
    leaves: { p: '1 10, 2 20, 9 30' },
  },
  { sql: 'update p set id = 9 where id = 1', gives: '23503', leaves: untouched },
  {
    sql: 'update p set id = 1 where id = 1',
    gives: '1 counted',
    leaves: { p: '1 10, 2 20, 3 30' },
  },
  {
    sql: 'delete from p where id = 1 returning v',
    gives: '10',
    leaves: { p: '2 20, 3 30', c: '13 2 7, 14  8', g: '22 13', n: '31 , 32 2' },
  },
  { sql: 'delete from p where id = 2', gives: '23503', leaves: untouched },
  {
    sql: 'delete from p where id in (select pid from c where v < 7)',
    gives: '1 counted',
    leaves: { p: '2 20, 3 30', c: '13 2 7, 14  8' },
  },
  {
    sql: 'delete from c using p where p.id = c.pid and p.v = 10',
    gives: '2 counted',
    leaves: { c: '13 2 7, 14  8', g: '22 13' },
  },
  { sql: 'delete from n', gives: '2 counted', leaves: { n: '' } },
  {
    sql: 'insert into p values (1, 5), (1, 6) on conflict (id) do update set v = excluded.v',
    gives: '21000',
    leaves: {},
  },
  {
    sql: 'insert into p select id + 100, v from p',
    gives: '3 counted',
    leaves: { p: '1 10, 101 10, 102 20, 103 30, 2 20, 3 30' },
  },
]
