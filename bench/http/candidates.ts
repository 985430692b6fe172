// Who is measured: Rowtine's `serve` with app.sql, and the peers beside this file.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { projectRoot } from '../harness.ts'
import { isInstalled, startServer, type RunningServer } from './processes.ts'

export interface Candidate {
  readonly name: string
  /** Names of the workloads it can answer. */
  readonly answers: (workload: string) => boolean
  /** Whether it is measured in a smoke run too. */
  readonly smoke: boolean
  /** Why it cannot run here, if so. */
  missing(): string | undefined
  /** Shapes: `folder` is empty and its own. */
  start(folder: string): Promise<RunningServer>
}

const root = projectRoot()
const peers = join(root, 'bench', 'peers')
const here = join(root, 'bench', 'http')

const everything = () => true
const always = () => undefined
const isInsert = (workload: string) => workload === 'durable insert'
const needsNoTable = (workload: string) => !isInsert(workload) && workload !== 'row by key'

export const candidates: readonly Candidate[] = [
  { name: 'rowtine', answers: everything, smoke: true, missing: always, start: (folder) => startRowtine(folder, 'shared') },
  { name: 'rowtine split_io', answers: everything, smoke: true, missing: always, start: (folder) => startRowtine(folder, 'split_io') },
  {
    name: 'nginx', answers: needsNoTable, smoke: false, start: startNginx,
    missing: () => (isInstalled('nginx') ? undefined : 'not installed (apt-get install nginx-light)'),
  },
  peer('uWebSockets.js', 'uws.mjs', everything),
  {
    name: 'node:http', answers: everything, smoke: true, missing: always,
    start: (folder) => startNode('node-http.mjs', folder, 'group'),
  },
  {
    name: 'node:http, commit per request', answers: isInsert, smoke: false, missing: always,
    start: (folder) => startNode('node-http.mjs', folder, 'each'),
  },
  peer('Fastify', 'fastify.mjs', everything),
]

/** Installs the packages of bench/peers once. Returns: why it could not. */
export function installPeers(): string | undefined {
  if (existsSync(join(peers, 'node_modules', 'fastify'))) return undefined
  try {
    const flags = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts']
    execFileSync('npm', ['install', ...flags], { cwd: peers, stdio: 'ignore', timeout: 300_000 })
    return undefined
  } catch (error) {
    return `the peers of bench/peers could not be installed: ${String(error)}`
  }
}

function peer(name: string, script: string, answers: Candidate['answers']): Candidate {
  const missing = () => (existsSync(join(peers, 'node_modules')) ? undefined : 'bench/peers is not installed')
  return {
    name, answers, smoke: false, missing,
    start: (folder) => startNode(script, folder, join(peers, 'package.json')),
  }
}

function startRowtine(folder: string, topology: string): Promise<RunningServer> {
  const options = ['--data', folder, '--workers', '1', '--topology', topology]
  return startServer([process.execPath, 'tools/rowtine.mjs', 'serve', join(here, 'app.sql'), ...options], root)
}

function startNode(script: string, folder: string, argument: string): Promise<RunningServer> {
  return startServer([process.execPath, join(here, 'peers', script), folder, argument], root)
}

async function startNginx(folder: string): Promise<RunningServer> {
  const port = String(await freePort())
  const text = readFileSync(join(here, 'peers', 'nginx.conf'), 'utf8').replace('PORT', port)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'nginx.conf'), text)
  return startServer(['nginx', '-p', folder, '-c', join(folder, 'nginx.conf')], root, `http://127.0.0.1:${port}`)
}

/** For nginx, which cannot be asked what port it was given. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => { resolve(port) })
    })
  })
}
