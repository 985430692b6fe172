// The kernels and aggregates of the plain interpreter: JavaScript values, decimals at scale 0 only.
import type { AggregateDeclaration, Compute } from '#planner/program'
import { unpackSqlState } from '#planner/sql-state'

export type Value = null | boolean | number | bigint | string
export type Row = Value[]

export class DataFailure extends Error {
  readonly state: string

  constructor(state: string) {
    super(state)
    this.state = state
  }
}

/** What an aggregate makes of the argument rows of a group. */
export function fold(
  { function: name, distinct, result }: AggregateDeclaration,
  rows: readonly Row[],
): Value {
  if (name === 'CountStar') return BigInt(rows.length)
  if (name === 'First') return rows[0]?.[0] ?? null
  const all = rows.map(([first = null]) => first).filter((one) => one !== null)
  const values = distinct ? [...new Set(all)] : all
  if (name === 'Count') return BigInt(values.length)
  if (values.length === 0) return null
  switch (name) {
    case 'Sum': {
      if (result === 'Float64') return values.reduce<number>((sum, one) => sum + Number(one), 0)
      return values.reduce<bigint>((sum, one) => sum + BigInt(Number(one)), 0n)
    }
    case 'Min':
      return values.reduce((least, one) => (one < least ? one : least))
    case 'Max':
      return values.reduce((most, one) => (one > most ? one : most))
    case 'BoolAnd':
      return values.every((one) => one === true)
    case 'BoolOr':
      return values.some((one) => one === true)
    case 'StringAgg':
      return rows
        .filter(([first]) => first !== null)
        .map(([first, separator], index) =>
          index === 0 ? String(first) : String(separator) + String(first),
        )
        .join('')
    default:
      throw new Error(`the interpreter has no ${name}`)
  }
}

function comparison(own: Row, test: (order: number) => boolean): Value {
  const [left = null, right = null] = own
  if (left === null || right === null) return null
  return test(left < right ? -1 : left > right ? 1 : 0)
}

function arithmetic(own: Row, of: (left: number, right: number) => number): Value {
  const [left = null, right = null] = own
  if (left === null || right === null) return null
  const result = of(Number(left), Number(right))
  return typeof left === 'bigint' ? BigInt(Math.trunc(result)) : result
}

function divide(own: Row): Value {
  const [left = null, right = null] = own
  if (left === null || right === null) return null
  if (Number(right) === 0) throw new DataFailure('22012')
  return arithmetic(own, (dividend, divisor) => Math.trunc(dividend / divisor))
}

function connective(own: Row, deciding: boolean): Value {
  if (own.includes(deciding)) return deciding
  return own.includes(null) ? null : !deciding
}

const kernels: Readonly<Partial<Record<Compute['opcode'], (own: Row) => Value>>> = {
  Equal: (own) => comparison(own, (order) => order === 0),
  NotEqual: (own) => comparison(own, (order) => order !== 0),
  Less: (own) => comparison(own, (order) => order < 0),
  LessEqual: (own) => comparison(own, (order) => order <= 0),
  Greater: (own) => comparison(own, (order) => order > 0),
  GreaterEqual: (own) => comparison(own, (order) => order >= 0),
  IsDistinct: ([left, right]) => left !== right,
  IsNotDistinct: ([left, right]) => left === right,
  Add: (own) => arithmetic(own, (left, right) => left + right),
  Subtract: (own) => arithmetic(own, (left, right) => left - right),
  Multiply: (own) => arithmetic(own, (left, right) => left * right),
  Divide: divide,
  Modulo: (own) => arithmetic(own, (left, right) => left % right),
  Negate: ([operand = null]) =>
    operand === null
      ? null
      : arithmetic([typeof operand === 'bigint' ? 0n : 0, operand], (left, right) => left - right),
  And: (own) => connective(own, false),
  Or: (own) => connective(own, true),
  Not: ([operand = null]) => (operand === null ? null : !operand),
  IsNull: ([operand]) => operand === null,
  IsNotNull: ([operand]) => operand !== null,
  IsTrue: ([operand]) => operand === true,
  IsFalse: ([operand]) => operand === false,
  Select: ([condition, first = null, second = null]) => (condition === true ? first : second),
  Coalesce: ([first = null, second = null]) => first ?? second,
  Least: ([first = null, second = null]) =>
    first === null ? second : second === null || first < second ? first : second,
  Greatest: ([first = null, second = null]) =>
    first === null ? second : second === null || first > second ? first : second,
  ToInt64: ([operand = null]) => (operand === null ? null : BigInt(Number(operand))),
  // Decimals are compared at scale 0 only.
  ToDecimal: ([operand = null]) => (operand === null ? null : BigInt(Number(operand))),
  ToInt32: ([operand = null]) => (operand === null ? null : Number(operand)),
  IntToText: ([operand = null]) => (operand === null ? null : String(operand)),
  TextToInt64: ([operand = null]) => (operand === null ? null : BigInt(String(operand))),
  TextToInt32: ([operand = null]) => (operand === null ? null : Number(operand)),
  TextToBytea: ([operand = null]) => operand,
  Concat: ([left = null, right = null]) =>
    left === null || right === null ? null : String(left) + String(right),
  ConcatAll: (own) => own.map((one) => one ?? '').join(''),
  Upper: ([operand = null]) => (operand === null ? null : String(operand).toUpperCase()),
  Length: ([operand = null]) => (operand === null ? null : String(operand).length),
  Now: () => 0n,
}

export function kernel(compute: Compute, own: Row): Value {
  if (compute.opcode === 'Raise') {
    if (own[0] === true) throw new DataFailure(unpackSqlState(compute.immediates[0] ?? 0))
    return own[0] ?? null
  }
  const run = kernels[compute.opcode]
  if (!run) throw new Error(`the interpreter has no ${compute.opcode}`)
  return run(own)
}

/** What generate_series gives; nothing where a bound is null. */
export function series(
  start: Value | undefined,
  stop: Value | undefined,
  step: Value | undefined,
): bigint[] {
  if (typeof start !== 'bigint' || typeof stop !== 'bigint' || typeof step !== 'bigint') return []
  const values: bigint[] = []
  for (let at = start; step > 0n ? at <= stop : at >= stop; at += step) values.push(at)
  return values
}
