// memory_limit: how much each statement, and each table, may take before it is refused with 53200.
import { totalmem } from 'node:os'

const gibibyte = 1024 ** 3
const units: ReadonlyMap<string, number> = new Map([
  ['B', 1], ['KB', 1e3], ['MB', 1e6], ['GB', 1e9], ['TB', 1e12],
  ['KIB', 1024], ['MIB', 1024 ** 2], ['GIB', gibibyte], ['TIB', 1024 ** 4],
])

/** Half of what this process may use: of the machine's memory, or of its container's. */
export function defaultMemoryLimit(): number {
  const constrained = process.constrainedMemory()
  const total = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
  return Math.floor(total / 2)
}

/** `4GiB`, `512 MB`, `1.5gb`, or bytes. Returns: undefined for what is no size, or less than a byte. */
export function parseSize(text: string): number | undefined {
  const [, number, unit] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text) ?? []
  const factor = units.get(unit === '' ? 'B' : unit?.toUpperCase() ?? '')
  if (number === undefined || factor === undefined) return undefined
  const bytes = Math.floor(Number(number) * factor)
  return bytes >= 1 && Number.isSafeInteger(bytes) ? bytes : undefined
}

/** The setting of open(), when it was given on the command line. */
export function memoryOption(bytes: number | undefined): { memoryLimitBytes?: number } {
  return bytes === undefined ? {} : { memoryLimitBytes: bytes }
}

/** In the largest unit that leaves a number of at least one: `11.5 GiB`. */
export function sizeText(bytes: number): string {
  const [unit, factor] = ([['GiB', gibibyte], ['MiB', 1024 ** 2], ['KiB', 1024]] as const).find(([, each]) => bytes >= each) ?? ['bytes', 1]
  return `${String(Math.round(bytes / factor * 10) / 10)} ${unit}`
}
