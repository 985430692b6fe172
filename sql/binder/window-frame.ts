// Frames: how far they reach, as counts of rows and groups or as bounds of the order key's values.
import type { Span } from '#base/span'
import { EngineError } from '#base/engine-error'
import type { DataType } from '#base/data-type'
import type * as ast from '#sql/ast'
import type { Expression, FrameEdge, SortKey, WindowCheck, WindowFrame } from '#sql/bound'
import { isNull, literal } from '#sql/functions/build'
import { castExpression } from '#sql/functions/casts'
import { numeric, types } from '#sql/functions/types'
import { bindOperator } from './call.ts'
import { settle, tryCoerce } from './coercion.ts'
import { columnsRead } from './plan-columns.ts'
import type { Site } from './site.ts'
import { windowingError } from './window-scope.ts'

export interface BoundFrame {
  readonly frame: WindowFrame
  readonly checks: readonly WindowCheck[]
}

/** From the first row to the last peer: what a window without a frame has. */
const wholeOrder: WindowFrame = {
  mode: 'range',
  start: { kind: 'unbounded_preceding' },
  end: { kind: 'current_row' },
  exclude: 'no_others',
  key: undefined,
}

const exclusions = {
  'no others': 'no_others',
  'current row': 'current_row',
  group: 'group',
  ties: 'ties',
} as const

export function bindFrame(
  frame: ast.Frame | undefined,
  order: readonly SortKey[],
  site: Site,
): BoundFrame {
  if (!frame) return { frame: wholeOrder, checks: [] }
  const { unit: mode, span } = frame
  if (mode === 'groups' && order.length === 0)
    throw windowingError('GROUPS mode requires an ORDER BY clause', span)
  const binder = new EdgeBinder(frame, order, site)
  const [start, end] = [binder.edge(frame.start, 'starting'), binder.edge(frame.end, 'ending')]
  const exclude = exclusions[frame.exclude]
  return { frame: { mode, start, end, exclude, key: binder.key(start, end) }, checks: binder.checks }
}

class EdgeBinder {
  readonly checks: WindowCheck[] = []
  readonly #frame: ast.Frame
  readonly #order: readonly SortKey[]
  readonly #site: Site

  constructor(frame: ast.Frame, order: readonly SortKey[], site: Site) {
    this.#frame = frame
    this.#order = order
    this.#site = site
  }

  edge(bound: ast.FrameBound, name: 'starting' | 'ending'): FrameEdge {
    if (!('offset' in bound)) return bound
    const value =
      this.#frame.unit === 'range'
        ? this.#rangeBound(bound.kind, bound.offset, name)
        : this.#count(bound.offset, name)
    return { kind: bound.kind, value }
  }

  /** The order key beside bounds of the range, of their type. */
  key(start: FrameEdge, end: FrameEdge): Expression | undefined {
    const value = 'value' in start ? start.value : 'value' in end ? end.value : undefined
    const key = this.#order[0]?.expression
    if (this.#frame.unit !== 'range' || !value || !key) return undefined
    return castExpression(key, value.type, key.span)
  }

  #count(offset: ast.Expression, name: string): Expression {
    const bound = tryCoerce(this.#site.bind(offset), types.bigint, 'assignment', this.#site.context)
    if (bound?.type.kind !== 'bigint') {
      throw new EngineError('datatype_mismatch', {
        message: `argument of ${this.#frame.unit.toUpperCase()} must be type bigint`,
        span: offset.span,
      })
    }
    this.#check(bound, name, offset.span)
    return bound
  }

  /** key - offset towards where the order begins, key + offset towards where it ends. */
  #rangeBound(kind: 'preceding' | 'following', offset: ast.Expression, name: string): Expression {
    const [order, ...more] = this.#order
    if (!order || more.length > 0) {
      throw windowingError(
        'RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column',
        this.#frame.span,
      )
    }
    const { context } = this.#site
    const key = widened(order.expression)
    const given = this.#site.bind(offset)
    const wanted = offsetType(key.type)
    const distance = settle(
      (wanted && tryCoerce(given, wanted, 'implicit', context)) ?? given,
      context,
    )
    this.#check(distance, name, offset.span)
    const isBack = (kind === 'preceding') !== order.descending
    const bound = bindOperator(isBack ? '-' : '+', [key, distance], offset.span, context)
    return bound
  }

  #check(offset: Expression, name: string, span: Span): void {
    if (columnsRead(offset).size > 0) {
      throw new EngineError('invalid_column_reference', {
        message: `argument of ${this.#frame.unit.toUpperCase()} must not contain variables`,
        span,
      })
    }
    if (isCount(offset)) return
    const zero = literal('0', types.unknown, span)
    const isNegative = bindOperator('<', [offset, zero], span, this.#site.context)
    this.checks.push(
      {
        condition: isNull(offset, span),
        state: '22004',
        message: `frame ${name} offset must not be null`,
        span,
      },
      {
        condition: isNegative,
        state: '22013',
        message: 'invalid preceding or following size in window function',
        span,
      },
    )
  }
}

/** A number that is neither null nor below zero, whatever runs. */
function isCount(offset: Expression): boolean {
  if (offset.kind !== 'literal') return false
  const { value } = offset
  return (typeof value === 'number' || typeof value === 'bigint') && value >= 0
}

/** Keys whose sum with an offset could leave their type are compared in a wider one. */
function widened(key: Expression): Expression {
  const wider = widerType(key.type)
  return wider ? castExpression(key, wider, key.span) : key
}

function widerType({ kind }: DataType): DataType | undefined {
  if (kind === 'smallint' || kind === 'integer') return types.bigint
  if (kind === 'bigint') return numeric(0)
  if (kind === 'real') return types.double
  return kind === 'date' ? types.timestamp : undefined
}

/** What an untyped or narrower offset becomes beside a key of this type. */
function offsetType({ kind }: DataType): DataType | undefined {
  switch (kind) {
    case 'bigint':
    case 'double':
      return { kind }
    case 'date':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
    case 'interval':
      return types.interval
    default:
      return undefined
  }
}
