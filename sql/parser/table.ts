// create table, create event table, create device: columns and constraints.
import type {
  CheckConstraint,
  ColumnConstraint,
  ColumnDefinition,
  CreateDevice,
  CreateEventTable,
  CreateTable,
  CreateTableAs,
  Deferral,
  ForeignKey,
  IdentityConstraint,
  LikeTable,
  Reference,
  ReferentialAction,
  SequenceOption,
  TableConstraint,
  TableElement,
  TableKey,
} from '../ast.ts'
import type { Cursor } from './cursor.ts'
import { expression, restrictedExpression } from './expression.ts'
import {
  anyName,
  atInteger,
  identifier,
  isName,
  optionalColumns,
  optionalWithOptions,
  qualifiedName,
  typeName,
} from './name.ts'
import { query } from './query.ts'

/** After `create [unlogged|temp] table`. */
export function createTable(
  cursor: Cursor,
  start: number,
  persistence: CreateTable['persistence'],
): CreateTable | CreateTableAs {
  const ifNotExists = cursor.takeAll('if', 'not', 'exists')
  const name = qualifiedName(cursor)
  if (isTableAs(cursor)) return createTableAs(cursor, start, { name, persistence, ifNotExists })
  if (cursor.at('of') || cursor.at('partition'))
    throw cursor.unsupported(`create table … ${cursor.token.value} is not supported`)
  const elements = tableElements(cursor)
  refuseTableTail(cursor)
  const options = optionalWithOptions(cursor)
  if (cursor.at('on') && cursor.peekIs(1, 'commit'))
    throw cursor.unsupported('on commit is not supported')
  if (cursor.at('tablespace')) throw cursor.unsupported('tablespaces are not supported')
  return {
    kind: 'create_table',
    name,
    persistence,
    ifNotExists,
    elements,
    options,
    span: cursor.spanFrom(start),
  }
}

function refuseTableTail(cursor: Cursor): void {
  if (cursor.at('inherits')) throw cursor.unsupported('table inheritance is not supported')
  if (cursor.at('partition')) throw cursor.unsupported('partitioned tables are not supported')
  if (cursor.at('using')) throw cursor.unsupported('table access methods are not supported')
}

/** `as`, `with (…) as`, or `(a, b) as` with names alone. */
function isTableAs(cursor: Cursor): boolean {
  if (cursor.at('as')) return true
  if (cursor.at('with')) return true
  if (!cursor.atPunctuation('(') || !isName(cursor.peek(1))) return false
  const next = cursor.peek(2)
  return next.kind === 'punctuation' && (next.value === ',' || next.value === ')')
}

function createTableAs(
  cursor: Cursor,
  start: number,
  head: Pick<CreateTableAs, 'name' | 'persistence' | 'ifNotExists'>,
): CreateTableAs {
  const columns = optionalColumns(cursor) ?? []
  const options = optionalWithOptions(cursor)
  cursor.need('as')
  if (cursor.at('execute')) throw cursor.unsupported('create table as execute is not supported')
  const source = query(cursor)
  const withData = withDataClause(cursor)
  return {
    kind: 'create_table_as',
    ...head,
    columns,
    options,
    query: source,
    withData,
    span: cursor.spanFrom(start),
  }
}

/** `with [no] data`. */
export function withDataClause(cursor: Cursor): boolean {
  if (cursor.takeAll('with', 'no', 'data')) return false
  cursor.takeAll('with', 'data')
  return true
}

export function createEventTable(cursor: Cursor, start: number): CreateEventTable {
  const head = elementsHead(cursor)
  return { kind: 'create_event_table', ...head, span: cursor.spanFrom(start) }
}

export function createDevice(cursor: Cursor, start: number): CreateDevice {
  const head = elementsHead(cursor)
  return { kind: 'create_device', ...head, span: cursor.spanFrom(start) }
}

function elementsHead(
  cursor: Cursor,
): Pick<CreateDevice, 'name' | 'ifNotExists' | 'elements' | 'options'> {
  const ifNotExists = cursor.takeAll('if', 'not', 'exists')
  const name = qualifiedName(cursor)
  const elements = tableElements(cursor)
  const options = optionalWithOptions(cursor)
  return { name, ifNotExists, elements, options }
}

function tableElements(cursor: Cursor): readonly TableElement[] {
  cursor.needPunctuation('(')
  const elements = cursor.atPunctuation(')') ? [] : cursor.list(tableElement)
  cursor.needPunctuation(')')
  return elements
}

const constraintStarts: ReadonlySet<string> = new Set([
  'constraint',
  'primary',
  'unique',
  'check',
  'foreign',
  'exclude',
])

function tableElement(cursor: Cursor): TableElement {
  if (startsConstraint(cursor)) return tableConstraint(cursor)
  if (cursor.at('like')) return likeTable(cursor)
  return columnDefinition(cursor)
}

function startsConstraint(cursor: Cursor): boolean {
  const { kind, value } = cursor.token
  if (kind !== 'keyword' || !constraintStarts.has(value)) return false
  // `exclude` is unreserved: a column unless a clause of it follows.
  return value !== 'exclude' || cursor.peekIs(1, '(') || cursor.peekIs(1, 'using')
}

const likeParts = [
  'all',
  'comments',
  'compression',
  'constraints',
  'defaults',
  'generated',
  'identity',
  'indexes',
  'statistics',
  'storage',
] as const

function likeTable(cursor: Cursor): LikeTable {
  const { start } = cursor.advance()
  const name = qualifiedName(cursor)
  const options: { including: boolean; what: string }[] = []
  while (cursor.at('including') || cursor.at('excluding')) {
    const including = cursor.advance().value === 'including'
    const what = likeParts.find((part) => cursor.take(part))
    if (what === undefined) throw cursor.unexpected()
    options.push({ including, what })
  }
  return { kind: 'like', name, options, span: cursor.spanFrom(start) }
}

export function columnDefinition(cursor: Cursor): ColumnDefinition {
  const start = cursor.token.start
  const name = identifier(cursor)
  const type = typeName(cursor)
  let collation: ColumnDefinition['collation']
  const constraints: ColumnConstraint[] = []
  for (;;) {
    if (collation === undefined && cursor.take('collate')) {
      collation = anyName(cursor)
      continue
    }
    const constraint = columnConstraint(cursor)
    if (constraint === undefined) break
    constraints.push(constraint)
  }
  return {
    kind: 'column_definition',
    name,
    type,
    collation,
    constraints,
    span: cursor.spanFrom(start),
  }
}

function columnConstraint(cursor: Cursor): ColumnConstraint | undefined {
  const start = cursor.token.start
  const name = cursor.take('constraint') ? identifier(cursor).name : undefined
  if (cursor.takeAll('not', 'null')) return { kind: 'not_null', name, span: cursor.spanFrom(start) }
  if (cursor.take('null')) return { kind: 'null', name, span: cursor.spanFrom(start) }
  if (cursor.take('default')) {
    const value = restrictedExpression(cursor)
    return { kind: 'default_value', name, expression: value, span: cursor.spanFrom(start) }
  }
  if (cursor.at('check')) return checkConstraint(cursor, name, start)
  if (cursor.take('unique')) return columnKey(cursor, 'unique', name, start)
  if (cursor.takeAll('primary', 'key')) return columnKey(cursor, 'primary_key', name, start)
  if (cursor.take('references'))
    return { kind: 'references', name, ...reference(cursor), span: cursor.spanFrom(start) }
  if (cursor.take('generated')) return generated(cursor, name, start)
  if (name !== undefined) throw cursor.unexpected()
  return undefined
}

function columnKey(
  cursor: Cursor,
  kind: 'primary_key' | 'unique',
  name: string | undefined,
  start: number,
): ColumnConstraint {
  const nullsNotDistinct = kind === 'unique' && nullsClause(cursor)
  const deferral = deferralClause(cursor)
  return { kind, name, nullsNotDistinct, deferral, span: cursor.spanFrom(start) }
}

/** `nulls [not] distinct`. */
export function nullsClause(cursor: Cursor): boolean {
  if (cursor.takeAll('nulls', 'not', 'distinct')) return true
  cursor.takeAll('nulls', 'distinct')
  return false
}

function checkConstraint(cursor: Cursor, name: string | undefined, start: number): CheckConstraint {
  cursor.need('check')
  cursor.needPunctuation('(')
  const condition = expression(cursor)
  cursor.needPunctuation(')')
  if (cursor.at('no') && cursor.peekIs(1, 'inherit'))
    throw cursor.unsupported('no inherit is not supported')
  refuseUnenforced(cursor)
  return { kind: 'check', name, condition, span: cursor.spanFrom(start) }
}

function refuseUnenforced(cursor: Cursor): void {
  const negated = cursor.at('not') && (cursor.peekIs(1, 'enforced') || cursor.peekIs(1, 'valid'))
  if (negated) throw cursor.unsupported('constraints that are not enforced are not supported')
  cursor.take('enforced')
}

function generated(cursor: Cursor, name: string | undefined, start: number): ColumnConstraint {
  const always = cursor.take('always')
  if (!always) cursor.needAll('by', 'default')
  cursor.need('as')
  if (cursor.take('identity')) {
    const when: IdentityConstraint['when'] = always ? 'always' : 'by_default'
    const options = cursor.takePunctuation('(') ? sequenceOptions(cursor) : []
    return { kind: 'identity', name, when, options, span: cursor.spanFrom(start) }
  }
  if (!always)
    throw cursor.invalid(
      'for a generated column, generated always must be specified',
      cursor.spanFrom(start),
    )
  cursor.needPunctuation('(')
  const value = expression(cursor)
  cursor.needPunctuation(')')
  const stored = cursor.take('stored')
  if (!stored) cursor.take('virtual')
  return { kind: 'generated', name, expression: value, stored, span: cursor.spanFrom(start) }
}

function sequenceOptions(cursor: Cursor): readonly SequenceOption[] {
  const options: SequenceOption[] = []
  while (!cursor.takePunctuation(')')) options.push(sequenceOption(cursor))
  return options
}

function sequenceOption(cursor: Cursor): SequenceOption {
  const start = cursor.token.start
  const finish = (
    name: SequenceOption['name'],
    value: SequenceOption['value'],
  ): SequenceOption => ({
    name,
    value,
    span: cursor.spanFrom(start),
  })
  if (cursor.take('no')) {
    if (cursor.take('minvalue')) return finish('minvalue', undefined)
    if (cursor.take('maxvalue')) return finish('maxvalue', undefined)
    cursor.need('cycle')
    return finish('cycle', false)
  }
  if (cursor.take('cycle')) return finish('cycle', true)
  const name = (['start', 'increment', 'minvalue', 'maxvalue', 'cache'] as const).find((word) =>
    cursor.take(word),
  )
  if (name === undefined) throw cursor.unexpected()
  if (name === 'start') cursor.take('with')
  if (name === 'increment') cursor.take('by')
  return finish(name, signedDigits(cursor))
}

function signedDigits(cursor: Cursor): string {
  const sign = cursor.takeOperator('-') ? '-' : ''
  if (sign === '') cursor.takeOperator('+')
  if (!atInteger(cursor)) throw cursor.unexpected('an integer')
  return sign + cursor.advance().value
}

/** After `references`. */
function reference(cursor: Cursor): Reference {
  const parent = qualifiedName(cursor)
  const parentColumns = optionalColumns(cursor)
  const match = matchClause(cursor)
  let onDelete: ReferentialAction | undefined
  let onUpdate: ReferentialAction | undefined
  while (cursor.at('on')) {
    if (onDelete === undefined && cursor.takeAll('on', 'delete'))
      onDelete = referentialAction(cursor)
    else if (onUpdate === undefined && cursor.takeAll('on', 'update'))
      onUpdate = referentialAction(cursor)
    else throw cursor.unexpected()
  }
  const deferral = deferralClause(cursor)
  refuseUnenforced(cursor)
  return {
    parent,
    parentColumns,
    match,
    onDelete: onDelete ?? 'no_action',
    onUpdate: onUpdate ?? 'no_action',
    deferral,
  }
}

function matchClause(cursor: Cursor): Reference['match'] {
  if (!cursor.take('match')) return 'simple'
  const match = (['full', 'partial', 'simple'] as const).find((word) => cursor.take(word))
  if (match === undefined) throw cursor.unexpected()
  return match
}

function referentialAction(cursor: Cursor): ReferentialAction {
  if (cursor.takeAll('no', 'action')) return 'no_action'
  if (cursor.take('restrict')) return 'restrict'
  if (cursor.take('cascade')) return 'cascade'
  cursor.need('set')
  const isNull = cursor.take('null')
  if (!isNull) cursor.need('default')
  if (cursor.atPunctuation('('))
    throw cursor.unsupported('set null and set default of some columns are not supported')
  return isNull ? 'set_null' : 'set_default'
}

function deferralClause(cursor: Cursor): Deferral {
  const notDeferrable = cursor.takeAll('not', 'deferrable')
  const deferrable = !notDeferrable && cursor.take('deferrable')
  const deferred = !notDeferrable && cursor.takeAll('initially', 'deferred')
  if (deferred) {
    cursor.take('deferrable')
    return 'deferred'
  }
  const initially = cursor.takeAll('initially', 'immediate')
  const late = initially && !deferrable && !notDeferrable && cursor.take('deferrable')
  return deferrable || late ? 'deferrable' : 'immediate'
}

/** A constraint of the table: `[constraint name] primary key (…)` and so on. */
export function tableConstraint(cursor: Cursor): TableConstraint {
  const start = cursor.token.start
  const name = cursor.take('constraint') ? identifier(cursor).name : undefined
  if (cursor.at('check')) return checkConstraint(cursor, name, start)
  if (cursor.at('exclude')) throw cursor.unsupported('exclusion constraints are not supported')
  if (cursor.takeAll('foreign', 'key')) {
    const columns = cursor.parenthesized(identifier)
    cursor.need('references')
    const node: ForeignKey = {
      kind: 'foreign_key',
      name,
      columns,
      ...reference(cursor),
      span: cursor.spanFrom(start),
    }
    return node
  }
  const primary = cursor.takeAll('primary', 'key')
  if (!primary) cursor.need('unique')
  return tableKey(cursor, primary, name, start)
}

function tableKey(
  cursor: Cursor,
  primary: boolean,
  name: string | undefined,
  start: number,
): TableKey {
  const nullsNotDistinct = !primary && nullsClause(cursor)
  if (cursor.at('using'))
    throw cursor.unsupported('constraints over an existing index are not supported')
  const columns = cursor.parenthesized(identifier)
  const include = cursor.take('include') ? cursor.parenthesized(identifier) : []
  const deferral = deferralClause(cursor)
  return {
    kind: 'table_key',
    name,
    primary,
    columns,
    include,
    nullsNotDistinct,
    deferral,
    span: cursor.spanFrom(start),
  }
}
