// Chooses and applies an overload of an operator, function or aggregate to bound arguments.
import { typeName, type DataType } from '#base/data-type'
import { nearestName } from '#base/errors'
import { EngineError } from '#base/engine-error'
import type { Span } from '#base/span'
import type { Expression } from '#sql/bound'
import { functionNames, functionOverloads, operatorOverloads } from '#sql/functions/index'
import { aggregateNames, type AggregateOverload } from '#sql/functions/aggregates'
import { windowFunctionNames, type WindowOverload } from '#sql/functions/window-functions'
import { resolveOverload, type Resolution, type Resolvable } from '#sql/functions/resolve'
import type { Overload, Parameter } from '#sql/functions/overload'
import type { BindContext } from './context.ts'
import { coerceImplicitly, settle, unify } from './coercion.ts'

export function bindOperator(
  symbol: string,
  operands: readonly Expression[],
  span: Span,
  context: BindContext,
): Expression {
  const found = choose(operatorOverloads(symbol), operands)
  if (found.kind === 'found') return apply(found, operands, { span, label: symbol }, context)
  const shown = operatorCall(symbol, operands)
  if (found.kind === 'ambiguous') throw ambiguous('operator', shown, span, found.candidates)
  throw new EngineError('undefined_function', {
    message: `operator does not exist: ${shown}`,
    span,
    hint: 'No operator matches the given name and argument types. You might need to add explicit type casts.',
  })
}

export function bindFunction(
  name: string,
  operands: readonly Expression[],
  span: Span,
  context: BindContext,
): Expression {
  const overloads = functionOverloads(name)
  const found = choose(overloads, operands)
  if (found.kind === 'found') return apply(found, operands, { span, label: name }, context)
  const shown = functionCall(name, operands)
  if (found.kind === 'ambiguous') throw ambiguous('function', shown, span, found.candidates)
  throw undefinedFunction(shown, name, overloads, span)
}

/** The aggregate's overload and its arguments, converted. */
export function chooseAggregate(
  name: string,
  overloads: readonly AggregateOverload[],
  operands: readonly Expression[],
  span: Span,
  context: BindContext,
): { overload: AggregateOverload; operands: readonly Expression[] } {
  return chooseNamed(name, overloads, operands, span, context)
}

/** The window function's overload and its arguments, converted. */
export function chooseWindow(
  name: string,
  overloads: readonly WindowOverload[],
  operands: readonly Expression[],
  span: Span,
  context: BindContext,
): { overload: WindowOverload; operands: readonly Expression[] } {
  return chooseNamed(name, overloads, operands, span, context)
}

function chooseNamed<Entry extends Named>(
  name: string,
  overloads: readonly Entry[],
  operands: readonly Expression[],
  span: Span,
  context: BindContext,
): { overload: Entry; operands: readonly Expression[] } {
  const found = choose(overloads, operands)
  if (found.kind === 'found') {
    return {
      overload: found.overload,
      operands: convert(found.parameters, operands, name, context),
    }
  }
  const shown = functionCall(name, operands)
  if (found.kind === 'ambiguous') throw ambiguous('function', shown, span, found.candidates)
  throw undefinedFunction(shown, name, overloads, span)
}

function choose<Entry extends Resolvable>(
  overloads: readonly Entry[],
  operands: readonly Expression[],
): Resolution<Entry> {
  return resolveOverload(
    overloads,
    operands.map(({ type }) => type.kind),
  )
}

function apply(
  found: { readonly overload: Overload; readonly parameters: readonly Parameter[] },
  operands: readonly Expression[],
  site: { readonly span: Span; readonly label: string },
  context: BindContext,
): Expression {
  return found.overload.build(convert(found.parameters, operands, site.label, context), site)
}

function convert(
  parameters: readonly Parameter[],
  operands: readonly Expression[],
  label: string,
  context: BindContext,
): readonly Expression[] {
  const shared = operands.filter((_, index) => parameters[index] === 'same')
  const common = shared.length > 0 ? unify(shared, label.toUpperCase()) : undefined
  return operands.map((operand, index) => {
    const parameter = parameters[index] ?? 'any'
    if (parameter === 'any') return settle(operand, context)
    const target: DataType | undefined = parameter === 'same' ? common : { kind: parameter }
    return target ? coerceImplicitly(operand, target, context) : operand
  })
}

function operatorCall(symbol: string, operands: readonly Expression[]): string {
  const names = operands.map(({ type }) => typeName(type))
  return names.length === 1 ? `${symbol} ${names.join('')}` : names.join(` ${symbol} `)
}

function functionCall(name: string, operands: readonly Expression[]): string {
  return `${name}(${operands.map(({ type }) => typeName(type)).join(', ')})`
}

function signature({ name, parameters, variadic }: Resolvable & { readonly name: string }): string {
  const shown = parameters.map((parameter) =>
    parameter === 'any' || parameter === 'same' ? 'any' : typeName({ kind: parameter }),
  )
  return `${name}(${shown.join(', ')}${variadic ? ', …' : ''})`
}

type Named = Resolvable & { readonly name: string }

function ambiguous(
  kind: string,
  shown: string,
  span: Span,
  candidates: readonly Named[],
): EngineError {
  return new EngineError('ambiguous_function', {
    message: `${kind} is not unique: ${shown}`,
    span,
    detail: `Candidates: ${candidates.map(signature).join(', ')}.`,
    hint: 'You might need to add explicit type casts.',
  })
}

function undefinedFunction(
  shown: string,
  name: string,
  overloads: readonly Named[],
  span: Span,
): EngineError {
  const near = nearestName(name, [
    ...functionNames(),
    ...aggregateNames(),
    ...windowFunctionNames(),
  ])
  const hint =
    overloads.length > 0
      ? `Known: ${overloads.map(signature).join(', ')}. You might need to add explicit type casts.`
      : near !== undefined
        ? `Did you mean "${near}"?`
        : 'No function of that name exists.'
  return new EngineError('undefined_function', {
    message: `function ${shown} does not exist`,
    span,
    hint,
  })
}
