// raise exception: the state and the message, its % places filled with the arguments as text.
import { EngineError } from '#base/engine-error'
import { featureNotSupported } from '#base/errors'
import type * as ast from '#sql/ast'
import type { Expression, Step } from '#sql/bound'
import { kernelCall, textLiteral } from '#sql/functions/build'
import { types } from '#sql/functions/types'
import { coerceExplicitly, coerceForAssignment, settle } from './coercion.ts'
import { siteOf } from './expression.ts'
import type { StepScope } from './step.ts'
import { stateOf } from './condition.ts'
import type { Site } from './site.ts'

/** raise exception 'text': raise_exception. */
const kRaiseException = 'P0001'

export function bindRaise(place: StepScope, raise: ast.Raise): Step {
  if (raise.level !== 'exception')
    throw featureNotSupported(`RAISE ${raise.level.toUpperCase()} is not supported`, raise.span)
  const site = siteOf(place.context, place.scope, 'RAISE')
  const options = new Map(raise.options.map(({ name, value }) => [name, value]))
  for (const [name, value] of options) {
    if (name !== 'message' && name !== 'errcode')
      throw featureNotSupported(`RAISE … USING ${name} is not supported`, value.span)
  }
  const errcode = options.get('errcode')
  const state = raise.condition
    ? stateOf(raise.condition)
    : errcode
      ? codeOf(errcode)
      : kRaiseException
  const given = options.get('message')
  const message = given
    ? coerceForAssignment(site.bind(given), { name: 'message', type: types.text }, place.context)
    : messageOf(raise, site, state)
  return { kind: 'raise', state, message, span: raise.span }
}

function codeOf(value: ast.Expression): string {
  if (value.kind !== 'string')
    throw featureNotSupported('an errcode that is no constant is not supported', value.span)
  const isState = /^[0-9A-Z]{5}$/.test(value.value)
  return isState ? value.value : stateOf({ kind: 'condition', name: value.value, span: value.span })
}

function messageOf(raise: ast.Raise, site: Site, state: string): Expression {
  const { format, span } = raise
  if (format === undefined) {
    const name = raise.condition?.kind === 'condition' ? raise.condition.name : state
    if (raise.condition ?? raise.options.length > 0) return textLiteral(name, span)
    throw featureNotSupported('RAISE without a message is not supported', span)
  }
  // `%%` is a percent sign, every other `%` takes the next argument.
  const pieces = format.split(/(%%|%)/)
  const places = pieces.filter((piece) => piece === '%').length
  if (places !== raise.arguments.length) {
    const many = places < raise.arguments.length ? 'many' : 'few'
    throw new EngineError('syntax_error', {
      message: `too ${many} parameters specified for RAISE`,
      span,
    })
  }
  let next = 0
  const parts = pieces
    .filter((piece) => piece !== '')
    .map((piece) => {
      if (piece === '%%') return textLiteral('%', span)
      if (piece !== '%') return textLiteral(piece, span)
      const argument = raise.arguments[next]
      next += 1
      return argument ? shown(argument, site) : textLiteral('', span)
    })
  if (parts.length === 1 && parts[0]) return parts[0]
  return kernelCall('ConcatAll', parts, types.text, span, { label: 'format' })
}

function shown(argument: ast.Expression, site: Site): Expression {
  const value = settle(site.bind(argument), site.context)
  const text = coerceExplicitly(value, types.text, argument.span, site.context)
  const missing = textLiteral('<NULL>', argument.span)
  return kernelCall('Coalesce', [text, missing], types.text, argument.span, { label: 'coalesce' })
}
