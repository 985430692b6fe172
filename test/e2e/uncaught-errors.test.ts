// What user code throws right after a statement was answered, in the same turn of the event loop, ends the
// process as it would anywhere else: it must not be lost in the engine's callback.
import { spawn } from 'node:child_process'
import { expect, it } from 'vitest'

/** From the compiled package, as a user's program would. The statement is long enough to be answered by a wake-up. */
const program = (thrower: string): string => `
  import { open } from 'rowtine'
  const db = await open()
  const ask = () => db.query('select count(*) from generate_series(1, 100000) a(x)')
  await ask()
  ${thrower}(() => { throw new Error('thrown behind the answer') })
  await ask()
  await new Promise((resolve) => setTimeout(resolve, 100))
  console.log('went on')
  await db.close()
`

function run(source: string): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', source])
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => { stdout += chunk.toString() })
  child.stderr.on('data', (chunk: Buffer) => { stderr += chunk.toString() })
  return new Promise((resolve) => { child.once('close', (status) => { resolve({ status, stdout, stderr }) }) })
}

for (const thrower of ['process.nextTick', 'queueMicrotask']) {
  it(`${thrower}: is uncaught`, async () => {
    const { status, stdout, stderr } = await run(program(thrower))
    expect(stderr).toContain('thrown behind the answer')
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  })
}
