// Runs one `rowtine` command to its end.
import { spawn } from 'node:child_process'

export interface Outcome {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
  /** What it wrote to standard output, undecoded. */
  readonly bytes: Buffer
}

/** Runs `rowtine` with `input` at its standard input. */
export function rowtine(args: readonly string[], input = ''): Promise<Outcome> {
  const child = spawn(process.execPath, ['tools/rowtine.mjs', ...args])
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  child.stdin.on('error', () => undefined) // it may end without reading
  child.stdin.end(input)
  return new Promise((resolve) => {
    child.once('close', (status) => {
      const bytes = Buffer.concat(out)
      resolve({ status, stdout: bytes.toString(), stderr: Buffer.concat(err).toString(), bytes })
    })
  })
}
