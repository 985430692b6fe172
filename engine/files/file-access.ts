// Which files statements may touch. A program that opens a database may touch what its process may; a
// server reads and writes nothing unless a folder was named for it (docs/decisions/0014).
import { realpath } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { EngineError } from '#base/engine-error'
import type { Span } from '#base/span'
import { fileError } from './file-errors.ts'

/** true: all files of the process; false: none; a folder: what lies in it. */
export type FileAccess = boolean | string

/**
 * The real path of a file, links followed, if it may be touched; relative names start at the allowed
 * folder, or where the process runs. Errors: 42501, 58P01.
 */
export async function allowedPath(path: string, access: FileAccess, doing: 'read' | 'write', span: Span): Promise<string> {
  if (access === false) {
    throw new EngineError('insufficient_privilege', {
      message: `this server does not ${doing} files`, span, hint: 'Start it with --allow-files <folder>.',
    })
  }
  if (path === '' || path.includes('\0')) throw fileError(path, doing, Object.assign(new Error(), { code: 'ENOENT' }), span)
  const wanted = access === true ? resolve(path) : resolve(access, path)
  try {
    // A file that is to be written may not be there yet: then its folder counts.
    const real = doing === 'read' ? await realpath(wanted) : join(await realpath(dirname(wanted)), basename(wanted))
    if (access === true || isInside(real, await realpath(access))) return real
  } catch (error) {
    throw fileError(path, doing, error, span)
  }
  throw new EngineError('insufficient_privilege', {
    message: `file "${path}" lies outside of the folder that this server may ${doing}`, span,
  })
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`)
}
