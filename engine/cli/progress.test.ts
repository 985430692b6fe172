// The bar waits, draws on terminals only, and takes itself away.
import { expect, it } from 'vitest'
import { progressBar } from './progress.ts'

function terminal(isTTY = true): { isTTY: boolean; written: string[]; write(text: string): void } {
  const written: string[] = []
  return { isTTY, written, write: (text) => { written.push(text) } }
}

it('draws what takes long, and erases it', () => {
  const stream = terminal()
  let now = 0
  const bar = progressBar(stream, () => now)
  bar.report(0.1)
  expect(stream.written).toEqual([])
  now = 600
  bar.report(0.5)
  bar.report(0.6)
  expect(stream.written).toEqual([`\r${'█'.repeat(20)}${'░'.repeat(20)}  50 %`])
  bar.end()
  expect(stream.written.at(-1)).toBe('\r\u001b[K')
  bar.report(1)
  expect(stream.written).toHaveLength(2)
})

it('draws nothing into files and pipes', () => {
  const stream = terminal(false)
  const bar = progressBar(stream, () => 1e9)
  bar.report(0.5)
  bar.end()
  expect(stream.written).toEqual([])
})
