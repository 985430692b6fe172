// Operators and functions over json. A json value is valid JSON text; bytea on the left of `->>` is
// parsed first, so that a request's body reads like a document.
import type { Expression } from '#sql/bound'
import { kernelCall, literal, textLiteral } from './build.ts'
import { castExpression } from './casts.ts'
import { kernel, overload, type Build, type CallSite, type Overload } from './overload.ts'
import { types, type TypeKind } from './types.ts'
import { featureNotSupported } from '#base/errors'

/** Kernels that write a value as json; types not listed go through their text, quoted. */
const toJsonKernels: Partial<Record<TypeKind, string>> = {
  text: 'TextToJson',
  real: 'FloatToJson',
  double: 'FloatToJson',
  timestamp: 'TimestampToJson',
  timestamptz: 'TimestampTzToJson',
}

/** Types whose text is JSON as it stands. */
const jsonLike: ReadonlySet<TypeKind> = new Set<TypeKind>([
  'boolean',
  'smallint',
  'integer',
  'bigint',
  'numeric',
])

/** Any value as json: what json_object, json_array, to_json and json_agg put in. */
export function toJson(operand: Expression): Expression {
  const { kind } = operand.type
  if (kind === 'json') return operand
  const name = toJsonKernels[kind]
  if (name) return kernelCall(name, [operand], types.json, operand.span, { label: 'to_json' })
  const text = castExpression(operand, types.text, operand.span)
  if (jsonLike.has(kind)) return { ...text, type: types.json }
  return kernelCall('TextToJson', [text], types.json, operand.span, { label: 'to_json' })
}

/** `{k: v, …}`: keys become text, values json. */
export function jsonObject(operands: readonly Expression[], site: CallSite): Expression {
  if (operands.length % 2 !== 0) {
    throw featureNotSupported(
      'json_object with an odd number of arguments is not supported',
      site.span,
    )
  }
  const parts = operands.map((operand, index) =>
    index % 2 === 0 ? castExpression(operand, types.text, operand.span) : toJson(operand),
  )
  return kernelCall('JsonObject', parts, types.json, site.span, { label: site.label })
}

export function jsonArray(operands: readonly Expression[], { span, label }: CallSite): Expression {
  return kernelCall('JsonArray', operands.map(toJson), types.json, span, { label })
}

/** The kernel with its first argument parsed where that is bytea. */
function document(name: string, result: 'json' | 'text' | 'boolean'): Build {
  return (operands, { span, label }) => {
    const [first, ...rest] = operands
    const parsed =
      first?.type.kind === 'bytea'
        ? [castExpression(first, types.json, first.span, true)]
        : operands.slice(0, 1)
    return kernelCall(name, [...parsed, ...rest], types[result], span, { label })
  }
}

/** `#>` and `#>>`: the path is a constant `{a,0,b}`, as PostgreSQL writes a text array. */
function path(name: string, result: 'json' | 'text'): Build {
  return (operands, site) => {
    const [value, keys] = operands
    const text = keys?.kind === 'literal' && typeof keys.value === 'string' ? keys.value : undefined
    const inside = /^\s*\{(.*)\}\s*$/s.exec(text ?? '')?.[1]
    if (!value || !keys || inside === undefined) {
      throw featureNotSupported(
        'a json path that is no constant like {a,b} is not supported',
        keys?.span ?? site.span,
      )
    }
    const steps = pathSteps(inside).map((step) => textLiteral(step, keys.span))
    return document(name, result)([value, ...steps], site)
  }
}

function pathSteps(inside: string): string[] {
  if (inside.trim() === '') return []
  return Array.from(inside.matchAll(/"((?:[^"\\]|\\.)*)"|([^,]+)/g), ([, quoted, plain]) =>
    quoted === undefined ? (plain ?? '').trim() : quoted.replaceAll(/\\(.)/g, '$1'),
  )
}

const documents = ['json', 'bytea'] as const

export const jsonOperators: readonly Overload[] = [
  ...documents.flatMap((kind) => [
    overload('->', [kind, 'text'], document('JsonGet', 'json'), 'Member of an object.'),
    overload(
      '->',
      [kind, 'integer'],
      document('JsonGetIndex', 'json'),
      'Element of an array, negative from the end.',
    ),
    overload(
      '->>',
      [kind, 'text'],
      document('JsonGetText', 'text'),
      'Member of an object as text.',
    ),
    overload(
      '->>',
      [kind, 'integer'],
      document('JsonGetIndexText', 'text'),
      'Element of an array as text.',
    ),
    overload('#>', [kind, 'text'], path('JsonGetPath', 'json'), 'What a path leads to.'),
    overload(
      '#>>',
      [kind, 'text'],
      path('JsonGetPathText', 'text'),
      'What a path leads to, as text.',
    ),
  ]),
  overload(
    '@>',
    ['json', 'json'],
    kernel('JsonContains', 'boolean'),
    'Does the left contain the right?',
  ),
  overload('<@', ['json', 'json'], contained, 'Is the left contained in the right?'),
  overload('?', ['json', 'text'], kernel('JsonExists', 'boolean'), 'Is the text a key?'),
  overload('||', ['json', 'json'], kernel('JsonConcat', 'json'), 'Objects merged, arrays joined.'),
  overload('-', ['json', 'text'], kernel('JsonDelete', 'json'), 'Without a key.'),
]

function contained(operands: readonly Expression[], { span, label }: CallSite): Expression {
  return kernelCall('JsonContains', [...operands].reverse(), types.boolean, span, { label })
}

function both(name: string, make: (spelled: string) => Overload): Overload[] {
  return [make(name), make(name.replace('json', 'jsonb'))]
}

function getPath(name: string, result: 'json' | 'text'): (spelled: string) => Overload {
  return (spelled) =>
    overload(spelled, ['json', 'text'], kernel(name, result), 'What a path of keys leads to.', {
      variadic: true,
    })
}

/** `jsonb_set(target, '{a,b}', value)`. */
function jsonSet(operands: readonly Expression[], site: CallSite): Expression {
  const [target, keys, value] = operands
  if (!target || !keys || !value)
    throw featureNotSupported('jsonb_set of so few arguments is not supported', site.span)
  const located = path('JsonSet', 'json')([target, keys], site)
  const steps = located.kind === 'call' ? located.arguments.slice(1) : []
  return kernelCall('JsonSet', [target, value, ...steps], types.json, site.span, {
    label: site.label,
  })
}

export const jsonFunctions: readonly Overload[] = [
  ...both('to_json', (name) =>
    overload(
      name,
      ['any'],
      ([value], { span }) => toJson(value ?? literal(null, types.json, span)),
      'Any value as json.',
    ),
  ),
  ...both('json_build_object', (name) =>
    overload(name, ['any'], jsonObject, 'An object of names and values.', { variadic: true }),
  ),
  ...both('json_build_array', (name) =>
    overload(name, ['any'], jsonArray, 'An array of the arguments.', { variadic: true }),
  ),
  overload('json_object', ['any'], jsonObject, "An object: json_object('name': value, …).", {
    variadic: true,
  }),
  overload('json_array', ['any'], jsonArray, 'An array of the arguments.', { variadic: true }),
  ...both('json_typeof', (name) =>
    overload(
      name,
      ['json'],
      kernel('JsonTypeof', 'text'),
      'object, array, string, number, boolean or null.',
    ),
  ),
  ...both('json_array_length', (name) =>
    overload(name, ['json'], kernel('JsonArrayLength', 'integer'), 'How many elements.'),
  ),
  ...both('json_extract_path', getPath('JsonGetPath', 'json')),
  ...both('json_extract_path_text', getPath('JsonGetPathText', 'text')),
  ...both('json_strip_nulls', (name) =>
    overload(name, ['json'], kernel('JsonStripNulls', 'json'), 'Without members that are null.'),
  ),
  overload('jsonb_set', ['json', 'text', 'json'], jsonSet, 'One place of a document changed.'),
]
