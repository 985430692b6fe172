// `rowtine check`: says whether an application would start, without starting it.
import { open, renderError } from '../index.ts'
import { readSource } from './source-file.ts'

/** Returns the exit code; the first mistake goes to standard error. */
export async function check(file: string): Promise<number> {
  try {
    const text = readSource(file)
    const database = await open()
    try {
      await database.check(text, file)
    } finally {
      await database.close()
    }
    process.stdout.write(`${file}: ok\n`)
    return 0
  } catch (error) {
    process.stderr.write(renderError(error) + '\n')
    return 1
  }
}
