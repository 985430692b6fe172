// Which table drives a join and how the others are found, by their sizes: the largest is scanned, small
// ones are built; few rows are looked up in an index; and plans follow when tables grow.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { open, type Database } from '#engine/index'

let db: Database

beforeEach(async () => {
  db = await open({ workers: 1 })
  await db.exec(`
    create table nation (id bigint primary key, name text);
    create table customer (id bigint primary key, nation_id bigint, name text);
    create table orders (id bigint primary key, customer_id bigint, price bigint);
    insert into nation select g, 'nation ' || g from generate_series(0, 24) g;
    insert into customer select g, g % 25, 'customer ' || g from generate_series(0, 4999) g;
    insert into orders select g, g::bigint * 7919 % 5000, g % 100 from generate_series(0, 59999) g`)
})

afterEach(() => db.close())

/** The pipelines of a statement, from `0:` on. */
async function pipelines(query: string): Promise<string[]> {
  const lines = (await db.query(`explain ${query}`)).toText().map(([line]) => line ?? '')
  return lines.slice(lines.indexOf('') + 1)
}

const threeTables = 'select n.name, sum(o.price) from nation n join customer c on c.nation_id = n.id join orders o on o.customer_id = c.id group by n.name'

test('the largest table is scanned, the others are joined into a hash table before', async () => {
  expect(await pipelines(threeTables)).toEqual([
    '0: Scan customer → IndexProbe Inner nation.nation_pkey → HashTable 0',
    '1: Scan orders → HashProbe Inner 0 → Aggregate 1',
    '2: Read Aggregate 1 → Result',
  ])
  const [row] = (await db.query(`select count(*) as n, sum(s) as s from (${threeTables.replace('sum(o.price)', 'sum(o.price) as s')}) t`)).toArray()
  expect(row).toEqual({ n: 25, s: '2970000' })
})

test('a row by its key is looked up, and so is what it refers to', async () => {
  const lines = await pipelines('select c.name, o.price from orders o join customer c on c.id = o.customer_id where o.id = 7')
  expect(lines.join('\n')).not.toMatch(/Hash|Scan/)
})

test('a plan is made anew when a table has grown', async () => {
  await db.exec('create table small (id bigint primary key, customer_id bigint)')
  const query = 'select count(*) as n from small s join customer c on c.id = s.customer_id'
  const find = db.prepare(query)
  expect((await find.query()).toArray()).toEqual([{ n: 0 }])
  await db.exec('insert into small select g, g % 5000 from generate_series(1, 50000) g')
  expect((await pipelines(query)).join('\n')).toMatch(/Scan small → HashProbe/)
  expect((await find.query()).toArray()).toEqual([{ n: 50_000 }])
  expect((await db.query(query)).toArray()).toEqual([{ n: 50_000 }])
})

test('how many rows a join gives follows from how many values its columns have', async () => {
  // Every customer of a nation with every supplier of it: many times as many rows as either has.
  await db.exec('create table supplier (id bigint, nation_id bigint); insert into supplier select g, g % 25 from generate_series(0, 999) g')
  await db.exec('create table item (order_id bigint, supplier_id bigint); insert into item select g % 60000, g % 1000 from generate_series(0, 99999) g')
  const local = `select count(*) as n from customer c join supplier s on s.nation_id = c.nation_id
    join orders o on o.customer_id = c.id join item i on i.order_id = o.id and i.supplier_id = s.id`
  expect(await pipelines(local)).toEqual([
    '0: Scan customer → HashTable 0',
    '1: Scan orders → HashProbe Inner 0 → HashTable 1',
    '2: Scan supplier → HashTable 2',
    '3: Scan item → HashProbe Inner 2 → HashProbe Inner 1 → Aggregate 3',
    '4: Read Aggregate 3 → Result',
  ])
})

test('a filtered table that hangs on one other is joined with that one first', async () => {
  await db.exec('create table region (id bigint, name text); insert into region values (0, \'a\'), (1, \'b\'), (2, \'c\'), (3, \'d\'), (4, \'e\')')
  await db.exec('create table country (id bigint, region_id bigint); insert into country select g, g % 5 from generate_series(0, 24) g')
  expect(await pipelines(`select sum(o.price) from orders o join customer c on o.customer_id = c.id
    join country n on c.nation_id = n.id join region r on n.region_id = r.id where r.name = 'b'`)).toEqual([
    '0: Scan region → Filter → HashTable 0',
    '1: Scan country → HashProbe Inner 0 → HashTable 1',
    '2: Scan customer → HashProbe Inner 1 → HashTable 2',
    '3: Scan orders → HashProbe Inner 2 → Aggregate 3',
    '4: Read Aggregate 3 → Result',
  ])
})

test('a semi join that keeps few rows of one table is done before the others are joined', async () => {
  await db.exec('create table item (order_id bigint, price bigint); insert into item select g % 60000, g % 100 from generate_series(0, 99999) g')
  const few = await pipelines(`select c.name, o.id, sum(i.price) from customer c, orders o, item i
    where o.id in (select order_id from item where price = 7 group by order_id having sum(price) > 10)
      and c.id = o.customer_id and o.id = i.order_id group by c.name, o.id`)
  expect(few.filter((line) => line.includes('HashProbe Semi'))).toEqual([expect.stringMatching(/^\d+: Scan orders → HashProbe Semi \d+ → /)])
  const many = await pipelines(`select c.name, o.id from customer c, orders o
    where c.id in (select customer_id from orders where price < 90) and c.id = o.customer_id`)
  expect(many.join('\n')).not.toMatch(/Scan \w+ → HashProbe Semi \d+ → HashTable/)
})
