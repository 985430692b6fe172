// create, drop, alter and comment: the statements about objects of the catalog.
import { featureNotSupported } from '#base/errors'
import type {
  Comment,
  CreateEnum,
  CreateFunction,
  CreateIndex,
  CreateSchema,
  CreateView,
  Drop,
  DropBehavior,
  DropTarget,
  FunctionParameter,
  FunctionReturns,
  ObjectKind,
  Rename,
  Statement,
  TypedColumn,
} from '../ast.ts'
import { alterTable } from './alter.ts'
import { indexElement, whereClause } from './change.ts'
import { createCoroutine } from './coroutine.ts'
import type { Cursor } from './cursor.ts'
import { expression } from './expression.ts'
import {
  anyName,
  identifier,
  isFunctionName,
  isName,
  optionalColumns,
  optionalWithOptions,
  qualifiedName,
  stringLiteral,
  typeName,
} from './name.ts'
import { query } from './query.ts'
import {
  createDevice,
  createEventTable,
  createTable,
  nullsClause,
  withDataClause,
} from './table.ts'

/** Objects of PostgreSQL that Rowtine does not have; the message names them. */
const foreignObjects = [
  'access',
  'aggregate',
  'cast',
  'collation',
  'conversion',
  'database',
  'domain',
  'extension',
  'foreign',
  'group',
  'language',
  'operator',
  'policy',
  'procedure',
  'publication',
  'role',
  'rule',
  'sequence',
  'server',
  'statistics',
  'subscription',
  'tablespace',
  'text',
  'transform',
  'trigger',
  'user',
] as const

export function create(cursor: Cursor): Statement {
  const { start } = cursor.advance()
  const orReplace = cursor.takeAll('or', 'replace')
  if (cursor.takeWord('coroutine')) return createCoroutine(cursor, start, orReplace)
  if (cursor.take('function')) return createFunction(cursor, start, orReplace)
  if (cursor.at('view') || cursor.at('recursive')) return createView(cursor, start, orReplace)
  if (orReplace) throw refusedObject(cursor, 'create')
  if (cursor.take('table')) return createTable(cursor, start, 'durable')
  if (cursor.takeAll('unlogged', 'table')) return createTable(cursor, start, 'unlogged')
  if (cursor.at('temp') || cursor.at('temporary')) return createTemporary(cursor, start)
  if (cursor.takeAll('event', 'table')) return createEventTable(cursor, start)
  if (cursor.takeWord('device')) return createDevice(cursor, start)
  if (cursor.at('unique') || cursor.at('index')) return createIndex(cursor, start)
  if (cursor.take('schema')) return createSchema(cursor, start)
  if (cursor.take('type')) return createEnum(cursor, start)
  if (cursor.at('materialized')) return createView(cursor, start, false)
  throw refusedObject(cursor, 'create')
}

function refusedObject(cursor: Cursor, verb: string): Error {
  const { kind, value } = cursor.token
  if (kind === 'keyword' && foreignObjects.some((word) => word === value)) {
    return cursor.unsupported(`${verb} ${value} is not supported`)
  }
  return cursor.unexpected()
}

function createTemporary(cursor: Cursor, start: number): Statement {
  cursor.advance()
  if (cursor.take('table')) return createTable(cursor, start, 'temporary')
  throw cursor.at('view')
    ? cursor.unsupported('temporary views are not supported')
    : cursor.unexpected()
}

function createIndex(cursor: Cursor, start: number): CreateIndex {
  const unique = cursor.take('unique')
  cursor.need('index')
  const concurrently = cursor.take('concurrently')
  const ifNotExists = cursor.takeAll('if', 'not', 'exists')
  const name = ifNotExists || !cursor.at('on') ? identifier(cursor) : undefined
  cursor.need('on')
  cursor.take('only')
  const table = qualifiedName(cursor)
  const method = cursor.take('using') ? identifier(cursor).name : undefined
  const elements = cursor.parenthesized(indexElement)
  const include = cursor.take('include') ? cursor.parenthesized(identifier) : []
  const nullsNotDistinct = nullsClause(cursor)
  const options = optionalWithOptions(cursor)
  const where = whereClause(cursor)
  return {
    kind: 'create_index',
    name,
    table,
    unique,
    concurrently,
    ifNotExists,
    method,
    elements,
    include,
    nullsNotDistinct,
    options,
    where,
    span: cursor.spanFrom(start),
  }
}

function createSchema(cursor: Cursor, start: number): CreateSchema {
  const ifNotExists = cursor.takeAll('if', 'not', 'exists')
  const name = identifier(cursor)
  if (cursor.at('authorization')) throw cursor.unsupported('schema owners are not supported')
  return { kind: 'create_schema', name, ifNotExists, span: cursor.spanFrom(start) }
}

function createEnum(cursor: Cursor, start: number): CreateEnum {
  const name = anyName(cursor)
  if (!cursor.at('as')) throw cursor.unsupported('types other than enums are not supported')
  cursor.advance()
  if (!cursor.at('enum')) throw cursor.unsupported('types other than enums are not supported')
  cursor.advance()
  cursor.needPunctuation('(')
  const labels = cursor.atPunctuation(')') ? [] : cursor.list(stringLiteral)
  cursor.needPunctuation(')')
  return { kind: 'create_enum', name, labels, span: cursor.spanFrom(start) }
}

function createView(cursor: Cursor, start: number, orReplace: boolean): CreateView {
  const materialized = !orReplace && cursor.take('materialized')
  const recursive = cursor.take('recursive')
  cursor.need('view')
  const ifNotExists = materialized && cursor.takeAll('if', 'not', 'exists')
  const name = qualifiedName(cursor)
  const columns = optionalColumns(cursor) ?? []
  if (recursive && columns.length === 0) throw cursor.unexpected('(')
  const options = optionalWithOptions(cursor)
  cursor.need('as')
  const source = query(cursor)
  const withData = materialized ? withDataClause(cursor) : true
  const checkOption = materialized ? undefined : checkOptionClause(cursor)
  return {
    kind: 'create_view',
    name,
    materialized,
    orReplace,
    ifNotExists,
    recursive,
    columns,
    options,
    query: source,
    withData,
    checkOption,
    span: cursor.spanFrom(start),
  }
}

function checkOptionClause(cursor: Cursor): CreateView['checkOption'] {
  if (!cursor.take('with')) return undefined
  const local = cursor.take('local')
  if (!local) cursor.take('cascaded')
  cursor.needAll('check', 'option')
  return local ? 'local' : 'cascaded'
}

function createFunction(cursor: Cursor, start: number, orReplace: boolean): CreateFunction {
  const name = anyName(cursor)
  cursor.needPunctuation('(')
  const parameters = cursor.atPunctuation(')') ? [] : cursor.list(functionParameter)
  cursor.needPunctuation(')')
  const returns = cursor.take('returns') ? functionReturns(cursor) : undefined
  const attributes = functionAttributes(cursor)
  return {
    kind: 'create_function',
    name,
    orReplace,
    parameters,
    returns,
    ...attributes,
    span: cursor.spanFrom(start),
  }
}

const parameterModes = ['in', 'out', 'inout', 'variadic'] as const

function functionParameter(cursor: Cursor): FunctionParameter {
  const start = cursor.token.start
  const mode = parameterModes.find((word) => cursor.take(word)) ?? 'in'
  const { token } = cursor
  const next = cursor.peek(1)
  // A name only if a type follows it: `f(a integer)` against `f(integer)`.
  const isNamed =
    (isName(token) || isFunctionName(token)) &&
    (next.kind === 'keyword' || next.kind === 'identifier')
  const takesTwo = token.value === 'double' && next.value === 'precision'
  const isType =
    takesTwo ||
    next.value === 'default' ||
    next.value === 'varying' ||
    next.value === 'with' ||
    next.value === 'without' ||
    next.value === 'array'
  const name = isNamed && !isType ? identifier(cursor).name : undefined
  const type = typeName(cursor)
  const hasDefault = cursor.take('default') || cursor.takeOperator('=')
  const value = hasDefault ? expression(cursor) : undefined
  return { mode, name, type, default: value, span: cursor.spanFrom(start) }
}

function functionReturns(cursor: Cursor): FunctionReturns {
  if (cursor.take('table')) return { kind: 'table', columns: cursor.parenthesized(typedColumn) }
  const setOf = cursor.take('setof')
  return { kind: 'type', type: typeName(cursor), setOf }
}

export function typedColumn(cursor: Cursor): TypedColumn {
  const start = cursor.token.start
  const name = identifier(cursor)
  const type = typeName(cursor)
  return { name, type, span: cursor.spanFrom(start) }
}

type FunctionAttributes = Pick<CreateFunction, 'language' | 'volatility' | 'strict' | 'body'>

function functionAttributes(cursor: Cursor): FunctionAttributes {
  let attributes: FunctionAttributes = {
    language: undefined,
    volatility: undefined,
    strict: false,
    body: undefined,
  }
  for (;;) {
    const next = functionAttribute(cursor)
    if (next === undefined) return attributes
    attributes = { ...attributes, ...next }
  }
}

function functionAttribute(cursor: Cursor): Partial<FunctionAttributes> | undefined {
  if (cursor.take('language')) {
    return {
      language: cursor.token.kind === 'string' ? stringLiteral(cursor) : identifier(cursor).name,
    }
  }
  const volatility = (['immutable', 'stable', 'volatile'] as const).find((word) =>
    cursor.take(word),
  )
  if (volatility !== undefined) return { volatility }
  if (cursor.take('strict') || cursor.takeAll('returns', 'null', 'on', 'null', 'input'))
    return { strict: true }
  if (cursor.takeAll('called', 'on', 'null', 'input')) return { strict: false }
  if (cursor.take('return')) return { body: { kind: 'return', expression: expression(cursor) } }
  if (cursor.take('as')) {
    const { start, end } = cursor.token
    return { body: { kind: 'text', text: stringLiteral(cursor), span: { start, end } } }
  }
  return cursor.takeAll('parallel', 'safe') ? {} : undefined
}

/** Kinds of object by their words, longer ones first. */
const objectKinds: readonly (readonly [ObjectKind, ...string[]])[] = [
  ['materialized view', 'materialized', 'view'],
  ['event table', 'event', 'table'],
  ['table', 'table'],
  ['view', 'view'],
  ['index', 'index'],
  ['schema', 'schema'],
  ['type', 'type'],
  ['function', 'function'],
  ['coroutine', 'coroutine'],
  ['device', 'device'],
  ['sequence', 'sequence'],
]

function objectKind(cursor: Cursor): ObjectKind | undefined {
  return objectKinds.find(([, ...words]) => cursor.takeAll(...words))?.[0]
}

export function drop(cursor: Cursor): Drop {
  const { start } = cursor.advance()
  const object = objectKind(cursor)
  if (object === undefined) throw refusedObject(cursor, 'drop')
  const concurrently = object === 'index' && cursor.take('concurrently')
  const ifExists = cursor.takeAll('if', 'exists')
  const targets = cursor.list((inner) => dropTarget(inner, object))
  const behavior = dropBehavior(cursor)
  return {
    kind: 'drop',
    object,
    ifExists,
    concurrently,
    targets,
    behavior,
    span: cursor.spanFrom(start),
  }
}

function dropTarget(cursor: Cursor, object: ObjectKind): DropTarget {
  const start = cursor.token.start
  const name = anyName(cursor)
  let argumentTypes: DropTarget['argumentTypes']
  if (object === 'function' && cursor.takePunctuation('(')) {
    argumentTypes = cursor.atPunctuation(')')
      ? []
      : cursor.list(functionParameter).map((parameter) => parameter.type)
    cursor.needPunctuation(')')
  }
  return { name, argumentTypes, span: cursor.spanFrom(start) }
}

export function dropBehavior(cursor: Cursor): DropBehavior {
  if (cursor.take('cascade')) return 'cascade'
  cursor.take('restrict')
  return 'restrict'
}

export function alter(cursor: Cursor): Statement {
  const { start } = cursor.advance()
  const object = objectKind(cursor)
  if (object === undefined) throw refusedObject(cursor, 'alter')
  const ifExists = cursor.takeAll('if', 'exists')
  if (object === 'table' || object === 'event table')
    return alterTable(cursor, start, object, ifExists)
  const name = anyName(cursor)
  const renamed = renameAction(cursor, { object, name, ifExists }, start)
  if (renamed !== undefined) return renamed
  throw featureNotSupported(`alter ${object} is supported only to rename`, cursor.spanFrom(start))
}

/** `rename [column|constraint] a to b` or `rename to b`. */
export function renameAction(
  cursor: Cursor,
  of: Pick<Rename, 'object' | 'name' | 'ifExists'>,
  start: number,
): Rename | undefined {
  if (!cursor.take('rename')) return undefined
  if (cursor.take('to'))
    return {
      kind: 'rename',
      ...of,
      part: undefined,
      to: identifier(cursor),
      span: cursor.spanFrom(start),
    }
  const isConstraint = cursor.take('constraint')
  if (!isConstraint) cursor.take('column')
  const name = identifier(cursor)
  cursor.need('to')
  const to = identifier(cursor)
  return {
    kind: 'rename',
    ...of,
    part: { kind: isConstraint ? 'constraint' : 'column', name },
    to,
    span: cursor.spanFrom(start),
  }
}

export function comment(cursor: Cursor): Comment {
  const { start } = cursor.advance()
  cursor.need('on')
  const object = cursor.take('column') ? 'column' : objectKind(cursor)
  if (object === undefined) throw refusedObject(cursor, 'comment on')
  const { name, column } =
    object === 'column'
      ? columnName(cursor)
      : { name: dropTarget(cursor, object).name, column: undefined }
  cursor.need('is')
  const text = cursor.take('null') ? undefined : stringLiteral(cursor)
  return { kind: 'comment', object, name, column, text, span: cursor.spanFrom(start) }
}

/** `table.column` or `schema.table.column`. */
function columnName(cursor: Cursor): Pick<Comment, 'name' | 'column'> {
  const parts = [identifier(cursor)]
  while (cursor.takePunctuation('.')) parts.push(identifier(cursor))
  const [column, table, schema, tooMany] = parts.toReversed()
  if (table === undefined || tooMany !== undefined)
    throw cursor.invalid('column name must be qualified', column?.span ?? cursor.token)
  const span = { start: parts[0]?.span.start ?? 0, end: table.span.end }
  return { name: { schema: schema?.name, name: table.name, span }, column }
}
