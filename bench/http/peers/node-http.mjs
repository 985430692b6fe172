// node:http, with a switch between its loop's turn and each request as the unit of commit.
// node node-http.mjs FOLDER group|each
import { createServer } from 'node:http'
import { openStore } from './store.mjs'

const [folder, commit] = process.argv.slice(2)
const store = openStore(folder)

function send(response, status, type, body) {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

const server = createServer((request, response) => {
  const url = request.url
  if (request.method === 'POST' && url === '/orders') {
    let body = ''
    request.on('data', (chunk) => { body += chunk })
    request.on('end', () => {
      const answer = (id) => { send(response, 201, 'application/json', JSON.stringify({ id })) }
      if (commit === 'each') answer(store.order(JSON.parse(body).note))
      else store.orderInGroup(JSON.parse(body).note, answer)
    })
  } else if (url === '/plaintext') {
    send(response, 200, 'text/plain', 'Hello, World!')
  } else if (url === '/json') {
    send(response, 200, 'application/json', JSON.stringify({ message: 'Hello, World!' }))
  } else if (url.startsWith('/items?id=')) {
    send(response, 200, 'application/json', JSON.stringify(store.item(Number(url.slice(10)))))
  } else {
    send(response, 404, 'text/plain', 'not found')
  }
})
server.listen(0, '127.0.0.1', 1024, () => {
  console.log(`listening http://127.0.0.1:${server.address().port}`)
})
