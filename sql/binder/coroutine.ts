// create coroutine without await: one step, whose statements read the event's columns and the locals as
// outer columns. All that LANGUAGE.md has beyond that is refused here, under the word that asks for it.
import type { RelationSchema } from '#base/schema'
import { EngineError } from '#base/engine-error'
import { featureNotSupported } from '#base/errors'
import type * as ast from '#sql/ast'
import type { BoundCoroutine, Column, Expression } from '#sql/bound'
import type { BindContext } from './context.ts'
import { bindCondition, siteOf } from './expression.ts'
import { relationNamed } from './from.ts'
import { Locals } from './locals.ts'
import { walkExpression } from '../expression-tree.ts'
import { columnOfSchema, rowTable } from './relation.ts'
import type { Scope } from './scope.ts'
import { isSystemColumn } from './target.ts'
import { bindSteps, type StepScope } from './step.ts'
import { withFound } from './found.ts'

export function bindCoroutine(context: BindContext, create: ast.CreateCoroutine): BoundCoroutine {
  const trigger = rowTrigger(create)
  const relation = eventRelation(context, trigger.relation)
  const event = new EventRow(context, relation, trigger.alias.name)
  const guard = trigger.where && bindGuard(context, trigger.where, event.scope)
  const locals = new Locals(context)
  const scope: StepScope = { context, locals, scope: locals.scope(event.scope) }
  const body = bindSteps(scope, stepsOf(create.body))
  return {
    kind: 'coroutine',
    name: create.name.name,
    replace: create.orReplace,
    relation,
    eventColumns: event.used(),
    guard,
    locals: locals.columns,
    body: locals.found ? withFound(body, locals.found) : body,
    span: create.span,
  }
}

function rowTrigger({ trigger, options, name }: ast.CreateCoroutine): ast.RowTrigger {
  if (options[0])
    throw featureNotSupported('options of coroutines are not supported', options[0].span)
  if (name.schema !== undefined && name.schema !== 'public') {
    throw featureNotSupported('schemas of coroutines are not supported', name.span)
  }
  switch (trigger.kind) {
    case 'instead':
      throw featureNotSupported('INSTEAD OF INSERT is not supported', trigger.span)
    case 'call':
      throw featureNotSupported('coroutines with parameters are not supported', trigger.span)
    case 'rows':
      if (trigger.event === 'insert') return trigger
      throw featureNotSupported(`coroutines on ${trigger.event} are not supported`, trigger.span)
  }
}

/** A relation whose rows arrive one after the other, and so can drive a coroutine. */
function eventRelation(context: BindContext, name: ast.QualifiedName): RelationSchema {
  const relation = relationNamed(context, name)
  if (relation.columns.some((column) => isSystemColumn(relation, column))) return relation
  if (relation.kind === 'table')
    throw featureNotSupported('coroutines on tables are not supported', name.span)
  throw new EngineError('wrong_object_type', {
    message: `"${relation.name}" drives no coroutine`,
    detail: `"${relation.name}" is a ${relation.kind} relation without events.`,
    hint: 'Coroutines run on event tables and on devices that produce events, like http_requests.',
    span: name.span,
  })
}

function bindGuard(context: BindContext, where: ast.Expression, scope: Scope): Expression {
  const guard = bindCondition(where, siteOf(context, scope, 'WHERE'))
  for (const node of walkExpression(guard)) {
    if (node.kind === 'call' && node.volatility === 'volatile') {
      throw featureNotSupported(
        `volatile ${node.label} in the WHERE of a coroutine is not supported`,
        node.span,
      )
    }
  }
  return guard
}

/** The steps of a block without handlers stand for themselves. */
function stepsOf(body: ast.Step): readonly ast.Step[] {
  return body.kind === 'block' && body.handlers.length === 0 ? body.steps : [body]
}

/** The event's row: remembers which of its stored columns were read. */
class EventRow {
  readonly scope: Scope
  readonly #context: BindContext
  readonly #relation: RelationSchema
  readonly #columns = new Map<number, Column>()

  constructor(context: BindContext, relation: RelationSchema, alias: string) {
    this.#context = context
    this.#relation = relation
    const table = rowTable(context, relation, alias, (position) => this.#column(position))
    this.scope = { kind: 'event', parent: undefined, tables: [table], visible: table.columns }
  }

  used(): BoundCoroutine['eventColumns'] {
    return [...this.#columns]
      .sort(([left], [right]) => left - right)
      .map(([position, column]) => ({ column, position }))
  }

  #column(position: number): Column {
    const known = this.#columns.get(position)
    if (known) return known
    const column = columnOfSchema(this.#context, this.#relation.columns[position])
    this.#columns.set(position, column)
    return column
  }
}
