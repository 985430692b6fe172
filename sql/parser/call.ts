// Calls: arguments, and what aggregates and windows add; and SQL's special forms, whose unusual
// commas are made into ordinary calls or nodes of their own.
import type {
  Argument,
  Call,
  Expression,
  Identifier,
  QualifiedName,
  SortItem,
  WindowSpecification,
} from '../ast.ts'
import type { Cursor } from './cursor.ts'
import { expression, restrictedExpression } from './expression.ts'
import { isFunctionName, isName, label } from './name.ts'
import { sortItems } from './sort.ts'
import { windowReference } from './window.ts'

/** What stands between the parentheses of a call. */
interface CallArguments {
  readonly arguments: readonly Argument[]
  readonly star: boolean
  readonly distinct: boolean
  readonly variadic: boolean
  readonly order: readonly SortItem[]
}

const kNoArguments: CallArguments = {
  arguments: [],
  star: false,
  distinct: false,
  variadic: false,
  order: [],
}

/** A call of the function named by `parts`, at its opening parenthesis. */
export function call(cursor: Cursor, parts: readonly Identifier[], start: number): Call {
  const [name, schema, tooMany] = parts.toReversed()
  if (name === undefined || tooMany !== undefined)
    throw cursor.unsupported('names of three parts are not supported')
  const qualified: QualifiedName = {
    schema: schema?.name,
    name: name.name,
    span: cursor.spanFrom(start),
  }
  cursor.needPunctuation('(')
  const inner = callArguments(cursor)
  cursor.needPunctuation(')')
  return {
    kind: 'call',
    function: qualified,
    ...inner,
    ...afterCall(cursor),
    span: cursor.spanFrom(start),
  }
}

function callArguments(cursor: Cursor): CallArguments {
  if (cursor.atPunctuation(')')) return kNoArguments
  if (cursor.takeOperator('*')) return { ...kNoArguments, star: true }
  const distinct = cursor.take('distinct')
  const all = !distinct && cursor.take('all')
  const list: Argument[] = []
  let variadic = false
  do {
    variadic = !distinct && !all && cursor.take('variadic')
    list.push(argument(cursor))
  } while (!variadic && cursor.takePunctuation(','))
  return { arguments: list, star: false, distinct, variadic, order: sortItems(cursor) }
}

/** `value`, `name => value` or `name := value`. */
export function argument(cursor: Cursor): Argument {
  const start = cursor.token.start
  const isNamed = isArgumentName(cursor)
  const name = isNamed ? label(cursor).name : undefined
  if (isNamed) cursor.advance()
  const value = expression(cursor)
  return { name, value, span: cursor.spanFrom(start) }
}

function isArgumentName(cursor: Cursor): boolean {
  const next = cursor.peek(1)
  if (next.kind !== 'punctuation' || (next.value !== '=>' && next.value !== ':=')) return false
  return isFunctionName(cursor.token) || isName(cursor.token)
}

interface AfterCall {
  readonly withinGroup: readonly SortItem[]
  readonly filter: Expression | undefined
  readonly over: WindowSpecification | undefined
}

function afterCall(cursor: Cursor): AfterCall {
  const withinGroup = withinGroupClause(cursor)
  return { withinGroup, filter: filterClause(cursor), over: overClause(cursor) }
}

function withinGroupClause(cursor: Cursor): readonly SortItem[] {
  // Inside a coroutine `within` also bounds an await, and then no `group` follows.
  if (!cursor.takeAll('within', 'group')) return []
  cursor.needPunctuation('(')
  if (!cursor.at('order')) throw cursor.unexpected()
  const items = sortItems(cursor)
  cursor.needPunctuation(')')
  return items
}

export function filterClause(cursor: Cursor): Expression | undefined {
  if (!cursor.takeAll('filter', '(')) return undefined
  cursor.need('where')
  const condition = expression(cursor)
  cursor.needPunctuation(')')
  return condition
}

export function overClause(cursor: Cursor): WindowSpecification | undefined {
  return cursor.take('over') ? windowReference(cursor) : undefined
}

/** A plain call of the function `name`, as a special form stands for. */
function plainCall(
  cursor: Cursor,
  name: string,
  values: readonly Expression[],
  start: number,
): Call {
  return {
    kind: 'call',
    function: { schema: undefined, name, span: cursor.spanFrom(start) },
    ...kNoArguments,
    arguments: values.map((value) => ({ name: undefined, value, span: value.span })),
    withinGroup: [],
    filter: undefined,
    over: undefined,
    span: cursor.spanFrom(start),
  }
}

/** `name(value, …)` with a fixed number of values, or at least one. */
function fixedForm(name: string, count?: number): SpecialForm {
  return (cursor) => {
    const { start } = cursor.advance()
    const values = cursor.parenthesized(expression)
    if (count !== undefined && values.length !== count) {
      throw cursor.invalid(`${name} takes ${String(count)} arguments`, cursor.spanFrom(start))
    }
    return plainCall(cursor, name, values, start)
  }
}

/** `extract(field from source)`. */
function extract(cursor: Cursor): Expression {
  const { start } = cursor.advance()
  cursor.needPunctuation('(')
  const { kind, value } = cursor.token
  if (kind !== 'identifier' && kind !== 'string' && kind !== 'keyword')
    throw cursor.unexpected('a field')
  cursor.advance()
  cursor.need('from')
  const source = expression(cursor)
  cursor.needPunctuation(')')
  return { kind: 'extract', field: value.toLowerCase(), source, span: cursor.spanFrom(start) }
}

/** `position(part in whole)`. */
function position(cursor: Cursor): Expression {
  const { start } = cursor.advance()
  cursor.needPunctuation('(')
  const part = restrictedExpression(cursor)
  cursor.need('in')
  const whole = restrictedExpression(cursor)
  cursor.needPunctuation(')')
  return plainCall(cursor, 'strpos', [whole, part], start)
}

/**
 * `substring(s from a for b)`, either part alone or first, `substring(s similar p escape e)`, or a
 * plain call.
 */
function substring(cursor: Cursor): Expression {
  const { start } = cursor.token
  const name = label(cursor)
  cursor.needPunctuation('(')
  const first = callArguments(cursor)
  const values = first.arguments.map((each) => each.value)
  if (values.length === 1) values.push(...substringBounds(cursor))
  cursor.needPunctuation(')')
  if (values.length === first.arguments.length) {
    return {
      kind: 'call',
      function: { ...name, schema: undefined },
      ...first,
      ...afterCall(cursor),
      span: cursor.spanFrom(start),
    }
  }
  return plainCall(cursor, 'substring', values, start)
}

function substringBounds(cursor: Cursor): readonly Expression[] {
  if (cursor.take('from')) {
    const from = expression(cursor)
    return cursor.take('for') ? [from, expression(cursor)] : [from]
  }
  if (cursor.take('for')) {
    const count = expression(cursor)
    if (cursor.take('from')) return [expression(cursor), count]
    return [
      { kind: 'number', text: '1', span: { start: count.span.start, end: count.span.start } },
      count,
    ]
  }
  if (!cursor.take('similar')) return []
  const pattern = expression(cursor)
  cursor.need('escape')
  return [pattern, expression(cursor)]
}

/** `overlay(s placing t from a [for b])`, or a plain call. */
function overlay(cursor: Cursor): Expression {
  const { start } = cursor.advance()
  cursor.needPunctuation('(')
  const values = callArguments(cursor).arguments.map((each) => each.value)
  if (values.length === 1 && cursor.take('placing')) {
    values.push(expression(cursor))
    cursor.need('from')
    values.push(expression(cursor))
    if (cursor.take('for')) values.push(expression(cursor))
  }
  cursor.needPunctuation(')')
  return plainCall(cursor, 'overlay', values, start)
}

/** `trim([both|leading|trailing] [characters] from s)`: PostgreSQL's btrim, ltrim, rtrim. */
function trim(cursor: Cursor): Expression {
  const { start } = cursor.advance()
  cursor.needPunctuation('(')
  const side =
    (['both', 'leading', 'trailing'] as const).find((word) => cursor.take(word)) ?? 'both'
  const characters = cursor.at('from') ? [] : cursor.list(expression)
  const hasFrom = characters.length < 2 && cursor.take('from')
  const values = hasFrom ? [...cursor.list(expression), ...characters] : characters
  cursor.needPunctuation(')')
  return plainCall(
    cursor,
    { both: 'btrim', leading: 'ltrim', trailing: 'rtrim' }[side],
    values,
    start,
  )
}

/** `normalize(s [, form])`. */
function normalize(cursor: Cursor): Expression {
  const { start } = cursor.advance()
  cursor.needPunctuation('(')
  const values = [expression(cursor)]
  if (cursor.takePunctuation(',')) {
    const { value, start: from, end } = cursor.token
    if (!['nfc', 'nfd', 'nfkc', 'nfkd'].includes(value))
      throw cursor.unexpected('nfc', 'nfd', 'nfkc', 'nfkd')
    cursor.advance()
    values.push({ kind: 'string', value, span: { start: from, end } })
  }
  cursor.needPunctuation(')')
  return plainCall(cursor, 'normalize', values, start)
}

function unsupportedForm(cursor: Cursor): Expression {
  throw cursor.unsupported(`${cursor.token.value}(…) is not supported`)
}

type SpecialForm = (cursor: Cursor) => Expression

/** Functions whose names are keywords that cannot name others, each followed by `(`. */
export const specialFunctions: ReadonlyMap<string, SpecialForm> = new Map<string, SpecialForm>([
  ['coalesce', fixedForm('coalesce')],
  ['greatest', fixedForm('greatest')],
  ['least', fixedForm('least')],
  ['nullif', fixedForm('nullif', 2)],
  ['grouping', fixedForm('grouping')],
  ['extract', extract],
  ['position', position],
  ['substring', substring],
  ['overlay', overlay],
  ['trim', trim],
  ['normalize', normalize],
  ...[
    'treat',
    'merge_action',
    'collation',
    'json_value',
    'json_query',
    'json_exists',
    'json_table',
    'xmlconcat',
    'xmlelement',
    'xmlexists',
    'xmlforest',
    'xmlparse',
    'xmlpi',
    'xmlroot',
    'xmlserialize',
    'xmltable',
  ].map((name) => [name, unsupportedForm] as const),
])
