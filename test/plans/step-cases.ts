// Coroutines over the event table e (n, s), the tables t (id, v) and log (n, s) and the event table
// out (n, s), and what they send for the events below. Run by the plain interpreter and by the
// whole engine.

export const stepEvents: readonly (readonly [n: bigint | null, s: string | null])[] = [
  [1n, 'a'],
  [2n, 'b'],
  [1n, null],
  [7n, 'a'],
  [null, 'c'],
  [3n, 'b'],
]

export interface StepCase {
  readonly name: string
  /** The body of a coroutine on e. */
  readonly sql: string
  /** What is sent to out (relation 2), in order. */
  readonly effects: readonly string[]
}

export const stepCases: readonly StepCase[] = [
  {
    name: 'a row for each event',
    sql: 'insert into out values (e.n + 1, e.s)',
    effects: ['2: 2, a', '2: 3, b', '2: 2, ', '2: 8, a', '2: , c', '2: 4, b'],
  },
  {
    name: 'several rows of an event stay together',
    sql: "insert into out values (e.n, 'x'), (e.n * 2, e.s)",
    effects: [
      '2: 1, x',
      '2: 2, a',
      '2: 2, x',
      '2: 4, b',
      '2: 1, x',
      '2: 2, ',
      '2: 7, x',
      '2: 14, a',
      '2: , x',
      '2: , c',
      '2: 3, x',
      '2: 6, b',
    ],
  },
  {
    name: 'a lookup drops events without a row',
    sql: 'insert into out select t.v, e.s from t where t.id = e.n',
    effects: ['2: 10, a', '2: , b', '2: 10, ', '2: 30, b'],
  },
  {
    name: 'an aggregate has a row for every event',
    sql: 'insert into out select count(*), e.s from t where t.v > e.n * 5',
    effects: ['2: 3, a', '2: 1, b', '2: 3, ', '2: 0, a', '2: 0, c', '2: 1, b'],
  },
  {
    name: 'an uncorrelated aggregate',
    sql: 'insert into out select sum(id)::bigint + e.n, e.s from t group by e.n, e.s',
    effects: ['2: 11, a', '2: 12, b', '2: 11, ', '2: 17, a', '2: , c', '2: 13, b'],
  },
  {
    name: 'order and limit per event',
    sql: 'insert into out select t.id, e.s from t where t.id <> e.n order by t.id desc limit 2',
    effects: [
      '2: 4, a',
      '2: 3, a',
      '2: 4, b',
      '2: 3, b',
      '2: 4, ',
      '2: 3, ',
      '2: 4, a',
      '2: 3, a',
      '2: 4, b',
      '2: 2, b',
    ],
  },
  {
    name: 'a union per event',
    sql: 'insert into out select id, e.s from t where id = e.n union all select e.n, e.s',
    effects: [
      '2: 1, a',
      '2: 1, a',
      '2: 2, b',
      '2: 2, b',
      '2: 1, ',
      '2: 1, ',
      '2: 7, a',
      '2: , c',
      '2: 3, b',
      '2: 3, b',
    ],
  },
  {
    name: 'subqueries of an event',
    sql: 'insert into out select (select v from t where id = e.n), e.s where exists (select 1 from t where t.v = e.n * 10)',
    effects: ['2: 10, a', '2: 10, ', '2: 30, b'],
  },
  {
    name: 'a with part of an event',
    sql: 'insert into out with p as (select id, v from t where id >= e.n) select count(*), max(q.v)::text from p join p q on q.id = p.id',
    effects: ['2: 4, 30', '2: 3, 30', '2: 4, 30', '2: 0, ', '2: 0, ', '2: 2, 30'],
  },
  {
    name: 'control flow',
    sql: `begin
      let k := 0;
      if e.n = 1 then k := 100; elsif e.n = 2 then return; elsif e.n = 7 then
        select v from t where id = 4 into k;
      else
        select v from t where id = e.n into k;
        if not found then insert into out values (-1, e.s); return; end if;
      end if;
      insert into out values (k, e.s);
    end`,
    effects: ['2: 100, a', '2: 100, ', '2: 10, a', '2: -1, c', '2: 30, b'],
  },
  {
    name: 'a query over the local that it fills',
    sql: 'begin let k := e.n; select v from t where id = k into k; insert into out values (k, e.s); end',
    effects: ['2: 10, a', '2: , b', '2: 10, ', '2: , a', '2: , c', '2: 30, b'],
  },
  {
    name: 'tables written from events',
    sql: 'begin insert into log values (e.n, e.s); delete from t where id = e.n and e.s is null; insert into out values (e.n, null); end',
    effects: ['2: 1, ', '2: 2, ', '2: 1, ', '2: 7, ', '2: , ', '2: 3, '],
  },
]
