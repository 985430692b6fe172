// Twins of the JSON kernels, by way of JSON.parse. They write compact JSON, so tests give compact
// JSON without keys that look like integers (which JavaScript would sort to the front).
import {
  fail,
  num,
  str,
  strict,
  type Family,
  type RowFunction,
  type SqlValue,
} from './sql-value.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return fail('22P02')
  }
}

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function member(value: Json | undefined, key: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

function element(value: Json | undefined, index: number): Json | undefined {
  return Array.isArray(value) ? value.at(index) : undefined
}

function step(value: Json | undefined, key: string): Json | undefined {
  if (isObject(value)) return member(value, key)
  return /^-?\d+$/.test(key) ? element(value, Number(key)) : undefined
}

type Show = (value: Json | undefined) => SqlValue

function asJson(value: Json | undefined): SqlValue {
  return value === undefined ? null : JSON.stringify(value)
}

function asText(value: Json | undefined): SqlValue {
  if (value === undefined || value === null) return null
  if (typeof value !== 'string') return JSON.stringify(value)
  return value.includes('\0') ? fail('22P05') : value
}

function byKey(show: Show): RowFunction {
  return strict((row) => show(member(parse(str(row, 0)), str(row, 1))))
}
function byIndex(show: Show): RowFunction {
  return strict((row) => show(element(parse(str(row, 0)), num(row, 1))))
}
function byPath(show: Show): RowFunction {
  return strict((row) => {
    let value: Json | undefined = parse(str(row, 0))
    for (let i = 1; i < row.length; i++) value = step(value, str(row, i))
    return show(value)
  })
}

function typeName(value: Json): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

function contains(left: Json, right: Json): boolean {
  if (Array.isArray(left) && Array.isArray(right)) {
    return right.every((wanted) => left.some((one) => contains(one, wanted)))
  }
  if (isObject(left) && isObject(right)) {
    return Object.entries(right).every(([key, wanted]) => {
      const value = member(left, key)
      return value !== undefined && contains(value, wanted)
    })
  }
  return left === right
}

function isScalar(value: Json): boolean {
  return typeof value !== 'object' || value === null
}

function containsAtTop(left: Json, right: Json): boolean {
  if (Array.isArray(left) && isScalar(right)) return left.some((one) => one === right)
  return contains(left, right)
}

function stripNulls(value: Json): Json {
  if (Array.isArray(value)) return value.map(stripNulls)
  if (!isObject(value)) return value
  const kept = Object.entries(value).filter(([, one]) => one !== null)
  return Object.fromEntries(kept.map(([key, one]) => [key, stripNulls(one)]))
}

const object: RowFunction = (row) => {
  const parts: string[] = []
  for (let i = 0; i + 1 < row.length; i += 2) {
    const key = row[i]
    if (typeof key !== 'string') return fail('22004')
    parts.push(`${JSON.stringify(key)}:${String(row[i + 1] ?? 'null')}`)
  }
  return `{${parts.join(',')}}`
}

export const json: Family = {
  JsonParse: strict((row) => {
    parse(str(row, 0))
    return str(row, 0).replace(/^[ \n\r\t]+|[ \n\r\t]+$/g, '')
  }),
  JsonGet: byKey(asJson),
  JsonGetText: byKey(asText),
  JsonGetIndex: byIndex(asJson),
  JsonGetIndexText: byIndex(asText),
  JsonGetPath: byPath(asJson),
  JsonGetPathText: byPath(asText),
  JsonTypeof: strict((row) => typeName(parse(str(row, 0)))),
  JsonArrayLength: strict((row) => {
    const value = parse(str(row, 0))
    return Array.isArray(value) ? value.length : fail('22023')
  }),
  JsonContains: strict((row) => containsAtTop(parse(str(row, 0)), parse(str(row, 1)))),
  JsonExists: strict((row) => {
    const value = parse(str(row, 0))
    const key = str(row, 1)
    return isObject(value)
      ? Object.hasOwn(value, key)
      : Array.isArray(value)
        ? value.includes(key)
        : value === key
  }),
  TextToJson: strict((row) => JSON.stringify(str(row, 0))),
  JsonObject: object,
  JsonArray: (row) => `[${row.map((value) => value ?? 'null').join(',')}]`,
  JsonStripNulls: strict((row) => JSON.stringify(stripNulls(parse(str(row, 0))))),
}
