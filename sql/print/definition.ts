// create, drop, alter and comment as text.
import type {
  AlterAction,
  ColumnConstraint,
  ColumnDefinition,
  CreateDevice,
  CreateEventTable,
  CreateFunction,
  CreateIndex,
  CreateTable,
  CreateView,
  Definition,
  DropTarget,
  FunctionParameter,
  LikeTable,
  Reference,
  SequenceOption,
  TableConstraint,
  TableElement,
  TypedColumn,
} from '../ast.ts'
import { printIndexElement, printWhere } from './change.ts'
import { printExpression } from './expression.ts'
import {
  columnList,
  names,
  printFunctionName,
  printIdentifier,
  printName,
  printString,
  printType,
  printWithOptions,
} from './name.ts'
import { printQuery } from './query.ts'

const when = (condition: boolean, text: string): string => (condition ? text : '')

function persistence({ persistence: kind }: Pick<CreateTable, 'persistence'>): string {
  return when(kind !== 'durable', `${kind} `)
}

export function printDefinition(definition: Definition): string {
  switch (definition.kind) {
    case 'create_table':
      return `create ${persistence(definition)}table ${elements(definition)}`
    case 'create_event_table':
      return `create event table ${elements(definition)}`
    case 'create_device':
      return `create device ${elements(definition)}`
    case 'create_table_as': {
      const { persistence, ifNotExists, name, columns, options, query, withData } = definition
      const head =
        `create ${when(persistence !== 'durable', `${persistence} `)}table ` +
        `${when(ifNotExists, 'if not exists ')}${printName(name)}`
      return (
        `${head}${columnList(columns)}${printWithOptions(options)} as ${printQuery(query)}` +
        `${when(!withData, ' with no data')}`
      )
    }
    case 'create_index':
      return createIndex(definition)
    case 'create_schema':
      return (
        `create schema ${when(definition.ifNotExists, 'if not exists ')}` +
        `${printIdentifier(definition.name.name)}`
      )
    case 'create_enum':
      return (
        `create type ${printName(definition.name)} as enum (` +
        `${definition.labels.map(printString).join(', ')})`
      )
    case 'create_function':
      return createFunction(definition)
    case 'create_view':
      return createView(definition)
    case 'drop': {
      const { object, ifExists, concurrently, targets, behavior } = definition
      const words =
        `drop ${object} ${when(concurrently, 'concurrently ')}` + `${when(ifExists, 'if exists ')}`
      return words + targets.map(dropTarget).join(', ') + when(behavior === 'cascade', ' cascade')
    }
    case 'alter_table': {
      const { object, ifExists, name, actions } = definition
      return (
        `alter ${object} ${when(ifExists, 'if exists ')}${printName(name)} ` +
        `${actions.map(alterAction).join(', ')}`
      )
    }
    case 'rename': {
      const { object, ifExists, name, part, to } = definition
      const what = part === undefined ? '' : `${part.kind} ${printIdentifier(part.name.name)} `
      return (
        `alter ${object} ${when(ifExists, 'if exists ')}${printName(name)} rename ${what}to ` +
        `${printIdentifier(to.name)}`
      )
    }
    case 'comment': {
      const { object, name, column, text } = definition
      const of = printName(name) + (column === undefined ? '' : `.${printIdentifier(column.name)}`)
      return `comment on ${object} ${of} is ${text === undefined ? 'null' : printString(text)}`
    }
  }
}

function elements({
  ifNotExists,
  name,
  elements: list,
  options,
}: CreateTable | CreateEventTable | CreateDevice): string {
  return (
    `${when(ifNotExists, 'if not exists ')}${printName(name)} (${list.map(printElement).join(', ')})` +
    `${printWithOptions(options)}`
  )
}

/** A column or constraint as it stands in `create table`. */
export function printElement(item: TableElement): string {
  if (item.kind === 'column_definition') return printColumn(item)
  if (item.kind !== 'like') return tableConstraint(item)
  return `like ${printName(item.name)}` + item.options.map(likeOption).join('')
}

function likeOption({ including, what }: LikeTable['options'][number]): string {
  return ` ${including ? 'including' : 'excluding'} ${what}`
}

function printColumn({ name, type, collation, constraints }: ColumnDefinition): string {
  const collate = collation === undefined ? '' : ` collate ${printName(collation)}`
  return (
    `${printIdentifier(name.name)} ${printType(type)}${collate}` +
    `${constraints.map((each) => ` ${columnConstraint(each)}`).join('')}`
  )
}

function constraintName(name: string | undefined): string {
  return name === undefined ? '' : `constraint ${printIdentifier(name)} `
}

function columnConstraint(constraint: ColumnConstraint): string {
  const head = constraintName(constraint.name)
  switch (constraint.kind) {
    case 'not_null':
      return `${head}not null`
    case 'null':
      return `${head}null`
    case 'default_value':
      // In parentheses, because the grammar permits only some operators here.
      return `${head}default (${printExpression(constraint.expression)})`
    case 'check':
      return `${head}check (${printExpression(constraint.condition)})`
    case 'primary_key':
      return `${head}primary key${deferral(constraint.deferral)}`
    case 'unique':
      return (
        `${head}unique${when(constraint.nullsNotDistinct, ' nulls not distinct')}` +
        `${deferral(constraint.deferral)}`
      )
    case 'references':
      return `${head}${reference(constraint)}`
    case 'identity': {
      const how = constraint.when === 'always' ? 'always' : 'by default'
      const options =
        constraint.options.length === 0
          ? ''
          : ` (${constraint.options.map(sequenceOption).join(' ')})`
      return `${head}generated ${how} as identity${options}`
    }
    case 'generated':
      return (
        `${head}generated always as (${printExpression(constraint.expression)})` +
        `${when(constraint.stored, ' stored')}`
      )
  }
}

function sequenceOption({ name, value }: SequenceOption): string {
  if (value === undefined) return `no ${name}`
  if (typeof value === 'boolean') return value ? 'cycle' : 'no cycle'
  return `${name} ${value}`
}

function deferral(value: Reference['deferral']): string {
  return { immediate: '', deferrable: ' deferrable', deferred: ' deferrable initially deferred' }[
    value
  ]
}

function reference({
  parent,
  parentColumns,
  match,
  onDelete,
  onUpdate,
  deferral: deferred,
}: Reference): string {
  const action = (event: string, what: string): string =>
    when(what !== 'no_action', ` on ${event} ${what.replace('_', ' ')}`)
  const matching = when(match !== 'simple', ` match ${match}`)
  return (
    `references ${printName(parent)}${columnList(parentColumns)}${matching}` +
    `${action('delete', onDelete)}${action('update', onUpdate)}${deferral(deferred)}`
  )
}

function tableConstraint(constraint: TableConstraint): string {
  const head = constraintName(constraint.name)
  switch (constraint.kind) {
    case 'check':
      return `${head}check (${printExpression(constraint.condition)})`
    case 'foreign_key':
      return `${head}foreign key (${names(constraint.columns)}) ${reference(constraint)}`
    case 'table_key': {
      const { primary, columns, include, nullsNotDistinct } = constraint
      const kind = primary
        ? 'primary key'
        : `unique${when(nullsNotDistinct, ' nulls not distinct')}`
      const more = include.length === 0 ? '' : ` include (${names(include)})`
      return `${head}${kind} (${names(columns)})${more}${deferral(constraint.deferral)}`
    }
  }
}

function createIndex(index: CreateIndex): string {
  return [
    `create ${when(index.unique, 'unique ')}index${when(index.concurrently, ' concurrently')}` +
      `${when(index.ifNotExists, ' if not exists')}`,
    index.name && printIdentifier(index.name.name),
    `on ${printName(index.table)}`,
    index.method !== undefined && `using ${printIdentifier(index.method)}`,
    `(${index.elements.map(printIndexElement).join(', ')})`,
    index.include.length > 0 && `include (${names(index.include)})`,
    index.nullsNotDistinct && 'nulls not distinct',
    printWithOptions(index.options).trimStart(),
    printWhere(index.where).trimStart(),
  ]
    .filter(Boolean)
    .join(' ')
}

function createView(view: CreateView): string {
  const words = [
    'create',
    view.orReplace && 'or replace',
    view.materialized && 'materialized',
    view.recursive && 'recursive',
    'view',
    view.ifNotExists && 'if not exists',
    printName(view.name) + columnList(view.columns) + printWithOptions(view.options),
    'as',
    printQuery(view.query),
    !view.withData && 'with no data',
    view.checkOption !== undefined && `with ${view.checkOption} check option`,
  ]
  return words.filter(Boolean).join(' ')
}

function createFunction(definition: CreateFunction): string {
  const { name, orReplace, parameters, returns, language, volatility, strict, body } = definition
  const result =
    returns === undefined
      ? false
      : returns.kind === 'table'
        ? `returns table (${typedColumns(returns.columns)})`
        : `returns ${when(returns.setOf, 'setof ')}${printType(returns.type)}`
  const schema = name.schema === undefined ? '' : `${printIdentifier(name.schema)}.`
  return [
    `create ${when(orReplace, 'or replace ')}function ${schema}` +
      `${printFunctionName(name.name)}(${parameters.map(parameter).join(', ')})`,
    result,
    language !== undefined && `language ${printIdentifier(language)}`,
    volatility,
    strict && 'strict',
    body?.kind === 'text' && `as ${printString(body.text)}`,
    body?.kind === 'return' && `return ${printExpression(body.expression)}`,
  ]
    .filter(Boolean)
    .join(' ')
}

export function typedColumns(columns: readonly TypedColumn[]): string {
  return columns
    .map(({ name, type }) => `${printIdentifier(name.name)} ${printType(type)}`)
    .join(', ')
}

function parameter({ mode, name, type, default: value }: FunctionParameter): string {
  const words = [
    mode !== 'in' && mode,
    name !== undefined && printIdentifier(name),
    printType(type),
  ]
  return (
    words.filter(Boolean).join(' ') +
    (value === undefined ? '' : ` default ${printExpression(value)}`)
  )
}

function dropTarget({ name, argumentTypes }: DropTarget): string {
  return (
    printName(name) +
    (argumentTypes === undefined ? '' : `(${argumentTypes.map(printType).join(', ')})`)
  )
}

function alterAction(action: AlterAction): string {
  switch (action.kind) {
    case 'add_column':
      return `add column ${when(action.ifNotExists, 'if not exists ')}${printColumn(action.column)}`
    case 'drop_column':
      return (
        `drop column ${when(action.ifExists, 'if exists ')}` +
        `${printIdentifier(action.column.name)}${when(action.behavior === 'cascade', ' cascade')}`
      )
    case 'set_default':
      return (
        `alter column ${printIdentifier(action.column.name)} set default ` +
        `${printExpression(action.expression)}`
      )
    case 'drop_default':
    case 'set_not_null':
    case 'drop_not_null':
      return (
        `alter column ${printIdentifier(action.column.name)} ` +
        `${action.kind.replaceAll('_', ' ')}`
      )
    case 'set_type': {
      const using = action.using === undefined ? '' : ` using ${printExpression(action.using)}`
      return (
        `alter column ${printIdentifier(action.column.name)} type ${printType(action.type)}` +
        `${using}`
      )
    }
    case 'add_constraint':
      return `add ${tableConstraint(action.constraint)}`
    case 'drop_constraint':
      return (
        `drop constraint ${when(action.ifExists, 'if exists ')}` +
        printIdentifier(action.constraint.name) +
        when(action.behavior === 'cascade', ' cascade')
      )
    case 'set_options':
      return `set${printWithOptions(action.options)}`
  }
}
