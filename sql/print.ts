// Syntax trees to text. Canonical rather than pretty: operands that have operators are always in
// parentheses, so that nobody has to know a precedence. parse(print(tree)) is the same tree.
import type { Statement } from './ast.ts'
import { printChange } from './print/change.ts'
import { printCoroutine } from './print/coroutine.ts'
import { printDefinition } from './print/definition.ts'
import { printOptionValue } from './print/name.ts'
import { printQuery } from './print/query.ts'
import { printSession } from './print/session.ts'

export { printExpression } from './print/expression.ts'
export { printIdentifier, printString, printType } from './print/name.ts'
export { printQuery } from './print/query.ts'

/** The statement as SQL, without a semicolon. */
export function printStatement(statement: Statement): string {
  switch (statement.kind) {
    case 'query':
      return printQuery(statement)
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge':
      return printChange(statement)
    case 'create_coroutine':
      return printCoroutine(statement)
    case 'explain': {
      const options = [
        ...(statement.show === 'plan' ? [] : [statement.show]),
        ...(statement.analyze ? ['analyze'] : []),
        ...statement.options.map(({ name, value }) =>
          value === undefined ? name : `${name} ${printOptionValue(value)}`,
        ),
      ]
      const list = options.length === 0 ? '' : `(${options.join(', ')}) `
      return `explain ${list}${printStatement(statement.statement)}`
    }
    case 'truncate':
    case 'copy':
    case 'transaction':
    case 'prepare':
    case 'execute':
    case 'deallocate':
    case 'set':
    case 'show':
    case 'subscribe':
      return printSession(statement)
    default:
      return printDefinition(statement)
  }
}
