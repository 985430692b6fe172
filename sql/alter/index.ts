// `alter table` as an edit of the table's definition: what the definition says afterwards, and where each
// column's values come from. Nothing is looked up or changed but the text.
import { EngineError } from '#base/engine-error'
import type { RelationSchema, SchemaLookup } from '#base/schema'
import type { Span } from '#base/span'
import type * as ast from '#sql/ast'
import { bindStatement } from '#sql/binder/index'
import type { RelationDraft } from '#sql/bound'
import { parseStatement } from '#sql/parser/index'
import { printElement } from '../print/definition.ts'
import { printIdentifier } from '../print/name.ts'
import { applyActions, applyRename } from './table-actions.ts'
import { constraintsOf, editOf, isKey, isReference, withConstraints, type TableEdit } from './table-edit.ts'

/** A table's definition before, and the catalog's picture of it. */
export interface DefinedTable {
  readonly schema: RelationSchema
  /** The `create table` statement. */
  readonly text: string
}

export interface AlteredTable {
  /** The `create table` statement that would have made it so. */
  readonly text: string
  readonly relation: RelationDraft
  /** Columns with values to carry over, and the SQL over the table before that gives them. */
  readonly sources: readonly { readonly column: string; readonly sql: string }[]
  /** The name now of each column from before that is still there. */
  readonly columns: ReadonlyMap<string, string>
}

/**
 * Applies a statement, which stands in `text`, to a table.
 * Errors: those of the actions (table-actions.ts), and of the definition that they make.
 */
export function alterTable(statement: ast.AlterTable | ast.Rename, text: string, table: DefinedTable, schemas: SchemaLookup): AlteredTable {
  const create = parseStatement(table.text)
  if (create.kind !== 'create_table') throw new TypeError('a table is defined by create table')
  const edit = editOf(create, table.text, table.schema)
  if (statement.kind === 'rename') applyRename(edit, statement)
  else applyActions(edit, statement, text)
  const others: SchemaLookup = {
    relation: (name) => (name === table.schema.name ? undefined : schemas.relation(name)),
    relationById: (id) => schemas.relationById(id),
    referencing: (id) => schemas.referencing(id),
    relationNames: () => schemas.relationNames(),
  }
  return { ...definitionOf(edit, create, statement.span, others), sources: sourcesOf(edit), columns: edit.columns }
}

/** Says only those constraint names that are not what they would be called anyway. */
function definitionOf(edit: TableEdit, create: ast.CreateTable, span: Span, schemas: SchemaLookup): { text: string; relation: RelationDraft } {
  const short = bound(edit, create, false, span, schemas)
  if (hasNames(edit, short.relation)) return short
  return bound(edit, create, true, span, schemas)
}

interface Piece {
  readonly text: string
  /** Where it stands in the altering statement. */
  readonly start: number | undefined
}

function bound(edit: TableEdit, create: ast.CreateTable, named: boolean, span: Span, schemas: SchemaLookup): { text: string; relation: RelationDraft } {
  const pieces: Piece[] = edit.elements.map(({ node, written }) => {
    if (written !== undefined && (!named || written.start !== undefined)) return written
    return { text: printElement(named ? node : withoutNames(node, edit.implicit)), start: undefined }
  })
  const kind = create.persistence === 'durable' ? 'table' : `${create.persistence} table`
  const head = `create ${kind} ${printIdentifier(edit.name)} (`
  const text = `${head}${pieces.map((piece) => piece.text).join(', ')})`
  try {
    const made = bindStatement(parseStatement(text), schemas, { text })
    if (made.kind !== 'create_relation') throw new TypeError('a table is created')
    return { text, relation: made.relation }
  } catch (error) {
    throw error instanceof EngineError ? error.with({ span: placeOf(error.parts.span, head.length, pieces) ?? span }) : error
  }
}

/** An error's place in the altering statement, where it is about what that adds. */
function placeOf(span: Span | undefined, headLength: number, pieces: readonly Piece[]): Span | undefined {
  let at = headLength
  for (const { text, start } of pieces) {
    const end = at + text.length
    if (span !== undefined && start !== undefined && span.start >= at && span.end <= end) {
      return { start: span.start - at + start, end: span.end - at + start }
    }
    at = end + ', '.length
  }
  return undefined
}

function withoutNames(node: ast.TableElement, implicit: ReadonlySet<string>): ast.TableElement {
  return withConstraints(node, (one) =>
    one.name !== undefined && implicit.has(one.name) ? { ...one, name: undefined } : one) ?? node
}

/** Is every constraint that has a name called so? */
function hasNames({ elements }: TableEdit, relation: RelationDraft): boolean {
  const all = elements.flatMap(({ node }) => constraintsOf(node))
  const agree = (wanted: readonly (string | undefined)[], got: readonly { readonly name: string }[]): boolean =>
    wanted.every((name, i) => name === undefined || got[i]?.name === name)
  return agree(all.filter(isKey).map(({ name }) => name), relation.indexes)
    && agree(all.filter(({ kind }) => kind === 'check').map(({ name }) => name), relation.checks)
    && agree(all.filter(isReference).map(({ name }) => name), relation.foreignKeys)
}

/** What is generated is computed anew, and new columns take their defaults. */
function sourcesOf({ columns, elements, using, before }: TableEdit): AlteredTable['sources'] {
  const generated = new Set(elements.flatMap(({ node }) =>
    node.kind === 'column_definition' && node.constraints.some(({ kind }) => kind === 'generated') ? [node.name.name] : []))
  return before.columns.flatMap(({ name }) => {
    const column = columns.get(name)
    if (column === undefined || generated.has(column)) return []
    return [{ column, sql: using.get(column) ?? printIdentifier(name) }]
  })
}
