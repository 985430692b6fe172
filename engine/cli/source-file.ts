// Reading the files that commands are given.
import { readFileSync } from 'node:fs'
import { EngineError } from '#base/engine-error'

/** Errors: 58P01 when there is no such file. */
export function readSource(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new EngineError('undefined_file', { message: `could not read "${path}"`, cause: error })
  }
}
