// The tree as the tidy tests read it: every source and document, without what is built or installed.
import { readdirSync, readFileSync } from 'node:fs'

const apart = new Set(['node_modules', 'dist', 'build', '.git', '.rowtine', '.claude'])

export interface TreeFile {
  /** From the root, with slashes. */
  readonly path: string
  readonly text: string
}

/** Files below `folder` whose names end with one of `endings`, in order of their paths. */
export function filesBelow(folder: string, endings: readonly string[]): readonly TreeFile[] {
  return pathsBelow(folder)
    .filter((path) => endings.some((ending) => path.endsWith(ending)))
    .sort()
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }))
}

function pathsBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '.' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) return apart.has(entry.name) ? [] : pathsBelow(path)
    return entry.isFile() ? [path] : []
  })
}

/** 1-based line of an offset. */
export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}
