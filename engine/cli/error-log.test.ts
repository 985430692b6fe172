// The log of a served application: what a line says, and how many lines a second there are.
import { expect, it, vi } from 'vitest'
import { ErrorLog, type LoggedError } from './error-log.ts'

const division: LoggedError = { coroutine: 'share', line: 3, statement: 'total / parts', state: '22012', message: 'division by zero' }

function logOf(...errors: LoggedError[]): string[] {
  const lines: string[] = []
  const log = new ErrorLog((text) => lines.push(text))
  for (const error of errors) log.add(error)
  log.close()
  return lines
}

it('says where, and what', () => {
  expect(logOf(division)).toEqual(['error[22012] in coroutine share, line 3, at total / parts: division by zero\n'])
})

it('shows the first line of a long step', () => {
  expect(logOf({ ...division, statement: 'insert into t\n  values (1)' })).toEqual([
    'error[22012] in coroutine share, line 3, at insert into t …: division by zero\n',
  ])
})

it('tells of failures outside of coroutines', () => {
  const outside = { coroutine: null, line: null, statement: null, state: '22023', message: 'a header has a line end' }
  expect(logOf(outside)).toEqual(['error[22023]: a header has a line end\n'])
})

it('counts what is more than a screen a second', () => {
  const lines = logOf(...Array.from({ length: 100 }, () => division))
  expect(lines).toHaveLength(21)
  expect(lines.at(-1)).toBe('… and 80 more: select * from sys.errors\n')
})

it('begins anew every second', () => {
  vi.useFakeTimers()
  try {
    const lines: string[] = []
    const log = new ErrorLog((text) => lines.push(text))
    for (let second = 0; second < 2; ++second) {
      for (let i = 0; i < 30; ++i) log.add(division)
      vi.advanceTimersByTime(1_000)
    }
    expect(lines).toHaveLength(2 * 21)
  } finally {
    vi.useRealTimers()
  }
})
