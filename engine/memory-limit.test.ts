import { totalmem } from 'node:os'
import { expect, test } from 'vitest'
import { open, renderError } from './index.ts'
import { defaultMemoryLimit, parseSize, sizeText } from './memory-limit.ts'

test.each([
  ['1', 1], ['512 MB', 512e6], ['4GiB', 4 * 1024 ** 3], ['1.5gb', 1.5e9], [' 64 mib ', 64 * 1024 ** 2], ['2TiB', 2 * 1024 ** 4],
])('%j is a size', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes)
})

test.each(['', '0', 'GiB', '-1', '1e9', '4 GiB each', '4 XB', '99999999TiB'])('%j is none', (text) => {
  expect(parseSize(text)).toBeUndefined()
})

test.each([[100, '100 bytes'], [1536, '1.5 KiB'], [40 << 20, '40 MiB'], [11.52 * 1024 ** 3, '11.5 GiB']])('%d bytes are %s', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text)
})

test('without a word it is half of the memory, or less in a container', () => {
  expect(defaultMemoryLimit()).toBeGreaterThan(0)
  expect(defaultMemoryLimit()).toBeLessThanOrEqual(totalmem() / 2)
})

test('a table that outgrows it: the error says what the limit is and how it is set', async () => {
  const db = await open({ memoryLimitBytes: 16 << 20 })
  try {
    await db.query('create table t (x bigint)')
    const error: unknown = await db.query('insert into t select g from generate_series(1, 2000000) s(g)').catch((thrown: unknown) => thrown)
    expect(renderError(error)).toContain('memory_limit')
    expect(error).toMatchObject({
      code: '53200',
      parts: { detail: 'A statement and a table may each take 16 MiB (memory_limit).', hint: 'Set memoryLimitBytes of open(), or --memory-limit.' },
    })
  } finally {
    await db.close()
  }
})
