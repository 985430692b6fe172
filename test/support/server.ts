// Runs `rowtine serve` as a user would: a child process, on any free port, with a directory of its own.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Server {
  /** `127.0.0.1:43210` of the first listener. */
  readonly address: string
  readonly url: string
  readonly data: string
  readonly child: ChildProcess
  /** Everything it has printed. */
  output(): string
  /** Ends it with a signal; resolves to its exit code (null when killed). */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

export interface ServerOptions {
  /** Keep the tables here; default: a new directory. `memory`: none. */
  readonly data?: string
  readonly arguments?: readonly string[]
}

const running = new Set<ChildProcess>()
const folders: string[] = []

/** A directory that cleanUp() removes. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rowtine-'))
  folders.push(folder)
  return folder
}

/** Starts an application (its SQL, or the path of its file) with its ports made free ones. Rejects when it ends before it listens. */
export async function startServer(application: string, options: ServerOptions = {}): Promise<Server> {
  const text = application.endsWith('.sql') ? readFileSync(application, 'utf8') : application
  const file = join(temporaryFolder(), 'app.sql')
  writeFileSync(file, text.replace(/'(127\.0\.0\.1):\d+'/g, `'$1:0'`))
  const data = options.data ?? temporaryFolder()
  const dataArguments = data === 'memory' ? [] : ['--data', data]
  const child = spawn(process.execPath, ['tools/rowtine.mjs', 'serve', file, ...dataArguments, ...(options.arguments ?? [])])
  running.add(child)
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => { output += chunk.toString() })
  child.stderr.on('data', (chunk: Buffer) => { output += chunk.toString() })
  const exit = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      running.delete(child)
      resolve(code)
    })
  })
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', () => {
      const line = /^listening \w+:\/\/(\S+)$/m.exec(output)
      if (line?.[1] !== undefined) resolve(line[1])
    })
    void exit.then((code) => { reject(new Error(`the server ended with ${String(code)} before it listened:\n${output}`)) })
  })
  return {
    address, url: `http://${address}`, data, child,
    output: () => output,
    stop: (signal = 'SIGTERM') => {
      child.kill(signal)
      return exit
    },
  }
}

/** Ends what a failed test left behind. */
export function cleanUp(): void {
  for (const child of running) child.kill('SIGKILL')
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
}

export interface LineClient {
  send(text: string): void
  /** The next `count` bytes or lines, whatever `until` accepts; rejects after five seconds. */
  until(done: (received: string) => boolean): Promise<string>
  close(): void
}

/** A plain TCP client that collects what it hears. */
export async function connectTo(address: string): Promise<LineClient> {
  const [host = '', port = ''] = address.split(':')
  const socket = createConnection({ host, port: Number(port) })
  let received = ''
  socket.on('data', (chunk: Buffer) => { received += chunk.toString() })
  socket.on('error', () => socket.destroy())
  await new Promise<void>((resolve) => { socket.once('connect', resolve) })
  return {
    send: (text) => { socket.write(text) },
    close: () => { socket.end() },
    async until(done) {
      for (let waited = 0; !done(received); waited += 5) {
        if (waited > 5000) throw new Error(`heard only ${JSON.stringify(received)}`)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      return received
    },
  }
}
