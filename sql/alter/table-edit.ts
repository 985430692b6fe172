// A table's definition while `alter table` changes it: its elements, each with the name of every
// constraint, and the text that it was written in as long as nothing has touched it.
import type { RelationSchema } from '#base/schema'
import type { Span } from '#base/span'
import type * as ast from '#sql/ast'

/** Where an element's text comes from: the table's own definition, or the statement that adds it. */
interface Written {
  readonly text: string
  /** Of the text in the altering statement; undefined: it is the table's own. */
  readonly start: number | undefined
}

export interface EditedElement {
  readonly node: ast.TableElement
  /** Undefined once it was changed: then the node is printed. */
  readonly written: Written | undefined
}

export type Constraint = ast.ColumnConstraint | ast.TableConstraint

/** Changed in place by the actions, one after the other. */
export interface TableEdit {
  name: string
  elements: EditedElement[]
  /** The name now of each column that was there before. */
  readonly columns: Map<string, string>
  /** What a column's values are computed by, in SQL over the table before, by its name now. */
  readonly using: Map<string, string>
  /** Names of constraints that nobody wrote. */
  readonly implicit: ReadonlySet<string>
  readonly before: RelationSchema
}

/** `text` is what `create` stands in; `schema` what the catalog made of it. */
export function editOf(create: ast.CreateTable, text: string, schema: RelationSchema): TableEdit {
  const implicit = new Set<string>()
  const named = nameConstraints(create.elements, schema, implicit)
  return {
    name: schema.name,
    elements: named.map((node) => ({
      node,
      written: { text: textAt(text, node.span), start: undefined },
    })),
    columns: new Map(schema.columns.map(({ name }) => [name, name])),
    using: new Map(),
    implicit,
    before: schema,
  }
}

export function textAt(text: string, { start, end }: Span): string {
  return text.slice(start, end)
}

export function isKey(constraint: Constraint): boolean {
  return ['primary_key', 'unique', 'table_key'].includes(constraint.kind)
}
export function isReference(constraint: Constraint): boolean {
  return constraint.kind === 'references' || constraint.kind === 'foreign_key'
}

/** Constraints of an element, its own or those of its column. */
export function constraintsOf(node: ast.TableElement): readonly Constraint[] {
  if (node.kind === 'like') return []
  return node.kind === 'column_definition' ? node.constraints : [node]
}

/** The element with its constraints made others; undefined where it was one and is none any more. */
export function withConstraints(
  node: ast.TableElement,
  change: (constraint: Constraint) => Constraint | undefined,
): ast.TableElement | undefined {
  if (node.kind === 'like') return node
  if (node.kind !== 'column_definition') return change(node) as ast.TableElement | undefined
  const constraints = node.constraints.flatMap((each) => change(each) ?? [])
  const isSame =
    constraints.length === node.constraints.length &&
    constraints.every((each, i) => each === node.constraints[i])
  return isSame ? node : { ...node, constraints: constraints as ast.ColumnConstraint[] }
}

/** Gives each constraint the name that the catalog has for it: they are numbered in the same order there. */
function nameConstraints(
  elements: readonly ast.TableElement[],
  schema: RelationSchema,
  implicit: Set<string>,
): ast.TableElement[] {
  const names = {
    key: schema.indexes.map(({ name }) => name).values(),
    check: schema.checks.map(({ name }) => name).values(),
    reference: schema.foreignKeys.map(({ name }) => name).values(),
  }
  const named = (constraint: Constraint): Constraint => {
    const isCheck = constraint.kind === 'check'
    if (!isCheck && !isKey(constraint) && !isReference(constraint)) return constraint
    const kind = isCheck ? 'check' : isKey(constraint) ? 'key' : 'reference'
    const { value: name } = names[kind].next()
    if (constraint.name !== undefined || name === undefined) return constraint
    implicit.add(name)
    return { ...constraint, name }
  }
  return elements.map((node) => withConstraints(node, named) ?? node)
}
