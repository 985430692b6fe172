import { describe, expect, it } from 'vitest'
import { bindStatement } from '#sql/binder/index'
import { parseStatement } from '#sql/parser/index'
import { lookupOf } from '../test/support/schemas.ts'
import { planQuery } from './query.ts'

const schemas = lookupOf([
  {
    id: 1,
    name: 't',
    kind: 'table',
    durable: false,
    columns: [{ name: 'x', type: { kind: 'bigint' }, notNull: false }],
    indexes: [],
    checks: [],
    foreignKeys: [],
    insertable: true,
    mutable: true,
  },
])

function codeOf(sql: string): string {
  const bound = bindStatement(parseStatement(sql), schemas, {})
  if (bound.kind !== 'query') throw new Error('a query is expected')
  try {
    planQuery(bound, schemas)
    return 'planned'
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}

/** Row values with nulls need two looks at the subquery, so the plan doubles with each level. */
function nested(depth: number): string {
  if (depth === 0) return 'select x, x from t'
  return `select x, x from t where (x, x) not in (${nested(depth - 1)}) or x is null`
}

describe('limits of a plan', () => {
  it('allow what people write', () => {
    expect(codeOf(nested(4))).toBe('planned')
    expect(codeOf(Array.from({ length: 300 }, () => 'select x from t').join(' union all '))).toBe(
      'planned',
    )
  })

  it('refuse what would multiply without end', () => {
    expect(codeOf(nested(40))).toBe('54001')
  })

  it('refuse more operators than native code takes', () => {
    const product = (i: number): string => `(x + ${String(i)}) * (x - ${String(i)})`
    const sums = Array.from({ length: 12_000 }, (_, index) => product(index)).join(', ')
    expect(codeOf(`select ${sums} from t`)).toBe('54001')
  })
})
