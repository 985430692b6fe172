// Results on standard output in the formats of `rowtine query --format`.
import { boxTable, lineWidth } from '../repl/box.ts'
import type { Result } from '../result.ts'

export type Format = 'box' | 'csv' | 'json' | 'jsonl' | 'arrow'

/** Prints rows; a statement without rows prints its command tag in `box` and nothing elsewhere. */
export async function writeResult(result: Result, format: Format): Promise<void> {
  if (result.columns.length === 0) {
    if (format === 'box') await write(result.tag + '\n')
    return
  }
  switch (format) {
    case 'box':
      return write(boxTable(result.toView(), lineWidth(process.stdout)) + '\n')
    case 'csv':
      return write(csv(result))
    case 'json':
      return write(json(result.toArray()) + '\n')
    case 'jsonl':
      return write(result.toArray().map((row) => json(row) + '\n').join(''))
    case 'arrow': {
      const { tableToIPC } = await import('apache-arrow')
      return write(tableToIPC(await result.toArrow(), 'stream'))
    }
  }
}

/** RFC 4180 with a header; null is an empty field, an empty text is quoted. */
function csv(result: Result): string {
  const lines = [result.columns.map(({ name }) => csvField(name)), ...result.toText().map((row) => row.map(csvField))]
  return lines.map((fields) => fields.join(',') + '\n').join('')
}

function csvField(value: string | undefined): string {
  if (value === undefined) return ''
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
}

function json(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'bigint') return part.toString()
    if (part instanceof Uint8Array) return '\\x' + Buffer.from(part).toString('hex')
    return part
  })
}

function write(chunk: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(chunk, (error) => {
      if (error) reject(error)
      else resolve()
    })
  })
}
