// Queries whose answers are related by logic, whatever they are: the parts of a table where a predicate is
// true, false and null make the whole (ternary-logic partitioning), counting rows of a filter is counting
// the predicate in the select list, which no index and no pushed filter serves (no-rec), and an index never
// changes an answer. Oracles need no other engine. RANDOM_SCHEMAS and RANDOM_SEED as in random-queries.test.ts.
import { describe, expect, it } from 'vitest'
import { Choices } from './random/choices.ts'
import { disagreement } from './random/compare.ts'
import { configurations, openRowtine, type Engine } from './random/engines.ts'
import { profiles } from './random/profiles.ts'
import { randomFilter } from './random/query.ts'
import { definitions, literal, randomTables, usual, type Table } from './random/schema.ts'

const schemas = Number(process.env['RANDOM_SCHEMAS'] ?? 1)
const firstSeed = Number(process.env['RANDOM_SEED'] ?? 1)
const seeds = Array.from({ length: schemas }, (_, i) => firstSeed + i)
const queries = 6

/** Two texts that must have the same answer. */
type Pair = readonly [name: string, one: string, other: string]

function pairs(choices: Choices, tables: readonly Table[]): Pair[] {
  const { from, predicate, items } = randomFilter(choices, tables, profiles.extreme)
  const some = items.slice(0, 3).map(({ sql }) => sql).join(', ')
  const parts = (select: string): string => [predicate, `not (${predicate})`, `(${predicate}) is null`].map((where) => `${select} where ${where}`).join(' union all ')
  const inner = items.map(({ sql }, i) => `${sql} as m${String(i)}`).join(', ')
  return [
    ['rows', `select ${some} from ${from}`, parts(`select ${some} from ${from}`)],
    ['distinct rows', `select distinct ${some} from ${from}`, `select distinct * from (${parts(`select distinct ${some} from ${from}`)}) x`],
    ['counts', `select count(*), count(${items[0]?.sql ?? '1'}), min(${items[0]?.sql ?? '1'}) from ${from}`,
      `select sum(a), sum(b), min(c) from (${parts(`select count(*) as a, count(${items[0]?.sql ?? '1'}) as b, min(${items[0]?.sql ?? '1'}) as c from ${from}`)}) x`],
    ['groups', `select ${items[1]?.sql ?? '1'}, count(*) from ${from} group by 1`,
      `select a, sum(b) from (${parts(`select ${items[1]?.sql ?? '1'} as a, 1 as b from ${from}`)}) x group by a`],
    ['no-rec', `select count(*) from ${from} where ${predicate}`, `select coalesce(sum(case when ${predicate} then 1 else 0 end), 0) from ${from}`],
    ['filter', `select count(*) from ${from} where ${predicate}`, `select count(*) filter (where ${predicate}) from ${from}`],
    ['derived', `select ${inner} from ${from} where ${predicate}`, `select * from (select ${inner}, (${predicate}) is true as held from ${from}) x where held`.replace('select *', `select ${items.map((_, i) => `m${String(i)}`).join(', ')}`)],
    ['on', `select count(*) from ${from} where ${predicate}`, `select count(w) from (select 1 as w from ${from} where ${predicate}) x right join (values (1)) as v(k) on true`],
  ]
}

/** Lookups by one column, and by it and a predicate. */
function lookups(choices: Choices, tables: readonly Table[]): string[] {
  const table = choices.of(tables)
  const other = choices.of(tables)
  const column = choices.of(table.columns)
  const others = other.columns.filter(({ type }) => type === column.type)
  const value = (): string => literal(column.type, choices.of(usual[column.type]))
  const joined = others.length === 0 ? [] : [`select * from ${other.name} as o ${choices.of(['join', 'left join', 'full join'])} ${table.name} as t on t.${column.name} = o.${choices.of(others).name}`]
  return [
    `select * from ${table.name} where ${column.name} = ${value()}`,
    `select * from ${table.name} where ${column.name} in (${value()}, ${value()}, null, ${value()})`,
    `select * from ${table.name} where ${column.name} = ${value()} or ${column.name} is null`,
    `select count(*) from ${table.name} as a where exists (select 1 from ${table.name} as b where a.${column.name} = b.${column.name} and a.id <> b.id)`,
    `select a.id from ${table.name} as a where a.${column.name} = (select min(b.${column.name === 'id' || column.type !== 'boolean' ? column.name : 'id'}) from ${table.name} as b where b.id >= a.id)`,
    ...joined,
  ].filter((sql) => column.type !== 'boolean' || !sql.includes('min('))
}

function script(tables: readonly Table[], ...statements: readonly string[]): string {
  return [...definitions(tables, true), ...statements].join(';\n')
}

describe.each(configurations)('$name', (configuration) => {
  it.each(seeds)('parts make the whole, seed %i', async (seed) => {
    const tables = randomTables(Choices.ofSeed(seed), { ...profiles.extreme, rowCounts: [5, 0, 9, 17] })
    const engine = await openRowtine(configuration, tables)
    try {
      for (let i = 0; i < queries; i++) {
        for (const [name, one, other] of pairs(Choices.ofSeed(seed * 7919 + i), tables)) {
          const difference = await differenceBetween(engine, one, engine, other)
          expect(difference === undefined ? '' : `${name}: ${difference}\n${script(tables, one, other)}`).toBe('')
        }
      }
    } finally {
      await engine.close()
    }
  }, 300_000)
})

it.each(seeds)('an index changes no answer, seed %i', async (seed) => {
  const tables = randomTables(Choices.ofSeed(seed), { ...profiles.extreme, rowCounts: [40, 3, 200] })
    .map((table) => ({ ...table, indexed: table.columns.slice(1).map(({ name }) => name), hasKey: true }))
  const engines = await Promise.all([true, false].map((hasIndexes) => openRowtine({ name: '', options: {}, hasIndexes }, tables)))
  try {
    const [indexed, plain] = engines
    if (indexed === undefined || plain === undefined) throw new Error('there are two engines')
    for (let i = 0; i < queries; i++) {
      for (const sql of lookups(Choices.ofSeed(seed * 31 + i), tables)) {
        const difference = await differenceBetween(plain, sql, indexed, sql)
        expect(difference === undefined ? '' : `${difference}\n${script(tables, sql)}`).toBe('')
      }
    }
  } finally {
    for (const engine of engines) await engine.close()
  }
}, 300_000)

async function differenceBetween(one: Engine, first: string, other: Engine, second: string): Promise<string | undefined> {
  const answer = await one.answer(first)
  const related = await other.answer(second)
  // Which rows are tested first decides whether a value overflows; everything else is the same.
  return answer.kind === 'error' ? undefined : disagreement(answer, related)
}
