// Logic and what belongs to no type: not, nullif, greatest, least, uuids, hashes, a request's parts.
import { typeName } from '#base/data-type'
import { EngineError } from '#base/engine-error'
import type { Expression } from '#sql/bound'
import { kernelCall, textLiteral } from './build.ts'
import { rescale } from './casts.ts'
import { kernel, overload, type Build, type CallSite, type Overload } from './overload.ts'
import { scaleOf, types } from './types.ts'

export const logicOperators: readonly Overload[] = [
  overload('not', ['boolean'], kernel('Not', 'boolean'), 'Three-valued not.'),
]

/** Folds a two-argument kernel over arguments that have one type. */
function folded(name: string): Build {
  return (operands, { span, label }) => {
    const scale = Math.max(...operands.map(({ type }) => scaleOf(type)))
    const level = operands.map((one) => (one.type.kind === 'numeric' ? rescale(one, scale) : one))
    const [first, ...rest] = level
    if (!first)
      throw new EngineError('undefined_function', { message: `${label} needs an argument`, span })
    return rest.reduce(
      (made, next) => kernelCall(name, [made, next], first.type, span, { label }),
      first,
    )
  }
}

function nullIf(operands: readonly Expression[], { span, label }: CallSite): Expression {
  const [first] = operands
  return kernelCall('NullIf', operands, first?.type ?? types.text, span, { label })
}

/** Http functions read the stored parts of a request; they are what its virtual columns are made of. */
const requests: readonly Overload[] = [
  overload(
    'http_headers_json',
    ['bytea'],
    kernel('HttpHeadersJson', 'json'),
    'A header block as an object.',
  ),
  overload(
    'http_cookies_json',
    ['bytea'],
    kernel('HttpCookiesJson', 'json'),
    'The cookies of a header block.',
  ),
  overload(
    'http_query_json',
    ['text'],
    kernel('HttpQueryJson', 'json'),
    'A query string as an object.',
  ),
  overload(
    'http_form_json',
    ['bytea', 'bytea'],
    kernel('HttpFormJson', 'json'),
    'A form body as an object; needs the header block.',
  ),
]

const volatile = { volatility: 'volatile' } as const

export const generalFunctions: readonly Overload[] = [
  overload('greatest', ['same'], folded('Greatest'), 'The greatest argument, nulls left out.', {
    variadic: true,
  }),
  overload('least', ['same'], folded('Least'), 'The least argument, nulls left out.', {
    variadic: true,
  }),
  overload('nullif', ['same', 'same'], nullIf, 'Null where both are equal, else the first.'),
  overload(
    'gen_random_uuid',
    [],
    kernel('GenRandomUuid', 'uuid', [], 'volatile'),
    'A random uuid.',
    volatile,
  ),
  overload('hash', ['any'], kernel('Hash', 'bigint'), 'A 64-bit hash of the arguments.', {
    variadic: true,
  }),
  overload('pg_typeof', ['any'], typeOf, "The name of the argument's type."),
  ...requests,
]

function typeOf(operands: readonly Expression[], { span }: CallSite): Expression {
  const [operand] = operands
  return textLiteral(operand ? typeName(operand.type) : '', span)
}
