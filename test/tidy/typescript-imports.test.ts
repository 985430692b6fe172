// Who may import whom in TypeScript. Tests may import what they like; sources keep the layers.
import { posix } from 'node:path'
import { expect, it } from 'vitest'
import { filesBelow, type TreeFile } from './tree.ts'

interface Import {
  readonly from: string
  readonly specifier: string
  /** Gone after compilation. */
  readonly isType: boolean
}

const folders = ['base', 'sql', 'planner', 'native-kernels', 'engine']

/** Folders that each may import, beside itself. */
const layers: Readonly<Record<string, readonly string[]>> = {
  base: [],
  sql: ['base'],
  planner: ['base', 'sql'],
  'native-kernels': ['base'],
  engine: ['base', 'sql', 'planner', 'native-kernels'],
}

/** Packages and where they may be met. Whatever is not listed may not be imported at all. */
const packages: Readonly<Record<string, readonly string[]>> = {
  kysely: ['engine/stores/', 'engine/kysely/'],
  'better-sqlite3': ['engine/stores/'],
  'apache-arrow': ['engine/arrow.ts', 'engine/database.ts', 'engine/files/', 'engine/cli/'],
  hyparquet: ['engine/files/'],
  'hyparquet-compressors': ['engine/files/'],
  commander: ['engine/cli/'],
}

/** Built on top of the engine: nothing below them imports them. */
const tops = ['engine/cli/', 'engine/repl/', 'engine/slt/']

function isSource({ path }: TreeFile): boolean {
  return !/\.(test|bench)\.ts$|\.test-d\.ts$/.test(path) && !path.startsWith('native-kernels/test/')
}

function importsOf({ path, text }: TreeFile): Import[] {
  const found = text.matchAll(/^(?:import|export)( type)?\b[^'";]*?from '([^']+)'|\bimport\('([^']+)'\)/gm)
  return [...found].map(([, type, specifier, dynamic]) => ({
    from: path,
    specifier: specifier ?? dynamic ?? '',
    isType: type !== undefined,
  }))
}

/** The file or folder an import means, from the root; undefined: a package or Node's own. */
function targetOf({ from, specifier }: Import): string | undefined {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(from), specifier)
  if (!specifier.startsWith('#')) return undefined
  return specifier.replace(/^#native/, 'native-kernels').replace(/^#/, '')
}

const imports = folders.flatMap((folder) => filesBelow(folder, ['.ts']).filter(isSource).flatMap(importsOf))
const show = ({ from, specifier }: Import): string => `${from} imports ${specifier}`
const topOf = (path: string): string => path.split('/', 1)[0] ?? ''

it('finds imports', () => {
  expect(imports.length).toBeGreaterThan(300)
})

it('keeps the layers', () => {
  const wrong = imports.filter((one) => {
    const target = targetOf(one)
    if (target === undefined) return false
    const [from, to] = [topOf(one.from), topOf(target)]
    return from !== to && !(layers[from] ?? []).includes(to)
  })
  expect(wrong.map(show)).toEqual([])
})

it('crosses folders by name, never by ../', () => {
  const wrong = imports.filter((one) => {
    const target = targetOf(one)
    return one.specifier.startsWith('.') && target !== undefined && topOf(target) !== topOf(one.from)
  })
  expect(wrong.map(show)).toEqual([])
})

it('meets packages only where they belong', () => {
  const wrong = imports.filter(({ from, specifier, isType }) => {
    if (/^[.#]|^node:/.test(specifier)) return false
    if (isType && from.startsWith('engine/') && specifier in packages) return false // gone when it runs
    return !(packages[specifier] ?? []).some((place) => from.startsWith(place))
  })
  expect(wrong.map(show)).toEqual([])
})

it('keeps sql and planner pure: no I/O, clock or randomness', () => {
  const impure = /\b(Date\.now|new Date\(\)|Math\.random|performance\.now|process\.|setTimeout|crypto\.)/
  const files = [...filesBelow('sql', ['.ts']), ...filesBelow('planner', ['.ts'])].filter(isSource)
  expect(files.filter(({ text }) => impure.test(text)).map(({ path }) => path)).toEqual([])
  const pure = imports.filter(({ from }) => /^(base|sql|planner)\//.test(from))
  expect(pure.filter(({ specifier }) => specifier.startsWith('node:')).map(show)).toEqual([])
})

it('calls native code only from the executor and the stores', () => {
  const callers = imports.filter(({ from, specifier, isType }) => !isType && specifier.startsWith('#native/') && !/^engine\/(executor\.ts|stores\/)/.test(from))
  expect(callers.map(show)).toEqual([])
})

it('lets nothing import the command line, the REPL or the test runner', () => {
  const wrong = imports.filter((one) => {
    const target = targetOf(one) ?? ''
    return tops.some((top) => target.startsWith(top)) && !tops.some((top) => one.from.startsWith(top))
  })
  expect(wrong.map(show)).toEqual([])
})
