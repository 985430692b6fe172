// What sys.errors says of an instance's variables: a step of its own, run only for instances that
// failed, which writes them as one JSON object.
import type { SchemaLookup } from '#base/schema'
import type { BoundCoroutine, Column } from '#sql/bound'
import { columnExpression } from '#sql/functions/build'
import { jsonObject } from '#sql/functions/json-functions'
import { literal, noSpan } from '../logical/expression.ts'
import type { Program } from '../program.ts'
import { StepProgram } from './step-program.ts'

/** More would not fit the arguments of one instruction. */
const reportedLocalsMax = 100

const textType: Column['type'] = { kind: 'text' }

/**
 * `firstLocals` are all that the coroutine's own program begins with; the variables are among them.
 * The report's locals are those, then a Bool that says which instances are wanted, then the String
 * that takes the object. Returns: undefined where there are no variables.
 */
export function planReport(
  bound: BoundCoroutine,
  firstLocals: readonly Column[],
  schemas: SchemaLookup,
): Program | undefined {
  const reported = bound.locals.slice(0, reportedLocalsMax)
  if (reported.length === 0) return undefined
  const to = new StepProgram({ relation: bound.relation, eventColumns: [] }, schemas)
  for (const column of firstLocals) to.addLocal(column)
  const wanted = to.newLocal('wanted')
  const text = to.newLocal('locals', textType)
  const members = reported.flatMap((column) => [
    literal(column.name, textType),
    columnExpression(column, noSpan),
  ])
  const object = jsonObject(members, { span: noSpan, label: 'locals' })
  to.assign([{ local: text.local, value: object }], wanted.local)
  return to.program.build(true)
}
