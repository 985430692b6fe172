// uWebSockets.js with better-sqlite3 and group commit. node uws.mjs FOLDER PATH_OF_PEERS
import { createRequire } from 'node:module'
import { openStore } from './store.mjs'

const [folder, peers] = process.argv.slice(2)
const uws = createRequire(peers)('@trufflesuite/uws-js-unofficial')
const store = openStore(folder)

function send(response, status, type, body) {
  response.writeStatus(status).writeHeader('content-type', type).end(body)
}

function takeOrder(response) {
  const parts = []
  let isGone = false
  response.onAborted(() => { isGone = true })
  response.onData((part, isLast) => {
    parts.push(Buffer.from(part.slice(0)))
    if (!isLast) return
    store.orderInGroup(JSON.parse(Buffer.concat(parts).toString()).note, (id) => {
      if (isGone) return
      response.cork(() => { send(response, '201 Created', 'application/json', JSON.stringify({ id })) })
    })
  })
}

uws.App()
  .get('/plaintext', (response) => { send(response, '200 OK', 'text/plain', 'Hello, World!') })
  .get('/json', (response) => {
    send(response, '200 OK', 'application/json', JSON.stringify({ message: 'Hello, World!' }))
  })
  .get('/items', (response, request) => {
    const item = store.item(Number(request.getQuery('id')))
    send(response, '200 OK', 'application/json', JSON.stringify(item))
  })
  .post('/orders', takeOrder)
  .listen('127.0.0.1', 0, (socket) => {
    console.log(`listening http://127.0.0.1:${uws.us_socket_local_port(socket)}`)
  })
