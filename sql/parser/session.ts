// Statements about the session and the engine: transactions, prepared statements, settings, copy,
// explain, subscribe, truncate.
import type {
  Copy,
  Deallocate,
  Execute,
  Explain,
  Option,
  Prepare,
  SetVariable,
  ShowVariable,
  Subscribe,
  Transaction,
  Truncate,
} from '../ast.ts'
import { whereClause } from './change.ts'
import type { Cursor } from './cursor.ts'
import { expression } from './expression.ts'
import {
  identifier,
  label,
  optionalColumns,
  optionalWithOptions,
  optionValue,
  qualifiedName,
  stringLiteral,
  typeName,
} from './name.ts'
import { query } from './query.ts'
import { rowSource } from './row-source.ts'
import { statement } from './statement.ts'

type TransactionParts = Partial<Omit<Transaction, 'kind' | 'action' | 'span'>>

function transaction(
  cursor: Cursor,
  start: number,
  action: Transaction['action'],
  parts: TransactionParts = {},
): Transaction {
  return {
    kind: 'transaction',
    action,
    isolation: undefined,
    readOnly: undefined,
    chain: false,
    savepoint: undefined,
    ...parts,
    span: cursor.spanFrom(start),
  }
}

/** `begin [work]` and `start transaction`, with modes. */
export function begin(cursor: Cursor): Transaction {
  const { start, value } = cursor.advance()
  if (value === 'start') cursor.need('transaction')
  else if (!cursor.take('work')) cursor.take('transaction')
  const modes = transactionModes(cursor)
  return transaction(cursor, start, 'begin', modes)
}

function transactionModes(cursor: Cursor): TransactionParts {
  let modes: TransactionParts = {}
  for (let more = true; more;) {
    const mode = transactionMode(cursor)
    if (mode === undefined) return modes
    modes = { ...modes, ...mode }
    cursor.takePunctuation(',')
    more = cursor.token.kind === 'keyword'
  }
  return modes
}

const isolationLevels = [
  ['serializable'],
  ['repeatable', 'read'],
  ['read', 'committed'],
  ['read', 'uncommitted'],
] as const

function transactionMode(cursor: Cursor): TransactionParts | undefined {
  if (cursor.takeAll('read', 'only')) return { readOnly: true }
  if (cursor.takeAll('read', 'write')) return { readOnly: false }
  if (cursor.takeAll('not', 'deferrable') || cursor.take('deferrable')) return {}
  if (!cursor.takeAll('isolation', 'level')) return undefined
  const words = isolationLevels.find((candidate) => cursor.takeAll(...candidate))
  if (words === undefined) throw cursor.unexpected()
  return { isolation: words.join(' ') as Transaction['isolation'] }
}

/** `commit`, `end`, `rollback`, `abort`, `rollback to savepoint`. */
export function endTransaction(cursor: Cursor): Transaction {
  const { start, value } = cursor.advance()
  const action = value === 'commit' || value === 'end' ? 'commit' : 'rollback'
  if (cursor.at('prepared')) throw cursor.unsupported('two-phase commit is not supported')
  if (!cursor.take('work')) cursor.take('transaction')
  if (value === 'rollback' && cursor.take('to')) {
    cursor.take('savepoint')
    const savepoint = identifier(cursor)
    return transaction(cursor, start, 'rollback_to', { savepoint })
  }
  const chain = cursor.takeAll('and', 'chain')
  if (!chain) cursor.takeAll('and', 'no', 'chain')
  return transaction(cursor, start, action, { chain })
}

export function savepoint(cursor: Cursor): Transaction {
  const { start } = cursor.advance()
  return transaction(cursor, start, 'savepoint', { savepoint: identifier(cursor) })
}

export function release(cursor: Cursor): Transaction {
  const { start } = cursor.advance()
  cursor.take('savepoint')
  return transaction(cursor, start, 'release', { savepoint: identifier(cursor) })
}

export function prepare(cursor: Cursor): Prepare {
  const { start } = cursor.advance()
  if (cursor.at('transaction')) throw cursor.unsupported('two-phase commit is not supported')
  const name = identifier(cursor)
  const types = cursor.atPunctuation('(') ? cursor.parenthesized(typeName) : []
  cursor.need('as')
  return {
    kind: 'prepare',
    name,
    types,
    statement: rowSource(cursor),
    span: cursor.spanFrom(start),
  }
}

export function execute(cursor: Cursor): Execute {
  const { start } = cursor.advance()
  const name = identifier(cursor)
  const list = cursor.atPunctuation('(') ? cursor.parenthesized(expression) : []
  return { kind: 'execute', name, arguments: list, span: cursor.spanFrom(start) }
}

export function deallocate(cursor: Cursor): Deallocate {
  const { start } = cursor.advance()
  cursor.take('prepare')
  const name = cursor.take('all') ? undefined : identifier(cursor)
  return { kind: 'deallocate', name, span: cursor.spanFrom(start) }
}

/** `set [session|local] name {to|=} {value {, value}|default}`, and `set time zone`. */
export function setVariable(cursor: Cursor): SetVariable {
  const { start } = cursor.advance()
  const isSession =
    cursor.peekIs(0, 'session') &&
    !cursor.peekIs(1, 'characteristics') &&
    !cursor.peekIs(1, 'authorization')
  const local = cursor.take('local')
  if (!local && isSession) cursor.advance()
  const scope = local ? 'local' : 'session'
  for (const word of ['transaction', 'constraints', 'role', 'session'] as const) {
    const isName = cursor.peekIs(1, 'to') || cursor.peek(1).value === '='
    if (cursor.at(word) && !isName) throw cursor.unsupported(`set ${word} is not supported`)
  }
  if (cursor.takeAll('time', 'zone')) {
    const values =
      cursor.take('default') || cursor.take('local') ? undefined : [optionValue(cursor)]
    return { kind: 'set', scope, name: 'timezone', values, span: cursor.spanFrom(start) }
  }
  const name = variableName(cursor)
  if (!cursor.take('to')) cursor.needOperator('=')
  const values = cursor.take('default') ? undefined : cursor.list(optionValue)
  return { kind: 'set', scope, name, values, span: cursor.spanFrom(start) }
}

export function reset(cursor: Cursor): SetVariable {
  const { start } = cursor.advance()
  if (cursor.at('all')) throw cursor.unsupported('reset all is not supported')
  const name = cursor.takeAll('time', 'zone') ? 'timezone' : variableName(cursor)
  return { kind: 'set', scope: 'session', name, values: undefined, span: cursor.spanFrom(start) }
}

function variableName(cursor: Cursor): string {
  const parts = [identifier(cursor).name]
  while (cursor.takePunctuation('.')) parts.push(label(cursor).name)
  return parts.join('.')
}

export function show(cursor: Cursor): ShowVariable {
  const { start } = cursor.advance()
  const isAll = cursor.take('all')
  const name = isAll
    ? undefined
    : cursor.takeAll('time', 'zone')
      ? 'timezone'
      : cursor.takeAll('transaction', 'isolation', 'level')
        ? 'transaction_isolation'
        : variableName(cursor)
  return { kind: 'show', name, span: cursor.spanFrom(start) }
}

const explainable: ReadonlySet<string> = new Set([
  'select',
  'insert',
  'update',
  'delete',
  'merge',
  'with',
  'values',
  'table',
  'from',
  '(',
  'create',
  'execute',
  'subscribe',
])

const explainShows = ['program', 'rules', 'grid'] as const

/** `explain [analyze] [verbose]` or `explain (option, …)`. */
export function explain(cursor: Cursor): Explain {
  const { start } = cursor.advance()
  const options = explainOptions(cursor)
  const isOn = (name: string): boolean =>
    options.some((each) => each.name === name && each.value !== false && each.value !== 'off')
  const show = explainShows.find(isOn) ?? 'plan'
  const rest = options.filter(
    (each) => each.name !== 'analyze' && !explainShows.some((word) => word === each.name),
  )
  if (!explainable.has(cursor.token.value)) throw cursor.unexpected(...explainable)
  const inner = statement(cursor)
  return {
    kind: 'explain',
    show,
    analyze: isOn('analyze'),
    options: rest,
    statement: inner,
    span: cursor.spanFrom(start),
  }
}

function explainOptions(cursor: Cursor): readonly Option[] {
  if (cursor.atPunctuation('(') && !opensQuery(cursor)) return cursor.parenthesized(explainOption)
  const options: Option[] = []
  for (const name of ['analyze', 'verbose'] as const) {
    const { start, end } = cursor.token
    const taken = cursor.take(name) || (name === 'analyze' && cursor.take('analyse'))
    if (taken) options.push({ name, value: undefined, span: { start, end } })
  }
  return options
}

const queryWords: ReadonlySet<string> = new Set(['select', 'with', 'values', 'table', '(', 'from'])

function opensQuery(cursor: Cursor): boolean {
  return queryWords.has(cursor.peek(1).value)
}

function explainOption(cursor: Cursor): Option {
  const start = cursor.token.start
  const { name } = label(cursor)
  const hasValue = !cursor.atPunctuation(',') && !cursor.atPunctuation(')')
  const value = hasValue ? optionValue(cursor) : undefined
  return { name: name === 'analyse' ? 'analyze' : name, value, span: cursor.spanFrom(start) }
}

export function subscribe(cursor: Cursor): Subscribe {
  const { start } = cursor.advance()
  const source = query(cursor)
  const options = optionalWithOptions(cursor)
  return { kind: 'subscribe', query: source, options, span: cursor.spanFrom(start) }
}

export function truncate(cursor: Cursor): Truncate {
  const { start } = cursor.advance()
  cursor.take('table')
  const tables = cursor.list((inner) => {
    inner.take('only')
    const name = qualifiedName(inner)
    inner.takeOperator('*')
    return name
  })
  const restartIdentity = cursor.takeAll('restart', 'identity')
  if (!restartIdentity) cursor.takeAll('continue', 'identity')
  const cascade = cursor.take('cascade')
  if (!cascade) cursor.take('restrict')
  return { kind: 'truncate', tables, restartIdentity, cascade, span: cursor.spanFrom(start) }
}

export function copy(cursor: Cursor): Copy {
  const { start } = cursor.advance()
  const source = copySource(cursor)
  const isFrom = source.kind === 'table' && cursor.take('from')
  if (!isFrom) cursor.need('to')
  const file = copyFile(cursor, isFrom)
  cursor.take('with')
  const options = cursor.atPunctuation('(')
    ? cursor.parenthesized(copyOption)
    : legacyOptions(cursor)
  const where = isFrom ? whereClause(cursor) : undefined
  return {
    kind: 'copy',
    direction: isFrom ? 'from' : 'to',
    source,
    file,
    options,
    where,
    span: cursor.spanFrom(start),
  }
}

function copySource(cursor: Cursor): Copy['source'] {
  if (cursor.takePunctuation('(')) {
    const rows = rowSource(cursor)
    cursor.needPunctuation(')')
    return { kind: 'rows', query: rows }
  }
  const name = qualifiedName(cursor)
  return { kind: 'table', name, columns: optionalColumns(cursor) }
}

function copyFile(cursor: Cursor, isFrom: boolean): Copy['file'] {
  if (cursor.at('program')) throw cursor.unsupported('copy from and to programs is not supported')
  if (cursor.token.kind === 'string') return { kind: 'path', path: stringLiteral(cursor) }
  if (isFrom && cursor.take('stdin')) return { kind: 'stdin' }
  if (!isFrom && cursor.take('stdout')) return { kind: 'stdout' }
  throw cursor.unexpected('a file name')
}

/** `(format csv, header, delimiter ';')`. */
function copyOption(cursor: Cursor): Option {
  const start = cursor.token.start
  const { name } = label(cursor)
  if (cursor.atPunctuation('(') || cursor.atOperator('*'))
    throw cursor.unsupported('lists of columns in copy options are not supported')
  const hasValue = !cursor.atPunctuation(',') && !cursor.atPunctuation(')')
  const value = hasValue ? optionValue(cursor) : undefined
  return { name, value, span: cursor.spanFrom(start) }
}

/** The old form without parentheses: `csv header delimiter ';' null ''`. */
function legacyOptions(cursor: Cursor): readonly Option[] {
  const options: Option[] = []
  for (;;) {
    const start = cursor.token.start
    const flag = (['csv', 'binary', 'header'] as const).find((word) => cursor.take(word))
    const named =
      flag === undefined
        ? (['delimiter', 'null', 'quote', 'escape', 'encoding'] as const).find((word) =>
            cursor.take(word),
          )
        : undefined
    if (flag === undefined && named === undefined) return options
    if (named !== undefined && named !== 'encoding') cursor.take('as')
    const value = named === undefined ? undefined : stringLiteral(cursor)
    const span = cursor.spanFrom(start)
    if (flag === 'csv' || flag === 'binary') options.push({ name: 'format', value: flag, span })
    else options.push({ name: flag ?? named ?? '', value, span })
  }
}
