// Statements about the session as text.
import type {
  Copy,
  Deallocate,
  Execute,
  Prepare,
  SetVariable,
  ShowVariable,
  Subscribe,
  Transaction,
  Truncate,
} from '../ast.ts'
import { printChange, printWhere } from './change.ts'
import { printList } from './expression.ts'
import {
  columnList,
  printIdentifier,
  printName,
  printOptionValue,
  printString,
  printType,
  printWithOptions,
} from './name.ts'
import { printQuery } from './query.ts'

export type SessionStatement =
  | Truncate
  | Copy
  | Transaction
  | Prepare
  | Execute
  | Deallocate
  | SetVariable
  | ShowVariable
  | Subscribe

export function printSession(statement: SessionStatement): string {
  switch (statement.kind) {
    case 'truncate': {
      const tail =
        (statement.restartIdentity ? ' restart identity' : '') +
        (statement.cascade ? ' cascade' : '')
      return `truncate ${statement.tables.map(printName).join(', ')}${tail}`
    }
    case 'copy':
      return copy(statement)
    case 'transaction':
      return transaction(statement)
    case 'prepare': {
      const types =
        statement.types.length === 0 ? '' : ` (${statement.types.map(printType).join(', ')})`
      return (
        `prepare ${printIdentifier(statement.name.name)}${types} as ` +
        `${rows(statement.statement)}`
      )
    }
    case 'execute': {
      const list = statement.arguments.length === 0 ? '' : ` (${printList(statement.arguments)})`
      return `execute ${printIdentifier(statement.name.name)}${list}`
    }
    case 'deallocate':
      return `deallocate ${statement.name ? printIdentifier(statement.name.name) : 'all'}`
    case 'set': {
      const values =
        statement.values === undefined
          ? 'default'
          : statement.values.map(printOptionValue).join(', ')
      return (
        `set ${statement.scope === 'local' ? 'local ' : ''}${variable(statement.name)} = ` +
        `${values}`
      )
    }
    case 'show':
      return `show ${statement.name === undefined ? 'all' : variable(statement.name)}`
    case 'subscribe':
      return `subscribe ${printQuery(statement.query)}${printWithOptions(statement.options)}`
  }
}

const variable = (name: string): string => name.split('.').map(printIdentifier).join('.')
const rows = (statement: Prepare['statement']): string =>
  statement.kind === 'query' ? printQuery(statement) : printChange(statement)

function copy({ source, direction, file, options, where }: Copy): string {
  const what =
    source.kind === 'table'
      ? printName(source.name) + columnList(source.columns)
      : `(${rows(source.query)})`
  const list = options.map(
    ({ name, value }) =>
      printIdentifier(name) + (value === undefined ? '' : ` ${printOptionValue(value)}`),
  )
  const withOptions = list.length === 0 ? '' : ` with (${list.join(', ')})`
  return (
    `copy ${what} ${direction} ${file.kind === 'path' ? printString(file.path) : file.kind}` +
    `${withOptions}${printWhere(where)}`
  )
}

function transaction({ action, isolation, readOnly, chain, savepoint }: Transaction): string {
  const name = savepoint === undefined ? '' : ` ${printIdentifier(savepoint.name)}`
  if (action === 'rollback_to') return `rollback to${name}`
  const modes = [
    ...(isolation === undefined ? [] : [` isolation level ${isolation}`]),
    ...(readOnly === undefined ? [] : [readOnly ? ' read only' : ' read write']),
  ]
  return `${action}${name}${modes.join(',')}${chain ? ' and chain' : ''}`
}
