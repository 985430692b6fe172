// alter table and rename: which table, and whether it may be altered. What the actions make of its
// definition is worked out where the definition is kept.
import { EngineError } from '#base/engine-error'
import { featureNotSupported, undefinedTable } from '#base/errors'
import type * as ast from '#sql/ast'
import type { BoundAlter } from '#sql/bound'
import type { BindContext } from './context.ts'
import { fullName } from './from.ts'

/** Errors: 42P01; 42809 for what is no table; 42P07 for a new name that is taken; 0A000. */
export function bindAlter(
  context: BindContext,
  statement: ast.AlterTable | ast.Rename,
): BoundAlter {
  const { name, object, ifExists, span } = statement
  if (object !== 'table')
    throw featureNotSupported(`ALTER ${object.toUpperCase()} is not supported`, span)
  if (context.declare) {
    throw featureNotSupported(
      'ALTER TABLE in an application that declares its tables is not supported',
      span,
      'Alter the table once, with rowtine query or a session, and declare it as it is then.',
    )
  }
  const relation = context.schemas.relation(fullName(name))
  if (!relation && ifExists) return { kind: 'alter', statement, relation, span }
  if (!relation) throw undefinedTable(fullName(name), name.span, context.schemas.relationNames())
  if (relation.kind !== 'table') {
    throw new EngineError('wrong_object_type', {
      message: `"${relation.name}" is not a table`,
      detail: `It is a ${relation.kind} relation.`,
      span: name.span,
    })
  }
  const isNewName = statement.kind === 'rename' && statement.part === undefined
  if (isNewName && context.schemas.relation(statement.to.name)) {
    throw new EngineError('duplicate_table', {
      message: `relation "${statement.to.name}" already exists`,
      span: statement.to.span,
    })
  }
  return { kind: 'alter', statement, relation, span }
}
