// Polars and chDB beside Rowtine and DuckDB, when BENCH_PEERS names them (`BENCH_PEERS=polars,chdb`): each in a
// process of its own, over Parquet files that DuckDB wrote from its tables. What one refuses it is not measured on.
import { execFileSync, fork, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDbEngine, Taken } from './engines.ts'
import { median, projectRoot } from './harness.ts'
import { difference, type Cells } from './queries/tpch.ts'

const peerNames = ['polars', 'chdb'] as const
export type PeerName = (typeof peerNames)[number]

const folder = join(projectRoot(), 'bench', 'peers', 'analytics')

/** Who was asked for. Errors: a name that is none. */
export function peersAskedFor(): readonly PeerName[] {
  const asked = (process.env['BENCH_PEERS'] ?? '').split(',').filter((name) => name !== '')
  const unknown = asked.filter((name) => !peerNames.some((peer) => peer === name))
  if (unknown.length > 0) throw new Error(`BENCH_PEERS: no peer is called ${unknown.join(', ')}; there are ${peerNames.join(', ')}`)
  return peerNames.filter((name) => asked.includes(name))
}

interface Answer {
  readonly result?: unknown
  readonly error?: string
}

export class PeerEngine {
  readonly name: PeerName
  readonly #process: ChildProcess

  constructor(name: PeerName, threads: number) {
    this.name = name
    const env = { ...process.env, POLARS_MAX_THREADS: String(threads), CHDB_THREADS: String(threads) }
    this.#process = fork(join(folder, `${name}.mjs`), { env, execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
  }

  load(table: string, parquetFile: string): Promise<unknown> {
    return this.#call('load', table, parquetFile)
  }

  async cells(sql: string): Promise<Cells> {
    return await this.#call('cells', sql) as Cells
  }

  /** Runs a query to its last row, in its own process and by its own clock. */
  async time(sql: string): Promise<Taken> {
    return await this.#call('time', sql) as Taken
  }

  close(): void {
    if (this.#process.connected) this.#process.disconnect()
  }

  #call(call: string, ...given: readonly string[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const settle = (end: () => void) => {
        this.#process.off('message', hear).off('exit', ended)
        end()
      }
      const hear = ({ result, error }: Answer) => { settle(() => { if (error === undefined) resolve(result); else reject(new Error(error)) }) }
      const ended = () => { settle(() => { reject(new Error('its process ended')) }) }
      this.#process.on('message', hear).once('exit', ended)
      this.#process.send({ call, arguments: given }, (error) => { if (error !== null) ended() })
    })
  }
}

/** Starts who was asked for, with the tables that DuckDB has. */
export async function startPeers(threads: number, duckdb: DuckDbEngine): Promise<readonly PeerEngine[]> {
  const names = peersAskedFor()
  if (names.length === 0) return []
  install()
  const files = mkdtempSync(join(tmpdir(), 'rowtine-bench-'))
  const peers = names.map((name) => new PeerEngine(name, threads))
  try {
    for (const [table = ''] of await duckdb.cells('select table_name from duckdb_tables() order by 1')) {
      const file = join(files, `${table}.parquet`)
      await duckdb.exec(`copy ${table} to '${file}' (format parquet)`)
      for (const peer of peers) await peer.load(table, file)
      rmSync(file)
    }
    return peers
  } catch (error) {
    for (const peer of peers) peer.close()
    throw error
  } finally {
    rmSync(files, { recursive: true, force: true })
  }
}

function install(): void {
  if (existsSync(join(folder, 'node_modules', 'chdb'))) return
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts'], { cwd: folder, stdio: 'ignore', timeout: 600_000 })
}

/**
 * Asks a peer for an answer that is known.
 * Returns: what is to be said when it has another or none; undefined: it may be timed.
 */
export async function objectionOf(peer: PeerEngine, proof: string, wanted: Cells, isUnordered = false): Promise<string | undefined> {
  try {
    const cells = await peer.cells(proof)
    const differs = isUnordered ? difference(sortedRows(cells), sortedRows(wanted)) : difference(cells, wanted)
    return differs === undefined ? undefined : `${peer.name} answers otherwise: ${differs}`
  } catch (error) {
    return `${peer.name} refuses: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** How to read the columns of peers. */
export function peerNotes(): string[] {
  return peersAskedFor().map((name) =>
    `${name} ms: in a process of its own with as many threads, over the same rows${name === 'chdb' ? '; it drops what it has computed' : ''}; –: it refuses the query or answers otherwise`)
}

export function sortedRows(cells: Cells): Cells {
  return cells.toSorted((a, b) => (a.join('|') < b.join('|') ? -1 : 1))
}

/** The cells of a table of results: a time for each peer that was asked for, `–` where it has none. */
export function peerCells(times: ReadonlyMap<unknown, readonly number[]>, peers: readonly PeerEngine[]): Record<string, string | number> {
  return Object.fromEntries(peers.map((peer) => {
    const taken = times.get(peer) ?? []
    return [`${peer.name} ms`, taken.length === 0 ? '–' : median(taken)]
  }))
}
