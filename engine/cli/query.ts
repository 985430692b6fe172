// `rowtine query`: SQL in, rows out, errors to standard error.
import { open, renderError } from '../index.ts'
import { memoryOption } from '../memory-limit.ts'
import { writeResult, type Format } from './output.ts'
import { progressBar } from './progress.ts'
import { readSource } from './source-file.ts'

export interface QueryOptions {
  readonly command?: string
  readonly file?: string
  readonly data?: string
  readonly memoryLimit?: number
  readonly format: Format
}

/** Returns the exit code. */
export async function query(options: QueryOptions): Promise<number> {
  const { command, file, data, format, memoryLimit } = options
  if ((command === undefined) === (file === undefined)) {
    process.stderr.write('give either -c SQL or -f FILE\n')
    return 1
  }
  try {
    const text = command ?? readSource(file ?? '')
    const database = await open({ ...(data !== undefined && { data }), ...memoryOption(memoryLimit) })
    const bar = progressBar(process.stderr)
    try {
      const results = await database.exec(text, { name: file ?? 'query', onProgress: bar.report })
      bar.end()
      for (const result of results) await writeResult(result, format)
      return 0
    } finally {
      bar.end()
      await database.close()
    }
  } catch (error) {
    process.stderr.write(renderError(error) + '\n')
    return 1
  }
}
