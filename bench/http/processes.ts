// Servers and load as processes of their own, each on its core, and what a server has cost its core.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'

/** How long a server may take to listen, and to end. */
const startMs = 60_000
const stopMs = 10_000

export const serverCore = 0
export const loadCore = 1

export interface RunningServer {
  readonly url: string
  /** Processor time of all threads so far, in microseconds. */
  cpuMicros(): number
  stop(): Promise<void>
}

/** Whether a command is there to be run. */
export function isInstalled(command: string, versionFlag = '-v'): boolean {
  return spawnSync(command, [versionFlag], { stdio: 'ignore' }).error === undefined
}

/** The command on one core, where there are cores to choose from. */
export function onCore(core: number, command: readonly string[]): readonly string[] {
  return cpus().length > 1 && isInstalled('taskset', '-V') ? ['taskset', '-c', String(core), ...command] : command
}

/**
 * Starts a server on its core. Returns: when it listens, which it says in a line
 * `listening http://ADDRESS` unless `url` is known before.
 */
export async function startServer(command: readonly string[], cwd: string, url?: string): Promise<RunningServer> {
  const [file = '', ...args] = onCore(serverCore, command)
  const child = spawn(file, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  try {
    const address = url === undefined ? await announcedUrl(child) : await answering(url)
    return {
      url: address,
      cpuMicros: () => cpuMicrosOf(child.pid ?? 0),
      stop: () => stopped(child),
    }
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
}

function announcedUrl(child: ChildProcess): Promise<string> {
  let output = ''
  return new Promise((resolve, reject) => {
    const fail = (why: string) => { reject(new Error(`the server ${why} before it listened:\n${output}`)) }
    const timer = setTimeout(() => { fail('took too long') }, startMs)
    const hear = (chunk: Buffer) => {
      output += chunk.toString()
      const line = /^listening (http:\/\/\S+)$/m.exec(output)
      if (line?.[1] === undefined) return
      clearTimeout(timer)
      resolve(line[1])
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.once('error', (error) => { fail(error.message) })
    child.once('exit', () => {
      clearTimeout(timer)
      fail('ended')
    })
  })
}

async function answering(url: string): Promise<string> {
  const end = Date.now() + startMs
  for (;;) {
    try {
      await (await fetch(url)).arrayBuffer()
      return url
    } catch (error) {
      if (Date.now() > end) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

/** `/proc/PID/stat` counts in ticks of 10 ms, summed over the threads. */
function cpuMicrosOf(pid: number): number {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [user, system] = [fields[11], fields[12]]
  return (Number(user) + Number(system)) * 10_000
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = new Promise<void>((resolve) => { child.once('exit', () => { resolve() }) })
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), stopMs)
  await exit
  clearTimeout(timer)
}

/** Runs a command to its end. Returns: what it printed. Rejects when it fails. */
export function outputOf(command: readonly string[]): Promise<string> {
  const [file = '', ...args] = command
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => { output += chunk.toString() })
  child.stderr.on('data', (chunk: Buffer) => { output += chunk.toString() })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => {
      if (code === 0) resolve(output)
      else reject(new Error(`${file} ended with ${String(code)}:\n${output}`))
    })
  })
}
