// The tables of app.sql as a careful user of better-sqlite3 keeps them: WAL, a full sync per commit,
// prepared statements.
import { join } from 'node:path'
import Database from 'better-sqlite3'

export const itemCount = 10_000

export function openStore(folder) {
  const database = new Database(join(folder, 'peer.db'))
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.exec(`create table items (id integer primary key, name text not null, price integer not null);
    create table orders (id integer primary key, body text not null)`)
  const insertItem = database.prepare('insert into items values (?, ?, ?)')
  database.transaction(() => {
    for (let id = 1; id <= itemCount; id += 1) insertItem.run(id, `item ${id}`, id * 7)
  })()
  const findItem = database.prepare('select id, name, price from items where id = ?')
  const insertOrder = database.prepare('insert into orders (body) values (?)')
  return {
    item: (id) => findItem.get(id),
    /** Durable when it returns. */
    order: (body) => Number(insertOrder.run(body).lastInsertRowid),
    orderInGroup: groupCommit(database, insertOrder),
  }
}

/** One transaction for everything that arrived in a turn of the loop; each caller hears after the commit. */
function groupCommit(database, insertOrder) {
  let waiting = []
  const commit = database.transaction((orders) => {
    for (const order of orders) order.id = Number(insertOrder.run(order.body).lastInsertRowid)
  })
  const flush = () => {
    const orders = waiting
    waiting = []
    commit(orders)
    for (const order of orders) order.done(order.id)
  }
  return (body, done) => {
    if (waiting.length === 0) setImmediate(flush)
    waiting.push({ body, done, id: 0 })
  }
}
