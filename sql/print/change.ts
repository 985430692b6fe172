// insert, update, delete and merge as text.
import type {
  Change,
  Conflict,
  Expression,
  Identifier,
  IndexElement,
  Insert,
  Merge,
  MergeBranch,
  QualifiedName,
  SelectItem,
  SetClause,
} from '../ast.ts'
import { printExpression, printList } from './expression.ts'
import { columnList, names, printIdentifier, printName } from './name.ts'
import { printFrom, printFromItem, printItems, printQuery, printWith } from './query.ts'

export function printChange(change: Change): string {
  const head = printWith(change.with)
  switch (change.kind) {
    case 'insert':
      return head + insert(change)
    case 'update': {
      const from = change.from.length === 0 ? '' : ` from ${printFrom(change.from)}`
      const set = ` set ${printSet(change.set)}`
      return (
        `${head}update ${target(change)}${set}${from}${printWhere(change.where)}` +
        `${returning(change.returning)}`
      )
    }
    case 'delete': {
      const using = change.using.length === 0 ? '' : ` using ${printFrom(change.using)}`
      return (
        `${head}delete from ${target(change)}${using}${printWhere(change.where)}` +
        `${returning(change.returning)}`
      )
    }
    case 'merge':
      return head + merge(change)
  }
}

function target({
  target: name,
  alias,
}: {
  readonly target: QualifiedName
  readonly alias: Identifier | undefined
}): string {
  return printName(name) + (alias === undefined ? '' : ` as ${printIdentifier(alias.name)}`)
}

export function printWhere(condition: Expression | undefined): string {
  return condition === undefined ? '' : ` where ${printExpression(condition)}`
}

function returning(items: readonly SelectItem[] | undefined): string {
  return items === undefined ? '' : ` returning ${printItems(items)}`
}

function overriding(who: Insert['overriding']): string {
  return who === undefined ? '' : ` overriding ${who} value`
}

function insert(change: Insert): string {
  const source = change.source === undefined ? ' default values' : ` ${printQuery(change.source)}`
  const head =
    `insert into ${target(change)}${columnList(change.columns)}` +
    `${overriding(change.overriding)}`
  return head + source + conflict(change.conflict) + returning(change.returning)
}

function conflict(clause: Conflict | undefined): string {
  if (clause === undefined) return ''
  const { target: on, action } = clause
  const where =
    on === undefined
      ? ''
      : on.kind === 'constraint'
        ? ` on constraint ${printIdentifier(on.name)}`
        : ` (${on.elements.map(printIndexElement).join(', ')})${printWhere(on.where)}`
  const what =
    action.kind === 'nothing'
      ? 'nothing'
      : `update set ${printSet(action.set)}${printWhere(action.where)}`
  return ` on conflict${where} do ${what}`
}

export function printIndexElement(element: IndexElement): string {
  const { expression, collation, operatorClass, descending, nulls } = element
  const isColumn = expression.kind === 'column' && expression.table === undefined
  const isBare = isColumn || expression.kind === 'call'
  return [
    isBare ? printExpression(expression) : `(${printExpression(expression)})`,
    collation && `collate ${printName(collation)}`,
    operatorClass && printName(operatorClass),
    descending && 'desc',
    nulls && `nulls ${nulls}`,
  ]
    .filter(Boolean)
    .join(' ')
}

export function printSet(set: readonly SetClause[]): string {
  return set
    .map((clause) => {
      const left =
        clause.kind === 'set_column'
          ? printIdentifier(clause.column.name)
          : `(${names(clause.columns)})`
      return `${left} = ${printExpression(clause.value)}`
    })
    .join(', ')
}

function merge(change: Merge): string {
  const source =
    change.source.kind === 'join'
      ? `(${printFromItem(change.source)})`
      : printFromItem(change.source)
  const branches = change.branches.map(mergeBranch).join('')
  return (
    `merge into ${target(change)} using ${source} on ${printExpression(change.on)}${branches}` +
    `${returning(change.returning)}`
  )
}

const mergeWords = {
  matched: 'matched',
  not_matched_by_target: 'not matched',
  not_matched_by_source: 'not matched by source',
} as const

function mergeBranch({ when, condition, action }: MergeBranch): string {
  const and = condition === undefined ? '' : ` and ${printExpression(condition)}`
  return ` when ${mergeWords[when]}${and} then ${mergeAction(action)}`
}

function mergeAction(action: MergeBranch['action']): string {
  switch (action.kind) {
    case 'nothing':
      return 'do nothing'
    case 'delete':
      return 'delete'
    case 'update':
      return `update set ${printSet(action.set)}`
    case 'insert': {
      const values =
        action.values === undefined ? ' default values' : ` values (${printList(action.values)})`
      return `insert${columnList(action.columns)}${overriding(action.overriding)}${values}`
    }
  }
}
