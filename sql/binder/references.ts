// Where a query's text refers to the parts of a `with` by their names, and in what place: found without
// binding anything, because what is recursive has to be known before it is bound.
import type * as ast from '#sql/ast'
import type { Span } from '#base/span'

/** What a recursive reference would be within; `free`: where its rows come as they are. */
export type Place =
  | 'free'
  | 'non-recursive term'
  | 'subquery'
  | 'outer join'
  | 'intersect'
  | 'except'

export interface Reference {
  readonly name: string
  readonly span: Span
  readonly place: Place
}

type Names = ReadonlySet<string>

/** References to `names` in the order of the text, those that an inner `with` hides left out. */
export function* referencesIn(node: unknown, names: Names, place: Place): Generator<Reference, void> {
  if (Array.isArray(node)) {
    for (const item of node) yield* referencesIn(item, names, place)
    return
  }
  if (typeof node !== 'object' || node === null) return
  if (isTable(node)) {
    const { schema, name } = node.name
    if (schema === undefined && names.has(name)) yield { name, span: node.span, place }
    return
  }
  if (isKind<ast.Query>(node, 'query')) return yield* inQuery(node, names, place)
  if (isKind<ast.Join>(node, 'join')) return yield* inJoin(node, names, place)
  if (isKind<ast.SetOperation>(node, 'set_operation')) return yield* inSetOperation(node, names, place)
  if (isKind<ast.Pipeline>(node, 'pipeline')) return yield* inPipeline(node, names, place)
  for (const [key, child] of Object.entries(node)) {
    if (key === 'span') continue
    yield* referencesIn(child, names, isSubquery(node, child) ? within(place, 'subquery') : place)
  }
}

function isTable(node: object): node is ast.TableRef | ast.TableQuery {
  return 'kind' in node && (node.kind === 'table' || node.kind === 'table_query')
}

function isKind<Node extends { readonly kind: string }>(
  node: object,
  kind: Node['kind'],
): node is Node {
  return 'kind' in node && node.kind === kind
}

/** Queries stand in `from` and in parts of `with`; elsewhere they are values and conditions. */
function isSubquery(node: object, child: unknown): boolean {
  const isQuery = typeof child === 'object' && child !== null && isKind<ast.Query>(child, 'query')
  if (!isQuery) return false
  return !(isKind<ast.DerivedTable>(node, 'derived') || isKind<ast.Insert>(node, 'insert') || 'definition' in node)
}

/** The innermost reason is the one to tell. */
function within(place: Place, inner: Place): Place {
  return place === 'non-recursive term' ? place : inner
}

function* inQuery(query: ast.Query, names: Names, place: Place): Generator<Reference, void> {
  let visible = names
  const own = query.with?.tables ?? []
  if (query.with?.recursive) visible = without(visible, own)
  for (const table of own) {
    yield* referencesIn(table.definition, visible, place)
    visible = without(visible, [table])
  }
  yield* referencesIn(query.body, visible, place)
  yield* referencesIn([query.order, query.limit], visible, place)
}

function without(names: Names, tables: readonly ast.CommonTable[]): Names {
  const hidden = new Set(tables.map(({ name }) => name))
  return new Set([...names].filter((name) => !hidden.has(name)))
}

function* inJoin(join: ast.Join, names: Names, place: Place): Generator<Reference, void> {
  const outer = within(place, 'outer join')
  const fillsLeft = join.type === 'right' || join.type === 'full'
  const fillsRight = join.type === 'left' || join.type === 'full'
  yield* referencesIn(join.left, names, fillsLeft ? outer : place)
  yield* referencesIn(join.right, names, fillsRight ? outer : place)
  yield* referencesIn(join.on, names, place)
}

function* inSetOperation(
  { operator, all, left, right }: ast.SetOperation,
  names: Names,
  place: Place,
): Generator<Reference, void> {
  const inner = operator === 'union' ? place : within(place, operator)
  // Without `all` a row is in the result or not, whatever else the sides have.
  yield* referencesIn(left, names, all ? inner : place)
  yield* referencesIn(right, names, all || operator === 'except' ? inner : place)
}

/** Steps that make their right side optional, or their left, say so of all that stands before them. */
function* inPipeline({ source, steps }: ast.Pipeline, names: Names, place: Place): Generator<Reference, void> {
  const places = steps.map((step) => (step.kind === 'pipe_join' && isOptional(step) ? within(place, 'outer join') : undefined))
  const placeAt = (position: number): Place => places.slice(position).find((one) => one !== undefined) ?? place
  yield* referencesIn(source.kind === 'from' ? source.items : source, names, placeAt(0))
  for (const [index, step] of steps.entries()) yield* inStep(step, names, placeAt(index + 1))
}

function isOptional({ type }: ast.PipeJoin): boolean {
  return type === 'right' || type === 'full'
}

function* inStep(step: ast.PipeStep, names: Names, place: Place): Generator<Reference, void> {
  if (step.kind === 'pipe_join') {
    const fillsRight = step.type === 'left' || step.type === 'full'
    yield* referencesIn(step.right, names, fillsRight ? within(place, 'outer join') : place)
    return yield* referencesIn(step.on, names, place)
  }
  if (step.kind === 'pipe_set_operation') {
    const inner = step.operator === 'union' ? place : within(place, step.operator)
    return yield* referencesIn(step.queries, names, inner)
  }
  yield* referencesIn(step, names, place)
}
