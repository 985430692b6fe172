// How reading and writing files goes wrong, in PostgreSQL's words.
import { EngineError } from '#base/engine-error'
import type { Span } from '#base/span'

/** The bytes of a file are not what its format says. */
export function badFile(path: string, what: string, cause: unknown): EngineError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new EngineError('bad_copy_file_format', {
    message: `"${path}" is not ${what}, or it is damaged`, detail: `Reading it ended with: ${reason}.`, cause,
  })
}

/** What the system says of a file. */
export function fileError(path: string, doing: string, error: unknown, span?: Span): EngineError {
  if (error instanceof EngineError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const place = span === undefined ? {} : { span }
  const [condition, reason] = reasons[code] ?? ['io_error', error instanceof Error ? error.message : String(error)] as const
  return new EngineError(condition, { message: `could not ${doing} file "${path}": ${reason}`, ...place, cause: error })
}

const reasons: Readonly<Record<string, readonly ['undefined_file' | 'insufficient_privilege' | 'wrong_object_type' | 'disk_full', string]>> = {
  ENOENT: ['undefined_file', 'there is no such file or directory'],
  EACCES: ['insufficient_privilege', 'permission denied'],
  EPERM: ['insufficient_privilege', 'permission denied'],
  EISDIR: ['wrong_object_type', 'it is a directory'],
  ENOTDIR: ['undefined_file', 'its folder is not a directory'],
  ENOSPC: ['disk_full', 'no space is left'],
}
