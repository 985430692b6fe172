// `with (…)` of an event table: what is kept, for how long, and what happens when it is full.
import { EngineError } from '#base/engine-error'
import { featureNotSupported, nearestName } from '#base/errors'
import type * as ast from '#sql/ast'
import type { EventOptions } from '#sql/bound'
import { parseInterval } from '#sql/functions/interval'

const overflowPolicies = ['block', 'drop_oldest', 'drop_new', 'error', 'disconnect'] as const

const known = ['retain', 'logged', 'capacity', 'on_overflow', 'watermark', 'idle']

const byteUnits: Readonly<Record<string, bigint>> = {
  b: 1n,
  bytes: 1n,
  kb: 1_000n,
  kib: 1_024n,
  mb: 1_000_000n,
  mib: 1_048_576n,
  gb: 1_000_000_000n,
  gib: 1_073_741_824n,
}

const kMicrosecondsPerDay = 86_400_000_000n

type Mutable = { -readonly [Key in keyof EventOptions]: EventOptions[Key] }

export function isLogged(options: readonly ast.Option[]): boolean {
  const option = options.find(({ name }) => name === 'logged')
  if (!option) return false
  const value = option.value ?? true
  if (typeof value === 'boolean') return value
  if (value === 'true' || value === 'false') return value === 'true'
  throw invalid(option, 'true or false')
}

export function eventOptions(options: readonly ast.Option[]): EventOptions {
  const made: Mutable = {
    retainMicroseconds: undefined,
    retainRows: undefined,
    retainBytes: undefined,
    capacity: undefined,
    onOverflow: undefined,
  }
  for (const option of options) readOption(option, made)
  return made
}

function readOption(option: ast.Option, made: Mutable): void {
  switch (option.name) {
    case 'logged':
      return
    case 'retain':
      for (const part of String(option.value ?? '').split(','))
        readRetention(option, part.trim(), made)
      return
    case 'capacity':
      made.capacity = count(option, option.value)
      return
    case 'on_overflow':
      made.onOverflow = overflowPolicies.find((policy) => policy === option.value)
      if (made.onOverflow === undefined) throw invalid(option, overflowPolicies.join(', '))
      return
    case 'watermark':
    case 'idle':
      throw featureNotSupported(`event-table option ${option.name} is not supported`, option.span)
    default: {
      const near = nearestName(option.name, known)
      throw new EngineError('invalid_parameter_value', {
        message: `unrecognized event-table option "${option.name}"`,
        span: option.span,
        hint: near === undefined ? `Options are ${known.join(', ')}.` : `Did you mean "${near}"?`,
      })
    }
  }
}

/** `10 min`, `1000 rows`, `64 MiB`, or a bare number of rows. */
function readRetention(option: ast.Option, part: string, made: Mutable): void {
  const rows = /^(\d+)(?:\s*rows?)?$/i.exec(part)
  const size = /^(\d+)\s*([kmg]i?b|b|bytes)$/i.exec(part)
  const interval = rows || size ? undefined : parseInterval(part)
  if (rows) made.retainRows = BigInt(rows[1] ?? 0)
  else if (size)
    made.retainBytes = BigInt(size[1] ?? 0) * (byteUnits[(size[2] ?? '').toLowerCase()] ?? 1n)
  else if (interval) {
    const days = BigInt(interval.months * 30 + interval.days)
    made.retainMicroseconds = days * kMicrosecondsPerDay + interval.microseconds
  } else
    throw invalid(option, "a time ('10 min'), a number of rows ('1000 rows') or a size ('64 MiB')")
}

function count(option: ast.Option, value: ast.OptionValue | undefined): bigint {
  const digits = /^[1-9]\d*$/.exec(String(value ?? ''))
  if (digits) return BigInt(digits[0])
  throw invalid(option, 'a number of rows, at least 1')
}

function invalid(option: ast.Option, wanted: string): EngineError {
  return new EngineError('invalid_parameter_value', {
    message: `invalid value for option "${option.name}"`,
    span: option.span,
    hint: `It takes ${wanted}.`,
  })
}
