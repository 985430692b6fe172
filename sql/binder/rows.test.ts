// What a user is told about rows, aliases of joins and frames that mean nothing.
import { describe, expect, it } from 'vitest'
import { reportOf } from '../../test/support/bind.ts'

const cases: readonly { readonly sql: string; readonly report: string }[] = [
  {
    sql: 'select (1, 2) = (select 1)',
    report: `
error[42601]: subquery has too few columns
 --> query:1:8
1 | select (1, 2) = (select 1)
  |        ^^^^^^^^^^^^^^^^^^^`,
  },
  {
    sql: 'select users.id from (users join orders on true) as joined',
    report: `
error[42P01]: missing FROM-clause entry for table "users"
 --> query:1:8
1 | select users.id from (users join orders on true) as joined
  |        ^^^^^^^^`,
  },
  {
    sql: 'select sum(id) over (order by id rows between current row and 1 preceding) from users',
    report: `
error[42P20]: a frame starting with current row cannot end with preceding`,
  },
]

describe('rows, aliases and frames', () => {
  it.each(cases)('$sql', ({ sql, report }) => {
    expect(reportOf(sql)).toContain(report.trim())
  })
})
