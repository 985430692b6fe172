import { expect, it } from 'vitest'
import type { RelationSchema } from '#base/schema'
import type { Logical } from '../logical/plan.ts'
import { booleanType, literal } from '../logical/expression.ts'
import { estimateRows } from './cardinality.ts'
import type { Statistics } from './statistics.ts'

const relation: RelationSchema = {
  id: 1,
  name: 't',
  columns: [],
  kind: 'table',
  durable: false,
  indexes: [],
  checks: [],
  foreignKeys: [],
  insertable: true,
  mutable: true,
}

const scan = (): Logical => ({ kind: 'scan', relation, alias: 't', columns: [], rowId: undefined })
const leftJoin = (left: Logical): Logical =>
  ({ kind: 'join', type: 'left', left, right: scan(), condition: literal(true, booleanType), mark: undefined, nullAware: undefined })

it('asks for the rows of each table once, however deep the joins are', () => {
  let asked = 0
  const statistics: Statistics = { rows: () => (asked += 1, 2), distinct: () => undefined, share: () => undefined, guessed: new WeakMap() }
  const joins = Array.from({ length: 12 })
  const plan = joins.reduce<Logical>(leftJoin, scan())
  expect(estimateRows(plan, statistics)).toBe(2 ** 13)
  expect(asked).toBe(13)
})
