// Asks engines the same random queries. A difference is made small and printed as SQL that runs anywhere.
import { Choices, shrinkList } from './choices.ts'
import { configurations, openDuck, openRowtine, openSqlite, type Answer, type Engine } from './engines.ts'
import { randomQuery, type QueryOptions } from './query.ts'
import { definitions, randomTables, type SchemaOptions, type Table } from './schema.ts'

export interface Profile extends SchemaOptions, QueryOptions {
  readonly other: 'duckdb' | 'sqlite'
  readonly queries: number
}

export interface Outcome {
  /** What differs, as text to print. */
  readonly failures: readonly string[]
  /** Queries that every engine answered. */
  readonly compared: number
  readonly asked: number
}

/** Errors that depend on what an engine evaluates first, or that only say that it has not got something. */
const excused = new Set(['22003', '22008', '21000', '0A000', '53200', '57014'])

/** What is wrong with these answers; undefined: nothing. */
export function disagreement(reference: Answer, ours: Answer): string | undefined {
  if (reference.kind === 'rows' && ours.kind === 'rows') {
    return reference.rows.join('\n') === ours.rows.join('\n') ? undefined : `expected ${shown(reference)}\ngot      ${shown(ours)}`
  }
  if (ours.kind === 'error' && !excused.has(ours.code)) return `got ${ours.code} ${ours.message}, expected ${shown(reference)}`
  return undefined
}

function shown(answer: Answer): string {
  if (answer.kind === 'error') return `${answer.code} ${answer.message}`
  const rows = answer.rows.slice(0, 8).map((row) => `(${row.replaceAll('\u001f', ', ')})`)
  return `${String(answer.rows.length)} rows: ${rows.join(' ')}`
}

async function withEngines<T>(tables: readonly Table[], other: Profile['other'], use: (engines: readonly [Engine, ...Engine[]]) => Promise<T>): Promise<T> {
  const engines: [Engine, ...Engine[]] = [other === 'duckdb' ? await openDuck(tables) : openSqlite(tables)]
  try {
    for (const configuration of configurations) engines.push(await openRowtine(configuration, tables))
    return await use(engines)
  } finally {
    for (const engine of engines) await engine.close()
  }
}

interface Difference {
  readonly engine: string
  readonly text: string
}

/** The first of our configurations that answers otherwise than the other engine. */
async function differenceOf(sql: string, [reference, ...ours]: readonly [Engine, ...Engine[]]): Promise<Difference | undefined | 'not compared'> {
  const wanted = await reference.answer(sql)
  let isCompared = wanted.kind === 'rows'
  for (const engine of ours) {
    const answer = await engine.answer(sql)
    const text = disagreement(wanted, answer)
    if (text !== undefined) return { engine: engine.name, text }
    isCompared &&= answer.kind === 'rows'
  }
  return isCompared ? undefined : 'not compared'
}

/** Random tables of `seed`, and queries over them. Stops at the first difference. */
export async function compareOn(seed: number, profile: Profile): Promise<Outcome> {
  const tables = randomTables(Choices.ofSeed(seed), profile)
  let [asked, compared] = [0, 0]
  return withEngines(tables, profile.other, async (engines) => {
    for (let i = 0; i < profile.queries; i++) {
      const choices = Choices.ofSeed(seed * 1009 + i)
      const sql = randomQuery(choices, tables, profile)
      asked++
      const outcome = await differenceOf(sql, engines)
      if (outcome === undefined) compared++
      if (outcome === undefined || outcome === 'not compared') continue
      const report = await smallest(choices.taken, tables, profile, engines)
      return { asked, compared, failures: [`seed ${String(seed)}, query ${String(i)}\n${report}`] }
    }
    return { asked, compared, failures: [] }
  })
}

async function smallest(choices: readonly number[], tables: readonly Table[], profile: Profile, engines: readonly [Engine, ...Engine[]]): Promise<string> {
  const sqlOf = (list: readonly number[]): string => randomQuery(Choices.ofList(list), tables, profile)
  const differs = async (sql: string, among: readonly [Engine, ...Engine[]]): Promise<Difference | undefined> => {
    const outcome = await differenceOf(sql, among)
    return outcome === 'not compared' ? undefined : outcome
  }
  const list = await shrinkList(choices, async (each) => (await differs(sqlOf(each), engines)) !== undefined, 600)
  const sql = sqlOf(list)
  const fewer = await fewerRows(tables, (candidate) => withEngines(candidate, profile.other, async (among) => (await differs(sql, among)) !== undefined))
  const difference = await withEngines(fewer, profile.other, (among) => differs(sql, among))
  const used = fewer.filter(({ name }) => sql.includes(name))
  return [`${difference?.engine ?? ''}: ${difference?.text ?? ''}`, ...definitions(used, true), sql].join(';\n') + ';\n'
}

/** Leaves out rows, halves first, while it still fails. */
async function fewerRows(tables: readonly Table[], fails: (tables: readonly Table[]) => Promise<boolean>): Promise<readonly Table[]> {
  let best = tables
  let asks = 0
  for (let i = 0; i < best.length; i++) {
    for (let size = best[i]?.rows.length ?? 0; size >= 1 && asks < 120; size = Math.floor(size / 2)) {
      for (let at = 0; at < (best[i]?.rows.length ?? 0) && asks++ < 120;) {
        const candidate = best.map((table, j) => (j === i ? { ...table, rows: [...table.rows.slice(0, at), ...table.rows.slice(at + size)] } : table))
        if (await fails(candidate)) best = candidate
        else at += size
      }
    }
  }
  return best
}
