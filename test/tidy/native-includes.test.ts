// Who may include whom in C++, and which system headers belong to one place.
import { expect, it } from 'vitest'
import { filesBelow } from './tree.ts'

const root = 'native-kernels/src/'

/** Folders that each may include, beside itself. `program/opcode.h`, a list of names, belongs to expr too. */
const layers: Readonly<Record<string, readonly string[]>> = {
  base: [],
  vector: ['base'],
  hash: ['base', 'vector'],
  http: ['base'],
  ring: ['base'],
  barrier: ['base', 'ring'],
  reactor: ['base', 'ring', 'http'],
  expr: ['base', 'vector', 'hash', 'http'],
  join: ['base', 'vector', 'hash'],
  aggregate: ['base', 'vector', 'hash', 'join', 'expr'],
  sort: ['base', 'vector', 'join'],
  window: ['base', 'vector', 'join', 'sort'],
  table: ['base', 'vector', 'hash'],
  csv: ['base', 'vector', 'expr', 'table'],
  program: ['base', 'vector', 'expr', 'hash', 'join', 'aggregate', 'sort', 'window', 'table', 'barrier'],
  runtime: ['base', 'vector', 'expr', 'table', 'program', 'csv', 'ring', 'barrier', 'reactor', 'http'],
  binding: ['base', 'vector', 'expr', 'table', 'program', 'csv', 'runtime'],
}
const names = ['program/opcode.h', 'program/opcodes.def']

/** System headers and the only places that may see them. */
const fenced: readonly (readonly [RegExp, RegExp])[] = [
  [/^<(napi|node_api)\.h>/, /^binding\//],
  [/^<linux\/io_uring\.h>/, /^reactor\/uring_/],
  [/^<uv\.h>/, /^(reactor\/uv_|binding\/)/],
  [/^<(immintrin|arm_neon)\.h>/, /^(expr|hash|join|aggregate|sort|table|vector|http|csv|base)\//],
]

const files = filesBelow('native-kernels/src', ['.h', '.cc']).map(({ path, text }) => ({
  path: path.slice(root.length),
  text,
  includes: [...text.matchAll(/^#include (["<][^">]+[">])/gm)].map(([, name = '']) => name),
}))

it('keeps the layers', () => {
  const wrong = files.flatMap(({ path, includes }) => {
    const from = path.split('/', 1)[0] ?? ''
    return includes.filter((include) => {
      const target = include.slice(1, -1)
      const to = target.split('/', 1)[0] ?? ''
      if (include.startsWith('<') || to === from || (from === 'expr' && names.includes(target))) return false
      return !(layers[from] ?? []).includes(to)
    }).map((include) => `${path} includes ${include}`)
  })
  expect(wrong).toEqual([])
})

it('knows every folder', () => {
  const folders = new Set(files.map(({ path }) => path.split('/', 1)[0] ?? ''))
  expect([...folders].filter((folder) => !(folder in layers))).toEqual([])
})

it('meets system interfaces only where they belong', () => {
  const wrong = files.flatMap(({ path, includes }) =>
    fenced
      .filter(([header, place]) => includes.some((include) => header.test(include)) && !place.test(path))
      .map(([header]) => `${path} includes ${header.source}`),
  )
  expect(wrong).toEqual([])
})

it('opens every header with what it is for, once', () => {
  const headers = files.filter(({ path }) => path.endsWith('.h'))
  expect(headers.filter(({ text }) => !/^(\/\/|\/\*)/.test(text)).map(({ path }) => path)).toEqual([])
  expect(headers.filter(({ text }) => !text.includes('#pragma once')).map(({ path }) => path)).toEqual([])
})

it('uses no exceptions and no locks on the way of an event', () => {
  const forbidden = /\b(try|catch|throw)\b\s*[({]|std::(mutex|lock_guard|condition_variable)/
  const wrong = files.filter(({ path, text }) => {
    const code = text.replace(/\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"/g, '')
    return !/^binding\/|_(test|stress|bench)\.(cc|h)$|^ring\/(bench|stress|schedule)/.test(path) && forbidden.test(code)
  })
  expect(wrong.map(({ path }) => path)).toEqual([])
})
