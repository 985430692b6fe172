// Values that `execute` gives to a prepared statement, as a query of one row.
import { typeName, type DataType } from '#base/data-type'
import { EngineError } from '#base/engine-error'
import type * as ast from '#sql/ast'
import type { BoundQuery } from '#sql/bound'
import { resolvedType } from '#sql/functions/types'
import { tryCoerce } from './coercion.ts'
import type { BindContext } from './context.ts'
import { siteOf } from './expression.ts'
import { scopeOf } from './scope.ts'
import { bindType } from './type-name.ts'

/** Types as `prepare name (type, …)` says them. Errors: 42704, 0A000. */
export function parameterTypesOf(types: readonly ast.TypeName[]): readonly DataType[] {
  return types.map((type) => resolvedType(bindType(type)))
}

/** One column per expression, of the type wanted. Errors: 42804 where no assignment would convert it. */
export function argumentsQuery(
  context: BindContext,
  expressions: readonly ast.Expression[],
  types: readonly DataType[],
): BoundQuery {
  const site = siteOf(context, scopeOf([], undefined), 'EXECUTE')
  const items = types.map((type, index) => {
    const node = expressions[index]
    if (node === undefined) throw new TypeError('every parameter has its expression')
    const given = site.bind(node)
    const expression = tryCoerce(given, type, 'assignment', context)
    if (expression === undefined) throw notConvertible(index, given.type, type, node)
    return { column: context.column(`$${String(index + 1)}`, type, true), expression }
  })
  const output = items.map(({ column }) => column)
  const plan = { kind: 'project', input: { kind: 'dual' }, items } as const
  return { kind: 'query', plan, output, tag: 'SELECT', parameters: context.parameterTypes() }
}

function notConvertible(index: number, given: DataType, wanted: DataType, { span }: ast.Expression): EngineError {
  return new EngineError('datatype_mismatch', {
    message: `parameter $${String(index + 1)} of type ${typeName(given)} cannot be coerced to the expected type ${typeName(wanted)}`,
    span,
    hint: 'You will need to rewrite or cast the expression.',
  })
}
