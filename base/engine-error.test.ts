// Errors as people, REPL and wire see them, and the names that constructors find.
import { describe, expect, it } from 'vitest'
import { EngineError } from './engine-error.ts'
import { asEngineError, nearestName, undefinedColumn } from './errors.ts'
import { sqlState } from './sql-state.gen.ts'

describe('EngineError', () => {
  const error = undefinedColumn('sue', { start: 7, end: 10 }, ['sum', 'at'])

  it('renders the whole report', () => {
    expect(error.render({ name: 'query', text: 'select sue' })).toBe(
      [
        'error[42703]: column "sue" does not exist',
        ' --> query:1:8',
        '1 | select sue',
        '  |        ^^^',
        'hint: Did you mean "sum"?',
      ].join('\n'),
    )
  })

  it('says the same as JSON', () => {
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      severity: 'ERROR',
      code: '42703',
      condition: 'undefined_column',
      message: 'column "sue" does not exist',
      hint: 'Did you mean "sum"?',
      span: { start: 7, end: 10 },
    })
  })

  it('keeps the first error as the cause of one with more said', () => {
    const more = error.with({ detail: 'In the view v.' })
    expect([more.code, more.parts.detail, more.cause]).toEqual(['42703', 'In the view v.', error])
  })

  it('takes anything else for a bug', () => {
    expect(asEngineError(new TypeError('x is undefined')).code).toBe('XX000')
    expect(asEngineError(error)).toBe(error)
  })
})

describe('conditions', () => {
  it('have one SQLSTATE each', () => {
    const states = Object.values(sqlState)
    expect(new Set(states).size).toBe(states.length)
    expect(states.every((state) => /^[0-9A-Z]{5}$/.test(state))).toBe(true)
  })

  it('are made with their own code', () => {
    expect(new EngineError('unique_violation', { message: 'x' }).code).toBe('23505')
  })
})

describe('nearestName', () => {
  const cases = [
    { name: 'usres', candidates: ['users', 'user'], nearest: 'users' },
    { name: 'x', candidates: ['y'], nearest: 'y' },
    { name: 'path', candidates: ['quite_different'], nearest: undefined },
    { name: 'path', candidates: [], nearest: undefined },
  ]
  it.each(cases)('$name of $candidates', ({ name, candidates, nearest }) => {
    expect(nearestName(name, candidates)).toBe(nearest)
  })
})
