// Fastify with better-sqlite3 and group commit. node fastify.mjs FOLDER PATH_OF_FASTIFY
import { createRequire } from 'node:module'
import { openStore } from './store.mjs'

const [folder, peers] = process.argv.slice(2)
const fastify = createRequire(peers)('fastify')
const store = openStore(folder)
const app = fastify({ logger: false })

app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => { done(null, body) })
app.get('/plaintext', (_request, reply) => reply.type('text/plain').send('Hello, World!'))
app.get('/json', () => ({ message: 'Hello, World!' }))
app.get('/items', (request) => store.item(Number(request.query.id)))
app.post('/orders', (request, reply) => {
  store.orderInGroup(JSON.parse(request.body).note, (id) => { reply.code(201).send({ id }) })
  return reply
})

const address = await app.listen({ port: 0, host: '127.0.0.1', backlog: 1024 })
console.log(`listening ${address}`)
