// What the documents show is run: `sql` and `ts` blocks, compared with the `text` block that follows;
// `sql serve` blocks are served and asked by the `console` block that follows.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { commandsOf, curl, expectedOf } from '../support/console.ts'
import { cleanUp, startServer } from '../support/server.ts'
import { filesBelow } from '../tidy/tree.ts'
import { blocksOf, linksOf, type Block } from './blocks.ts'

afterEach(cleanUp)

const documents = filesBelow('.', ['.md'])
const shown = documents.filter(({ path }) => path === 'README.md' || path.startsWith('docs/guide/'))

describe.each(shown)('$path', ({ path, text }) => {
  const blocks = blocksOf(text)
  blocks.forEach((block, i) => {
    const next = blocks[i + 1]
    const title = `line ${String(block.line)}: ${block.info}`
    if (block.info === 'sql serve') it(title, () => serves(block, next))
    else if (block.info === 'sql') it(title, () => { prints(['tools/rowtine.mjs', 'query', '-c', block.text.trimEnd()], next) })
    else if (block.info === 'ts') it(title, () => { prints(['--import', 'tsx', written(block.text, path, i)], next) })
  })
})

it('shows something', () => {
  expect(shown.length).toBeGreaterThanOrEqual(2)
})

it.each(readdirSync('examples'))('shows what its test compares: examples/%s', (example) => {
  const shown = blocksOf(readFileSync(join('examples', example, 'README.md'), 'utf8')).filter(({ info }) => info === 'console')
  expect(shown.map((block) => block.text)).toEqual([expectedOf(example)])
})

it('links only to what is there', () => {
  const broken = documents.flatMap(({ path, text }) =>
    linksOf(text)
      .filter((link) => !existsSync(posix.join(posix.dirname(path), link)))
      .map((link) => `${path}: ${link}`),
  )
  expect(broken).toEqual([])
})

it('begins with what a newcomer needs, within forty lines', () => {
  const head = readFileSync('README.md', 'utf8').split('\n').slice(0, 45).join('\n')
  for (const part of ['```sql serve', '```console', 'npm start', 'npm test', 'What it is not', 'ARCHITECTURE.md']) expect(head).toContain(part)
  expect((blocksOf(head)[0]?.text ?? '').trimEnd().split('\n').length).toBeLessThanOrEqual(15)
})

/** A program inside the package, where `rowtine` means this checkout. */
function written(program: string, path: string, index: number): string {
  const folder = join('.rowtine', 'docs')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${path.replace(/\W/g, '-')}-${String(index)}.mts`)
  writeFileSync(file, program)
  return file
}

/** Runs Node; what it prints, on either stream, is the next block's text, if that is a `text` block. */
function prints(args: readonly string[], next: Block | undefined): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (next?.info === 'text') expect((stdout + stderr).trimEnd()).toBe(next.text.trimEnd())
  else expect(status, stderr).toBe(0)
}

/** Serves the block and runs the commands that follow, one after the other. */
async function serves(block: Block, next: Block | undefined): Promise<void> {
  const server = await startServer(block.text)
  expect(next?.info).toBe('console')
  if (next === undefined) return
  for (const { command, output } of commandsOf(next.text)) expect((await curl(command, server.url)).trimEnd(), command).toBe(output)
  expect(await server.stop()).toBe(0)
}
