// Random queries over random tables: every configuration of Rowtine answers what DuckDB or SQLite answer.
//   RANDOM_SCHEMAS=200 RANDOM_SEED=1000 npx vitest run test/differential/random-queries.test.ts     searches longer, elsewhere
// A difference is printed small, as statements to run.
import { describe, expect, it } from 'vitest'
import { compareOn } from './random/compare.ts'
import { profiles, type ProfileName } from './random/profiles.ts'

const schemas = Number(process.env['RANDOM_SCHEMAS'] ?? 1)
const firstSeed = Number(process.env['RANDOM_SEED'] ?? 1)
const seeds = Array.from({ length: schemas }, (_, i) => firstSeed + i)

describe.each(Object.keys(profiles) as ProfileName[])('%s', (name) => {
  it.each(seeds)('seed %i', async (seed) => {
    const { failures, compared, asked } = await compareOn(seed, profiles[name])
    expect(failures.join('\n')).toBe('')
    // Queries that an engine refuses show nothing: most must be answered.
    expect(compared).toBeGreaterThan(asked * 0.6)
  }, 300_000)
})
