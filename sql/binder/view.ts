// A view in `from`: its query, bound where it is read, in no scope but its own.
import type { RelationSchema } from '#base/schema'
import { EngineError } from '#base/engine-error'
import { invariant } from '#base/invariant'
import type { Span } from '#base/span'
import { parseStatement } from '#sql/parser/index'
import type { BindContext } from './context.ts'
import { derivedItem, type FromItem } from './relation.ts'

/** Views within views at most: a cycle made by `create or replace` ends here. */
const kViewDepthMax = 32

export function bindView(
  context: BindContext,
  relation: RelationSchema,
  alias: string,
  renamed: readonly string[],
  span: Span,
): FromItem {
  const statement = parseStatement(relation.view ?? '')
  invariant(statement.kind === 'query', 'a view keeps the text of a query')
  const { plan, columns } = context.nested(() => {
    if (context.depth > kViewDepthMax) {
      throw new EngineError('invalid_object_definition', {
        message: `view "${relation.name}" is defined by itself`,
        span,
      })
    }
    return context.binders.query(context, statement, undefined)
  })
  const names = relation.columns.map(({ name }, index) => renamed[index] ?? name)
  return derivedItem(alias, columns, names, () => plan)
}
