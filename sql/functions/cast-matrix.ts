// Which type converts to which, and how readily: in expressions (implicit), when stored into a
// column (assignment), or only when written out (explicit). PostgreSQL's matrix, plus text → bytea.
import type { TypeKind } from './types.ts'

export type CastContext = 'implicit' | 'assignment' | 'explicit'

type Row = Partial<Record<TypeKind, CastContext>>

const fromText: Row = {
  boolean: 'explicit',
  smallint: 'explicit',
  integer: 'explicit',
  bigint: 'explicit',
  real: 'explicit',
  double: 'explicit',
  numeric: 'explicit',
  date: 'explicit',
  time: 'explicit',
  timestamp: 'explicit',
  timestamptz: 'explicit',
  interval: 'explicit',
  uuid: 'explicit',
  json: 'explicit',
  bytea: 'assignment',
}

const matrix: Record<TypeKind, Row> = {
  boolean: { integer: 'explicit', text: 'assignment' },
  smallint: {
    integer: 'implicit',
    bigint: 'implicit',
    numeric: 'implicit',
    real: 'implicit',
    double: 'implicit',
    text: 'assignment',
  },
  integer: {
    smallint: 'assignment',
    bigint: 'implicit',
    numeric: 'implicit',
    real: 'implicit',
    double: 'implicit',
    boolean: 'explicit',
    text: 'assignment',
  },
  bigint: {
    smallint: 'assignment',
    integer: 'assignment',
    numeric: 'implicit',
    real: 'implicit',
    double: 'implicit',
    text: 'assignment',
  },
  numeric: {
    smallint: 'assignment',
    integer: 'assignment',
    bigint: 'assignment',
    real: 'implicit',
    double: 'implicit',
    text: 'assignment',
  },
  real: {
    smallint: 'assignment',
    integer: 'assignment',
    bigint: 'assignment',
    numeric: 'assignment',
    double: 'implicit',
    text: 'assignment',
  },
  double: {
    smallint: 'assignment',
    integer: 'assignment',
    bigint: 'assignment',
    numeric: 'assignment',
    real: 'assignment',
    text: 'assignment',
  },
  text: fromText,
  bytea: { text: 'explicit', json: 'explicit' },
  date: { timestamp: 'implicit', timestamptz: 'implicit', text: 'assignment' },
  time: { interval: 'implicit', text: 'assignment' },
  timestamp: {
    timestamptz: 'implicit',
    date: 'assignment',
    time: 'assignment',
    text: 'assignment',
  },
  timestamptz: {
    timestamp: 'assignment',
    date: 'assignment',
    time: 'assignment',
    text: 'assignment',
  },
  interval: { time: 'assignment', text: 'assignment' },
  uuid: { text: 'assignment' },
  json: {
    text: 'assignment',
    boolean: 'explicit',
    smallint: 'explicit',
    integer: 'explicit',
    bigint: 'explicit',
    numeric: 'explicit',
    real: 'explicit',
    double: 'explicit',
    bytea: 'assignment',
  },
  unknown: {},
}

/** The least explicit context in which `from` becomes `to`; undefined when it never does. */
export function castContext(from: TypeKind, to: TypeKind): CastContext | undefined {
  return matrix[from][to]
}

const rank: Record<CastContext, number> = { implicit: 0, assignment: 1, explicit: 2 }

/** May a value of kind `from` become `to` in `context`? */
export function isCastAllowed(from: TypeKind, to: TypeKind, context: CastContext): boolean {
  if (from === to || from === 'unknown') return true
  const needed = castContext(from, to)
  return needed !== undefined && rank[needed] <= rank[context]
}
