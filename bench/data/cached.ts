// Generated files are made once and kept in `.rowtine/bench` of the checkout; a smoke run makes its own.
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { projectRoot } from '../harness.ts'

/** Runs `use` with a folder of files that `make` has written, now or before. */
export async function withFiles<T>(name: string, smoke: boolean, make: (folder: string) => void, use: (folder: string) => Promise<T>): Promise<T> {
  if (!smoke) return use(kept(name, make))
  const folder = mkdtempSync(join(tmpdir(), 'rowtine-bench-'))
  try {
    make(folder)
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Files appear under their name when all of them are there, so that a run cut short leaves nothing to believe. */
function kept(name: string, make: (folder: string) => void): string {
  const folder = join(projectRoot(), '.rowtine', 'bench', name)
  if (existsSync(folder)) return folder
  const unfinished = `${folder}.tmp`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(dirname(folder), { recursive: true })
  console.log(`making ${folder}`)
  make(unfinished)
  renameSync(unfinished, folder)
  return folder
}
