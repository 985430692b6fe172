// Operators of expressions, by precedence climbing. The levels and the rules of associativity are
// those of PostgreSQL's gram.y, also where they surprise.
import type { Binary, Expression, Is, PatternMatch, Quantified } from '../ast.ts'
import type { Cursor } from './cursor.ts'
import { anyName, typeName } from './name.ts'
import { parenthesizedBody } from './parentheses.ts'
import { primary } from './primary.ts'

/** Weakest first. */
const level = {
  lowest: 0,
  or: 1,
  and: 2,
  not: 3,
  is: 4,
  comparison: 5,
  range: 6,
  other: 7,
  sum: 8,
  product: 9,
  power: 10,
  at: 11,
  collate: 12,
  sign: 13,
  cast: 15,
} as const

/** What the operators around an expression permit inside it. */
interface Bounds {
  /** Operators weaker than this belong to somebody further out. */
  readonly minimum: number
  /**
   * No and, or, not, in, like, between or is null (PostgreSQL's b_expr): before `and`, in defaults.
   */
  readonly restricted: boolean
}

const kAnything: Bounds = { minimum: level.lowest, restricted: false }
const kRestricted: Bounds = { minimum: level.lowest, restricted: true }

const boundsByLevel: readonly Bounds[] = Array.from({ length: level.cast + 2 }, (_, minimum) => ({
  minimum,
  restricted: false,
}))
const restrictedByLevel: readonly Bounds[] = boundsByLevel.map(({ minimum }) => ({
  minimum,
  restricted: true,
}))

/** The bounds of an operand, which inherits the restriction. */
function operandBounds(minimum: number, outer: Bounds): Bounds {
  return (outer.restricted ? restrictedByLevel : boundsByLevel)[minimum] ?? outer
}

export function expression(cursor: Cursor): Expression {
  return within(cursor, kAnything)
}

/** An expression without the operators that a following `and`, `in` or constraint would need. */
export function restrictedExpression(cursor: Cursor): Expression {
  return within(cursor, kRestricted)
}

/** Goes on with operators after an operand that was parsed already. */
export function expressionAfter(cursor: Cursor, left: Expression, start: number): Expression {
  return operators(cursor, left, start, kAnything)
}

function within(cursor: Cursor, bounds: Bounds): Expression {
  cursor.enter()
  const siblings = cursor.height
  cursor.height = 0
  const start = cursor.token.start
  const result = operators(cursor, operand(cursor, bounds), start, bounds)
  if (siblings > cursor.height) cursor.height = siblings
  cursor.leave()
  return result
}

function operand(cursor: Cursor, bounds: Bounds): Expression {
  const { kind, value, start, end } = cursor.token
  if (kind === 'keyword' && value === 'not' && !bounds.restricted) {
    cursor.advance()
    const negated = within(cursor, operandBounds(level.not, bounds))
    return { kind: 'not', operand: negated, span: cursor.spanFrom(start) }
  }
  if (kind !== 'operator' || value === '*' || value === '|>') return primary(cursor)
  const isSign = value === '-' || value === '+'
  if (!isSign && symbolOperators.has(value)) throw cursor.unexpected('an expression')
  cursor.advance()
  const inner = within(cursor, operandBounds(isSign ? level.sign : level.sum, bounds))
  const operatorSpan = { start, end }
  return {
    kind: 'unary',
    operator: value,
    operand: inner,
    operatorSpan,
    span: cursor.spanFrom(start),
  }
}

/** Applies operators to `left` for as long as they are strong enough. */
function operators(cursor: Cursor, first: Expression, start: number, bounds: Bounds): Expression {
  let left = first
  let height = cursor.height + 1
  // Of the operator applied last, if it is one that cannot be chained: a < b < c.
  let unchainable = -1
  for (;;) {
    const found = operatorAt(cursor, bounds)
    if (found === undefined || found.level < bounds.minimum) break
    if (found.level === unchainable) throw cursor.unexpected().with({ hint: kUnchainable })
    cursor.height = 0
    left = found.apply(cursor, left, start, bounds)
    height = Math.max(height, cursor.height) + 1
    cursor.grow(height)
    unchainable = isUnchainable(found, left) ? found.level : -1
  }
  cursor.height = height
  return left
}

const kUnchainable = 'Comparisons do not chain. Write parentheses, or two comparisons with "and".'

/**
 * What ends in an operand and does not associate; what ends in a parenthesis or a word may go on.
 */
function isUnchainable(operator: Operator, result: Expression): boolean {
  const { kind } = result
  return (
    (operator === comparison && kind === 'binary') ||
    kind === 'between' ||
    kind === 'pattern' ||
    kind === 'is_distinct'
  )
}

/** An operator that stands after its first operand. */
interface Operator {
  readonly level: number
  /** May stand in a restricted expression. */
  readonly plain?: boolean
  apply(cursor: Cursor, left: Expression, start: number, bounds: Bounds): Expression
}

function operatorAt(cursor: Cursor, bounds: Bounds): Operator | undefined {
  const { kind, value } = cursor.token
  if (kind === 'operator')
    return value === '|>' ? undefined : (symbolOperators.get(value) ?? otherOperator)
  if (kind === 'punctuation') return value === '::' ? castOperator : undefined
  if (kind !== 'keyword') return undefined
  const found = keywordOperators.get(value)
  if (found === undefined || !isComplete(cursor, value)) return undefined
  return bounds.restricted && found.plain !== true && !isDistinctAhead(cursor) ? undefined : found
}

/** Words that are operators only with another one after them. */
function isComplete(cursor: Cursor, word: string): boolean {
  if (word === 'similar') return cursor.peekIs(1, 'to')
  if (word === 'operator') return cursor.peekIs(1, '(')
  if (word !== 'not') return true
  return (
    negatable.has(cursor.peek(1).value) && (!cursor.peekIs(1, 'similar') || cursor.peekIs(2, 'to'))
  )
}

function isDistinctAhead(cursor: Cursor): boolean {
  if (!cursor.at('is')) return false
  return cursor.peekIs(1, 'distinct') || (cursor.peekIs(1, 'not') && cursor.peekIs(2, 'distinct'))
}

function symbol(operatorLevel: number): Operator {
  return {
    level: operatorLevel,
    plain: true,
    apply: (cursor, left, start, bounds) =>
      symbolOperator(cursor, left, start, operandBounds(operatorLevel + 1, bounds)),
  }
}

function symbolOperator(
  cursor: Cursor,
  left: Expression,
  start: number,
  rightBounds: Bounds,
): Expression {
  const { value: operator, start: from, end } = cursor.advance()
  const quantifier = quantifierAt(cursor)
  if (quantifier !== undefined) return quantified(cursor, left, start, operator, quantifier)
  const right = within(cursor, rightBounds)
  const node: Binary = {
    kind: 'binary',
    operator,
    left,
    right,
    operatorSpan: { start: from, end },
    span: cursor.spanFrom(start),
  }
  return node
}

function quantifierAt(cursor: Cursor): Quantified['quantifier'] | undefined {
  const { kind, value } = cursor.token
  if (kind !== 'keyword' || !cursor.peekIs(1, '(')) return undefined
  if (value === 'all') return 'all'
  return value === 'any' || value === 'some' ? 'any' : undefined
}

function quantified(
  cursor: Cursor,
  left: Expression,
  start: number,
  operator: string,
  quantifier: Quantified['quantifier'],
): Expression {
  cursor.advance()
  const body = parenthesizedBody(cursor)
  const [only, second] = body.kind === 'query' ? [body.query] : body.items
  if (only === undefined || second !== undefined)
    throw cursor.invalid('one array or query may stand here', body.span)
  return {
    kind: 'quantified',
    quantifier,
    operator,
    left,
    right: only,
    span: cursor.spanFrom(start),
  }
}

const comparison = symbol(level.comparison)
const otherOperator = symbol(level.other)
const symbolOperators: ReadonlyMap<string, Operator> = new Map([
  ...['<', '>', '=', '<=', '>=', '<>'].map((text) => [text, comparison] as const),
  ...['+', '-'].map((text) => [text, symbol(level.sum)] as const),
  ...['*', '/', '%'].map((text) => [text, symbol(level.product)] as const),
  ['^', symbol(level.power)],
])

const castOperator: Operator = {
  level: level.cast,
  plain: true,
  apply(cursor, left, start) {
    cursor.advance()
    const type = typeName(cursor)
    return { kind: 'cast', operand: left, type, span: cursor.spanFrom(start) }
  },
}

/** and, or: one node for a whole chain. */
function connective(kind: 'and' | 'or'): Operator {
  return {
    level: level[kind],
    apply(cursor, left, start, bounds) {
      const operands = [left]
      while (cursor.take(kind))
        operands.push(within(cursor, operandBounds(level[kind] + 1, bounds)))
      return { kind, operands, span: cursor.spanFrom(start) }
    },
  }
}

const isOperator: Operator = {
  level: level.is,
  apply(cursor, left, start, bounds) {
    cursor.advance()
    const negated = cursor.take('not')
    if (cursor.take('distinct')) {
      cursor.need('from')
      const right = within(cursor, operandBounds(level.is + 1, bounds))
      return { kind: 'is_distinct', negated, left, right, span: cursor.spanFrom(start) }
    }
    return {
      kind: 'is',
      test: isTest(cursor),
      negated,
      operand: left,
      span: cursor.spanFrom(start),
    }
  },
}

function isTest(cursor: Cursor): Is['test'] {
  const simple = (['null', 'true', 'false', 'unknown', 'document', 'normalized'] as const).find(
    (test) => cursor.take(test),
  )
  if (simple !== undefined) return simple
  if (normalForms.has(cursor.token.value) && cursor.peekIs(1, 'normalized')) {
    throw cursor.unsupported('normal forms other than NFC are not supported')
  }
  if (!cursor.take('json')) throw cursor.unexpected()
  const kind = (['object', 'array', 'scalar'] as const).find((form) => cursor.take(form))
  if (kind === undefined) cursor.take('value')
  if (cursor.at('with') && cursor.peekIs(1, 'unique'))
    throw cursor.unsupported('the test for unique keys is not supported')
  if (cursor.takeAll('without', 'unique')) cursor.take('keys')
  return kind === undefined ? 'json' : `json_${kind}`
}

const normalForms: ReadonlySet<string> = new Set(['nfc', 'nfd', 'nfkc', 'nfkd'])

function nullTest(negated: boolean): Operator {
  return {
    level: level.is,
    apply(cursor, left, start) {
      cursor.advance()
      return { kind: 'is', test: 'null', negated, operand: left, span: cursor.spanFrom(start) }
    },
  }
}

const negatable: ReadonlySet<string> = new Set(['between', 'in', 'like', 'ilike', 'similar'])

/** between, in, like, ilike, similar to, with an optional `not` before. */
const rangeOperator: Operator = {
  level: level.range,
  apply(cursor, left, start, bounds) {
    const negated = cursor.take('not')
    const word = cursor.advance().value
    if (word === 'between') return between(cursor, left, start, negated, bounds)
    if (word === 'in') return membership(cursor, left, start, negated)
    if (word === 'similar') cursor.need('to')
    return pattern(cursor, left, start, negated, word as PatternMatch['form'], bounds)
  },
}

function between(
  cursor: Cursor,
  operandLeft: Expression,
  start: number,
  negated: boolean,
  bounds: Bounds,
): Expression {
  const symmetric = cursor.take('symmetric')
  if (!symmetric) cursor.take('asymmetric')
  const low = restrictedExpression(cursor)
  cursor.need('and')
  const high = within(cursor, operandBounds(level.range + 1, bounds))
  return {
    kind: 'between',
    operand: operandLeft,
    low,
    high,
    symmetric,
    negated,
    span: cursor.spanFrom(start),
  }
}

function membership(cursor: Cursor, left: Expression, start: number, negated: boolean): Expression {
  const body = parenthesizedBody(cursor)
  const span = cursor.spanFrom(start)
  if (body.kind === 'query')
    return { kind: 'in_subquery', operand: left, query: body.query, negated, span }
  return { kind: 'in_list', operand: left, items: body.items, negated, span }
}

const likeOperators = { like: '~~', ilike: '~~*' } as const

function pattern(
  cursor: Cursor,
  left: Expression,
  start: number,
  negated: boolean,
  form: PatternMatch['form'],
  bounds: Bounds,
): Expression {
  const quantifier = form === 'similar' ? undefined : quantifierAt(cursor)
  if (quantifier !== undefined && form !== 'similar') {
    const operator = likeOperators[form]
    return quantified(cursor, left, start, negated ? `!${operator}` : operator, quantifier)
  }
  const rightBounds = operandBounds(level.range + 1, bounds)
  const right = within(cursor, rightBounds)
  const escape = cursor.take('escape') ? within(cursor, rightBounds) : undefined
  return {
    kind: 'pattern',
    form,
    operand: left,
    pattern: right,
    escape,
    negated,
    span: cursor.spanFrom(start),
  }
}

const atZone: Operator = {
  level: level.at,
  apply(cursor, left, start, bounds) {
    cursor.advance()
    if (cursor.take('local'))
      return { kind: 'at_time_zone', operand: left, zone: undefined, span: cursor.spanFrom(start) }
    cursor.needAll('time', 'zone')
    const zone = within(cursor, operandBounds(level.at + 1, bounds))
    return { kind: 'at_time_zone', operand: left, zone, span: cursor.spanFrom(start) }
  },
}

const collate: Operator = {
  level: level.collate,
  apply(cursor, left, start) {
    cursor.advance()
    const collation = anyName(cursor)
    return { kind: 'collate', operand: left, collation, span: cursor.spanFrom(start) }
  },
}

/** `(start, end) overlaps (start, end)` is a function of four arguments. */
const overlaps: Operator = {
  level: level.other,
  apply(cursor, left, start, bounds) {
    const { start: from, end } = cursor.token
    if (left.kind !== 'row' || left.items.length !== 2) throw cursor.unexpected()
    cursor.advance()
    const right = within(cursor, operandBounds(level.other + 1, bounds))
    if (right.kind !== 'row' || right.items.length !== 2)
      throw cursor.invalid('overlaps needs a row of two', right.span)
    const values = [...left.items, ...right.items]
    return {
      kind: 'call',
      function: { schema: undefined, name: 'overlaps', span: { start: from, end } },
      arguments: values.map((value) => ({ name: undefined, value, span: value.span })),
      star: false,
      distinct: false,
      variadic: false,
      order: [],
      withinGroup: [],
      filter: undefined,
      over: undefined,
      span: cursor.spanFrom(start),
    }
  },
}

const qualifiedOperator: Operator = {
  level: level.other,
  plain: true,
  apply(cursor) {
    throw cursor.unsupported('operator(…) is not supported', 'Write the operator itself.')
  },
}

const keywordOperators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['and', connective('and')],
  ['or', connective('or')],
  ['is', isOperator],
  ['isnull', nullTest(false)],
  ['notnull', nullTest(true)],
  ['not', rangeOperator],
  ['between', rangeOperator],
  ['in', rangeOperator],
  ['like', rangeOperator],
  ['ilike', rangeOperator],
  ['similar', rangeOperator],
  ['at', atZone],
  ['collate', collate],
  ['overlaps', overlaps],
  ['operator', qualifiedOperator],
])
