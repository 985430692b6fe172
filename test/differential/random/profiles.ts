// What is compared with whom: kinds of tables and queries.
import type { Profile } from './compare.ts'
import type { Type } from './schema.ts'

const allTypes: readonly Type[] = ['integer', 'text', 'bigint', 'numeric', 'double', 'boolean', 'date', 'timestamp']
const rich = { types: allTypes, isRich: true }
const fewRows = [5, 0, 1, 2, 9, 17, 40]

export type ProfileName = 'small' | 'extreme' | 'large' | 'sqlite'

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  small: { types: allTypes, hasExtremes: false, rowCounts: fewRows, dialect: rich, isLarge: false, other: 'duckdb', queries: 12 },
  /** Values at the ends of types: many queries overflow, in all engines or by chance in one. */
  extreme: { types: allTypes, hasExtremes: true, rowCounts: fewRows, dialect: rich, isLarge: false, other: 'duckdb', queries: 12 },
  /** More rows than a batch. */
  large: { types: allTypes, hasExtremes: false, rowCounts: [2500, 3000, 0, 3], dialect: rich, isLarge: true, other: 'duckdb', queries: 4 },
  sqlite: {
    types: ['integer', 'text'], hasExtremes: false, rowCounts: fewRows, isLarge: false, other: 'sqlite', queries: 12,
    dialect: { types: ['integer', 'text', 'bigint'], isRich: false },
  },
}
