// Small habits that a reviewer should not have to look for.
import { expect, it } from 'vitest'
import { filesBelow, lineOf, type TreeFile } from './tree.ts'

const code = filesBelow('.', ['.ts', '.mjs', '.h', '.cc'])
const everything = [...code, ...filesBelow('.', ['.md', '.sql', '.slt', '.json', '.txt', '.sh', '.pml', '.yml', '.gyp'])]
const sources = code.filter(({ path }) => path.endsWith('.ts') && !path.endsWith('.test.ts'))

/** `path:line` of every match. */
function places(files: readonly TreeFile[], pattern: RegExp): string[] {
  return files.flatMap(({ path, text }) =>
    [...text.matchAll(new RegExp(pattern, 'gm'))].map((match) => `${path}:${String(lineOf(text, match.index))}`),
  )
}

it('leaves no test out', () => {
  expect(places(code.filter(({ path }) => path.endsWith('.test.ts')), /\b(it|test|describe)\.(skip|only|todo)\b/)).toEqual([])
})

it('names no machine', () => {
  // The first word of each path is apart, so that this file does not find itself.
  const homes = ['work', 'root', 'farm', 'home', 'Users'].join('|')
  const wrong = places(everything.filter(({ path }) => path !== 'package-lock.json'), new RegExp(`(^|[\\s'"\`(=])/(${homes})/|/tmp/(bash|clone|build)`))
  expect(wrong).toEqual([])
})

it('opens every TypeScript source with what it is for', () => {
  expect(sources.filter(({ text }) => !/^(\/\/|\/\*|#!)/.test(text)).map(({ path }) => path)).toEqual([])
})

it('silences no checker', () => {
  expect(places(code.filter(({ path }) => path.endsWith('.ts')), /@ts-(ignore|nocheck|expect-error)\b/)).toEqual([])
})

it('promises nothing without a decision behind it', () => {
  const promises = new RegExp(['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].map((word) => `\\b${word}\\b(?!\\(decision-\\d{4}\\))`).join('|'))
  expect(places(code, promises)).toEqual([])
})

it('ends files with one newline', () => {
  expect(code.filter(({ text }) => !text.endsWith('\n') || text.endsWith('\n\n')).map(({ path }) => path)).toEqual([])
})
