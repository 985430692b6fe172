// Sizes are ratchets: a file over its limit stands here with its size and may shrink, not grow.
import { expect, it } from 'vitest'
import { filesBelow } from './tree.ts'

const limits: readonly (readonly [RegExp, number])[] = [
  [/\.(gen|def)\b|package-lock/, Infinity],
  [/(\.test\.ts|_(test|stress|bench|fuzz)\.cc)$/, 800],
  [/\.ts$/, 500],
  [/\.h$/, 250],
  [/\.cc$/, 600],
  [/\.mjs$/, 250],
]

/** Longer than the limit, for a reason; lower a number when its file shrinks. */
const longer: Readonly<Record<string, number>> = {
  'native-kernels/src/program/program.h': 266, // one type per operator: the program, documented
  'native-kernels/src/program/test_program.h': 281, // builds programs for the tests of its folder
  'native-kernels/src/ring/bench_pair.h': 268, // what the fabric's benchmarks share
}

const files = [...filesBelow('.', ['.ts', '.h', '.cc', '.mjs'])].map(({ path, text }) => ({
  path,
  lines: text.split('\n').length - 1,
}))

function limitOf(path: string): number {
  return longer[path] ?? limits.find(([pattern]) => pattern.test(path))?.[1] ?? Infinity
}

it('holds files to their sizes', () => {
  const over = files.filter(({ path, lines }) => lines > limitOf(path))
  expect(over.map(({ path, lines }) => `${path}: ${String(lines)} lines, at most ${String(limitOf(path))}`)).toEqual([])
})

it('lists no file that has shrunk below its limit or is gone', () => {
  const stale = Object.keys(longer).filter((path) => {
    const limit = limits.find(([pattern]) => pattern.test(path))?.[1] ?? Infinity
    return (files.find((file) => file.path === path)?.lines ?? 0) <= limit
  })
  expect(stale).toEqual([])
})
