// What a user is told about grouping sets that mean nothing, and the plan of those that do.
import { describe, expect, it } from 'vitest'
import { boundText, reportOf } from '../../test/support/bind.ts'

const cases: readonly { readonly sql: string; readonly report: string }[] = [
  {
    sql: 'select grouping(name) from users group by rollup (age)',
    report: `
error[42803]: arguments to GROUPING must be grouping expressions of the associated query level
 --> query:1:8
1 | select grouping(name) from users group by rollup (age)
  |        ^^^^^^^^^^^^^^`,
  },
  {
    sql: 'select age from users where grouping(age) = 1 group by age',
    report: `
error[42803]: grouping operations are not allowed in WHERE
 --> query:1:29
1 | select age from users where grouping(age) = 1 group by age
  |                             ^^^^^^^^^^^^^`,
  },
  {
    sql: 'select 1 from users group by cube (id, id, id, id, id, id, id, id, id, id, id, id, id)',
    report: `
error[54011]: CUBE is limited to 12 elements
 --> query:1:30
1 | select 1 from users group by cube (id, id, id, id, id, id, id, id, id, id, id, id, id)
  |                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^`,
  },
]

describe('grouping sets', () => {
  it.each(cases)('$sql', ({ sql, report }) => {
    expect(reportOf(sql)).toBe(report.trim())
  })

  it('refuses more sets than anybody can mean', () => {
    const cube = 'cube (id, age, email, name)'
    const report = reportOf(`select 1 from users group by ${cube}, ${cube}, ${cube}, ${cube}`)
    expect(report).toContain('error[54001]: too many grouping sets present (maximum 4096)')
  })

  it('evaluates the input once', () => {
    const plan = boundText('select age, count(*) from users where age > 3 group by rollup (age)')
    expect(plan.match(/cte_scan/g)).toHaveLength(2)
    expect(plan.match(/scan users/g)).toHaveLength(1)
  })

  it('makes one set a plain aggregation', () => {
    expect(boundText('select age from users group by grouping sets ((age))')).toBe(
      boundText('select age from users group by age'),
    )
  })
})

describe('ordered sets and ties', () => {
  it.each([
    {
      sql: 'select percentile_disc(age) within group (order by id) from users',
      report: `
error[42803]: column "age" must appear in the GROUP BY clause or be used in an aggregate function
 --> query:1:24
1 | select percentile_disc(age) within group (order by id) from users
  |                        ^^^`,
    },
    {
      sql: 'select mode() from users',
      report: `
error[42809]: WITHIN GROUP is required for ordered-set aggregate mode
 --> query:1:8
1 | select mode() from users
  |        ^^^^^^
hint: Write mode() within group (order by x).`,
    },
    {
      sql: 'from users |> fetch first 2 rows with ties',
      report: `
error[42601]: WITH TIES cannot be specified without ORDER BY clause
 --> query:1:15
1 | from users |> fetch first 2 rows with ties
  |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: Write the step order by … just before.`,
    },
  ])('$sql', ({ sql, report }) => {
    expect(reportOf(sql)).toBe(report.trim())
  })
})
