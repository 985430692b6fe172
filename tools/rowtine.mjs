#!/usr/bin/env node
// The `rowtine` command: runs the compiled command line; says how to get there when there is none.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const main = new URL('../dist/engine/cli/main.js', import.meta.url)
if (!existsSync(fileURLToPath(main))) {
  process.stderr.write('rowtine has not been built here yet: run `npm run setup` first.\n')
  process.exit(1)
}
await import(main.href)
